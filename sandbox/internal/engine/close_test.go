package engine

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/assume"
)

// Whether a closed engine can still take a notification is left to chance, so each is tried often.
func TestNothingSucceedsAfterTheEnd(t *testing.T) {
	h := open(t, Options{})
	e := h.engine
	live, err := e.Begin(t.Context(), Opening{Medium: "call", From: "customer"})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if _, err := e.Begin(t.Context(), Opening{Medium: "call", From: "customer"}); !errors.Is(err, errClosed) {
			t.Fatalf("beginning a conversation gives %v, want %v", err, errClosed)
		}
		if _, err := e.Do(t.Context(), live.ID, Step{Step: "ring", Agent: "alice"}); !errors.Is(err, errClosed) {
			t.Fatalf("a step gives %v, want %v", err, errClosed)
		}
		if _, err := e.SetPresence(t.Context(), "bob", "away"); !errors.Is(err, errClosed) {
			t.Fatalf("a presence gives %v, want %v", err, errClosed)
		}
	}
	for _, l := range e.Conversations(0) {
		if l.ID != live.ID {
			t.Errorf("conversation %s was never kept", l.ID)
		}
	}
}

// What was kept is not reported as lost because the end came right behind it.
func TestWhatIsKeptAtTheEndSucceeds(t *testing.T) {
	for range 50 {
		i := &intake{engine: &Engine{life: t.Context()}, in: make(chan entry), ended: make(chan struct{})}
		go func() {
			in := <-i.in
			in.reply(nil)
			close(i.ended)
		}()
		if err := i.keep(t.Context(), entry{}); err != nil {
			t.Fatalf("keeping gives %v", err)
		}
	}
}

// A watcher that has nothing to do until the end does not look for it all the time.
func TestNothingIsWatchedAfterFinish(t *testing.T) {
	e := &Engine{life: t.Context(), options: Options{}.withDefaults()}
	o := newOutbox(e, store.Subscription{ID: "s", Enabled: true})
	defer o.end()
	o.prefetched.open = false // there is nothing in the store
	o.prefetched.add(&delivery{Delivery: store.Delivery{Number: 1, Due: time.Now().Add(10 * time.Millisecond)}, note: &store.Notification{}})
	o.drain()
	o.busy.Go(o.feed)
	watched := make(chan struct{})
	go func() {
		o.busy.Wait()
		close(watched)
	}()
	select {
	case <-watched:
	case <-time.After(2 * time.Minute):
		t.Error("the retries are still watched")
	}
}

// A client that leaves while its request is served changes nothing about what the request does.
// Whether its leaving is noticed is left to chance.
func TestAStoppedRunEndsThoughNobodyWaits(t *testing.T) {
	h := open(t, Options{})
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 10 {
		run := h.play(Play{Name: "inbound-call-with-hold"})
		if stopped, err := h.engine.StopRun(gone, run.ID); err != nil || stopped.State != store.RunStopped {
			t.Fatalf("it is stopped as %s, %v", stopped.State, err)
		}
		if got := h.run(run.ID); got.State != store.RunStopped {
			t.Fatalf("the run is %s, want %s", got.State, store.RunStopped)
		}
	}
}

// What begins at once is long under way before its first notification.
func TestARunIsStoppedBeforeItsFirstNotification(t *testing.T) {
	const all = 300_000
	h := open(t, Options{})
	run := h.play(Play{Name: "inbound-call-with-hold", Options: store.Playing{Count: all}})
	h.engine.mu.Lock()
	walk := h.engine.runs[run.ID].walk
	h.engine.mu.Unlock()
	if stopped, err := h.engine.StopRun(t.Context(), run.ID); err != nil || stopped.State != store.RunStopped {
		t.Fatalf("it is stopped as %s, %v", stopped.State, err)
	}
	if begun := walk.Activity().Conversations; begun == all {
		t.Errorf("all %d conversations began", begun)
	}
}

// The same of a reset: memory and store forget alike.
func TestAResetIsWholeThoughNobodyWaits(t *testing.T) {
	h := open(t, Options{})
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 10 {
		if _, err := h.engine.Begin(t.Context(), Opening{Medium: "call", From: "customer"}); err != nil {
			t.Fatal(err)
		}
		if err := h.engine.Reset(gone); err != nil {
			t.Fatal(err)
		}
		kept, err := h.store.Conversations(t.Context(), false)
		if live := h.engine.Conversations(0); err != nil || len(kept) != 0 || len(live) != 0 {
			t.Fatalf("%d conversations are stored, %d live, %v; want none", len(kept), len(live), err)
		}
	}
}

func TestNamesAreCountedInCharacters(t *testing.T) {
	h := open(t, Options{})
	if _, err := h.engine.Begin(t.Context(), Opening{Medium: "call", From: strings.Repeat("é", 64)}); err != nil {
		t.Errorf("64 characters give %v", err)
	}
	if _, err := h.engine.Begin(t.Context(), Opening{Medium: "call", From: strings.Repeat("é", 65)}); err == nil {
		t.Error("65 characters are taken")
	}
}

// Connections to a URL that is no longer the subscription's end, also those that net/http
// would keep for later.
func TestConnectionsToFormerURLsEnd(t *testing.T) {
	var follow assume.Set
	if err := follow.Change("redirects", "follow"); err != nil {
		t.Fatal(err)
	}
	for name, set := range map[string]assume.Set{"fast lane": {}, "net/http": follow} {
		t.Run(name, func(t *testing.T) { connectionsToFormerURLs(t, set) })
	}
}

func connectionsToFormerURLs(t *testing.T, set assume.Set) {
	h := open(t, Options{Connections: 2, Assume: set})
	var mu sync.Mutex
	connections, most := map[net.Conn]bool{}, 0
	consumer := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	consumer.Config.ConnState = func(c net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		switch state {
		case http.StateNew:
			connections[c] = true
		case http.StateClosed:
			delete(connections, c)
		}
		most = max(most, len(connections))
	}
	consumer.Start()
	defer consumer.Close()
	h.subscribe("s", consumer.URL, secret("s"), "agent.*")
	for i, presence := range []string{"away", "ready", "away", "ready", "away", "ready", "away", "ready", "away", "ready"} {
		h.change("s", func(s *store.Subscription) { s.URL = consumer.URL + "/" + string(rune('a'+i)) })
		if _, err := h.engine.SetPresence(t.Context(), "bob", presence); err != nil {
			t.Fatal(err)
		}
		h.until("it is delivered", func() bool { return h.settled("s", i+1) })
	}
	mu.Lock()
	defer mu.Unlock()
	if most > 4 { // two of the URL, and two of the one before, which the server sees end a little later
		t.Errorf("there were %d connections at once, want at most 4", most)
	}
}

// An orderly end waits for the answers of what is in flight, so that nothing comes twice.
func TestWhatIsInFlightFinishes(t *testing.T) {
	h := open(t, Options{})
	var came atomic.Int32
	arrived, answer := make(chan struct{}), make(chan struct{})
	consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if came.Add(1) == 1 {
			close(arrived)
		}
		<-answer
	}))
	defer consumer.Close()
	const id = "2oTzcHsQQWRVfSvQ00000000001"
	h.subscribe(id, consumer.URL, secret("s"), "channel.alerted.*")
	if _, err := h.engine.Begin(t.Context(), Opening{Medium: "call", From: "customer"}); err != nil {
		t.Fatal(err)
	}
	<-arrived
	finished := make(chan struct{})
	go func() {
		h.engine.Finish(t.Context())
		close(finished)
	}()
	select {
	case <-finished:
		t.Error("the end did not wait for the answer")
	default:
	}
	close(answer)
	<-finished
	h.close()
	h.open()
	h.until("it is delivered", func() bool { return h.settled(id, 1) })
	list := h.deliveries(store.Filter{Subscription: id})
	if came.Load() != 1 || len(list) != 1 || list[0].Attempts != 1 || list[0].State != store.Delivered {
		t.Errorf("%d requests came, deliveries %+v; want one, delivered", came.Load(), list)
	}
}
