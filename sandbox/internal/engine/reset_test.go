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

// cutOff is a consumer that accepts what is cut off, behind something that happens in that moment.
type cutOff struct {
	begun chan struct{}
	then  func() // once

	mu       sync.Mutex
	accepted map[string]int // by body
}

func (c *cutOff) Send(ctx context.Context, r *emitter.Request) emitter.Answer {
	c.mu.Lock()
	then := c.then
	c.then = nil
	c.mu.Unlock()
	if then != nil {
		close(c.begun)
		<-ctx.Done()
		then()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accepted[string(r.Body)]++
	return emitter.Answer{Status: 200}
}

// A store that fails in the midst of a reset fails the reset, and nothing else: what is accepted is delivered once the store
// can be written again, and the next reset succeeds.
func TestAResetMeetsTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)))
		consumer := &cutOff{begun: make(chan struct{}), accepted: map[string]int{}}
		dir := memoryFolder(t)
		path, away := filepath.Join(dir, "f"), filepath.Join(dir, "away")
		consumer.then = func() {
			if err := os.Rename(path, away); err != nil {
				t.Error(err)
			}
		}
		s, e := boundedAt(t, path, 1<<20, consumer)
		defer s.Close()
		defer e.Close()
		ctx := t.Context()
		live, err := e.Begin(ctx, Opening{Medium: "call", From: "customer"})
		if err != nil {
			t.Fatal(err)
		}
		<-consumer.begun
		before, _ := s.Counts()
		failed := make(chan error, 1)
		go func() { failed <- e.Reset(ctx) }()
		select {
		case err = <-failed:
		case <-time.After(time.Minute):
			t.Error("it does not end")
			e.end() // which ends it
			<-failed
			return
		}
		if trouble, ok := errors.AsType[*store.Trouble](err); !ok || trouble.Kind != store.Moved {
			t.Errorf("the reset: %v", err)
		}
		if now, _ := s.Counts(); now != before || len(e.Conversations(0)) != 1 || e.Conversations(0)[0].ID != live.ID {
			t.Errorf("%d notifications are left of %d, and the conversations %+v", now, before, e.Conversations(0))
		}
		if err := e.Reset(ctx); !inTrouble(err) {
			t.Errorf("another reset: %v", err)
		}
		if err := os.Rename(away, path); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if _, states := s.Counts(); states[store.Delivered] != before || len(consumer.accepted) != int(before) {
			t.Errorf("of %d notifications the consumer has %d, and the store says %v", before, len(consumer.accepted), states)
		}
		if err := e.Reset(ctx); err != nil {
			t.Error(err)
		}
		if now, _ := s.Counts(); now != 0 || len(e.Conversations(0)) != 0 {
			t.Errorf("%d notifications are left, and the conversations %+v", now, e.Conversations(0))
		}
		if _, err := e.Begin(ctx, Opening{Medium: "call", From: "customer"}); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		if _, states := s.Counts(); states[store.Delivered] == 0 || states[store.Waiting] != 0 {
			t.Errorf("afterwards: %v", states)
		}
	})
}

// A reset that the store refuses at its first step has stopped no run.
func TestARefusedResetStopsNoRun(t *testing.T) {
	h := open(t, Options{sender: &outage{accepted: map[string]int{}}})
	run := h.play(Play{Name: "inbound-call-with-hold", Options: store.Playing{Count: 1000, Calls: "1/s"}})
	away := h.path + "-away"
	if err := os.Rename(h.path, away); err != nil {
		t.Fatal(err)
	}
	if err := h.engine.Reset(t.Context()); !inTrouble(err) {
		t.Errorf("the reset: %v", err)
	}
	h.engine.mu.Lock()
	g := h.engine.runs[run.ID]
	h.engine.mu.Unlock()
	if g == nil || g.life.Err() != nil {
		t.Error("the run has ended")
	}
	if err := os.Rename(away, h.path); err != nil {
		t.Fatal(err)
	}
	if err := h.store.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.engine.Reset(t.Context()); err != nil || g.life.Err() == nil {
		t.Errorf("the next reset: %v", err)
	}
}

// The engine ends for those who wait for the store, whatever they have locked.
func TestTheEndDoesNotWaitForAChange(t *testing.T) {
	h := open(t, Options{})
	e := h.engine
	e.registry.mu.Lock() // as a change has that waits until the store can be written
	closed := make(chan error, 1)
	go func() { closed <- e.Close() }()
	select {
	case <-e.life.Done():
	case <-time.After(patience):
		t.Error("the engine goes on")
	}
	e.registry.mu.Unlock()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := e.Reset(t.Context()); !errors.Is(err, errClosed) || !strings.Contains(err.Error(), "closing") {
		t.Errorf("a reset afterwards: %v", err)
	}
}
