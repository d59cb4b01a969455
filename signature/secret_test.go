package signature_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/signature"
)

// A consumer that takes the decoded bytes for text must fail with the development secrets as it
// does with real ones.
func TestTheDevelopmentSecretsAreCleanAndNoText(t *testing.T) {
	for _, text := range []string{signature.DevelopmentSecret, signature.DevelopmentNextSecret} {
		secret, err := signature.ParseSecret(text)
		if err != nil || len(secret) != 32 || secret.Base64() != text || signature.SecretWarning(text) != "" {
			t.Errorf("%s: %d bytes, %v, %q", text, len(secret), err, signature.SecretWarning(text))
		}
		if utf8.Valid(secret) {
			t.Errorf("%s decodes to UTF-8", text)
		}
		body, now := []byte("{}"), time.Unix(1760000000, 0)
		asText := signature.Secret(strings.ToValidUTF8(string(secret), "\uFFFD"))
		if err := signature.Verify(asText, signature.Sign(secret, body, now), body, now); !errors.Is(err, signature.ErrWrongKey) {
			t.Errorf("who reads %s as text gets %v, want a wrong key", text, err)
		}
	}
}

// The bytes are those that Buffer.from(text, "base64") of Node.js 20 returned.
func TestParseSecret(t *testing.T) {
	good := signature.DevelopmentSecret
	decoded, _ := base64.StdEncoding.DecodeString(good)
	whole := hex.EncodeToString(decoded)
	const short, unclean = "it decodes to ", "it is no clean Base64, so that decoders may disagree about its bytes (taken as Node.js does): "
	for _, tt := range []struct{ name, text, want, warning string }{
		{"plain Base64 is good", good, whole, ""},
		{"white space around it does not matter", " \t" + good + "\r\n", whole, ""},
		{"a longer secret is good", base64.StdEncoding.EncodeToString(make([]byte, 64)), strings.Repeat("00", 64), ""},
		{"31 bytes are few", base64.StdEncoding.EncodeToString(make([]byte, 31)), strings.Repeat("00", 31), short + "31 bytes, and should to at least 32: make one with openssl rand -base64 32"},
		{"one byte is few", "AA==", "00", short + "1 byte, "},
		{"no padding", strings.TrimRight(good, "="), whole, unclean + "the = signs at its end are missing"},
		{"too much padding", good + "=", whole, unclean + "it has too many = signs"},
		{"the URL alphabet", strings.NewReplacer("+", "-", "/", "_").Replace(good), whole, unclean + "it has - or _ of the URL alphabet for + and /"},
		{"line breaks", good[:20] + "\r\n" + good[20:], whole, unclean + "white space in it is ignored"},
		{"other characters", good[:20] + "!é" + good[20:], whole, unclean + "2 other characters in it ignored"},
		{"something behind it", good + "AAAA", whole, unclean + "what follows its = sign is ignored"},
		{"something behind a blank", good + " # ours", whole, unclean + "what follows its = sign is ignored"},
		{"a character too many", good[:40] + "A", whole[:60], short + "30 bytes, and should to at least 32: make one with openssl rand -base64 32; " + unclean + "its last character is ignored, so a part may be missing"},
		{"bits too many", good[:42] + "t=", whole, unclean + "its last bits are ignored"},
		{"plain words", "my secret!", "9b2b1e72b7ad", "it looks like plain words, not like the Base64 that the API shows; " + short + "6 bytes"},
		{"short and several flaws", "YWJj-_", "616263fb", short + "4 bytes, and should to at least 32: make one with openssl rand -base64 32; " + unclean +
			"it has - or _ of the URL alphabet for + and /, the = signs at its end are missing, its last bits are ignored"},
		{"everything", "Y W\nJ!j", "616263", "white space in it is ignored, 1 other character in it ignored"},
		{"an = sign inside", "YW=Jj", "61", "what follows its = sign is ignored"},
		{"two of them", "YQ==YQ==", "61", "what follows its = sign is ignored"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			secret, err := signature.ParseSecret(tt.text)
			if err != nil || hex.EncodeToString(secret) != tt.want {
				t.Errorf("ParseSecret = %x, %v; want %s", []byte(secret), err, tt.want)
			}
			got := signature.SecretWarning(tt.text)
			if tt.warning == "" && got != "" || !strings.Contains(got, tt.warning) {
				t.Errorf("the warning is %q, want %q", got, tt.warning)
			}
		})
	}
}

func TestWhatIsNoSecretIsRefused(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "secret is empty"},
		{"blanks", " \n", "secret is empty"},
		{"no Base64", "?!§", "secret has no Base64 in it"},
		{"too little of it", "Y", "secret has no Base64 in it"},
		{"behind an = sign", "=YWJj", "secret has no Base64 in it"},
		{"too much", strings.Repeat("A", 8<<10+1), "secret has more than 8192 characters"},
	} {
		secret, err := signature.ParseSecret(tt.text)
		if secret != nil || err == nil || !strings.Contains(err.Error(), tt.want) || signature.SecretWarning(tt.text) != "" {
			t.Errorf("%s: %v, %v; want %q", tt.name, secret, err, tt.want)
		}
		if text := strings.TrimSpace(tt.text); len(text) > 1 && strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error repeats the secret: %v", tt.name, err)
		}
	}
}

func TestGeneratedSecretsAreGoodAndDiffer(t *testing.T) {
	a, b := signature.GenerateSecret(), signature.GenerateSecret()
	if a.Base64() == b.Base64() {
		t.Error("two generated secrets are equal")
	}
	if _, err := signature.ParseSecret(a.Base64()); err != nil {
		t.Errorf("generated secret is refused: %v", err)
	}
}

// A secret shows its bytes in decimal, hexadecimal, Base64 or as text if some printing path
// was forgotten; the test looks for a run of them in each of these forms.
func TestSecretNeverShowsItsBytes(t *testing.T) {
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	holder := struct{ Secret signature.Secret }{secret}
	printed := map[string]string{"String": secret.String(), "GoString": secret.GoString()}
	for _, verb := range strings.Split("v +v #v s q x X d o b c U t e", " ") {
		printed["verb "+verb] = fmt.Sprintf("%"+verb, secret)
		printed["verb "+verb+" of a struct"] = fmt.Sprintf("%"+verb, holder)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "secret", secret, "in", holder)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "secret", secret, "in", holder)
	printed["slog"] = log.String()
	text, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	printed["JSON"] = string(text)

	for path, got := range printed {
		for _, leak := range []string{"not+sec", "\x9e\x8b", "9e8b7e", "9E8B7E", "158 139", "236 213", "0x9e", "10011110", "9e 8b", `\x9e`} {
			if strings.Contains(got, leak) {
				t.Errorf("%s shows the secret: %s", path, got)
			}
		}
		if !strings.Contains(got, "[secret of 32 bytes]") {
			t.Errorf("%s = %q; want the stand-in text", path, got)
		}
	}
}
