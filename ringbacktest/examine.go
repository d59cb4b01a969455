package ringbacktest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/profile"
	"github.com/ringback/ringback/internal/examine/render"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/waive"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/signature"
)

// Examination says how a consumer is examined. Its zero value sends everything with the development secret, for at most
// 2 min, and judges the answers alone.
type Examination struct {
	// All random choices come from Seed, identifiers too: a consumer that still has what an earlier test sent needs another.
	Seed uint64

	// Secret signs; empty means signature.DevelopmentSecret. NextSecret is one that the consumer accepts as well; empty
	// means that it knows none.
	Secret, NextSecret signature.Secret

	// Path is where the handler expects notifications; empty means /.
	Path string

	// State is the path at which the handler tells the state of a conversation, such as /calls/{conversationId}; see
	// docs/state.md. Empty: what only the state shows is not tested.
	State string

	// Restarted makes the consumer anew after a crash, from what it has stored. Nil: crashes are not tested.
	Restarted func() http.Handler

	Check   []string      // rules or trials; empty means all
	Repeat  int           // how often the first trial of Check is played at the most, until it goes wrong; 0 means once
	Profile string        // YAML: what the consumer claims; empty means everything
	Waivers string        // RULE=reason until YYYY-MM-DD, one a line
	Budget  time.Duration // the longest time; 0 means 2 min
	Late    time.Duration // how late the last duplicates come, as far as Budget allows; 0 means as late as all else takes
	Timeout time.Duration // the longest time for an answer; 0 means 10 s
	Settle  time.Duration // how long the state may take to become right; 0 means 2 s
}

// testBudget is how long an examination in a test takes at the most. It ends when everything is examined, which a busy machine makes late.
const testBudget = 2 * time.Minute

// Examine examines a handler with the zero Examination.
func Examine(t testing.TB, consumer http.Handler) {
	t.Helper()
	Examination{}.Examine(t, consumer)
}

// Examine serves the consumer on a loopback socket of its own, finds out what is wrong with it, and fails the test with a
// text about each finding: the cause, what was seen, and how to mend it. Settings that make no sense, and a
// consumer that accepts nothing, end the test. It logs what was not tested.
func (x Examination) Examine(t testing.TB, consumer http.Handler) {
	t.Helper()
	s, err := serve(consumer)
	if err != nil {
		t.Fatalf("ringbacktest: %v", err)
	}
	defer func() {
		t.Helper()
		for _, complaint := range s.stop() {
			t.Error("ringbacktest: " + complaint)
		}
	}()
	r, err := x.run(t.Context(), s)
	if err != nil {
		s.cut()
		t.Fatalf("ringbacktest: %v", err)
	}
	var b strings.Builder
	if err := r.WriteText(&b, show.ColoursFor(&b)); err != nil {
		t.Fatalf("ringbacktest: %v", err)
	}
	if !r.Passed {
		t.Errorf("ringbacktest: %s\n\n%s", r.Headline(), b.String())
		return
	}
	t.Logf("ringbacktest: %s", b.String())
}

// run examines what is served.
func (x Examination) run(ctx context.Context, s *served) (*render.Result, error) {
	waivers, err := waive.Read("Waivers", []byte(x.Waivers))
	if err != nil {
		return nil, err
	}
	e := &examine.Examination{Only: x.Check, Repeat: x.Repeat, Settle: x.Settle, Budget: cmp.Or(x.Budget, testBudget), Late: x.Late, Seed: x.Seed, Start: DefaultStart()}
	if x.Profile != "" {
		if e.Profile, err = profile.Read("Profile", []byte(x.Profile)); err != nil {
			return nil, err
		}
	}
	base := fmt.Sprintf("http://%s/", s.listener.Addr())
	secret := x.Secret
	if len(secret) == 0 {
		secret, _ = signature.ParseSecret(signature.DevelopmentSecret) // it is one
	}
	target := emitter.Target{URL: base + strings.TrimPrefix(x.Path, "/"), Secret: secret, NextSecret: x.NextSecret}
	e.Sending = transport.Options{Target: target, Timeout: cmp.Or(x.Timeout, DefaultTimeout)}
	if x.Restarted != nil {
		e.Sending.Kill = func(context.Context) error {
			s.crash(x.Restarted)
			return nil
		}
	}
	if x.State != "" {
		way, err := ask.OverHTTP(&target, base+strings.TrimPrefix(x.State, "/"), x.Timeout)
		if err != nil {
			return nil, err
		}
		defer way.Close()
		e.State = ask.Only(way, e.Profile.Aspects)
	}
	report, err := e.Run(ctx)
	if _, is := errors.AsType[*examine.Preflight](err); is || report == nil {
		return nil, err
	}
	settings := &render.Settings{Version: "of this module", Seed: x.Seed, Start: e.Start, Budget: e.Budget, State: e.State != nil, Interrupted: ctx.Err() != nil, Trial: e.Trial,
		Cures: map[string]string{examine.NeedsState: "set State", examine.NeedsRestart: "set Restarted", examine.NeedsNextSecret: "set NextSecret",
			examine.NeedsTime: "the budget ran out; set a larger Budget", examine.NeedsLate: "Late: time.Minute waits for a minute to be over, as far as Budget allows"},
		Again: fmt.Sprintf("the same ringbacktest.Examination, with Seed: %d", x.Seed),
		Command: func(f *examine.Finding) string {
			return fmt.Sprintf("the same ringbacktest.Examination, with Seed: %d, Check: %#v%s", x.Seed, f.Replay, x.again(f))
		}}
	if err != nil && ctx.Err() == nil {
		settings.Failure = "the examination ended early: " + err.Error()
	}
	r := render.New(report, settings)
	r.Waive(waivers, time.Now())
	return r, nil
}

// again sets the fields Repeat and Late as a finding needs them.
func (x Examination) again(f *examine.Finding) (text string) {
	if f.Repeat > 0 {
		text = fmt.Sprintf(", Repeat: %d", f.Repeat)
	}
	if late := max(x.Late, f.Late.Round(time.Second)); late > 0 && f.Late > 0 {
		text += fmt.Sprintf(", Late: %d * time.Second", late/time.Second)
	}
	return text
}
