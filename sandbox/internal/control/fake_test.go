package control

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// fakeEngine is an engine in which everything works and nothing is sent. It records its calls.
type fakeEngine struct {
	waiting int // attempts that wait for a connection
	store   *store.Store

	mu       sync.Mutex
	changes  int
	plays    []engine.Play
	lives    []engine.Live
	injected []engine.InjectedFault
	presence string
	storage  engine.Storage
	resent   []string
	messages chan engine.Message // of Listen
	err      error               // of the next thing that is done
}

var _ Engine = (*fakeEngine)(nil)

func (f *fakeEngine) Storage() engine.Storage { return f.storage }

func (f *fakeEngine) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.err
	f.err = nil
	return err
}

func (f *fakeEngine) StartRun(ctx context.Context, p engine.Play) (store.Run, error) {
	if err := f.failure(); err != nil {
		return store.Run{}, err
	}
	f.mu.Lock()
	f.plays = append(f.plays, p)
	id := fmt.Sprintf("run-%d", len(f.plays))
	f.mu.Unlock()
	now := time.Now().UTC()
	r := store.Run{ID: id, Name: p.Name, Source: p.Source, Options: p.Options, State: store.RunGoing, Start: now, Base: now, Speed: p.Speed, Created: now}
	if p.Seed != nil {
		r.Seed = *p.Seed
	}
	return r, f.store.SaveRun(ctx, r)
}

func (f *fakeEngine) change(ctx context.Context, id string, change func(*store.Run)) (store.Run, error) {
	if err := f.failure(); err != nil {
		return store.Run{}, err
	}
	r, err := f.store.Run(ctx, id)
	if err != nil {
		return store.Run{}, err
	}
	if r.State == store.RunStopped {
		return store.Run{}, engine.ErrEnded
	}
	change(&r)
	return r, f.store.SaveRun(ctx, r)
}

func (f *fakeEngine) PauseRun(ctx context.Context, id string) (store.Run, error) {
	return f.change(ctx, id, func(r *store.Run) { r.State = store.RunPaused })
}

func (f *fakeEngine) ResumeRun(ctx context.Context, id string) (store.Run, error) {
	return f.change(ctx, id, func(r *store.Run) { r.State = store.RunGoing })
}

func (f *fakeEngine) StopRun(ctx context.Context, id string) (store.Run, error) {
	return f.change(ctx, id, func(r *store.Run) { r.State = store.RunStopped })
}

func (f *fakeEngine) SetRunSpeed(ctx context.Context, id string, speed float64) (store.Run, error) {
	return f.change(ctx, id, func(r *store.Run) { r.Speed = speed })
}

// Settled waits until somebody ends the run.
func (f *fakeEngine) Settled(ctx context.Context, id string) (store.Run, error) {
	for {
		run, err := f.store.Run(ctx, id)
		if err != nil || !run.Ended.IsZero() {
			return run, err
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return run, ctx.Err()
		}
	}
}

func (f *fakeEngine) Truth(_ context.Context, _ store.Run, most int) ([]plan.ChannelTruth, uint64, error) {
	from := time.Date(2025, time.March, 3, 9, 0, 0, 0, time.UTC)
	return []plan.ChannelTruth{{Name: "caller", ConversationID: "CON-1", InteractionID: "i", ChannelID: "c", Role: event.External, Phase: lifecycle.Ended, Notifications: 3,
		Stays: []plan.Stay{{Phase: lifecycle.Connected, From: from, To: from.Add(time.Minute)}, {Phase: lifecycle.Ended, From: from.Add(time.Minute)}}}}, 7, nil
}

func (f *fakeEngine) Begin(_ context.Context, o engine.Opening) (engine.Live, error) {
	if err := f.failure(); err != nil {
		return engine.Live{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	l := engine.Live{ID: fmt.Sprintf("live-%d", len(f.lives)+1), Medium: o.Medium, Began: time.Now().UTC(), Allowed: []engine.Allowed{},
		Channels: []engine.LiveChannel{{ID: "c", Party: o.From, Role: "external", Phase: "connected", Stays: []engine.Stay{}, Events: []engine.Event{}}}}
	f.lives = append(f.lives, l)
	return l, nil
}

func (f *fakeEngine) Do(_ context.Context, id string, s engine.Step) (engine.Live, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.lives, func(l engine.Live) bool { return l.ID == id })
	switch {
	case i < 0:
		return engine.Live{}, store.ErrNotFound
	case s.Step == "hold":
		return engine.Live{}, &engine.NotAllowed{Step: s.Step, Why: "nobody has answered", Allowed: []engine.Allowed{{Step: "ring", Agents: []string{"alice"}}}}
	}
	return f.lives[i], nil
}

func (f *fakeEngine) Conversations(limit int) []engine.Live {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.lives[:min(limit, len(f.lives))])
}

func (f *fakeEngine) Activity() engine.Activity {
	f.mu.Lock()
	defer f.mu.Unlock()
	return engine.Activity{Live: len(f.lives), Agents: map[string]int{"alice": 2}}
}

func (f *fakeEngine) Failing() engine.Failing {
	return engine.Failing{Retrying: 2, Down: 1, Subscriptions: []engine.FailingSubscription{
		{ID: "s", Name: "mine", Retrying: 2, Down: true, Since: time.Date(2026, 3, 2, 12, 3, 0, 0, time.UTC), Attempts: 5, Last: "503"}}}
}

func (f *fakeEngine) Agents() []engine.Agent {
	f.mu.Lock()
	defer f.mu.Unlock()
	return []engine.Agent{{Name: "alice", AgentID: "1001", UserID: "u", Presence: f.presence}}
}

func (f *fakeEngine) SetPresence(_ context.Context, agent, presence string) (engine.Agent, error) {
	f.mu.Lock()
	f.presence = presence
	f.mu.Unlock()
	return f.Agents()[0], nil
}

func (f *fakeEngine) Resend(ctx context.Context, all []store.Again, kind string) (again []store.Delivery, err error) {
	if err := f.failure(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	for _, a := range all {
		f.resent = append(f.resent, fmt.Sprintf("%d %s %s", a.Notification, a.Subscription, kind))
	}
	f.mu.Unlock()
	made, err := f.store.Redeliver(ctx, all, kind, time.Now())
	for _, d := range made {
		again = append(again, d.Delivery)
	}
	return again, err
}

func (f *fakeEngine) InjectFault(a engine.InjectedFault) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.injected = append(f.injected, a)
	return nil
}

func (f *fakeEngine) InjectedFaults() []engine.InjectedFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.injected
}
func (f *fakeEngine) ClearFaults() { f.mu.Lock(); defer f.mu.Unlock(); f.injected = nil }

func (f *fakeEngine) Listen(context.Context) <-chan engine.Message { return f.messages }

func (f *fakeEngine) Together() engine.Together {
	return engine.Together{MostOfConversation: 7, MostOfChannel: 4}
}

func (f *fakeEngine) Connections() engine.Connections {
	return engine.Connections{Open: 12, Idle: 2, Most: 12, Waiting: f.waiting, Waited: 40, FileLimit: 24}
}

func (f *fakeEngine) Reset(ctx context.Context) error { return f.store.Reset(ctx) }

func (f *fakeEngine) Try(ctx context.Context, subscription string) (int, string, error) {
	if _, err := f.store.Subscription(ctx, subscription); err != nil {
		return 0, "", err
	}
	return 200, "", nil
}
