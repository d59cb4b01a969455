package emitter_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// ending is a way in which a run may end.
type ending struct {
	name string
	to   func() *sender
	e    emitter.Emitter
	stop bool // after some rows, by Drain
	cut  bool // after some rows, by the context
	fail bool // after some rows, by an error of On

	seen []emitter.Outcome // among its rows are these
}

var endings = []ending{
	{name: "the plan is played", to: func() *sender { return always(200) }, seen: []emitter.Outcome{emitter.Accepted, emitter.Dropped}},
	{name: "drained", to: func() *sender { return always(500) }, stop: true, seen: []emitter.Outcome{emitter.Retrying, emitter.Undelivered}},
	{name: "cut off", to: func() *sender { return always(500) }, cut: true, seen: []emitter.Outcome{emitter.Retrying, emitter.Undelivered}},
	{name: "an error of On", to: func() *sender { return always(200) }, fail: true},
	{name: "nobody is there", to: dead, e: emitter.Emitter{Patience: time.Millisecond, Speed: 1000}, seen: []emitter.Outcome{emitter.GivenUp}},
	{name: "too much waits", to: func() *sender { return always(500) }, e: emitter.Emitter{Speed: 1000, Waiting: 10, RetryFor: time.Minute}, seen: []emitter.Outcome{emitter.NotSent, emitter.GivenUp}},
	{name: "retries end", to: func() *sender { return always(500) }, e: emitter.Emitter{RetryFor: time.Minute}, seen: []emitter.Outcome{emitter.Retrying, emitter.GivenUp}},
}

// run plays 200 notifications, one of them dropped on purpose, and calls each for every row.
func (x *ending) run(t *testing.T, c *emitter.Control, each func(*emitter.Attempt)) {
	t.Helper()
	drain := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed, rows := errors.New("enough"), 0
	e := x.e
	e.Targets, e.Control, e.Drain, e.Connections = to(x.to()), c, drain, 4
	if e.Speed == 0 {
		e.Speed = emitter.Max
	}
	e.On = func(a *emitter.Attempt) error {
		each(a)
		if rows++; rows != 50 {
			return nil
		}
		switch {
		case x.stop:
			close(drain)
		case x.cut:
			cancel()
		case x.fail:
			return failed
		}
		return nil
	}
	all := notes(200, 0)
	all[3].Fault = fault.Drop
	result, err := e.Run(ctx, time.Now(), slices.Values(all))
	if total := result.Total(); err == nil && total.Accepted+total.GivenUp+total.NotSent+total.Undelivered+total.Dropped != total.Matched {
		t.Errorf("%+v does not add up", total)
	}
	if want := x.cut || x.fail; want != (err != nil) {
		t.Errorf("Run: %v, want an error: %v", err, want)
	}
}

// The race detector looks at this: while a run ends, its figures are still read.
func TestARunMayBeWatchedWhileItEnds(t *testing.T) {
	for _, x := range endings {
		t.Run(x.name, func(t *testing.T) {
			for range 10 {
				c, over := emitter.NewControl(), make(chan struct{})
				var watching sync.WaitGroup
				watching.Go(func() {
					for s := c.Snapshot(); !s.Ended; s = c.Snapshot() {
						select {
						case <-over:
							return
						default:
						}
					}
				})
				x.run(t, c, func(*emitter.Attempt) {})
				close(over)
				watching.Wait()
				if s := c.Snapshot(); !s.Ended || s.Waiting+s.InFlight+s.Retrying != 0 {
					t.Errorf("at the end: %+v", s)
				}
			}
		})
	}
}

// On may use the Control, whatever the row is about, while others use it, too. A deadlock
// ends the bubble with a panic.
func TestOnMayUseTheControl(t *testing.T) {
	for _, x := range endings {
		t.Run(x.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, outcomes, over := emitter.NewControl(), map[emitter.Outcome]bool{}, make(chan struct{})
				var others sync.WaitGroup
				for range 3 {
					others.Go(func() {
						for tick := time.NewTicker(time.Millisecond); ; <-tick.C {
							select {
							case <-over:
								tick.Stop()
								return
							default:
								c.Snapshot()
								c.Resume()
							}
						}
					})
				}
				x.run(t, c, func(a *emitter.Attempt) {
					outcomes[a.Outcome] = true
					if s := c.Snapshot(); s.Ended {
						t.Errorf("in row %d/%d the run is over already", a.Notification.Seq, a.Number)
					}
					c.Pause()
					_ = c.SetSpeed(1000) // an error at speed Max
					c.Resume()
				})
				close(over)
				others.Wait()
				for _, o := range x.seen {
					if !outcomes[o] {
						t.Errorf("no row says %s: %v", o, outcomes)
					}
				}
			})
		})
	}
}

// A row is counted before On hears of it.
func TestOnSeesItsOwnRowCounted(t *testing.T) {
	c, n := emitter.NewControl(), uint64(0)
	e := emitter.Emitter{Targets: to(always(200)), Control: c, Speed: emitter.Max, Connections: 3, On: func(a *emitter.Attempt) error {
		if n++; c.Snapshot().Total.Accepted < n {
			return fmt.Errorf("row %d is not counted", n)
		}
		return nil
	}}
	play(t, &e, []plan.Notification{note(0, 0, 0), note(1, 1, 0), note(2, 2, 0)})
}

// A look that falls into the moment in which the run adds up what came of it: it begins before
// the last figure is written, and ends after that. This too is for the race detector, which
// needs no luck here.
func TestARunMayBeWatchedWhileItAddsUp(t *testing.T) {
	c, s := emitter.NewControl(), &counted{sender: always(200)}
	var looking sync.WaitGroup
	s.asked = sync.OnceFunc(func() { looking.Go(func() { c.Snapshot() }) })
	play(t, &emitter.Emitter{Targets: to(s), Control: c, Speed: emitter.Max}, notes(1, 0))
	looking.Wait()
}

// counted tells when the result asks how many connections it opened.
type counted struct {
	*sender
	asked func()
}

func (s *counted) Dials() uint64 {
	s.asked()
	return 1
}
