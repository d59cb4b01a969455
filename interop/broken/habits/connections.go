package habits

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// connections are habits of how an answer travels.
var connections = []Row{
	row("chunked", "answers in chunks", func(c *consumer) {
		c.stored, c.again, c.ignored = answer{status: 200, body: `{"status":"ok"}`}, answer{status: 200, body: `{"status":"ok"}`}, answer{status: 200, body: `{"status":"ok"}`}
		c.refused = answer{status: 401, body: "refused"}
		c.write = func(w http.ResponseWriter, _ *http.Request, a answer) {
			w.WriteHeader(a.status)
			for _, piece := range strings.SplitAfter(a.body, ":") {
				_, _ = io.WriteString(w, piece) // who has gone does not mind
				_ = http.NewResponseController(w).Flush()
			}
		}
	}),
	row("slow-answer", "answers its body 30 ms behind the head", func(c *consumer) {
		c.stored = object(200, `{"status":"ok"}`)
		c.write = func(w http.ResponseWriter, _ *http.Request, a answer) {
			w.WriteHeader(a.status)
			_ = http.NewResponseController(w).Flush()
			time.Sleep(30 * time.Millisecond)
			_, _ = io.WriteString(w, a.body)
		}
	}),
	row("http-1.0", "answers HTTP/1.0, and closes the connection", func(c *consumer) {
		c.stored = object(200, "{}")
		c.write = func(w http.ResponseWriter, r *http.Request, a answer) {
			conn, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil { // it is no connection that could be taken over
				plain(w, r, a)
				return
			}
			defer conn.Close()
			fmt.Fprintf(buffer, "HTTP/1.0 %d %s\r\nServer: BaseHTTP/0.6 Python/3.12.3\r\n", a.status, http.StatusText(a.status))
			for name, value := range a.header {
				fmt.Fprintf(buffer, "%s: %s\r\n", name, value)
			}
			fmt.Fprintf(buffer, "\r\n%s", a.body) // its end is the end of the connection
			_ = buffer.Flush()
		}
	}),
	row("closes-connections", "closes the connection after each request", func(c *consumer) {
		c.stored = answer{status: 200, body: "OK"}
		write := c.write
		c.write = func(w http.ResponseWriter, r *http.Request, a answer) { write(w, r, a.with("Connection", "close")) }
	}),
	informational("continue", "sends 100 Continue before each answer, asked for or not", http.StatusContinue),
	informational("early-hints", "sends 103 Early Hints before each answer", http.StatusEarlyHints),
	{"short-keep-alive", "closes connections that were idle for 50 ms", func(*consumer) {}, func(s *http.Server, l net.Listener) net.Listener {
		s.IdleTimeout = 50 * time.Millisecond
		return l
	}},
	{"one-connection-at-a-time", "serves one connection after the other, and one request on each, as Python's HTTPServer does", func(*consumer) {}, func(s *http.Server, l net.Listener) net.Listener {
		s.SetKeepAlivesEnabled(false)
		s.ReadHeaderTimeout = 500 * time.Millisecond // or one that says nothing would keep all others out
		return &one{Listener: l, free: make(chan struct{}, 1)}
	}},
	{"reads-late", "reads a body 20 ms after the head has come", func(c *consumer) {
		c.around = func(next http.HandlerFunc) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(20 * time.Millisecond)
				next(w, r)
			}
		}
	}, nil},
}

// informational sends another status before the answer.
func informational(name, about string, status int) Row {
	return row(name, about, func(c *consumer) {
		c.stored = answer{status: 200, body: "OK"}
		write := c.write
		c.write = func(w http.ResponseWriter, r *http.Request, a answer) {
			if _, real := w.(http.Hijacker); real {
				w.WriteHeader(status)
			}
			write(w, r, a)
		}
	})
}

// one accepts a connection when the one before is closed.
type one struct {
	net.Listener
	free chan struct{}
}

func (o *one) Accept() (net.Conn, error) {
	o.free <- struct{}{}
	c, err := o.Listener.Accept()
	if err != nil {
		<-o.free
		return nil, err
	}
	return &lonely{Conn: c, closed: sync.OnceFunc(func() { <-o.free })}, nil
}

type lonely struct {
	net.Conn
	closed func()
}

func (l *lonely) Close() error {
	defer l.closed()
	return l.Conn.Close()
}

// hashAsBytes takes the hash for bytes that were written in hexadecimal.
func hashAsBytes(secret []byte, header string, body []byte) bool {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(header, claims, func(*jwt.Token) (any, error) { return secret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
	claim, _ := claims["payload_hash"].(string)
	got, decoded := hex.DecodeString(claim)
	sum := sha256.Sum256(body)
	return err == nil && decoded == nil && bytes.Equal(got, sum[:])
}

// byHand does what the documentation's steps say.
func byHand(secret []byte, header string, body []byte) bool {
	parts := strings.Split(header, ".")
	if len(parts) != 3 || len(header) > 8<<10 {
		return false
	}
	var head struct{ Alg string }
	var claims struct {
		Exp  *float64
		Hash string `json:"payload_hash"`
	}
	for i, to := range []any{&head, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(text, to) != nil {
			return false
		}
	}
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(parts[0] + "." + parts[1]))
	sum := sha256.Sum256(body)
	return head.Alg == "HS256" && hmac.Equal([]byte(parts[2]), []byte(base64.RawURLEncoding.EncodeToString(m.Sum(nil)))) &&
		claims.Exp != nil && *claims.Exp > float64(time.Now().UnixMilli())/1000 &&
		hmac.Equal([]byte(claims.Hash), []byte(hex.EncodeToString(sum[:])))
}

// text is a value as JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	return string(b)
}
