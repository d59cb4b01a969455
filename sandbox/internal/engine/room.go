package engine

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/assume"
)

// Room plays runs and conversations, and delivers what happens to the subscriptions.
type Room struct {
	store   *store.Store
	options Options
	life    context.Context
	end     context.CancelFunc
	tidy    sync.WaitGroup // short work that must be done before the end
	flight  sync.WaitGroup // attempts under way
	once    sync.Once

	bell    bell
	roster  roster
	intake  *intake
	journal *journal
	floor   floor
	hand    byHand
	arms    arms

	mu      sync.Mutex
	offices map[string]*office // by subscription
	runs    map[string]*run    // those that go on
}

// Options of a room. The zero value is usable.
type Options struct {
	Speed       float64       // of the retry ladder; 0: 1
	Propagation time.Duration // from a change of a subscription until it takes effect; a deletion does at once
	Timeout     time.Duration // of an attempt; 0: 10 s
	Connections int           // in flight per subscription; 0: 8
	Allow       []string      // hosts that may be dialled though they are public
	InsecureTLS bool          // any certificate of a consumer is taken
	Assume      assume.Set    // beneath what runs assume; for deliveries, of all
	Log         *slog.Logger  // of what goes wrong in the room itself; nil: nowhere
}

func (o Options) withDefaults() Options {
	o.Speed = cmp.Or(o.Speed, 1)
	o.Timeout = cmp.Or(o.Timeout, emitter.DefaultTimeout)
	o.Connections = cmp.Or(o.Connections, 8)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// emitter is how attempts are made and judged.
func (o *Options) emitter() *emitter.Emitter {
	e := &emitter.Emitter{Timeout: o.Timeout, Connections: o.Connections}
	settings.Send(e, o.Assume)
	return e
}

// Open goes on where the store stands: runs, waiting deliveries and conversations. What fell
// due since the end of the last room is made up for at once.
func Open(ctx context.Context, s *store.Store, o Options) (*Room, error) {
	r := &Room{store: s, options: o.withDefaults(), offices: map[string]*office{}, runs: map[string]*run{}}
	if err := checkSpeed(r.options.Speed); err != nil {
		return nil, err
	}
	r.life, r.end = context.WithCancel(context.Background())
	r.roster.timers = map[*time.Timer]struct{}{}
	r.hand.talks, r.hand.presences, r.hand.seed = map[string]*handmade{}, map[string]string{}, newSeed()
	subscriptions, err := s.Subscriptions(ctx)
	if err == nil {
		err = r.recall(ctx)
	}
	if err != nil {
		r.end()
		return nil, err
	}
	r.intake, r.journal = newIntake(r), newJournal(r)
	go r.intake.work()
	go r.journal.work()
	r.roster.mu.Lock()
	r.roster.exist = map[string]bool{}
	for _, sub := range subscriptions {
		r.roster.exist[sub.ID] = true
	}
	r.takeEffect(subscriptions)
	r.roster.mu.Unlock()
	if err := r.goOn(ctx); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// goOn lets the runs of the store go on.
func (r *Room) goOn(ctx context.Context) error {
	runs, err := r.store.Runs(ctx, true)
	if err != nil {
		return err
	}
	for _, run := range runs {
		name := run.Name
		p, err := r.build(ctx, name+".yaml", &run)
		if err != nil { // what it names is gone, or this version of ringback reads it otherwise
			run.Name, run.State, run.Error, run.Ended = name, store.RunFailed, "it cannot go on: "+err.Error(), time.Now().UTC()
			if err := r.store.SaveRun(ctx, run); err != nil {
				return err
			}
			continue
		}
		r.newGoing(run, p).begin()
	}
	return nil
}

// Finish lets no attempt begin any more and waits until those in flight have their answer, or
// ctx ends. What then remains to be done is kept, as ever. Close it afterwards.
func (r *Room) Finish(ctx context.Context) {
	r.mu.Lock()
	for _, o := range r.offices {
		o.rest()
	}
	r.mu.Unlock()
	done := make(chan struct{})
	go func() {
		r.flight.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// Close ends all goroutines; what is in flight is cut off and tried again after the next Open.
// It does not close the store.
func (r *Room) Close() error {
	r.once.Do(func() {
		r.end()
		r.roster.mu.Lock()
		for timer := range r.roster.timers {
			timer.Stop()
		}
		clear(r.roster.timers)
		r.roster.mu.Unlock()
		r.endRuns()
		<-r.intake.ended
		r.mu.Lock()
		offices := r.offices
		r.offices = map[string]*office{}
		r.mu.Unlock()
		for _, o := range offices {
			o.stop()
		}
		for _, o := range offices {
			o.wait()
		}
		r.journal.flush() // what it calls may begin short work
		r.tidy.Wait()
		close(r.journal.in)
		<-r.journal.ended
	})
	return nil
}

// endRuns ends the goroutines of all runs, and returns the runs.
func (r *Room) endRuns() (all []*run) {
	r.mu.Lock()
	for _, g := range r.runs {
		all = append(all, g)
	}
	r.mu.Unlock()
	for _, g := range all {
		g.end()
	}
	for _, g := range all {
		<-g.over
	}
	return all
}

// Reset ends all runs and conversations, and forgets notifications and deliveries. What is in
// flight is cut off. Subscriptions stay, and armed faults go.
func (r *Room) Reset(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx) // once it is begun, a client that leaves changes nothing
	for _, g := range r.endRuns() {
		g.finish(store.RunStopped, "")
	}
	r.hand.mu.Lock() // no step meanwhile
	defer r.hand.mu.Unlock()
	if err := r.intake.flush(ctx); err != nil {
		return err
	}
	r.roster.mu.Lock() // no change of subscriptions meanwhile
	defer r.roster.mu.Unlock()
	r.mu.Lock()
	offices := r.offices
	r.offices = map[string]*office{}
	r.mu.Unlock()
	for _, o := range offices {
		o.stop()
	}
	for _, o := range offices {
		o.wait()
	}
	r.journal.flush()
	err := r.store.Reset(ctx)
	clear(r.hand.talks)
	for _, name := range names() {
		if r.hand.presences[name] != "" {
			r.hand.presences[name] = ""
			if fault := r.store.Set(ctx, settingPresence+name, ""); fault != nil && err == nil {
				err = fault
			}
		}
	}
	r.floor.clear()
	r.Disarm()
	for _, s := range r.roster.effective() {
		r.office(s)
	}
	r.bell.ring("reset", struct{}{})
	return err
}

// trouble logs what nobody else is told of.
func (r *Room) trouble(what string, err error) { r.options.Log.Error(what, "error", err) }

// newID is a KSUID of the second of now.
func newID(now time.Time) string {
	id := seeded.From(newSeed()).With(newSeed()).KSUID(now)
	return string(id[:])
}
