package judge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
)

// outcome is the result of a part.
type outcome struct {
	rejected  string  // which responses are wrong
	different string  // how the state differs from the truth
	missing   aspects // which the state does not have, if it has none of those to compare
}

// play sends a part and judges responses and state.
func (e *examining) play(ctx context.Context, number uint64, c *check, p *part) (o outcome, err error) {
	planned, err := p.plan(e.Seed+number<<32, e.Start)
	if err != nil {
		return o, fmt.Errorf("check %s: %w", c.name, err)
	}
	if o.rejected, err = e.send(ctx, p, planned); err != nil || o.rejected != "" {
		return o, err
	}
	if c.restart {
		if err := e.Restart(ctx); err != nil {
			return o, fmt.Errorf("check %s: the consumer was not restarted: %w", c.name, err)
		}
	}
	if p.compare == 0 || e.client == nil {
		return o, nil
	}
	var missing aspects
	o.different = poll(ctx, e.Within, func(ctx context.Context) string {
		missing = 0
		for i := range planned.Conversations() {
			truth := planned.Truth(i)
			s, err := queryState(ctx, e.client, e.State, truth.Conversations[0])
			if err != nil {
				return err.Error()
			}
			different, absent := s.compare(&truth, p.only, p.compare)
			if different != "" {
				return different
			}
			missing |= absent
		}
		return ""
	})
	if o.different == "" && missing == p.compare {
		o.missing = missing
	}
	return o, nil
}

// plan plans a part.
func (p *part) plan(seed uint64, start time.Time) (*plan.Plan, error) {
	sc, err := scenario.Parse("check.yaml", []byte(p.story))
	if err != nil {
		return nil, err
	}
	o := plan.Options{Seed: seed, Start: start, Versions: p.versions, Count: p.count}
	if p.assume != "" {
		name, value, _ := strings.Cut(p.assume, "=")
		if err := o.Assume.Change(name, value); err != nil {
			return nil, err
		}
	}
	if p.fault != fault.None {
		o.Faults = []scenario.FaultRule{{Kind: p.fault, Rate: 1}}
	}
	return plan.New(sc, o)
}

// notifications returns what is sent of a plan, in the order in which it is sent.
func (p *part) notifications(planned *plan.Plan) []plan.Notification {
	var all []plan.Notification
	for n := range planned.Notifications() {
		if (p.only == "" || n.Name == p.only) && (p.first == 0 || len(all) < p.first) {
			all = append(all, n)
		}
	}
	return p.arrange.apply(all)
}

// maxRejected is how many wrong responses a detail names.
const maxRejected = 3

// send sends a part as fast as the consumer responds, and says which responses were wrong.
func (e *examining) send(ctx context.Context, p *part, planned *plan.Plan) (rejected string, err error) {
	var all []string
	more := 0
	em := e.Sending
	em.Targets, em.Speed, em.Timeout, em.RetryFor, em.Patience = []emitter.Target{e.Target}, emitter.Max, e.Timeout, -1, e.Timeout
	em.ContentType = cmp.Or(p.media, em.ContentType)
	em.On = func(a *emitter.Attempt) error {
		switch text := p.problem(a); {
		case text == "":
		case len(all) < maxRejected && !slices.Contains(all, text):
			all = append(all, text)
		default:
			more++
		}
		return nil
	}
	if p.retry {
		em.RetryFor = time.Minute
	}
	if _, err = em.Run(ctx, time.Now(), slices.Values(p.notifications(planned))); err != nil {
		return "", err
	}
	if more > 0 {
		all = append(all, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(all, "; "), nil
}

// problem says what is wrong with the response to an attempt; empty if nothing is.
func (p *part) problem(a *emitter.Attempt) string {
	right := slices.Contains([]emitter.Outcome{emitter.Accepted, emitter.Refused, emitter.Retrying, emitter.Dropped}, a.Outcome)
	if right || a.Status >= 200 && a.Status <= p.upTo {
		return ""
	}
	return fmt.Sprintf("%s of %s: %s", a.Notification.Type(), a.Notification.Name, a.Failure.Text)
}

// arrangement changes the order in which the notifications of a conversation are sent. Those
// with one timestamp are an instant.
type arrangement func(instants [][]plan.Notification) [][]plan.Notification

// backwards sends the last instant first.
func backwards(all [][]plan.Notification) [][]plan.Notification {
	slices.Reverse(all)
	return all
}

// insideOut sends the last instant, the first, the last but one, the second …
func insideOut(all [][]plan.Notification) [][]plan.Notification {
	var out [][]plan.Notification
	for low, high := 0, len(all)-1; low <= high; low, high = low+1, high-1 {
		out = append(out, all[high])
		if low < high {
			out = append(out, all[low])
		}
	}
	return out
}

// oneLate sends the second instant long after all others, as a retry would.
func oneLate(all [][]plan.Notification) [][]plan.Notification {
	if len(all) < 2 {
		return all
	}
	return append(slices.Delete(slices.Clone(all), 1, 2), all[1])
}

// swapped keeps the order of the instants, and reverses each of them.
func swapped(all [][]plan.Notification) [][]plan.Notification {
	for _, instant := range all {
		slices.Reverse(instant)
	}
	return all
}

// apply arranges notifications, which are in the order in which they happened.
func (a arrangement) apply(notes []plan.Notification) []plan.Notification {
	if a == nil {
		return notes
	}
	var instants [][]plan.Notification
	for i := range notes {
		if i == 0 || notes[i].At != notes[i-1].At {
			instants = append(instants, nil)
		}
		last := &instants[len(instants)-1]
		*last = append(*last, notes[i])
	}
	return slices.Concat(a(instants)...)
}
