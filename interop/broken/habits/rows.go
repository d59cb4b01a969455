package habits

import (
	"context"
	"net"
	"net/http"
	"slices"
	"time"
)

// Profile is what a consumer claims.
type Profile struct {
	Versions []string      // of event types that it stores: v0, v1
	Settles  time.Duration // until its state tells what was accepted
}

// Row is one consumer.
type Row struct {
	Name  string
	About string // its habit, in a sentence

	change func(*consumer)
	serve  func(*http.Server, net.Listener) net.Listener // nil: as usual
}

// Profile is what the consumer claims of itself.
func (r Row) Profile() Profile {
	c := usual()
	r.change(c)
	return Profile{Versions: c.versions, Settles: c.settles}
}

// Handler is the consumer as a web server: notifications at /events, the state at
// /calls/{conversationId}, a simulated crash at /crash. Tokens may be made with any of the secrets.
func (r Row) Handler(secrets ...[]byte) http.Handler {
	c := usual()
	r.change(c)
	return c.handler(secrets...)
}

// Serve serves it until ctx ends. Habits of connections show only so.
func (r Row) Serve(ctx context.Context, l net.Listener, secrets ...[]byte) error {
	server := &http.Server{Handler: r.Handler(secrets...), ReadHeaderTimeout: 10 * time.Second}
	if r.serve != nil {
		l = r.serve(server, l)
	}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	return server.Serve(l)
}

// Rows lists all consumers.
func Rows() []Row {
	return slices.Concat(answers, connections, failures, processing, telling)
}

// answers are habits of what is answered.
var answers = []Row{
	row("answers-204", "answers 204 to whatever is signed", func(*consumer) {}),
	accepts("answers-200", "answers 200 without a body", answer{status: 200}),
	accepts("answers-200-json", "answers 200 and a JSON text", object(200, `{"status":"ok"}`)),
	accepts("answers-200-html", "answers 200 and a page, as a framework does that nobody has configured",
		answer{status: 200, body: "<!DOCTYPE html><title>OK</title>OK\n"}.with("Content-Type", "text/html; charset=utf-8").with("Set-Cookie", "sid=1; HttpOnly")),
	accepts("answers-201", "answers 201 and where the notification lies", object(201, `{"id":1}`).with("Location", "/notifications/1")),
	accepts("answers-202", "answers 202", answer{status: 202, body: "queued\n"}),
	accepts("answers-203", "answers 203, from behind a proxy", answer{status: 203, body: "OK"}.with("Via", "1.1 proxy")),
	accepts("answers-205", "answers 205", answer{status: 205}),
	row("new-201-seen-200", "answers 201 to what is new, and 200 to what it has seen", func(c *consumer) {
		c.stored, c.again, c.ignored = answer{status: 201}, object(200, `{"duplicate":true}`), answer{status: 202}
	}),
	row("refuses-400", "refuses with 400", func(c *consumer) { c.refused = object(400, `{"error":"bad signature"}`) }),
	row("refuses-401-challenge", "refuses with 401 and WWW-Authenticate", func(c *consumer) {
		c.refused = object(401, `{"error":"invalid_token"}`).with("WWW-Authenticate", `Bearer error="invalid_token"`)
	}),
	row("refuses-403", "refuses with 403", func(c *consumer) { c.refused = answer{status: 403, body: "Forbidden\n"} }),
	row("refuses-before-reading", "refuses a request without a token before it reads the body, and closes the connection", func(c *consumer) {
		c.around = func(next http.HandlerFunc) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Vonage-Signature") == "" {
					plain(w, r, answer{status: 401}.with("Connection", "close"))
					return
				}
				next(w, r)
			}
		}
	}),
	row("unusable-200", "answers 200 to bodies that it cannot use, and keeps them aside", func(c *consumer) { c.unusable = object(200, `{"kept":true}`) }),
	row("unusable-400", "answers 400 to bodies that it cannot use", func(c *consumer) { c.unusable = object(400, `{"error":"no notification"}`) }),
	row("unusable-415", "answers 415 to bodies that it cannot use", func(c *consumer) { c.unusable = answer{status: 415} }),
	row("unusable-422", "answers 422 to bodies that it cannot use", func(c *consumer) { c.unusable = object(422, `{"errors":[{"loc":["body","data"]}]}`) }),
	row("ignored-202", "answers 202 to types that it does not know", func(c *consumer) { c.ignored = answer{status: 202} }),
	row("accepts-bearer", `takes "Bearer " from the header if it is there`, func(c *consumer) {
		verify := c.verify
		c.verify = func(secret []byte, header string, body []byte) bool {
			if len(header) > 7 && header[:7] == "Bearer " {
				header = header[7:]
			}
			return verify(secret, header, body)
		}
	}),
	row("hash-as-bytes", "decodes payload_hash from hexadecimal, and compares bytes", func(c *consumer) { c.verify = hashAsBytes }),
	row("verifies-by-hand", "verifies the token without a library", func(c *consumer) { c.verify = byHand }),
}

func row(name, about string, change func(*consumer)) Row {
	return Row{Name: name, About: about, change: change}
}

// accepts answers the same to all that it accepts.
func accepts(name, about string, a answer) Row {
	return row(name, about, func(c *consumer) { c.stored, c.again, c.ignored = a, a, a })
}

func object(status int, text string) answer {
	return answer{status: status, body: text}.with("Content-Type", "application/json")
}
