package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/echo"
)

// surroundings are where a consumer puts what it repeats.
var surroundings = []string{"%s", "bad key %s.", `{"error":"unauthorized","got":"%s"}`, "http://127.0.0.1/login/%s/x", "<p>Key <b>%s</b> is unknown</p>", "X-Api-Key=%s&b=c"}

func TestNothingSecretIsLeftInAnyEncoding(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString("not+secret/ringback+development+key+of+docs=")
	if err != nil {
		t.Fatal(err)
	}
	password := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("jo:hunter22"))}}
	for _, secret := range []struct {
		name  string
		of    []string
		parts []string // what a consumer may repeat of it
	}{
		{"a key", Key(key), append(Key(key), latin1(string(key)), base64.RawURLEncoding.EncodeToString(key), strings.ToValidUTF8(string(key), "�"))},
		{"the text of a key", []string{"Zm9v/YmFy+bm90IGNsZWFu,Zm9vYmFyYmF6"}, []string{"Zm9v/YmFy+bm90IGNsZWFu,Zm9vYmFyYmF6"}},
		{"a header of 4 letters", []string{"s3cr"}, []string{"s3cr"}},
		{"a header of 7 letters", []string{"qu4rtzy"}, []string{"qu4rtzy"}},
		{"a PIN", []string{"739"}, []string{"739"}},
		{"a bearer", Header(http.Header{"Authorization": {"Bearer tok-8f3a9c41d7"}}), []string{"tok-8f3a9c41d7", "Bearer tok-8f3a9c41d7"}},
		{"a password", Header(password), []string{"hunter22", "jo:hunter22", password.Get("Authorization")}},
		{"a password of a URL", URL("https://jo:hunter22@host/"), []string{"hunter22", "jo:hunter22", password.Get("Authorization")}},
		{"a key of a query", URL("https://host/events?code=" + url.QueryEscape("Rk7/xQ==pL")), []string{"Rk7/xQ==pL"}},
		{"many signs", []string{`!§$%&/()=?"'<>\`}, []string{`!§$%&/()=?"'<>\`}},
	} {
		secrets := Of(secret.of...)
		for _, part := range secret.parts {
			for _, e := range echo.Encodings() {
				for _, around := range surroundings {
					text := fmt.Sprintf(around, e.Encode(part))
					if len(part) < 4 && (e.Name == "Base64 of Base64" || e.Name == "Base64, hex" || e.Name == "Base64 behind a letter") {
						continue // other words have it by chance
					}
					if shown := secrets.Text(text); shown == text {
						t.Errorf("%s, %q, as %s: %q is shown", secret.name, part, e.Name, text)
					}
				}
			}
		}
	}
}

func TestPartsOfSecretsAreNotShownEither(t *testing.T) {
	const secret = "open-Sesame/1234+of+the+forty"
	secrets := Of(secret)
	for _, text := range []string{
		secret[:14], secret[10:24], "key " + secret[:5], "key " + secret[:5] + "…", `401 "key ` + secret[:4] + `..."`, "ends with ****" + secret[len(secret)-4:],
		base64.StdEncoding.EncodeToString([]byte(secret))[5:25], hex.EncodeToString([]byte(secret))[3:30], strings.ToUpper(secret[3:20]),
		secret[:9] + "\r\n\t" + secret[9:], strings.Repeat("x", MaxText-7) + secret,
	} {
		shown := secrets.Text(text)
		if shown == text || strings.Contains(shown, "open-") || strings.Contains(shown, "orty") {
			t.Errorf("%q is shown as %q", text, shown)
		}
	}
}

func TestTokensAreNotShown(t *testing.T) {
	const token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjQyODgwMDAsImp0aSI6IjEyMyJ9.Xq3-kL9_2mPzR7vT1wYb4cNdE5fGh6JiKlMnOpQrStU"
	parts := strings.Split(token, ".")
	for _, part := range []string{token, parts[0], parts[1], parts[2], parts[0] + "." + parts[1], token[:30], token[20:60], parts[1] + "." + parts[2], parts[2][:20], parts[2][17:]} {
		for _, e := range echo.Encodings() {
			text := "invalid token " + e.Encode(part)
			shown := (*Secrets)(nil).Text(text, token)
			if shown == text || strings.Contains(shown, parts[2][:16]) || strings.Contains(shown, parts[2][24:]) {
				t.Errorf("%q as %s: shown as %q", part, e.Name, shown)
			}
		}
	}
}

// What says nothing secret is shown as it is, and of the rest what can be.
func TestTheRestIsShown(t *testing.T) {
	secrets := Of("open-sesame-1234", "s3cr", "42", "7", "production")
	for text, want := range map[string]string{
		"401 Unauthorized": "401 Unauthorized",
		`{"error":"payload_hash mismatch","want":"2f7a9c"}`:    `{"error":"payload_hash mismatch","want":"2f7a9c"}`,
		"key open-sesame-1234.":                                "key (hidden).",
		"took 142 ms, 4242 times, at 2026-03-02T09:00:00.777Z": "took 142 ms, 4242 times, at 2026-03-02T09:00:00.777Z",
		"tenant 7 is unknown":                                  Whole,
		"key s3cr":                                             Whole,
		"Bearer eyJh.eyJi.c2ln!":                               "Bearer (token)!",
		"eyJhbGci":                                             Token,
		"see http://jo:pass@host/ and https://jo@host":         "see http://host/ and https://host",
		"http://host/ jo@host":                                 "http://host/ jo@host",
		"the database is not in producti":                      Whole,
		"":                                                     "",
		"POST NOTFOUND FORBIDDEN to /EVENTS, 101010 of 110111 1101110 flags": "POST NOTFOUND FORBIDDEN to /EVENTS, 101010 of 110111 1101110 flags",
		"\tchoose(flags, &f.output, \"what to print on standard output\")":   "\tchoose(flags, &f.output, \"what to print on standard output\")",
		"番号７１は不明です":                                                          "番号７１は不明です",
		strings.Repeat("b", 2*MaxText):                                       strings.Repeat("b", MaxText),
		"<html><body><h1>503 Service Unavailable</h1></body>\n":              "<html><body><h1>503 Service Unavailable</h1></body>\n",
	} {
		for range 2 { // the second time it is remembered
			if got := secrets.Text(text); got != want {
				t.Errorf("%.60q is shown as %.60q, want %.60q", text, got, want)
			}
		}
	}
}

func TestOfASentenceOnlyTheQuotationsAreHidden(t *testing.T) {
	secrets := Of("open-sesame-1234", "s3cr")
	for text, want := range map[string]string{
		`the channel has the agentId "s3cr", want "1544"`:               `the channel has the agentId "(hidden)", want "1544"`,
		`is "a \"s3cr\"", want 3`:                                       `is "(hidden)", want 3`,
		`the state URL redirects to http://host/open-sesame-1234 (307)`: `the state URL redirects to http://host/(hidden) (307)`,
		`"b3Blbi1zZXNhbWU"`:                                             `"(hidden)"`,
		"the state URL responds with 500: got s3cr":                     "the state URL responds with 500: " + Whole,
		"got s3cr: why?":                                                Whole,
		"":                                                              "",
	} {
		if got := secrets.Sentence(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestHeadersThatDescribeTheRequestAreNoSecrets(t *testing.T) {
	got := Header(http.Header{"User-Agent": {"mine/1.0"}, "Accept": {"application/json"}, "X-Team": {"blue"}, "Authorization": {"Bearer abc"}})
	if len(got) != 2 {
		t.Errorf("secret are %q, want blue and abc", got)
	}
}

func BenchmarkText(b *testing.B) {
	key := bytes.Repeat([]byte("k3y!"), 8)
	secrets := Of(append(Key(key), "X-Api-Key-of-40-characters-1234567890abcd", "hunter22")...)
	const body = `{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"the queue has no room","instance":"/events/%d"}`
	for n := 0; b.Loop(); n++ {
		secrets.Text(fmt.Sprintf(body, n), "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NjQyODgwMDAsImp0aSI6IjEyMyJ9.Xq3-kL9_2mPzR7vT1wYb4cNdE5fGh6JiKlMnOpQrStU")
	}
}
