package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

func TestAStoppedRunRaisesNothingMore(t *testing.T) {
	h := open(t, Options{})
	run := h.play(Play{Name: "inbound-call-with-hold"})
	h.until("it has begun", func() bool { return h.run(run.ID).Position >= 2 })
	stopped, err := h.engine.StopRun(t.Context(), run.ID)
	if err != nil || stopped.State != store.RunStopped || stopped.Position != h.run(run.ID).Position || stopped.Position < 2 {
		t.Errorf("it is stopped as %+v, %v", stopped, err)
	}
	live := h.engine.Conversations(0)
	if len(live) != 1 || live[0].Ended.IsZero() || live[0].Channels[0].Stays[len(live[0].Channels[0].Stays)-1].To.IsZero() {
		t.Errorf("the conversations are %+v", live)
	}
	if _, err := h.engine.ResumeRun(t.Context(), run.ID); !errors.Is(err, ErrEnded) {
		t.Errorf("resuming it gives %v", err)
	}
}

func TestAWorkloadIsPlayedWithItsPool(t *testing.T) {
	h := open(t, Options{})
	story, err := scenarios.Source("inbound-call")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.SaveScenario(t.Context(), "short", string(story)); err != nil {
		t.Fatal(err)
	}
	const text = "name: few\nstory: A few calls.\nagents: {count: 2}\narrivals:\n  - {rate: 2/s, over: 10s}\nmix:\n  - {scenario: short, weight: 1}\n"
	run := h.play(Play{Source: text, Speed: emitter.Max})
	h.until("the run ends", func() bool { return h.run(run.ID).State != store.RunGoing })
	if got := h.run(run.ID); got.State != store.RunEnded || got.Name != "few" || got.Position < 100 || len(h.engine.Conversations(0)) != 20 {
		t.Errorf("the run is %+v", got)
	}
}

// A run keeps the values of its parameters, and reads none from the environment.
func TestARunHasParameters(t *testing.T) {
	t.Setenv("RINGBACK_TEST_HOLD", "1h")
	h := open(t, Options{})
	const text = "name: a\nstory: A.\nparams: {hold: {env: RINGBACK_TEST_HOLD, default: 5s}}\nsteps: [{call: c}, {ring: {agent: a, for: 1s}}, {hold: $hold}, {finish: 1s}]\n"
	length := func(p store.Playing) string {
		t.Helper()
		run := h.play(Play{Source: text, Speed: emitter.Max, Options: p})
		kept, err := h.store.Run(t.Context(), run.ID)
		if err != nil {
			t.Fatal(err)
		}
		built, err := h.engine.build(t.Context(), "again", &kept, nil)
		if err != nil {
			t.Fatal(err)
		}
		return built.Length().Truncate(time.Second).String()
	}
	if got, want := length(store.Playing{})+" "+length(store.Playing{Set: map[string]string{"hold": "9s"}}), "7s 11s"; got != want {
		t.Errorf("the runs take %s, want %s", got, want)
	}
	for _, c := range []struct {
		set, text, want string
	}{
		{"hodl", text, `options.set: unknown parameter "hodl" (did you mean "hold"?); known parameters: hold`},
		{"hold", text, `scenario.yaml:4:56: hold: want a time such as 500ms, 30s, 2m30s or 5s..20s, got "x"; $hold is from options.set`},
		{"", strings.Replace(text, ", default: 5s", "", 1), "scenario.yaml:3:10: parameter hold: the variable RINGBACK_TEST_HOLD is not read here"},
	} {
		p := Play{Source: c.text}
		if c.set != "" {
			p.Options.Set = map[string]string{c.set: "x"}
		}
		if _, err := h.engine.StartRun(t.Context(), p); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func TestABadRequestBeginsNothing(t *testing.T) {
	h := open(t, Options{})
	var problems scenario.Problems
	if _, err := h.engine.StartRun(t.Context(), Play{Source: "name: x\nsteps:\n  - dance: customer\n"}); !errors.As(err, &problems) {
		t.Errorf("a bad text gives %v", err)
	}
	if _, err := h.engine.StartRun(t.Context(), Play{Name: "nothing"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown name gives %v", err)
	}
	for _, p := range []Play{
		{}, {Name: "inbound-call", Source: "name: x"}, {Name: "inbound-call", Speed: -1},
		{Name: "inbound-call", Options: store.Playing{Calls: "5/s"}}, {Name: "inbound-call", Options: store.Playing{Calls: "often", Count: 2}},
		{Name: "inbound-call", Options: store.Playing{Versions: "v7"}}, {Name: "inbound-call", Options: store.Playing{For: "long"}},
		{Name: "inbound-call", Options: store.Playing{Faults: []string{"fire"}}}, {Name: "inbound-call", Options: store.Playing{Assume: []string{"abandon"}}},
		{Name: "inbound-call", Options: store.Playing{Assume: []string{"abandon=perhaps"}}},
	} {
		var wrong *Invalid
		if _, err := h.engine.StartRun(t.Context(), p); !errors.As(err, &wrong) {
			t.Errorf("%+v gives %v", p, err)
		}
	}
	if runs, err := h.store.Runs(context.Background(), false); err != nil || len(runs) != 0 {
		t.Errorf("there are runs %v, %v", runs, err)
	}
}

func TestASlowListenerSeesWhatItMissed(t *testing.T) {
	h := open(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	slow := h.engine.Listen(ctx)
	for range mostUnread + 10 {
		h.engine.Broadcast("agent", nil)
	}
	for range mostUnread {
		<-slow
	}
	h.engine.Broadcast("agent", nil)
	if m := <-slow; m.Number != mostUnread+11 {
		t.Errorf("the next message is %d, want %d", m.Number, mostUnread+11)
	}
	cancel()
	for range slow { // it is closed
	}
}

// The engine sends as a run of the command line does under the same assumptions.
func TestAssumptionsShapeWhatIsSent(t *testing.T) {
	set, err := settings.ParseAssume([]string{"signature-prefix=Bearer", "success=2xx", "redirects=follow", "retry-after=obey", "token-clock=-30s"})
	if err != nil {
		t.Fatal(err)
	}
	e := (&Options{Assume: set}).emitter()
	if e.SignaturePrefix != "Bearer " || e.Success != emitter.Success2xx || e.Redirects != emitter.FollowRedirects || e.RetryAfter != emitter.ObeyRetryAfter || e.TokenClock != -30e9 {
		t.Errorf("the emitter is %+v", e)
	}
}
