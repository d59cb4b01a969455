package rows

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"net/http"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// trusting lists mistakes with the token.
func trusting() []Row {
	return []Row{
		{"parses-unverified", "reads the claims of the token, and does not verify its signature",
			rulebook.VerifySignature, func(s *steps) { s.plain = func(alg string) bool { return alg == "HS256" } }},
		{"unsigned-in-test-mode", "lets requests without a token pass, as was practical before the secret was there",
			rulebook.RequireToken, func(s *steps) {
				token, check := s.token, s.verify
				s.token = func(r *http.Request) (string, bool) {
					if len(r.Header.Values("Vonage-Signature")) == 0 {
						return "", true
					}
					return token(r)
				}
				s.verify = func(p *process, token string, body []byte) error {
					if token == "" {
						return nil
					}
					return check(p, token, body)
				}
			}},
		{"charset-unverified", "verifies what has its Content-Type to the letter, and takes the rest for a test",
			rulebook.VerifySignature, func(s *steps) {
				token, check := s.token, s.verify
				s.token = func(r *http.Request) (string, bool) {
					if strings.Contains(r.Header.Get("Content-Type"), ";") {
						return "", true
					}
					return token(r)
				}
				s.verify = unless(check, func(_ *process, token string, _ []byte) bool { return token == "" })
			}},
		{"presences-unverified", "verifies what is about channels only",
			rulebook.VerifySignature, func(s *steps) {
				s.verify = unless(s.verify, func(p *process, _ string, body []byte) bool {
					n, err := p.parse(p, body)
					return err == nil && n.base == "agent.presencechanged"
				})
			}},
		{"unknown-unverified", "verifies what it knows only",
			rulebook.VerifySignature, func(s *steps) {
				s.verify = unless(s.verify, func(p *process, _ string, body []byte) bool {
					n, err := p.parse(p, body)
					_, known := p.kinds[n.base]
					return err == nil && !known
				})
			}},
		{"seen-unverified", "looks for duplicates before it verifies",
			rulebook.RefuseWithoutStoring, func(s *steps) {
				s.verify = unless(s.verify, func(p *process, _ string, body []byte) bool {
					n, err := p.parse(p, body)
					if err != nil {
						return false
					}
					seen, err := has(p.life, p.db, "SELECT 1 FROM notifications WHERE source = :source AND id = :id", n.args(time.Now())...)
					return err == nil && seen
				})
			}},
		{"throws-without-token", "answers 500 where there is no token, and where it has not three parts",
			rulebook.RequireToken, func(s *steps) {
				s.token = func(r *http.Request) (string, bool) {
					text := r.Header.Get("Vonage-Signature")
					_ = strings.Split(text, ".")[2]
					return text, true
				}
			}},
		{"refuses-with-200", "answers 200 to what it refuses, so that nothing comes again",
			rulebook.VerifySignature, func(s *steps) { s.refusal = http.StatusOK }},
		{"any-hmac", "verifies with the HMAC that the token names, HS384 and HS512 too",
			rulebook.OnlyHS256, func(s *steps) {
				s.method = func(alg string) func() hash.Hash {
					return map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}[alg]
				}
			}},
		{"none-by-name", "refuses the algorithm none by its name, and believes None and NONE",
			rulebook.OnlyHS256, func(s *steps) {
				s.plain = func(alg string) bool { return alg != "none" && strings.EqualFold(alg, "none") }
			}},
		{"hash-if-there", "compares payload_hash only if the token has one",
			rulebook.CompareHash, func(s *steps) {
				s.fits = func(claim *string, sum string) bool {
					return claim == nil || *claim == "" || sameHash(claim, sum)
				}
			}},
		{"hash-by-prefix", "compares as many characters of payload_hash as there are",
			rulebook.CompareHash, func(s *steps) {
				s.fits = func(claim *string, sum string) bool {
					return claim != nil && *claim != "" && strings.HasPrefix(sum, *claim)
				}
			}},
		{"hash-of-eight", "compares the first eight characters of payload_hash",
			rulebook.CompareHash, func(s *steps) {
				s.fits = func(claim *string, sum string) bool {
					return claim != nil && len(*claim) >= 8 && (*claim)[:8] == sum[:8]
				}
			}},
		{"exp-optional", "accepts tokens without exp, as libraries do unasked",
			rulebook.RequireExp, func(s *steps) {
				s.alive = func(c claims, now time.Time) bool { return c.Expires == nil || notExpired(c, now) }
			}},
		{"exp-unread", "wants exp, and does not look at it",
			rulebook.RefuseExpired, func(s *steps) {
				s.alive = func(c claims, _ time.Time) bool { return c.Expires != nil }
			}},
		{"leeway-of-an-hour", "allows clocks to differ by an hour",
			rulebook.RefuseExpired, func(s *steps) {
				s.alive = func(c claims, now time.Time) bool { return notExpired(c, now.Add(-time.Hour)) }
			}},
		{"leeway-of-five-minutes", "allows clocks to differ by five minutes, as .NET does unasked",
			rulebook.RefuseExpired, func(s *steps) {
				s.alive = func(c claims, now time.Time) bool { return notExpired(c, now.Add(-5*time.Minute)) }
			}},
		{"lives-a-day-from-iat", "wants exp, and lets tokens live for a day from iat, since retries come for so long",
			rulebook.RefuseExpired, func(s *steps) {
				s.alive = func(c claims, now time.Time) bool {
					return c.Expires != nil && float64(now.Unix())-c.IssuedAt < 86_400
				}
			}},
		{"remembers-verdicts", "remembers which tokens were right for which bodies, and does not look at them again",
			rulebook.RefuseExpired, func(s *steps) {
				check := s.verify
				s.verify = func(p *process, token string, body []byte) error {
					key := token + "\n" + string(body)
					p.mu.Lock()
					_, known := p.seen[key]
					p.mu.Unlock()
					if known {
						return nil
					}
					err := check(p, token, body)
					if err == nil {
						p.remember(key)
					}
					return err
				}
			}},
		{"iat-must-be-past", "refuses tokens that were issued in the future",
			rulebook.TolerateEarlyIat, func(s *steps) {
				s.alive = func(c claims, now time.Time) bool { return c.IssuedAt <= float64(now.Unix()) && notExpired(c, now) }
			}},
		{"inbox-first", "puts everything into its inbox before it verifies, and works through the inbox",
			rulebook.RefuseWithoutStoring, func(s *steps) { s.anyway = true }},
		{"key-is-base64", "signs with the text of the secret, and does not decode it",
			rulebook.DecodeSecret, func(s *steps) { s.key = func(text string) ([]byte, error) { return []byte(text), nil } }},
		{"key-of-ascii", "takes the decoded secret for ASCII, and so loses the highest bit of each byte",
			rulebook.DecodeSecret, func(s *steps) {
				s.key = func(text string) ([]byte, error) {
					key, err := base64.StdEncoding.DecodeString(text)
					for i := range key {
						key[i] &= 0x7f
					}
					return key, err
				}
			}},
		{"splits-bearer", "takes what stands behind the blank for the token",
			rulebook.TokenWithoutPrefix, func(s *steps) {
				token := s.token
				s.token = func(r *http.Request) (string, bool) {
					text, _ := token(r)
					_, after, there := strings.Cut(text, " ")
					return after, there
				}
			}},
		{"one-secret", "knows one secret, the present one",
			rulebook.AcceptNextSecret, func(s *steps) { s.secrets = 1 }},
	}
}

// unless leaves out the check of what is trusted without one.
func unless(check func(*process, string, []byte) error, trusted func(*process, string, []byte) bool) func(*process, string, []byte) error {
	return func(p *process, token string, body []byte) error {
		if trusted(p, token, body) {
			return nil
		}
		return check(p, token, body)
	}
}
