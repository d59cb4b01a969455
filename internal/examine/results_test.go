package examine

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/signature"
)

// played is an examination in which all trials were played that a filter leaves, rightly answered, and told of with some aspects.
func played(t *testing.T, told trial.Aspect, restart bool, leave func(*trial.Trial) bool) *run {
	t.Helper()
	sampling.Long(t)
	x := &Examination{Sending: transport.Options{Target: emitter.Target{URL: "http://127.0.0.1:9", Secret: signature.GenerateSecret(), NextSecret: signature.GenerateSecret()}}, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)}
	if restart {
		x.Sending.Kill = func(context.Context) error { return nil }
	}
	r := x.prepared(nil)
	r.aspects = told
	if told != 0 {
		r.asker = &ask.Asker{}
	}
	text, number := "", 0
	for _, d := range dimension.Names() {
		for _, made := range trialsOf(t, dimension.Options{Seed: 7, Start: x.Start, Profile: dimension.Profile{Aspects: told, NextSecret: true, Restart: restart}})[d] {
			if !leave(made) {
				r.unreach(d, made.Rules)
				continue
			}
			one := &trial.Played{Trial: made, Answers: make([]trial.Answer, len(made.Deliveries)+len(made.Later))}
			for i := range one.Answers {
				one.Answers[i] = trial.Answer{Status: 204, Attempts: 1}
			}
			if told != 0 {
				c := &trial.Channel{}
				s := &trial.State{Channels: map[string]*trial.Channel{"x": c}}
				for aspect, tell := range map[trial.Aspect]func(){trial.Phase: func() { c.Phase = &text }, trial.Seconds: func() { c.Seconds = map[string]float64{} },
					trial.Notifications: func() { c.Notifications = &number }, trial.InteractionID: func() { c.InteractionID = &text }, trial.AgentID: func() { c.AgentID = text },
					trial.Role: func() { c.Role = &text }, trial.Figures: func() { s.Figures = map[trial.Figure]float64{trial.Talk: 1} }} {
					if told&aspect != 0 {
						tell()
					}
				}
				one.Told, one.Asked = map[string]*trial.State{"x": s}, x.Start
			}
			r.all = append(r.all, one)
		}
	}
	return r
}

// made are trials that were made before, by the aspects and the restart of their profile.
var made = map[trial.Aspect]map[bool]map[dimension.Name][]*trial.Trial{}

func trialsOf(t *testing.T, o dimension.Options) map[dimension.Name][]*trial.Trial {
	t.Helper()
	if all := made[o.Profile.Aspects][o.Profile.Restart]; all != nil {
		return all
	}
	all := map[dimension.Name][]*trial.Trial{}
	for _, d := range dimension.Names() {
		for made, err := range dimension.New(o).Trials(d) {
			if err != nil {
				t.Fatal(err)
			}
			if len(made.Deliveries) > dear { // what is in them does not matter here
				made = made.Reduced([]int{0})
			}
			all[d] = append(all[d], made)
		}
	}
	if made[o.Profile.Aspects] == nil {
		made[o.Profile.Aspects] = map[bool]map[dimension.Name][]*trial.Trial{}
	}
	made[o.Profile.Aspects][o.Profile.Restart] = all
	return all
}

func all(*trial.Trial) bool { return true }

// verdicts lists the rules with a verdict.
func verdicts(results []Result, v Verdict) (ids []string) {
	for _, result := range results {
		if result.Verdict == v {
			ids = append(ids, string(result.ID))
		}
	}
	return ids
}

const everything = trial.Phase | trial.Seconds | trial.Notifications | trial.InteractionID | trial.AgentID | trial.Role | trial.Figures

// Each rule has trials that show it, and without these, or what the state has to tell, it is not ok.
func TestNoRuleIsOKThatWasNotTested(t *testing.T) {
	sampling.Long(t)
	whole := played(t, everything, true, all).results(nil)
	if untested := verdicts(whole, Untested); untested != nil {
		t.Errorf("not tested, though all trials were played: %v", untested)
	}
	if level := (&Report{Rules: whole}).Level(); level != 4 {
		t.Errorf("level %d", level)
	}
	for _, rule := range rulebook.Rules() {
		if rule.ID == rulebook.AnswerInTime || rule.ID == rulebook.AcceptValid {
			continue // any trial shows these
		}
		without := played(t, everything, true, func(t *trial.Trial) bool { return !slices.Contains(t.Rules, rule.ID) }).results(nil)
		if untested := verdicts(without, Untested); !slices.Contains(untested, string(rule.ID)) {
			t.Errorf("%s is ok without its trials", rule.ID)
		}
	}
}

func TestLevelsNeedWhatDefinesThem(t *testing.T) {
	sampling.Long(t)
	for _, c := range []struct {
		name    string
		told    trial.Aspect
		restart bool
		leave   func(*trial.Trial) bool
		level   int
		missing string // of the first level that is not reached
	}{
		{"no restart", everything, false, all, 3, "store-before-answer whole-or-nothing remember-across-restart"},
		{"no state", 0, true, all, 1, "refuse-without-storing"},
		{"a state without what is optional", trial.Phase | trial.Seconds | trial.Notifications, true, all, 4, ""},
		{"no notifications", everything &^ trial.Notifications, true, all, 2, "count-once key-is-source-and-id ids-are-case-sensitive new-id-is-new remember-long"},
		{"no seconds", everything &^ trial.Seconds, true, all, 2, "order-by-timestamp order-same-instant compare-instants never-reopen phases-apart sum-phases keep-fractions durations-from-timestamps across-midnight zero-length-phases close-every-phase"},
		{"no endurance", everything, true, func(t *trial.Trial) bool { return !strings.HasPrefix(t.ID, "endurance/") }, 3, "endure"},
		{"a tenth of the orders", everything, true, func(t *trial.Trial) bool { return !strings.HasPrefix(t.ID, "order/") || strings.HasSuffix(t.ID, "1") }, 2, ""},
	} {
		report := &Report{Rules: played(t, c.told, c.restart, c.leave).results(nil)}
		if level := report.Level(); level != c.level {
			t.Errorf("%s: level %d, want %d", c.name, level, c.level)
		}
		if c.missing == "" {
			continue
		}
		var missing []string
		for _, result := range report.Missing(rulebook.Level(c.level)) {
			missing = append(missing, string(result.ID))
		}
		if got := strings.Join(missing, " "); got != c.missing {
			t.Errorf("%s: missing %s, want %s", c.name, got, c.missing)
		}
	}
}

// What the profile does not claim is neither tested nor demanded.
func TestWhatIsNotClaimedDefinesNoLevel(t *testing.T) {
	sampling.Long(t)
	r := played(t, trial.Phase, true, all)
	r.Profile.Aspects = trial.Phase
	report := &Report{Rules: r.results(nil)}
	if level := report.Level(); level != 4 {
		t.Errorf("level %d, missing %v", level, report.Missing(rulebook.Level(level)))
	}
}

// Where a consumer fails for good, nobody knows what it has stored: that shows nothing about its state.
func TestWhatFailedShowsNothing(t *testing.T) {
	r := played(t, everything, true, all)
	for _, p := range r.all {
		p.Answers[0] = trial.Answer{Status: 503, Attempts: 9}
	}
	ok := verdicts(r.results(nil), OK)
	for _, id := range []rulebook.ID{rulebook.CountOnce, rulebook.OrderByTimestamp, rulebook.KeepFractions} {
		if slices.Contains(ok, string(id)) {
			t.Errorf("%s is ok, though nothing was stored", id)
		}
	}
}

// Nobody sees how the secret is decoded by a consumer that verifies nothing.
func TestRulesThatShowWithOthersOnly(t *testing.T) {
	results := played(t, everything, true, all).results([]Finding{{Rule: rulebook.Of(rulebook.VerifySignature)}})
	untested := verdicts(results, Untested)
	for _, id := range []rulebook.ID{rulebook.DecodeSecret, rulebook.TokenWithoutPrefix} {
		if !slices.Contains(untested, string(id)) {
			t.Errorf("%s is not untested", id)
		}
	}
}

// What no trial of the types that are claimed shows is not for want of what the state tells.
func TestWhatTheTypesDoNotShowIsNotLaidToTheState(t *testing.T) {
	told := trial.Phase | trial.Notifications
	r := played(t, told, false, func(*trial.Trial) bool { return true })
	r.Profile.Aspects = told
	for id, want := range map[rulebook.ID]string{
		rulebook.NeverReopen: NotClaimed, rulebook.SumPhases: NotClaimed, rulebook.CountOnce: NotShown,
	} {
		if why := r.whyNot(id, nil); why != want {
			t.Errorf("%s: %s; want %s", id, why, want)
		}
	}
	r.Profile.Aspects, r.aspects = 0, trial.Notifications
	if why := r.whyNot(rulebook.OrderByTimestamp, nil); !strings.Contains(why, "the state does not tell phase") {
		t.Errorf("without a phase: %s", why)
	}
}

// Where a profile leaves out what a rule is about, something else stands for it in its trials, which shows nothing of the rule.
func TestWhatIsNotSentShowsNothing(t *testing.T) {
	r := (&Examination{}).prepared(nil)
	planner := dimension.New(dimension.Options{Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Profile: dimension.Profile{Types: []string{"channel.ended.v1"}}})
	for _, d := range []dimension.Name{dimension.Bytes, dimension.Identity} {
		for made, err := range planner.Trials(d) {
			if err != nil {
				t.Fatal(err)
			}
			p := &trial.Played{Trial: made, Answers: make([]trial.Answer, len(made.Deliveries)+len(made.Later))}
			for i := range p.Answers {
				p.Answers[i] = trial.Answer{Status: 204, Attempts: 1}
			}
			r.all = append(r.all, p)
		}
	}
	tests := r.tests()
	for _, id := range []rulebook.ID{rulebook.AcceptPresence, rulebook.PresenceApart, rulebook.IgnoreUnknownTypes, rulebook.AcceptVersions} {
		if tests[id] != nil {
			t.Errorf("%s: %d trials show it, want none", id, tests[id].played)
		}
	}
	if tests[rulebook.HashRawBody] == nil {
		t.Error("no trial shows what is hashed")
	}
}
