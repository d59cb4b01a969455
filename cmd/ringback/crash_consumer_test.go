package main

import (
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// arrival is a request of the sandbox.
type arrival struct {
	id       string
	digest   uint64 // of the body
	life     int    // how often the sandbox had been killed before
	accepted bool   // else it was told to come again
}

// progress is what is counted until a kill is due.
type progress uint8

const (
	arrived  progress = iota // requests to the consumer
	answered                 // requests of the actor
)

// crashConsumer keeps every request, by subscription. It has some come again, and judges what
// it accepts as the reference consumer does.
type crashConsumer struct {
	server *httptest.Server
	secret signature.Secret

	mu       sync.Mutex
	arrivals map[string][]arrival
	seen     map[string]bool // subscription and ID
	judges   map[string]*receiver.Receiver
	refused  []string // what a judge says of what it does not accept
	life     int
	open     int // connections
	closed   *sync.Cond
	left     map[progress]uint64 // until due
	due      chan struct{}
}

func newCrashConsumer(t *testing.T) *crashConsumer {
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	c := &crashConsumer{secret: secret, arrivals: map[string][]arrival{}, seen: map[string]bool{}, judges: map[string]*receiver.Receiver{}}
	for name := range crashSubscriptions() {
		c.judges[name] = receiver.New(receiver.Options{Secrets: []signature.Secret{secret}})
	}
	c.closed = sync.NewCond(&c.mu)
	c.server = httptest.NewUnstartedServer(http.HandlerFunc(c.serve))
	c.server.Config.ConnState = c.connection
	c.server.Start()
	t.Cleanup(c.server.Close)
	return c
}

// crashSubscriptions are the names, which are paths as well, and what they want.
func crashSubscriptions() map[string]string {
	return map[string]string{"all": "*", "channels": "channel.*", "moody": "*.v0"}
}

func (c *crashConsumer) serve(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // killed while it sent
	}
	e, err := event.Read(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	name, id := strings.TrimPrefix(req.URL.Path, "/"), e.ID.String()
	h := fnv.New64a()
	h.Write(body)
	c.mu.Lock()
	defer c.mu.Unlock()
	a := arrival{id: id, digest: h.Sum64(), life: c.life}
	a.accepted = name != "moody" || a.digest%5 > 0 || c.seen[name+id]
	c.seen[name+id] = true
	if a.accepted {
		if j := c.judges[name].Judge(req.Header.Get("Vonage-Signature"), body); j.Result != receiver.Accepted && j.Result != receiver.Duplicate {
			c.refused = append(c.refused, j.Reason)
		}
	} else {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	c.arrivals[name] = append(c.arrivals[name], a)
	c.step(arrived)
}

// step counts towards what is due; mu is held.
func (c *crashConsumer) step(what progress) {
	if c.left[what] > 0 {
		if c.left[what]--; c.left[what] == 0 {
			close(c.due)
		}
	}
}

// told counts an answer of the control API.
func (c *crashConsumer) told() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step(answered)
}

// after is closed after some further progress of one kind.
func (c *crashConsumer) after(what progress, steps uint64) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.due = map[progress]uint64{what: steps}, make(chan struct{})
	return c.due
}

// connection counts those that are open; a connection is closed after its last request was
// served.
func (c *crashConsumer) connection(_ net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.open++
	case http.StateClosed:
		c.open--
		c.closed.Broadcast()
	}
}

// nextLife says that the sandbox was killed, once all that it has sent is served. Connections
// are taken in their order, so when one of ours is, all of the sandbox's have been.
func (c *crashConsumer) nextLife(t *testing.T) {
	req, err := http.NewRequest(http.MethodGet, c.server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	client := http.Client{Transport: &http.Transport{}}
	if resp, err := client.Do(req); err != nil {
		t.Error(err)
	} else {
		resp.Body.Close()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.open > 0 {
		c.closed.Wait()
	}
	c.life++
}
