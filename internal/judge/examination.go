// Package judge finds out whether a consumer is correct, from its responses and from the state
// that it reports.
//
// An Examination plays short calls to a consumer, each with something that a correct consumer
// gets over, and returns one Finding for each check. A Checker compares what a consumer knows
// after a run with what the scenarios expect of it. Both compare with the truth of the plan,
// and query until the state is right or its time is over. Neither knows how the consumer works,
// and nothing is sent or run before all settings are known to be good.
package judge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/nearest"
)

// The values that zero fields of an Examination stand for.
const (
	DefaultWithin  = 2 * time.Second
	DefaultTimeout = emitter.DefaultTimeout
)

// Examination holds the settings of an examination. The zero values of all fields but
// Target are usable.
type Examination struct {
	// Target is the consumer: its URL, and the secret that it checks signatures with.
	Target emitter.Target

	// State is the URL that returns the consumer's state of a conversation as JSON, with
	// {conversationId} in the place of the identifier. Empty: checks that need the state are
	// skipped.
	State string

	// Within is how long after the last response the state may take to become right, in real
	// time; 0 means 2 s.
	Within time.Duration

	// Timeout is the time limit for a response; 0 means 10 s.
	Timeout time.Duration

	// Sending says how requests are made and responses are read; its assumptions matter.
	Sending emitter.Emitter

	// Restart kills the consumer without a warning and starts it again. Nil: checks that
	// need it are skipped.
	Restart func(context.Context) error

	// Seed and Start make the notifications. Two examinations of one consumer with the same
	// seed and start send the same identifiers twice, which a consumer may rightly ignore.
	Seed  uint64
	Start time.Time

	// Only names the checks to make; checks that they depend on are made as well. Empty means
	// all.
	Only []string

	// On is called for each finding, in order. Nil does nothing.
	On func(Finding)
}

// Verdict is the result of a check.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"
	Failed  Verdict = "failed"
	Skipped Verdict = "skipped" // it could not be judged; see Detail
)

// Finding is the result of one check, and what led to it.
type Finding struct {
	Check   string  `json:"check"` // its name
	Verdict Verdict `json:"verdict"`
	Want    string  `json:"want"`             // what a correct consumer does
	Reason  string  `json:"reason,omitempty"` // of a failure: what is wrong with this consumer
	Detail  string  `json:"detail,omitempty"` // what was seen, or why it was skipped
}

// Details of checks that were skipped because a setting is missing.
const (
	NeedsState   = "needs the consumer's state"
	NeedsRestart = "needs a restart of the consumer"
)

// Passed reports whether no check failed. Skipped ones do not count.
func Passed(all []Finding) bool {
	return !slices.ContainsFunc(all, func(f Finding) bool { return f.Verdict == Failed })
}

// Check finds what is wrong with the settings. Run makes the same check.
func (x *Examination) Check() error {
	if x.State != "" {
		if !strings.Contains(x.State, Placeholder) {
			return fmt.Errorf("the state URL has no %s in it, want one like http://127.0.0.1:8080/calls/%s", Placeholder, Placeholder)
		}
		t := x.stateTarget()
		if err := t.Check(); err != nil {
			return fmt.Errorf("state: %w", err)
		}
	}
	known := nearest.Names(checks(), func(c check) string { return c.name })
	for _, name := range x.Only {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown check %q%s", name, nearest.DidYouMean(name, known))
		}
	}
	e := x.Sending
	e.Targets = []emitter.Target{x.Target}
	return e.Check()
}

// stateTarget returns the target with the state URL in the place of its own: the same hosts
// are allowed, and the same certificates trusted.
func (x *Examination) stateTarget() emitter.Target {
	t := x.Target
	t.Name, t.URL, t.Sender = "", strings.ReplaceAll(x.State, Placeholder, "0"), nil
	return t
}

// Run makes the checks, one after the other. The error says why there are no findings, or
// that ctx ended; findings so far are then returned as well.
func (x *Examination) Run(ctx context.Context) ([]Finding, error) {
	if err := x.Check(); err != nil {
		return nil, err
	}
	full := *x
	full.Within, full.Timeout = cmp.Or(full.Within, DefaultWithin), cmp.Or(full.Timeout, DefaultTimeout)
	e := &examining{Examination: &full, verdicts: map[string]Verdict{}}
	if x.State != "" {
		t := x.stateTarget()
		client, done, err := t.Client(full.Timeout)
		if err != nil {
			return nil, err
		}
		defer done()
		e.client = client
	}
	selected := selectChecks(x.Only)
	for i, c := range checks() {
		if !selected[c.name] {
			continue
		}
		f, err := e.check(ctx, uint64(i), &c)
		if err = errors.Join(err, ctx.Err()); err != nil {
			return e.findings, err
		}
		e.verdicts[c.name] = f.Verdict
		e.findings = append(e.findings, f)
		if x.On != nil {
			x.On(f)
		}
	}
	return e.findings, nil
}

// examining is one run of an examination.
type examining struct {
	*Examination
	client   *http.Client // nil if there is no state to query
	verdicts map[string]Verdict
	findings []Finding
}

// check makes one check.
func (e *examining) check(ctx context.Context, index uint64, c *check) (Finding, error) {
	f := Finding{Check: c.name, Want: c.want, Verdict: Skipped}
	for _, name := range c.needs {
		if e.verdicts[name] != OK {
			f.Detail = "depends on " + name
			return f, nil
		}
	}
	switch {
	case c.restart && e.Restart == nil:
		f.Detail = NeedsRestart
		return f, nil
	case c.needsState() && e.client == nil:
		f.Detail = NeedsState
		return f, nil
	}
	f.Verdict = OK
	for i, p := range c.parts {
		o, err := e.play(ctx, index<<8|uint64(i), c, &p)
		switch {
		case err != nil:
			return f, err
		case o.rejected != "":
			f.Verdict, f.Reason, f.Detail = Failed, cmp.Or(c.rejected, c.reason), o.rejected
			return f, nil
		case o.different != "":
			f.Verdict, f.Reason, f.Detail = Failed, c.reason, o.different
			return f, nil
		case o.missing != 0:
			f.Verdict, f.Detail = Skipped, "the state does not have "+o.missing.String()
		}
	}
	return f, nil
}
