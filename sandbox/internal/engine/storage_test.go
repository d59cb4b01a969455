package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// outage is a consumer that answers 503 until it recovers.
type outage struct {
	mu       sync.Mutex
	over     bool
	attempts int
	accepted map[string]int // by body
}

func (o *outage) Send(_ context.Context, r *emitter.Request) emitter.Answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.attempts++
	if !o.over {
		return emitter.Answer{Status: 503, Excerpt: []byte(strings.Repeat("busy ", 51))}
	}
	o.accepted[string(r.Body)]++
	return emitter.Answer{Status: 200}
}

func (o *outage) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = true
}

// memoryFolder is a folder in memory where the system has one: tests with many transactions need
// not wait for a disk.
func memoryFolder(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "ringback-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// bounded opens an engine with one subscription on a small state.
func bounded(t *testing.T, most int64, sender emitter.Sender) (*store.Store, *Engine) {
	t.Helper()
	return boundedAt(t, filepath.Join(memoryFolder(t), "f"), most, sender)
}

func boundedAt(t *testing.T, path string, most int64, sender emitter.Sender) (*store.Store, *Engine) {
	t.Helper()
	s, err := store.Open(path, store.Options{KeepMost: most})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if err := s.CreateSubscription(t.Context(), store.Subscription{ID: "s", Name: "the s", URL: "http://127.0.0.1:9/", Events: []string{"*"},
		Enabled: true, Secret: secret("s"), Created: now, Changed: now}); err != nil {
		t.Fatal(err)
	}
	e, err := Open(t.Context(), s, Options{sender: sender})
	if err != nil {
		t.Fatal(err)
	}
	return s, e
}

// A consumer that is dead for hours costs no more than the limit: runs wait, and say why; what was
// accepted is delivered when it answers again, and what was planned, after it.
func TestADeadConsumerFillsNoDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))) // notification IDs can hold no year 2000
		const most, calls = 1 << 20, 30
		consumer := &outage{accepted: map[string]int{}}
		s, e := bounded(t, most, consumer)
		defer s.Close()
		defer e.Close()
		within := func() {
			t.Helper()
			if now := e.Storage(); now.Bytes > most || now.Most != most {
				t.Fatalf("the files have %d bytes, want at most %d", now.Bytes, most)
			}
		}
		messages := e.Listen(t.Context())
		seed := uint64(7)
		run, err := e.StartRun(t.Context(), Play{Name: "inbound-call-with-hold", Seed: &seed, Options: store.Playing{Count: calls, Calls: "1/s"}})
		if err != nil {
			t.Fatal(err)
		}
		for range 45 {
			time.Sleep(time.Minute)
			within()
		}
		now := e.Storage()
		if now.Status != string(store.OverLimit) || !now.Paused || !strings.Contains(now.Reason, "waiting deliveries; new work is accepted again when there is space") {
			t.Fatalf("after 45 minutes the storage is %+v", now)
		}
		stored, err := s.Run(t.Context(), run.ID)
		if err != nil || stored.State != store.RunGoing || stored.Position == 0 || stored.Position >= calls*number {
			t.Errorf("the run is %s at %d of %d, %v", stored.State, stored.Position, calls*number, err)
		}
		_, waiting := s.Counts()
		if waiting[store.Waiting] != int64(stored.Position) {
			t.Errorf("%d deliveries wait of %d notifications", waiting[store.Waiting], stored.Position)
		}
		_, err = e.Begin(t.Context(), Opening{})
		if trouble, ok := errors.AsType[*store.Trouble](err); !ok || trouble.Kind != store.OverLimit {
			t.Errorf("a conversation by hand: %v", err)
		}
		announced := false
		for len(messages) > 0 {
			m := <-messages
			if told, ok := m.Data.(Storage); m.Kind == "storage" && ok && told.Paused {
				announced = true
			}
		}
		if !announced && len(messages) < mostUnread {
			t.Log("listeners were too slow to be told") // they missed messages, and load the state again
		}
		consumer.end()
		for state := store.RunGoing; state == store.RunGoing; {
			time.Sleep(time.Minute)
			within()
			if stored, err = s.Run(t.Context(), run.ID); errors.Is(err, store.ErrNotFound) {
				break // it ended, and was deleted to make space
			}
			state = stored.State
		}
		for n := int64(1); n > 0; {
			time.Sleep(time.Minute)
			_, counts := s.Counts()
			n = counts[store.Waiting]
		}
		if len(consumer.accepted) != calls*number {
			t.Errorf("%d notifications were accepted, want %d", len(consumer.accepted), calls*number)
		}
		for body, times := range consumer.accepted {
			if times != 1 {
				t.Errorf("delivered %d times: %s", times, body)
			}
		}
		if now := e.Storage(); now.Paused {
			t.Errorf("in the end the storage is %+v", now)
		}
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
		t.Logf("%d attempts", consumer.attempts)
	})
}

// Who has too much waiting can give it up: by deleting the subscription, or by a reset.
func TestWaysOutOfTheLimit(t *testing.T) {
	for name, leave := range map[string]func(ctx context.Context, s *store.Store, e *Engine) error{
		"reset": func(ctx context.Context, _ *store.Store, e *Engine) error { return e.Reset(ctx) },
		"a deleted subscription": func(ctx context.Context, s *store.Store, e *Engine) error {
			defer e.SubscriptionsChanged()
			return s.DeleteSubscription(ctx, "s")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)))
				s, e := bounded(t, 1<<20, &outage{accepted: map[string]int{}})
				defer s.Close()
				defer e.Close()
				ctx, seed := t.Context(), uint64(7)
				run, err := e.StartRun(ctx, Play{Name: "inbound-call-with-hold", Seed: &seed, Options: store.Playing{Count: 100, Calls: "2/s"}})
				if err != nil {
					t.Fatal(err)
				}
				for n := 0; !e.Storage().Paused; n++ {
					if time.Sleep(time.Second); n > 1000 {
						t.Fatal("the limit is never reached")
					}
				}
				if _, err := e.StartRun(ctx, Play{Name: "inbound-call"}); !inTrouble(err) {
					t.Errorf("another run: %v", err)
				}
				if stopped, err := e.StopRun(ctx, run.ID); err != nil || stopped.State != store.RunStopped {
					t.Errorf("stopping: %s, %v", stopped.State, err)
				}
				notifications, _ := s.Counts()
				time.Sleep(time.Minute)
				if now, _ := s.Counts(); now != notifications {
					t.Errorf("%d notifications after the run was stopped, then %d", notifications, now)
				}
				if err := leave(ctx, s, e); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				if now := e.Storage(); now.Paused {
					t.Errorf("the storage is %+v", now)
				}
				if _, err := e.StartRun(ctx, Play{Name: "inbound-call"}); err != nil {
					t.Error(err)
				}
				if err := s.Check(ctx); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A lock was waited for in vain, for seconds: the next try does not wait twenty times as long.
func TestALockIsTriedAgainSoon(t *testing.T) {
	for _, tt := range []struct {
		trouble    *store.Trouble
		took, want time.Duration
	}{
		{&store.Trouble{Kind: store.Locked}, 5 * time.Second, time.Second},
		{&store.Trouble{Kind: store.DiskFull}, 5 * time.Second, 100 * time.Second},
		{&store.Trouble{Kind: store.DiskFull}, time.Millisecond, time.Second},
		{nil, 2 * time.Second, 40 * time.Second},
	} {
		if got := pauseAfter(tt.trouble, tt.took); got != tt.want {
			t.Errorf("%v after %s: %s, want %s", tt.trouble, tt.took, got, tt.want)
		}
	}
}
