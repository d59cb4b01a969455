package examine_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/signature"
)

// What the trials of these examinations follow from.
const seed = 7

var start = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

// inMemory is an examination, in a bubble, of a consumer that verifies what comes and counts it. A whole one takes a second at the most, since
// only its CPU time is real. Each says what the consumer answers to what is verified; nil: as usual, which stores it and takes a while.
func inMemory(t *testing.T, c *counting, each func(n trial.Note, usual func() int) int) *examine.Examination {
	t.Helper()
	secret := signature.GenerateSecret()
	dial := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		n := trial.ReadNote(body)
		if err != nil || !(verifier{}).accepts(r, secret) {
			status := http.StatusUnauthorized
			if c.forged != nil {
				status = c.forged(n)
			}
			w.WriteHeader(status)
			return
		}
		usual := func() int {
			time.Sleep(c.answers)
			c.store(n)
			return http.StatusNoContent
		}
		if each == nil {
			w.WriteHeader(usual())
			return
		}
		w.WriteHeader(each(n, usual))
	}))
	return &examine.Examination{Sending: transport.Options{Target: emitter.Target{URL: "http://consumer.test/events", Secret: secret, Dial: dial}},
		State: toldAtOnce{c}, Seed: seed, Start: start}
}

// served is an examination, in a bubble, of a consumer that tells its state beside the path of its events.
func served(t *testing.T, h http.Handler) *examine.Examination {
	t.Helper()
	return of(t, emitter.Target{URL: "http://consumer.test/events", Dial: serve(t, h)})
}

// serve serves a consumer to the end of the test, and returns how it is dialled.
func serve(t *testing.T, h http.Handler) func(ctx context.Context, network, address string) (net.Conn, error) {
	listener, server := memnet.Listen(), &http.Server{Handler: h}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(listener) })
	t.Cleanup(func() {
		server.Close()
		time.Sleep(time.Second) // what is still being answered
		serving.Wait()
	})
	return listener.DialContext
}

// toldAtOnce is the state of such a consumer.
type toldAtOnce struct{ *counting }

func (toldAtOnce) Close() error { return nil }

func (c toldAtOnce) Ask(_ context.Context, conversation string) (*trial.State, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.channels[conversation] == nil {
		return nil, nil
	}
	s := &trial.State{Channels: map[string]*trial.Channel{}}
	for id, n := range c.channels[conversation] {
		s.Channels[id] = &trial.Channel{Notifications: &n}
	}
	return s, nil
}

// inFlight counts what is being answered at the same time, each by a key of its own.
type inFlight struct {
	mu   sync.Mutex
	many map[string]int
}

// begin tells how many of a key are being answered, with the one that begins, and how many keys there are of which any is.
func (f *inFlight) begin(key string) (many, keys int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.many == nil {
		f.many = map[string]int{}
	}
	f.many[key]++
	return f.many[key], len(f.many)
}

func (f *inFlight) now(key string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.many[key]
}

func (f *inFlight) end(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.many[key]--; f.many[key] == 0 {
		delete(f.many, key)
	}
}

// enoughInShort are how many cases a test of whole examinations has with -short: with the race detector each takes seconds.
const enoughInShort = 2
