package judge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/expect"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
)

// outcome is what came of a part.
type outcome struct {
	wrong  string // what the consumer did or tells, if that is wrong
	silent string // why it could not be judged
}

// play sends a part and judges answers and state.
func (e *examining) play(ctx context.Context, number uint64, c *check, p *part) (outcome, error) {
	planned, err := p.plan(e.Seed+number<<32, e.Start)
	if err != nil {
		return outcome{}, fmt.Errorf("check %s: %w", c.name, err)
	}
	wrong, err := e.send(ctx, p, planned)
	if err != nil || wrong != "" {
		return outcome{wrong: wrong}, err
	}
	if c.after {
		if err := e.Restart(ctx); err != nil {
			return outcome{}, fmt.Errorf("check %s: the consumer was not restarted: %w", c.name, err)
		}
	}
	if p.judge == 0 || e.client == nil {
		return outcome{}, nil
	}
	var silent aspects
	wrong = expect.Poll(ctx, e.Within, func(ctx context.Context) string {
		silent = 0
		for i := range planned.Conversations() {
			truth := planned.Truth(i)
			text, quiet := e.told(ctx, &truth, p)
			if text != "" {
				return text
			}
			silent |= quiet
		}
		return ""
	})
	if wrong == "" && silent == p.judge {
		return outcome{silent: "the state does not tell " + silent.String()}, nil
	}
	return outcome{wrong: wrong}, nil
}

// told asks for the state of a conversation and compares it.
func (e *examining) told(ctx context.Context, truth *plan.Truth, p *part) (wrong string, silent aspects) {
	s, err := e.ask(ctx, e.client, truth.Conversations[0])
	if err != nil {
		return err.Error(), 0
	}
	return compare(&s, truth, p.only, p.judge)
}

// String lists the members of a state.
func (a aspects) String() string {
	var names []string
	for _, m := range members {
		if a&m.aspect != 0 {
			names = append(names, m.name)
		}
	}
	return strings.Join(names, " and ")
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

// notifications are what is sent of a plan, in the order in which it is sent.
func (p *part) notifications(planned *plan.Plan) []plan.Notification {
	var all []plan.Notification
	for n := range planned.Notifications() {
		if (p.only == "" || n.Name == p.only) && (p.first == 0 || len(all) < p.first) {
			all = append(all, n)
		}
	}
	return p.arrange.apply(all)
}

// mostFaults is how many wrong answers a detail names.
const mostFaults = 3

// send sends a part as fast as the consumer answers, and tells which answers were wrong.
func (e *examining) send(ctx context.Context, p *part, planned *plan.Plan) (wrong string, err error) {
	var faults []string
	more := 0
	em := emitter.Emitter{
		Targets: []emitter.Target{e.Target}, Speed: emitter.Max, Timeout: e.Timeout, RetryFor: -1, Patience: e.Timeout,
		SignaturePrefix: e.SignaturePrefix, Success: e.Success,
		On: func(a *emitter.Attempt) error {
			if text := p.wrongAnswer(a); text == "" {
				return nil
			} else if len(faults) < mostFaults && !slices.Contains(faults, text) {
				faults = append(faults, text)
			} else {
				more++
			}
			return nil
		},
	}
	if p.retry {
		em.RetryFor = time.Minute
	}
	if _, err = em.Run(ctx, time.Now(), slices.Values(p.notifications(planned))); err != nil {
		return "", err
	}
	if more > 0 {
		faults = append(faults, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(faults, "; "), nil
}

// wrongAnswer says what is wrong with an answer, if anything is.
func (p *part) wrongAnswer(a *emitter.Attempt) string {
	switch a.Outcome {
	case emitter.Accepted, emitter.Refused, emitter.Retrying, emitter.Dropped:
		return ""
	}
	if a.Status >= 200 && a.Status <= p.upTo {
		return ""
	}
	return fmt.Sprintf("%s of %s: %s", a.Notification.Type(), a.Notification.Name, a.Failure.Text)
}
