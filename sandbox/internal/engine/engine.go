// Package engine delivers notifications for the sandbox: it plays runs and conversations, and
// sends what happens to the subscriptions, which may change at any time.
//
// Runs, steps in conversations and changes of presence come in; requests to consumers go out,
// and messages about all of it to listeners. Planning, sending and retrying are those of
// package emitter and internal/policy. The engine adds durability: what it has accepted is in
// the store and is delivered or fails, first attempts in the order of each conversation unless
// there is to be none, also after the program was killed. Runs then continue where they were, overdue notifications
// follow at once, and an attempt is repeated, with the same ID, only if its record was lost.
// Nothing is sent before the store has it, and a bounded number of deliveries is in memory.
package engine

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
)

// Engine plays runs and conversations, and delivers their notifications to subscriptions.
type Engine struct {
	store      *store.Store
	options    Options
	life       context.Context
	end        context.CancelFunc
	background sync.WaitGroup // short work that Close waits for
	inFlight   sync.WaitGroup // attempts under way
	together   mostTogether
	once       sync.Once

	broadcaster
	registry   registry
	intake     *intake
	journal    *journal
	keeper     *keeper
	indexing   chan struct{} // closed when no index is made any more
	halted     atomic.Bool   // no attempt begins, because it could not be recorded
	emptying   atomic.Bool   // a reset deletes what the store lacks still
	observed   observed
	manual     manual
	faults     injections
	announcing atomic.Bool // listeners are about to be told of the activity
	orders     orders
	failures   failures

	suspended []store.Run   // at Open
	planning  chan struct{} // holds what is planned now

	mu       sync.Mutex
	outboxes map[string]*outbox // by subscription
	retried  map[string]int     // deliveries that the store had Retried when outboxes were opened, by subscription
	runs     map[string]*run    // those that go on
	held     bool               // the store takes nothing, so runs wait
}

// Options of an Engine. The zero value is usable.
type Options struct {
	Speed       float64       // of the retry schedule; 0: 1
	Propagation time.Duration // from a change of a subscription until it takes effect; a deletion does at once
	Timeout     time.Duration // of an attempt; 0: 10 s
	Connections int           // in flight per subscription; 0: 8
	Allow       []string      // public hosts that may be dialled
	InsecureTLS bool          // accept any certificate of a consumer
	Hide        []string      // texts that no consumer may be quoted with, beside the secret of its subscription
	Unordered   bool          // first attempts of a conversation do not wait for one another; also of runs that choose nothing else
	Assume      assume.Set    // of deliveries, and of runs that choose no others
	Log         *slog.Logger  // of errors in the engine itself; nil: discarded
	Tell        func(string)  // gets a sentence when the store takes nothing, when it does again, and, at most once a minute, when deliveries wait for a connection; nil: nobody does

	AllConnections int // open at once to all subscriptions together; 0: what the limit of open files allows

	sender  emitter.Sender                                                       // tests: sends instead of HTTP
	dial    func(ctx context.Context, network, address string) (net.Conn, error) // tests: connects instead of the network
	sockets *emitter.Sockets                                                     // the engine's own
}

func (o Options) withDefaults() Options {
	o.Speed = cmp.Or(o.Speed, 1)
	o.Timeout = cmp.Or(o.Timeout, emitter.DefaultTimeout)
	o.Connections = cmp.Or(o.Connections, 8)
	o.AllConnections = cmp.Or(o.AllConnections, policy.ConnectionsWithin(policy.OpenFiles()))
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Tell == nil {
		o.Tell = func(string) {}
	}
	return o
}

// emitter returns the settings with which attempts are made and judged.
func (o *Options) emitter() *emitter.Emitter {
	e := &emitter.Emitter{Timeout: o.Timeout, Connections: o.Connections, Sockets: o.sockets}
	settings.ApplySending(e, o.Assume)
	return e
}

// Open continues the runs, deliveries and conversations of the store. What fell due since the
// last Close follows at once.
func Open(ctx context.Context, s *store.Store, o Options) (*Engine, error) {
	e := &Engine{store: s, options: o.withDefaults(), outboxes: map[string]*outbox{}, runs: map[string]*run{}, planning: make(chan struct{}, 1)}
	if err := checkSpeed(e.options.Speed); err != nil {
		return nil, err
	}
	e.options.sockets = &emitter.Sockets{Most: e.options.AllConnections, Full: func() { e.options.Tell("warning: " + e.Connections().String()) }}
	e.life, e.end = context.WithCancel(context.Background())
	e.manual.conversations, e.manual.presences, e.manual.seed = map[string]*manualConversation{}, map[string]string{}, newSeed()
	e.manual.changed = map[string]time.Time{}
	subscriptions, err := s.Subscriptions(ctx)
	if err == nil {
		e.retried, err = s.Retried(ctx, fault.Reset.String())
	}
	if err == nil {
		err = e.restore(ctx)
	}
	if err != nil {
		e.end()
		return nil, err
	}
	e.intake = &intake{engine: e, in: make(chan entry, mostGrouped), again: make(chan struct{}, 1), ended: make(chan struct{})}
	e.journal = &journal{engine: e, in: make(chan record, mostRecords), ended: make(chan struct{})}
	e.keeper = &keeper{engine: e, ended: make(chan struct{}), told: storageOK}
	e.indexing = make(chan struct{})
	go e.journal.work()
	e.registry.mu.Lock()
	e.registry.versions = map[string]int64{}
	for _, sub := range subscriptions {
		e.registry.versions[sub.ID] = sub.Version
	}
	e.takeEffect(subscriptions)
	e.registry.mu.Unlock()
	go e.intake.work() // from here on, who gets a notification is known
	e.awaitLapses()
	go e.keeper.work()
	go e.index()
	if err := e.resumeRuns(ctx); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// Finish begins no further attempt and waits until those in flight have their response, or
// ctx ends. What is left stays in the store. Call Close afterwards.
func (e *Engine) Finish(ctx context.Context) {
	e.mu.Lock()
	for _, o := range e.outboxes {
		o.drain()
	}
	e.mu.Unlock()
	done := make(chan struct{})
	go func() {
		e.inFlight.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// Close ends all goroutines. Attempts in flight are cut off and repeated after the next Open.
// The store stays open.
func (e *Engine) Close() error {
	e.once.Do(func() {
		e.end() // first: a change under way may wait for the store
		e.registry.await()
		e.endRuns()
		<-e.intake.ended
		<-e.keeper.ended
		<-e.indexing
		e.stopOutboxes()
		e.journal.flush() // its callbacks may begin work in the background
		e.background.Wait()
		close(e.journal.in)
		<-e.journal.ended
		if err := e.store.RunsEnded(context.Background()); err != nil && !inTrouble(err) {
			e.logError("the end of the work of runs cannot be kept", err)
		}
	})
	return nil
}

// stopOutboxes ends all outboxes and waits for their goroutines.
func (e *Engine) stopOutboxes() {
	e.mu.Lock()
	all := e.outboxes
	e.outboxes = map[string]*outbox{}
	e.mu.Unlock()
	for _, o := range all {
		o.stop()
	}
	for _, o := range all {
		o.wait()
	}
}

// going lists the runs that go on.
func (e *Engine) going() []*run {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Collect(maps.Values(e.runs))
}

// endRuns ends the goroutines of all runs, which go on after the next Open.
func (e *Engine) endRuns() {
	all := e.going()
	for _, g := range all {
		g.end()
	}
	for _, g := range all {
		<-g.done
	}
}

// Reset ends all runs and conversations, and deletes notifications, deliveries and injected
// faults. Attempts in flight are cut off. Subscriptions stay. Where the store fails on the way, what
// is not deleted yet goes on.
func (e *Engine) Reset(ctx context.Context) error {
	if t := e.store.Trouble(); t != nil && !t.Records() {
		return t
	}
	ctx = context.WithoutCancel(ctx) // a client that leaves does not stop it halfway
	for _, g := range e.going() {
		if err := g.finish(store.RunStopped, ""); err != nil {
			return err
		}
		<-g.done
	}
	e.manual.mu.Lock() // no step meanwhile
	defer e.manual.mu.Unlock()
	if err := e.intake.flush(ctx); err != nil {
		return err
	}
	e.registry.mu.Lock() // no change of subscriptions meanwhile
	defer e.registry.mu.Unlock()
	if e.life.Err() != nil {
		return errClosed
	}
	err := e.empty(ctx)
	e.retried = nil
	if err == nil {
		err = e.forgetAll(ctx)
	} else {
		e.retried, _ = e.store.Retried(ctx, fault.Reset.String()) // without an answer, they count as if they had not failed yet
	}
	e.failingChanged()
	for _, s := range e.registry.effective() {
		e.openOutbox(s)
	}
	return err
}

// empty deletes what the store has of the work of the outboxes, which it ends. Without success, attempts that could not be
// recorded are repeated.
func (e *Engine) empty(ctx context.Context) error {
	e.emptying.Store(true)
	defer e.emptying.Store(false)
	e.stopOutboxes()
	e.journal.flush()
	return e.store.Reset(ctx)
}

// forgetAll does the same in memory, as the store did. A presence that the store keeps stays.
func (e *Engine) forgetAll(ctx context.Context) (err error) {
	clear(e.manual.conversations)
	for name, presence := range e.manual.presences {
		if presence != "" {
			if failed := e.store.Set(ctx, name, ""); failed != nil {
				err = cmp.Or(err, failed)
				continue
			}
		}
		delete(e.manual.presences, name)
	}
	e.observed.clear()
	e.activityChanged()
	e.ClearFaults()
	e.together.clear()
	e.Broadcast("reset", struct{}{})
	return err
}

// logError logs an error that no caller gets. Trouble of the store is told once, by the keeper.
func (e *Engine) logError(what string, err error) {
	if !inTrouble(err) {
		e.options.Log.Error(what, "error", err)
	}
}

// newID is a KSUID of the second of now.
func newID(now time.Time) string {
	id := seeded.From(newSeed()).With(newSeed()).KSUID(now)
	return string(id[:])
}
