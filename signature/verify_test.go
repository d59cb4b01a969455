package signature_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ringback/ringback/signature"
)

// sentinels are the errors of which every refusal has exactly one.
var sentinels = []error{
	signature.ErrMissing, signature.ErrMalformed, signature.ErrAlgorithm,
	signature.ErrWrongKey, signature.ErrExpired, signature.ErrHash,
}

const goodHeader = `{"alg":"HS256","typ":"JWT"}`

// forge makes a token of any header and claims, signed with HMAC-SHA256 whatever the header says.
func forge(key []byte, header, claims string) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// signHS512 makes a token that is right in everything but the algorithm.
func signHS512(t testing.TB, key, body []byte, exp time.Time) string {
	t.Helper()
	claims := jwt.MapClaims{"payload_hash": fmt.Sprintf("%x", sha256.Sum256(body)), "exp": exp.Unix()}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS512, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func unsigned(token string) string { return token[:strings.LastIndexByte(token, '.')+1] }

func secretOf(t testing.TB, text string) signature.Secret {
	t.Helper()
	secret, err := signature.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestVerify(t *testing.T) {
	var (
		now     = time.Unix(1760000000, 0)
		body    = []byte(`{"specversion":"1.0"}`)
		sum     = sha256.Sum256(body)
		hash    = hex.EncodeToString(sum[:])
		secret  = secretOf(t, signature.DevelopmentSecret)
		other   = signature.Secret("another secret of thirty-two byte")
		claims  = fmt.Sprintf(`{"payload_hash":%q,"exp":1760000300}`, hash)
		good    = signature.Sign(secret, body, now)
		forged  = func(header string) string { return forge(secret, header, claims) }
		claimed = func(format string, a ...any) string { return forge(secret, goodHeader, fmt.Sprintf(format, a...)) }
	)
	tests := []struct {
		name   string
		header string
		want   error // nil if the token is good
	}{
		{"a token of Sign is good", good, nil},
		{"the two claims that matter are enough", forged(goodHeader), nil},
		{"unknown header members and claims do not matter",
			forge(secret, `{"kid":"1","alg":"HS256"}`, claims[:len(claims)-1]+`,"new":{"a":[1]}}`), nil},
		{"an exp with a fraction counts in whole seconds", claimed(`{"payload_hash":%q,"exp":1760000000.9}`, hash), signature.ErrExpired},

		{"no header", "", signature.ErrMissing},

		{"a text that is no token", "hello", signature.ErrMalformed},
		{"two parts", unsigned(good)[:len(unsigned(good))-1], signature.ErrMalformed},
		{"four parts", good + ".x", signature.ErrMalformed},
		{"three empty parts", "..", signature.ErrMalformed},
		{"a Bearer prefix", signature.BearerPrefix + good, signature.ErrMalformed},
		{"a line end that decoders skip", good + "\n", signature.ErrMalformed},
		{"padding", good + "=", signature.ErrMalformed},
		{"two header values joined by a proxy", good + ", " + good, signature.ErrMalformed},
		{"more than 8 KiB", good + strings.Repeat("A", signature.MaxHeaderLen), signature.ErrMalformed},
		{"a header that is no JSON", forged(`{`), signature.ErrMalformed},
		{"claims that are no object", claimed(`[]`), signature.ErrMalformed},
		{"claims of the wrong JSON type", claimed(`{"payload_hash":7,"exp":1760000300}`), signature.ErrMalformed},
		{"an exp that is a text", claimed(`{"payload_hash":%q,"exp":"never"}`, hash), signature.ErrMalformed},
		{"an exp of thousands of digits", claimed(`{"payload_hash":%q,"exp":1%s}`, hash, strings.Repeat("0", 4000)), signature.ErrMalformed},
		{"no exp, which would live for ever", claimed(`{"payload_hash":%q}`, hash), signature.ErrMalformed},
		{"claims that are null", claimed(`null`), signature.ErrMalformed},

		{"alg none, unsigned", unsigned(forged(`{"alg":"none"}`)), signature.ErrAlgorithm},
		{"alg none, signed all the same", forged(`{"alg":"none"}`), signature.ErrAlgorithm},
		{"alg None", unsigned(forged(`{"alg":"None"}`)), signature.ErrAlgorithm},
		{"alg NONE", unsigned(forged(`{"alg":"NONE"}`)), signature.ErrAlgorithm},
		{"alg nOnE", unsigned(forged(`{"alg":"nOnE"}`)), signature.ErrAlgorithm},
		{"alg hs256 in lower case", forged(`{"alg":"hs256"}`), signature.ErrAlgorithm},
		{"alg HS512, rightly signed", signHS512(t, secret, body, now.Add(time.Minute)), signature.ErrAlgorithm},
		{"alg HS512, signed with HS256", forged(`{"alg":"HS512"}`), signature.ErrAlgorithm},
		{"alg RS256", forged(`{"alg":"RS256"}`), signature.ErrAlgorithm},
		{"no alg", forged(`{"typ":"JWT"}`), signature.ErrAlgorithm},
		{"an alg that is no text", forged(`{"alg":["HS256"]}`), signature.ErrAlgorithm},
		{"an alg without end", forged(`{"alg":"` + strings.Repeat("x", 4000) + `"}`), signature.ErrAlgorithm},
		{"a header that is null", forged(`null`), signature.ErrAlgorithm},

		{"another secret", signature.Sign(other, body, now), signature.ErrWrongKey},
		{"the Base64 text as key, not its bytes",
			signature.Sign(signature.Secret(signature.DevelopmentSecret), body, now), signature.ErrWrongKey},
		{"an empty HMAC", unsigned(good), signature.ErrWrongKey},
		{"the empty key", signature.Sign(nil, body, now), signature.ErrWrongKey},

		{"a token past its end", signature.Sign(secret, body, now.Add(-time.Hour)), signature.ErrExpired},
		{"nbf ahead", claimed(`{"payload_hash":%q,"exp":1760000300,"nbf":1760000001}`, hash), signature.ErrExpired},

		{"another body", signature.Sign(secret, []byte(`{"specversion":"1.1"}`), now), signature.ErrHash},
		{"a hash in upper case", claimed(`{"payload_hash":%q,"exp":1760000300}`, strings.ToUpper(hash)), signature.ErrHash},
		{"half a hash", claimed(`{"payload_hash":%q,"exp":1760000300}`, hash[:32]), signature.ErrHash},
		{"no hash", claimed(`{"exp":1760000300}`), signature.ErrHash},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := signature.Verify(secret, tt.header, body, now)
			requireVerdict(t, err, tt.want)
			if _, parseErr := signature.Parse(secret, tt.header, body, now); !errors.Is(parseErr, tt.want) {
				t.Errorf("Parse = %v; want the same verdict as Verify, %v", parseErr, err)
			}
		})
	}
}

// requireVerdict checks that err is want and no other sentinel, and is short enough to log.
func requireVerdict(t *testing.T, err, want error) {
	t.Helper()
	if want == nil && err != nil {
		t.Fatalf("Verify = %v; want nil", err)
	}
	for _, s := range sentinels {
		if got := errors.Is(err, s); got != (s == want) {
			t.Errorf("Verify = %v; errors.Is(%q) = %v; want the one sentinel %q", err, s, got, want)
		}
	}
	if err != nil && len(err.Error()) > 250 {
		t.Errorf("message of %d bytes: %v", len(err.Error()), err)
	}
}

func TestVerifyRefusesWithoutSecret(t *testing.T) {
	now := time.Unix(1760000000, 0)
	err := signature.Verify(nil, signature.Sign(nil, nil, now), nil, now)
	requireVerdict(t, err, signature.ErrWrongKey)
}

func TestTokenLivesUntilTheMomentBeforeExp(t *testing.T) {
	secret, body := secretOf(t, signature.DevelopmentSecret), []byte(`{}`)
	issued := time.Unix(1760000000, 0)
	tests := []struct {
		name  string
		token string
		after time.Duration
		want  error
	}{
		{"at once", signature.Sign(secret, body, issued), 0, nil},
		{"a nanosecond before exp", signature.Sign(secret, body, issued), signature.Lifetime - 1, nil},
		{"at exp", signature.Sign(secret, body, issued), signature.Lifetime, signature.ErrExpired},
		{"a fraction of the second of signing is lost",
			signature.Sign(secret, body, issued.Add(time.Second-1)), signature.Lifetime, signature.ErrExpired},
		{"iat ahead of a slow clock is no fault", signature.Sign(secret, body, issued), -time.Hour, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			requireVerdict(t, signature.Verify(secret, tt.token, body, issued.Add(tt.after)), tt.want)
		})
	}
}

func TestAnyChangedByteOfATokenIsRefused(t *testing.T) {
	secret, body, now := secretOf(t, signature.DevelopmentSecret), []byte(`{}`), time.Unix(1760000000, 0)
	good := signature.Sign(secret, body, now)
	for i := range good {
		for _, c := range []byte("AQgw_-.=\n\x00\xff") {
			if changed := good[:i] + string(rune(c)) + good[i+1:]; changed != good {
				if err := signature.Verify(secret, changed, body, now); err == nil {
					t.Errorf("byte %d changed to %q is accepted", i, c)
				}
			}
		}
	}
}

// The last character of an HMAC of 32 bytes has two bits to spare. A lenient decoder ignores
// them, and then four spellings of a token are good.
func TestATokenHasOneSpelling(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	secret, body, now := secretOf(t, signature.DevelopmentSecret), []byte(`{}`), time.Unix(1760000000, 0)
	good := signature.Sign(secret, body, now)
	last := strings.IndexByte(alphabet, good[len(good)-1])
	for spare := 1; spare <= 3; spare++ {
		changed := good[:len(good)-1] + alphabet[last|spare:][:1]
		requireVerdict(t, signature.Verify(secret, changed, body, now), signature.ErrMalformed)
	}
}
