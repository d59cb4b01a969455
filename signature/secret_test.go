package signature_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ringback/ringback/signature"
)

func TestDevelopmentSecretIsThePublishedText(t *testing.T) {
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(secret), "ringback-development-secret-only"; got != want {
		t.Errorf("DevelopmentSecret decodes to %q, want %q", got, want)
	}
}

func TestParseSecret(t *testing.T) {
	good := signature.DevelopmentSecret
	tests := []struct {
		name, text string
		wantErr    string // part of it; empty if the secret is good
	}{
		{"plain Base64 is good", good, ""},
		{"white space around it does not matter", " \t" + good + "\r\n", ""},
		{"a longer secret is good", base64.StdEncoding.EncodeToString(make([]byte, 64)), ""},
		{"an empty text is named as such", " \n", "secret is empty"},
		{"31 bytes are too few", base64.StdEncoding.EncodeToString(make([]byte, 31)), "decodes to 31 bytes, at least 32 needed"},
		{"a lost = sign is named", strings.TrimRight(good, "="), "= signs at its end are missing"},
		{"the URL alphabet is named", base64.URLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 33)), "URL alphabet"},
		{"a stray character is counted", "cmlu!2JhY2s=", "character 5 of 12"},
		{"a text cut short is named", "cmluZ", "length of 5 is no multiple of 4"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			secret, err := signature.ParseSecret(tt.text)
			if tt.wantErr == "" {
				if err != nil || secret.Base64() != strings.TrimSpace(tt.text) {
					t.Errorf("ParseSecret = %q, %v; want the bytes of the text", secret.Base64(), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
				t.Fatalf("ParseSecret error = %v; want one with %q", err, tt.wantErr)
			}
			if text := strings.TrimSpace(tt.text); text != "" && strings.Contains(err.Error(), text) {
				t.Errorf("error repeats the secret: %v", err)
			}
		})
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
		for _, leak := range []string{"ringback", "cmluZ2", "72696e67", "72696E67", "114 105", "162 151", "0x72", "1110010", "r i n g"} {
			if strings.Contains(got, leak) {
				t.Errorf("%s shows the secret: %s", path, got)
			}
		}
		if !strings.Contains(got, "[secret of 32 bytes]") {
			t.Errorf("%s = %q; want the stand-in text", path, got)
		}
	}
}
