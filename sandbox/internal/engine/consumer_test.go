package engine

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// consumer is a reference receiver that can be out of order.
type consumer struct {
	*receiver.Receiver
	server *httptest.Server
	url    string

	mu     sync.Mutex
	status int // 0: it judges
	came   chan struct{}
	order  []string
	tries  map[string]int
}

func consume(t *testing.T, secrets ...signature.Secret) *consumer {
	t.Helper()
	c := &consumer{tries: map[string]int{}, came: make(chan struct{}, 1)}
	c.Receiver = receiver.New(receiver.Options{Secrets: secrets})
	c.server = httptest.NewServer(http.HandlerFunc(c.serve))
	c.url = c.server.URL + "/events"
	t.Cleanup(c.server.Close)
	return c
}

func (c *consumer) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	_, tail, _ := strings.Cut(string(body), `"id":"`)
	id, _, _ := strings.Cut(tail, `"`)
	c.mu.Lock()
	status := c.status
	c.order = append(c.order, id)
	c.tries[id]++
	c.mu.Unlock()
	select {
	case c.came <- struct{}{}:
	default:
	}
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	c.ServeHTTP(w, r)
}

func (c *consumer) answer(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

// awaitOne waits until something arrives.
func (c *consumer) awaitOne(t *testing.T) {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-c.came:
	case <-timer.C:
		t.Fatal("nothing arrives")
	}
}

// firsts lists the IDs in the order in which they came first.
func (c *consumer) firsts() (ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := map[string]bool{}
	for _, id := range c.order {
		if !seen[id] {
			ids = append(ids, id)
		}
		seen[id] = true
	}
	return ids
}

// judge fails unless everything was accepted exactly once and all lives are sound.
func (c *consumer) judge(t *testing.T, accepted int) {
	t.Helper()
	r := c.Report()
	if r.Accepted != accepted || r.Duplicates != 0 || len(r.Refused) != 0 || len(r.Violations) != 0 || r.Open != 0 {
		t.Errorf("accepted %d, want %d; %d duplicates, refused %v, %d open, violations %v",
			r.Accepted, accepted, r.Duplicates, r.Refused, r.Open, r.Violations)
	}
}
