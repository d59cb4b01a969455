package rows

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/signature"
)

type changes = func(head, claims map[string]any)

// refuses wants all tokens refused, and nothing stored.
func (x *running) refuses(tokens ...func(body []byte) string) string {
	customer, agent := call(1)
	if said := x.play(customer.event("alerted", 0)); said != "" {
		return said
	}
	for i, token := range tokens {
		body := agent.event("connected", time.Second)
		if status := x.sendAs(body, token(body)); status != 400 && status != 401 && status != 403 {
			return fmt.Sprintf("status %d for token %d", status, i)
		}
	}
	return x.ask(agent.conversation, func(t told) string { return differs("channels", len(t.Channels), 1) })
}

// refusal wants a status that refuses.
func refusal(of string, status int) string {
	if status == 400 || status == 401 || status == 403 {
		return ""
	}
	return fmt.Sprintf("status %d for %s", status, of)
}

// spent wants a token refused that was right for the same body, and has expired.
func (x *running) spent(body []byte) string {
	ends := time.Now().Add(2 * time.Second).Unix()
	token := x.forged(body, func(_, claims map[string]any) { claims["iat"], claims["exp"] = ends-300, ends }, sha256.New, nil)
	if said := differs("status of a token that is about to expire", x.sendAs(body, token), 204); said != "" {
		return said
	}
	for time.Now().Unix() <= ends {
		time.Sleep(20 * time.Millisecond) // the consumer's clock is the real one
	}
	return refusal("a token that has expired since", x.sendAs(body, token))
}

func secure() probes {
	customer, agent := call(1)
	body := agent.event("connected", time.Second)
	token := func(x *running, change changes, method func() hash.Hash) func([]byte) string {
		return func(body []byte) string { return x.forged(body, change, method, nil) }
	}
	refuses := func(all ...changes) func(*running) string {
		return func(x *running) string {
			var tokens []func([]byte) string
			for _, c := range all {
				tokens = append(tokens, token(x, c, sha256.New))
			}
			return x.refuses(tokens...)
		}
	}
	accepts := func(token func(*running, []byte) string) func(*running) string {
		return func(x *running) string {
			return first(func() string { return differs("status", x.sendAs(body, token(x, body)), 204) },
				func() string { return x.tells(agent, 1, "connected", nil) })
		}
	}
	expired := func(by time.Duration) changes {
		return func(_, claims map[string]any) {
			at := time.Now().Add(-by).Unix()
			claims["iat"], claims["exp"] = at-300, at
		}
	}
	hashOf := func(change func(string) any) changes {
		return func(_, claims map[string]any) { claims["payload_hash"] = change(claims["payload_hash"].(string)) }
	}
	signed := func(x *running, body []byte) string { return signature.Sign(x.secret, body, time.Now()) }
	return probes{
		rulebook.VerifySignature: func(x *running) string {
			forged := func(body []byte) string {
				return signature.Sign(signature.Secret(strings.Repeat("k", 32)), body, time.Now())
			}
			if said := x.refuses(forged); said != "" {
				return said
			}
			for _, b := range [][]byte{presence("0150", "ready", 0, newID()), agent.event("translated", time.Second)} {
				if said := refusal("a forgery", x.sendAs(b, forged(b))); said != "" {
					return said
				}
			}
			return refusal("a forgery with a charset", x.do(context.Background(), bytes.NewReader(body),
				map[string]string{signature.HeaderName: forged(body), "Content-Type": "application/cloudevents+json; charset=utf-8"}))
		},
		rulebook.RequireToken: func(x *running) string {
			for _, token := range []string{"", "none", "a.b"} {
				headers := map[string]string{signature.HeaderName: token}
				if token == "" {
					headers = nil
				}
				if said := differs("status for the token "+token, x.do(context.Background(), bytes.NewReader(body), headers), 401); said != "" {
					return said
				}
			}
			return ""
		},
		rulebook.OnlyHS256: func(x *running) string {
			alg := func(name string) changes { return func(head, _ map[string]any) { head["alg"] = name } }
			return x.refuses(token(x, alg("HS384"), sha512.New384), token(x, alg("HS512"), sha512.New),
				token(x, alg("none"), nil), token(x, alg("None"), nil), token(x, alg("NONE"), nil))
		},
		rulebook.CompareHash: refuses(
			func(_, claims map[string]any) { delete(claims, "payload_hash") },
			hashOf(func(string) any { return "" }), hashOf(func(h string) any { return h[:7] }), hashOf(func(h string) any { return h[:16] }),
			hashOf(func(h string) any { return h[:32] + strings.Repeat("0", 32) }), hashOf(func(string) any { return strings.Repeat("0", 64) })),
		rulebook.HashRawBody: func(x *running) string {
			text := string(body)
			for _, b := range []string{
				strings.Replace(text, `,"id"`, `, "id"`, 1), text + "\n", text + "\r\n", text[:len(text)-1] + `,"a":"<b>&"}`,
				`{"traceparent":"00",` + text[1:], text[:len(text)-1] + `,"name":"東京"}`, strings.Replace(text, `,"id"`, ",\r\n\"id\"", 1),
				text[:len(text)-1] + `,"name":"Zoë"}`,
			} {
				if status := x.send([]byte(b)); status != 204 {
					return fmt.Sprintf("status %d for %s", status, b)
				}
			}
			return ""
		},
		rulebook.RequireExp: refuses(func(_, claims map[string]any) { delete(claims, "exp") }),
		rulebook.RefuseExpired: func(x *running) string {
			return first(func() string {
				return refuses(expired(2*time.Second), expired(3*time.Minute), expired(25*time.Hour))(x)
			}, func() string { return x.spent(agent.event("held", time.Second)) })
		},
		rulebook.TolerateEarlyIat: accepts(func(x *running, body []byte) string {
			return signature.Sign(x.secret, body, time.Now().Add(2*time.Minute))
		}),
		rulebook.RefuseWithoutStoring: func(x *running) string {
			known := customer.event("connected", time.Second)
			return first(func() string {
				return refuses(hashOf(func(string) any { return strings.Repeat("0", 64) }), expired(time.Hour))(x)
			}, func() string { return x.play(known) }, func() string {
				return refusal("a forgery of what is known", x.sendAs(known, token(x, expired(time.Hour), sha256.New)(known)))
			})
		},
		rulebook.DecodeSecret:       accepts(signed),
		rulebook.TokenWithoutPrefix: accepts(signed),
		rulebook.AcceptNextSecret: func(x *running) string {
			return first(
				func() string {
					return differs("status with the next secret", x.sendAs(body, signature.Sign(x.next, body, time.Now())), 204)
				},
				func() string { return x.play(customer.event("alerted", 0)) })
		},
	}
}
