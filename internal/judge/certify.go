package judge

import (
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

	// State is the URL at which the consumer tells what it knows of a conversation, as JSON,
	// with {conversationId} in the place of the identifier. Empty: it cannot be asked, and
	// checks that need its state are skipped.
	State string

	// Within is how long after the last answer the state may need to become right; 0 means
	// 2 s. It is real time.
	Within time.Duration

	// Timeout is how long the consumer may take for an answer; 0 means 10 s.
	Timeout time.Duration

	// SignaturePrefix stands before the token, and Success says which statuses accept; these
	// are the assumptions of those names.
	SignaturePrefix string
	Success         emitter.Success

	// Restart kills the consumer without a warning and starts it again. Nil: checks that
	// need it are skipped.
	Restart func(context.Context) error

	// Seed and Start make the notifications. Two examinations of one consumer with the same
	// seed and start send the same identifiers twice, which a consumer may rightly ignore.
	Seed  uint64
	Start time.Time

	// Only names the checks to make, and those that they need are made as well; empty means
	// all.
	Only []string

	// On is called for each finding, in order. Nil does nothing.
	On func(Finding)
}

// Check reports what is wrong with the settings. Run makes the same check.
func (x *Examination) Check() error {
	if x.State != "" {
		if !strings.Contains(x.State, Placeholder) {
			return fmt.Errorf("the state URL has no %s in it, want one like http://127.0.0.1:8080/calls/%s", Placeholder, Placeholder)
		}
		t := x.asked()
		if err := t.Check(); err != nil {
			return fmt.Errorf("state: %w", err)
		}
	}
	var known []string
	for _, c := range checks() {
		known = append(known, c.name)
	}
	for _, name := range x.Only {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown check %q%s", name, nearest.DidYouMean(name, known))
		}
	}
	e := emitter.Emitter{Targets: []emitter.Target{x.Target}}
	return e.Check()
}

// asked is the place of the state under the rules of the target.
func (x *Examination) asked() emitter.Target {
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
	if full.Within == 0 {
		full.Within = DefaultWithin
	}
	if full.Timeout == 0 {
		full.Timeout = DefaultTimeout
	}
	e := &examining{Examination: &full, verdicts: map[string]Verdict{}}
	if x.State != "" {
		t := x.asked()
		client, done, err := t.Client(full.Timeout)
		if err != nil {
			return nil, err
		}
		defer done()
		e.client = client
	}
	wanted := wantedChecks(x.Only)
	for i, c := range checks() {
		if !wanted[c.name] {
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

// wantedChecks are those of the names, and those that they need.
func wantedChecks(only []string) map[string]bool {
	wanted := map[string]bool{}
	all := checks()
	for i := len(all) - 1; i >= 0; i-- { // what is needed stands before what needs it
		c := &all[i]
		if len(only) == 0 || slices.Contains(only, c.name) {
			wanted[c.name] = true
		}
		if wanted[c.name] {
			for _, n := range c.needs {
				wanted[n] = true
			}
		}
	}
	return wanted
}

// examining is one run of an examination.
type examining struct {
	*Examination
	client   *http.Client // nil if there is no state to ask for
	verdicts map[string]Verdict
	findings []Finding
}

// check makes one check.
func (e *examining) check(ctx context.Context, index uint64, c *check) (Finding, error) {
	f := Finding{Check: c.name, Want: c.want, Verdict: Skipped}
	for _, name := range c.needs {
		if e.verdicts[name] != OK {
			f.Detail = fmt.Sprintf("it says nothing as long as %s is not ok", name)
			return f, nil
		}
	}
	switch {
	case c.after && e.Restart == nil:
		f.Detail = "it needs a command that restarts the consumer"
		return f, nil
	case c.needsState() && e.client == nil:
		f.Detail = "it needs a URL at which the consumer tells its state"
		return f, nil
	}
	f.Verdict = OK
	for i, p := range c.parts {
		o, err := e.play(ctx, index<<8|uint64(i), c, &p)
		if err != nil {
			return f, err
		}
		if o.wrong != "" {
			f.Verdict, f.Reason, f.Detail = Failed, c.reason, o.wrong
			return f, nil
		}
		if o.silent != "" {
			f.Verdict, f.Detail = Skipped, o.silent
		}
	}
	return f, nil
}

// needsState tells whether answers alone say nothing.
func (c *check) needsState() bool {
	only := interactions | agents | notifications
	p := c.parts[0]
	return c.after || p.judge&only != 0 && !p.retry || p.arrange != nil
}
