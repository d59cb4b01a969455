package redact

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/echo"
)

// Whatever stands around a secret, in two encodings one inside the other, it is not shown, and nothing that holds no secret is changed twice.
func FuzzNoTextShowsASecret(f *testing.F) {
	all := echo.Encodings()
	f.Add("bad key ", " of jo", uint8(0), uint8(5))
	f.Add(`{"a":"\u00`, `41"}`, uint8(25), uint8(16))
	f.Add("eyJ", "....***…", uint8(3), uint8(28))
	f.Add("\\u{", "%", uint8(23), uint8(33))
	f.Fuzz(func(t *testing.T, before, behind string, inner, outer uint8) {
		const secret = "Rk7+xQ/pL3mW9sT1"
		secrets := Of(secret, "k9Zq", "42")
		once := all[int(inner)%len(all)]
		twice := all[int(outer)%len(all)]
		if before, behind = before[:min(len(before), 100)], behind[:min(len(behind), 100)]; strings.ContainsAny(before+behind, `\%&=`) || twice.Name == "large letters" || twice.Name == "lines" {
			twice = all[0] // they may change what the encoding means; large letters of Base64 mean nothing, and numbers are not broken
		}
		if twice.Name == "UTF-16" && strings.ContainsFunc(once.Encode(secret), func(r rune) bool { return r < ' ' || r > '~' }) {
			twice = all[0] // in it, texts of ASCII alone are found
		}
		text := before + " " + twice.Encode(once.Encode(secret)) + " " + behind
		shown := secrets.Text(text)
		if len(text) <= MaxText && shown == text {
			t.Errorf("%q in %s in %s: %q is shown", secret, once.Name, twice.Name, text)
		}
		if len(shown) > MaxText || strings.Contains(shown, secret) {
			t.Errorf("%q is shown as %q", text, shown)
		}
		if again := secrets.Text(shown); again != shown && again != Whole {
			t.Errorf("%q is shown as %q, and that as %q", text, shown, again)
		}
		_ = secrets.Sentence(text)
	})
}
