// Package habits holds webhook consumers that are all correct, each with a habit of its own.
//
// Secrets come in, then notifications; the state of a conversation goes out at
// /calls/{conversationId}. An examination must accuse none of them. They keep what was sent and
// reckon when they are asked, and share no code with the ringback receiver.
package habits

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// answer is a response.
type answer struct {
	status int
	body   string
	header map[string]string
}

// consumer is a correct consumer. A habit changes how it does something, and not what.
type consumer struct {
	stored, again, refused, unusable, ignored answer

	write    func(http.ResponseWriter, *http.Request, answer)
	around   func(next http.HandlerFunc) http.HandlerFunc // nil: nothing
	verify   func(secret []byte, header string, body []byte) bool
	versions []string // that it stores; the others are ignored
	unknown  func(*call, *note)
	store    func(*consumer, *note) answer
	fold     func(facts []*note) []*note // sorts
	settles  time.Duration               // until what was stored is told
	tell     func(*consumer, *life, []*note) map[string]any
	state    func(channels []map[string]any, lives []*life) any
	missing  answer // to a question about an unknown conversation
	crashed  func() // before it starts again

	secrets [][]byte
	lock    chan struct{} // a bubble of testing/synctest sees who waits for it
	seen    map[string]bool
	calls   map[string]*call
	disk    []*note
}

// call is what is known of a conversation.
type call struct {
	order    []string
	channels map[string]*life
	aside    []*note // of types that are not known
}

// life is what is known of a channel.
type life struct {
	note  *note // the first one that came
	facts []*note
}

func usual() *consumer {
	return &consumer{
		stored: answer{status: 204}, again: answer{status: 204}, refused: answer{status: 401},
		unusable: answer{status: 204}, ignored: answer{status: 204}, missing: answer{status: 404},
		write:    plain,
		verify:   verified,
		versions: []string{"v0", "v1"},
		unknown:  func(*call, *note) {},
		store:    (*consumer).locked,
		fold:     order{}.sort,
		tell:     everything,
		state:    func(channels []map[string]any, _ []*life) any { return map[string]any{"channels": channels} },
		crashed:  func() {},
	}
}

// plain writes an answer as net/http does.
func plain(w http.ResponseWriter, _ *http.Request, a answer) {
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	if a.body != "" {
		_, _ = io.WriteString(w, a.body) // who has gone does not mind
	}
}

// verified is what the documentation asks for.
func verified(secret []byte, header string, body []byte) bool {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(header, claims, func(*jwt.Token) (any, error) { return secret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
	sum := sha256.Sum256(body)
	return err == nil && claims["payload_hash"] == hex.EncodeToString(sum[:])
}

// take answers a notification.
func (c *consumer) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		c.write(w, r, answer{status: http.StatusRequestEntityTooLarge})
		return
	} else if err != nil {
		c.write(w, r, answer{status: http.StatusBadRequest})
		return
	}
	c.write(w, r, c.judge(r, body))
}

func (c *consumer) judge(r *http.Request, body []byte) answer {
	ok := false
	for _, secret := range c.secrets {
		ok = ok || c.verify(secret, r.Header.Get("Vonage-Signature"), body)
	}
	if !ok {
		return c.refused
	}
	n := readNote(bytes.Clone(body))
	if n == nil {
		return c.unusable
	}
	return c.store(c, n)
}

// locked stores a notification, one at a time.
func (c *consumer) locked(n *note) answer {
	c.lock <- struct{}{}
	defer func() { <-c.lock }()
	return c.learn(n)
}

// learn writes a notification down, and knows it.
func (c *consumer) learn(n *note) answer {
	if c.seen[n.key()] {
		return c.again
	}
	n.kept = time.Now()
	c.disk = append(c.disk, n)
	return c.know(n)
}

func (c *consumer) know(n *note) answer {
	c.seen[n.key()] = true
	if n.conversation == "" {
		return c.stored
	}
	k := c.calls[n.conversation]
	if k == nil {
		k = &call{channels: map[string]*life{}}
		c.calls[n.conversation] = k
	}
	if n.rank == 0 {
		c.unknown(k, n)
		return c.ignored
	}
	if !strings.Contains(strings.Join(c.versions, " "), n.version) {
		return c.ignored
	}
	k.life(n).facts = append(k.life(n).facts, n)
	return c.stored
}

// life is that of a note's channel.
func (k *call) life(n *note) *life {
	l := k.channels[n.channel]
	if l == nil {
		l = &life{note: n}
		k.channels[n.channel] = l
		k.order = append(k.order, n.channel)
	}
	return l
}

// restart forgets what is in memory, and reads what is on the disk.
func (c *consumer) restart() {
	c.lock <- struct{}{}
	defer func() { <-c.lock }()
	c.seen, c.calls = map[string]bool{}, map[string]*call{}
	for _, n := range c.disk {
		c.know(n)
	}
}

// handler is the consumer as a web server.
func (c *consumer) handler(secrets ...[]byte) http.Handler {
	c.secrets, c.lock = secrets, make(chan struct{}, 1)
	c.restart()
	take := http.HandlerFunc(c.take)
	if c.around != nil {
		take = c.around(take)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /{$}", take)
	mux.Handle("POST /events", take)
	mux.HandleFunc("POST /crash", func(w http.ResponseWriter, _ *http.Request) {
		c.restart()
		c.crashed()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /calls/{conversation}", c.answerState)
	return mux
}

func (a answer) with(name, value string) answer {
	a.header = maps.Clone(a.header)
	if a.header == nil {
		a.header = map[string]string{}
	}
	a.header[name] = value
	return a
}
