package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/scenario"
)

// mostPast is how long ago --at may be. What has been missed until then is made up for and
// counts as late; beyond it, somebody mistyped the moment, or a shard came too late to be of
// use to the others.
const mostPast = 10 * time.Second

// headStart is how long before its moment the emitter takes over: long enough to make the first
// notifications in advance, too short to distort the length of the run.
const headStart = 100 * time.Millisecond

// parseMoment reads the moment at which a run begins: a time, or what to add to now. An
// empty text is none. A shard wants a time: now is not the same moment in all of them.
func parseMoment(text string, now time.Time, sharded bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if wait, relative := strings.CutPrefix(text, "+"); relative {
		if sharded {
			return time.Time{}, usage("--at: %s is a different moment in each shard; give all shards the same time, such as %s", text, example(now))
		}
		d, err := settings.ParseDuration(wait)
		if long, _ := scenario.ReadDuration(wait); long > scenario.MaxSpan {
			return time.Time{}, usage("--at: %w", err)
		}
		if err != nil || d == 0 {
			return time.Time{}, usage("--at: want a time such as %s, or +30s from now, got %q", example(now), text)
		}
		return now.Add(d), nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, usage("--at: want a time such as %s, or +30s from now, got %q", example(now), text)
	}
	if past := now.Sub(at); past > mostPast {
		return time.Time{}, usage("--at: %s was %s ago, more than %s; give a later time", text, past.Round(time.Second), mostPast)
	}
	return at, nil
}

// example is a time that would do.
func example(now time.Time) string {
	return now.Add(time.Minute).UTC().Format("2006-01-02T15:04:05Z")
}

// settleAt reads --at. At speed 1 it is also the start of the plan, if none was given: what
// the bodies say of their sending is then true.
func (r *playing) settleAt(text string, s *playSettings) error {
	at, err := parseMoment(text, time.Now(), s.Shard.Of > 0)
	if err != nil || at.IsZero() {
		return err
	}
	r.start, r.awaited = at, true
	if s.Start.IsZero() && r.emitter.Speed == 1 {
		s.Start = at.UTC().Truncate(time.Millisecond)
		r.start = s.Start
	}
	return nil
}

// await waits for the moment of --at. The context that it returns has ended if a signal came
// first: then nothing begins, and still there is a report.
func (r *playing) await(ctx context.Context) context.Context {
	until := r.start
	if r.emitter.Speed < emitter.Max { // then the emitter waits for each notification itself
		until = until.Add(-headStart)
	}
	if !r.awaited || !time.Now().Before(until) {
		return ctx
	}
	if r.output != "quiet" {
		fmt.Fprintf(r.err, "waiting until %s, for %s\n", r.start.UTC().Format("2006-01-02T15:04:05.999Z"), time.Until(r.start).Round(100*time.Millisecond))
	}
	if waited(ctx, until, r.drain) {
		return ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

// waited waits for a moment and reports whether it has come: whether neither ctx nor drain
// ended the wait.
func waited(ctx context.Context, until time.Time, drain <-chan struct{}) bool {
	for {
		left := time.Until(until)
		if left <= 0 {
			return true
		}
		// In short steps, so that a clock that is set meanwhile is followed.
		select {
		case <-time.After(min(left, time.Second)):
		case <-drain:
			return false
		case <-ctx.Done():
			return false
		}
	}
}
