package engine

import (
	"context"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/signature"
)

// patience bounds every wait of a test for something that must come.
const patience = 2 * time.Minute

// fixture is an engine with its store, which can be closed and opened again.
type fixture struct {
	t       *testing.T
	path    string
	options Options
	store   *store.Store
	engine  *Engine
}

// open opens an engine on a new file. The test fails if goroutines of it are left.
func open(t *testing.T, o Options) *fixture {
	t.Helper()
	before := runtime.NumGoroutine()
	h := &fixture{t: t, path: filepath.Join(t.TempDir(), "state"), options: o}
	h.open()
	t.Cleanup(func() {
		h.close()
		noneLeft(t, before)
	})
	return h
}

// noneLeft fails if goroutines of this package outlive their engine.
func noneLeft(t *testing.T, before int) {
	t.Helper()
	for range 1_000_000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		if strings.Count(string(stacks), "internal/engine.(*") == 0 {
			return // those of servers and of the database end by themselves
		}
		runtime.Gosched()
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
}

func (h *fixture) open() {
	h.t.Helper()
	var err error
	if h.store, err = store.Open(h.path, store.Options{}); err != nil {
		h.t.Fatal(err)
	}
	if h.engine, err = Open(h.t.Context(), h.store, h.options); err != nil {
		h.t.Fatal(err)
	}
}

func (h *fixture) close() {
	h.t.Helper()
	if h.engine == nil {
		return
	}
	if err := h.engine.Close(); err != nil {
		h.t.Error(err)
	}
	if err := h.store.Check(context.Background()); err != nil {
		h.t.Error(err)
	}
	if err := h.store.Close(); err != nil {
		h.t.Error(err)
	}
	h.engine = nil
}

// subscribe makes a subscription that is enabled.
func (h *fixture) subscribe(id, url string, secret signature.Secret, events ...string) store.Subscription {
	h.t.Helper()
	now := time.Now()
	s := store.Subscription{ID: id, Name: "the " + id, URL: url, Events: events, Enabled: true, Secret: secret, Created: now, Changed: now}
	if err := h.store.CreateSubscription(h.t.Context(), s); err != nil {
		h.t.Fatal(err)
	}
	h.engine.SubscriptionsChanged()
	return s
}

func (h *fixture) change(id string, how func(*store.Subscription)) {
	h.t.Helper()
	_, err := h.store.ChangeSubscription(h.t.Context(), id, func(s *store.Subscription) error { how(s); return nil })
	if err != nil {
		h.t.Fatal(err)
	}
	h.engine.SubscriptionsChanged()
}

// play starts a run with a seed that failures show.
func (h *fixture) play(p Play) store.Run {
	h.t.Helper()
	seed := uint64(7)
	if p.Seed == nil {
		p.Seed = &seed
	}
	run, err := h.engine.StartRun(h.t.Context(), p)
	if err != nil {
		h.t.Fatal(err)
	}
	return run
}

// until waits for messages until something is true.
func (h *fixture) until(what string, true func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	messages := h.engine.Listen(ctx)
	for !true() {
		select {
		case <-messages:
		case <-ctx.Done():
			h.t.Fatalf("in vain: %s", what)
		}
	}
}

// run is how a run stands.
func (h *fixture) run(id string) store.Run {
	h.t.Helper()
	runs, err := h.store.Runs(context.Background(), false)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range runs {
		if r.ID == id {
			return r
		}
	}
	h.t.Fatalf("there is no run %s", id)
	return store.Run{}
}

// deliveries lists those that a filter selects, the newest first.
func (h *fixture) deliveries(f store.Filter) []store.DeliveryDetail {
	h.t.Helper()
	f.Limit = 1000
	list, _, err := h.store.Deliveries(context.Background(), f)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// settled reports whether there are so many deliveries and none of them waits any more.
func (h *fixture) settled(id string, n int) bool {
	list := h.deliveries(store.Filter{Subscription: id}) // one look: what comes between two would be missed
	return len(list) >= n && !slices.ContainsFunc(list, func(d store.DeliveryDetail) bool { return d.State == store.Waiting })
}

func secret(char string) signature.Secret { return signature.Secret(strings.Repeat(char, 32)) }
