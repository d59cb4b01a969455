package render_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/render"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/examine/waive"
	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/show"
)

var start = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

// planner makes trials as an examination does.
func planner() *examine.Examination {
	return &examine.Examination{Seed: 7, Start: start, Sending: transport.Options{}}
}

// settings are those of an examination with a state.
func settings() *render.Settings {
	return &render.Settings{Version: "v1.2.3", Seed: 7, Start: start, Budget: time.Minute, State: true, Again: "ringback examine --to URL",
		Cures: map[string]string{examine.NeedsRestart: "say how it is killed"}, Trial: planner().Trial,
		Command: func(f *examine.Finding) string {
			text := "ringback examine --to URL --check " + strings.Join(f.Replay, ",")
			if f.Repeat > 0 {
				text += fmt.Sprint(" --repeat ", f.Repeat)
			}
			return text
		}}
}

// report is one of an examination with the rules as they are without findings, but for those that need a restart.
func report(findings ...examine.Finding) *examine.Report {
	r := &examine.Report{Findings: findings, Sent: 2034, Began: time.Date(2025, 3, 3, 10, 30, 15, 0, time.UTC), Took: 12345 * time.Millisecond, Unreached: map[dimension.Name]int{}}
	for _, rule := range rulebook.Rules() {
		result := examine.Result{Rule: rule, Verdict: examine.OK}
		switch {
		case slices.ContainsFunc(findings, func(f examine.Finding) bool { return f.Rule.ID == rule.ID }):
			result.Verdict = examine.Broken
		case rule.ID == rulebook.StoreBeforeAnswer || rule.ID == rulebook.WholeOrNothing:
			result.Verdict, result.Why = examine.Untested, examine.NeedsRestart
		}
		result.Took = time.Duration(100+len(rule.ID)) * time.Millisecond
		r.Rules = append(r.Rules, result)
	}
	return r
}

// fractions is a finding about a state, with the channels of a real trial.
func fractions(t *testing.T) examine.Finding {
	t.Helper()
	tr, err := planner().Trial("stories/call-with-hold")
	if err != nil {
		t.Fatal(err)
	}
	var seen []mistake.Difference
	for i := range tr.Deliveries {
		d := &tr.Deliveries[i]
		if len(seen) > 0 || d.Party == "" {
			continue
		}
		for _, s := range mistake.Stays(tr, d.Channel) {
			if length := s.To.Sub(s.From).Seconds(); s.Phase == "held" && !s.To.IsZero() {
				seen = append(seen, mistake.Difference{Channel: d.Channel, Member: "seconds.held", Told: float64(int(length)), Want: length},
					mistake.Difference{Channel: d.Channel, Member: "phase", Told: "held", Want: "ended"})
			}
		}
	}
	if seen == nil {
		t.Fatalf("nobody is held in %s", tr.ID)
	}
	return examine.Finding{Rule: rulebook.Of(rulebook.KeepFractions), Text: "loses the fractions of seconds", Or: []string{"keeps tenths or hundredths of seconds only"},
		Trial: tr.ID + "~2-0-1-4-5", Story: tr.Story, Trials: 22, Reduced: true, Seen: seen, Also: []rulebook.ID{rulebook.FiguresAgree}, Details: []string{"not shown"}}
}

func unsigned() examine.Finding {
	return examine.Finding{Rule: rulebook.Of(rulebook.RequireToken), Text: "accepts notifications that are not signed",
		Trial: "authenticity/absent", Story: "A call, whose notifications are not signed.", Trials: 1, Details: []string{"channel.alerted.v0 with no token: 204 No Content"}}
}

func written(t *testing.T, r *render.Result, f render.Format) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteAs(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func text(t *testing.T, r *render.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteText(&b, show.ColoursFor(&b)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func broken(t *testing.T) *render.Result {
	t.Helper()
	r := report(unsigned(), fractions(t))
	r.Unknown = []string{`"notification" (did you mean "notifications"?)`}
	r.Unreached[dimension.Endurance] = 3
	r.Cells = []mistake.Cell{{Member: "phase", Stories: 22}, {Member: "seconds.held", Stories: 22, Wrong: 3, Off: -41.3}}
	return render.New(r, settings())
}

func TestEveryFormat(t *testing.T) {
	r := broken(t)
	golden.Check(t, "testdata/broken.txt", text(t, r))
	for _, f := range []render.Format{render.Markdown, render.JUnit, render.JSON, render.HTML, render.SARIF} {
		golden.Check(t, "testdata/broken"+string(f), written(t, r, f))
	}
	passed := render.New(report(), settings())
	golden.Check(t, "testdata/passed.txt", text(t, passed))
	golden.Check(t, "testdata/passed.html", written(t, passed, render.HTML))
	if md := written(t, passed, render.Markdown); !strings.HasPrefix(md, "## ringback: passed: nothing wrong was found, level correct\n") {
		t.Errorf("the Markdown of a passed examination begins with %.80q", md)
	}
}

// The first line of the Markdown is the cause, JUnit is red, and the text says the cause.
func TestTheCauseComesFirst(t *testing.T) {
	r := broken(t)
	const cause = "the consumer accepts notifications that are not signed (require-token)"
	if r.Cause != cause || r.Passed || r.Level != "receives" {
		t.Errorf("cause %q, passed %t, level %q", r.Cause, r.Passed, r.Level)
	}
	if line, _, _ := strings.Cut(written(t, r, render.Markdown), "\n"); line != "## ringback: failed: "+cause {
		t.Errorf("the Markdown begins with %q", line)
	}
}

// JUnit has a case for each rule, and says why rules were not tested.
func TestJUnit(t *testing.T) {
	type suites struct {
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Name    string  `xml:"name,attr"`
			Time    float64 `xml:"time,attr"`
			Skipped int     `xml:"skipped,attr"`
			Cases   []struct {
				Name    string  `xml:"name,attr"`
				Time    float64 `xml:"time,attr"`
				Skipped *struct {
					Message string `xml:"message,attr"`
				} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	read := func(r *render.Result) (all suites) {
		if err := xml.Unmarshal([]byte(written(t, r, render.JUnit)), &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	all := read(broken(t))
	cases, took := 0, 0.0
	for _, s := range all.Suites[:4] {
		sum := 0.0
		for _, c := range s.Cases {
			sum += c.Time
		}
		if sum == 0 || math.Abs(sum-s.Time) > 0.01 {
			t.Errorf("%s took %g s, and its cases %g s", s.Name, s.Time, sum)
		}
		cases, took = cases+len(s.Cases), took+s.Time
	}
	if all := took + all.Suites[4].Time; math.Abs(all-12.345) > 0.01 {
		t.Errorf("the suites took %g s, want 12.345, as the examination", all)
	}
	if cases != len(rulebook.Rules()) || all.Failures != 2 || all.Suites[3].Skipped != 2 {
		t.Errorf("%d cases, %d failures, %d skipped of robust; want one for each of %d rules, 2 and 2", cases, all.Failures, all.Suites[3].Skipped, len(rulebook.Rules()))
	}
	s := settings()
	s.Interrupted = true
	if all := read(render.New(report(), s)); all.Failures != 1 {
		t.Errorf("%d failures after an interrupt, want 1", all.Failures)
	}
	s.Interrupted, s.Failure = false, "the consumer was not restarted"
	if all := read(render.New(report(), s)); all.Failures != 1 {
		t.Errorf("%d failures after a failed restart, want 1", all.Failures)
	}
}

func TestWaivers(t *testing.T) {
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	now := day("2025-03-03").Add(23 * time.Hour)
	waiver := func(rule rulebook.ID, until string) waive.Waiver {
		return waive.Waiver{Rule: rule, Reason: "JIRA-1", Until: day(until), Place: "waivers.txt:1"}
	}
	for _, c := range []struct {
		name    string
		waivers []waive.Waiver
		passed  bool
		says    string
	}{
		{"on its last day", []waive.Waiver{waiver(rulebook.RequireToken, "2025-03-03")}, true, "waived  until 2025-03-03: JIRA-1 (waivers.txt:1)"},
		{"expired", []waive.Waiver{waiver(rulebook.RequireToken, "2025-03-02")}, false, "waivers.txt:1: the waiver of require-token expired on 2025-03-02"},
		{"of what is right", []waive.Waiver{waiver(rulebook.RequireToken, "2025-04-01"), waiver(rulebook.CountOnce, "2025-04-01")}, false,
			"waivers.txt:1: the waiver of count-once is not needed any more"},
		{"of what was not tested", []waive.Waiver{waiver(rulebook.RequireToken, "2025-04-01"), waiver(rulebook.WholeOrNothing, "2025-04-01")}, true,
			"was not looked at: the rule was not tested (say how it is killed)"},
		{"of something else", []waive.Waiver{waiver(rulebook.WholeOrNothing, "2025-04-01")}, false, "accepts notifications that are not signed (require-token)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := render.New(report(unsigned()), settings())
			r.Waive(c.waivers, now)
			if got := text(t, r); r.Passed != c.passed || !strings.Contains(strings.Join(strings.Fields(got), " "), strings.Join(strings.Fields(c.says), " ")) {
				t.Errorf("passed %t, want %t and %q in\n%s", r.Passed, c.passed, c.says, got)
			}
		})
	}
}

func TestABaselineFailsOnWhatIsNewAndOnWhatIsRight(t *testing.T) {
	before, err := render.Read([]byte(written(t, broken(t), render.JSON)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		findings []examine.Finding
		causes   int
	}{
		{"nothing new", []examine.Finding{unsigned(), fractions(t)}, 0},
		{"one is right by now", []examine.Finding{unsigned()}, 1},
		{"one is new", []examine.Finding{unsigned(), fractions(t), {Rule: rulebook.Of(rulebook.CountOnce), Text: "counts duplicates again"}}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := render.New(report(c.findings...), settings())
			if r.Compare(before); len(r.Causes()) != c.causes || r.Passed != (c.causes == 0) {
				t.Errorf("causes %q, passed %t; want %d", r.Causes(), r.Passed, c.causes)
			}
		})
	}
	for _, bad := range []string{"", "{}", `{"schema_version": 1, "checks": []}`, "null", "<html>"} {
		if _, err := render.Read([]byte(bad)); err == nil {
			t.Errorf("%q is read as a report", bad)
		}
	}
}

// The order of sending, bursts, duplicates and crashes can be seen.
func TestTimelines(t *testing.T) {
	x := planner()
	var b strings.Builder
	draw := func(name string, tr *trial.Trial) {
		fmt.Fprintf(&b, "%s\n%s\n\n", name, strings.Join(render.Timeline(tr), "\n"))
	}
	first := map[string]bool{}
	for _, id := range x.TrialIDs() {
		kind, _, _ := strings.Cut(id, "/")
		if first[kind] {
			continue
		}
		first[kind] = true
		tr, err := x.Trial(id)
		if err != nil {
			t.Fatal(err)
		}
		draw(id, tr)
	}
	order, err := x.Trial("stories/call-with-hold~3-1-0-2")
	if err != nil {
		t.Fatal(err)
	}
	order.Deliveries[1].Burst, order.Deliveries[2].Burst = 1, 1
	order.Deliveries[3].Crash = trial.Crash{When: trial.Within, After: 5 * time.Millisecond}
	order.Later = append(order.Later, order.Deliveries[0])
	draw("disorder, a burst, a crash and a late duplicate", order)
	again, err := x.Trial("stories/held-again")
	if err != nil {
		t.Fatal(err)
	}
	draw("held again in the instant of the retrieval", again)
	draw("nothing", &trial.Trial{})
	golden.Check(t, "testdata/timelines.txt", b.String())
}

func TestTheJSONIsReadAgain(t *testing.T) {
	r := broken(t)
	again, err := render.Read([]byte(written(t, r, render.JSON)))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := fmt.Sprintf("%+v", r), fmt.Sprintf("%+v", again); a != b {
		t.Errorf("read again it is\n%s\nwant\n%s", b, a)
	}
	var log struct {
		Runs []struct {
			Results []struct{ RuleID, Kind string }
		}
	}
	if err := json.Unmarshal([]byte(written(t, r, render.SARIF)), &log); err != nil || len(log.Runs[0].Results) != len(rulebook.Rules()) {
		t.Errorf("SARIF: %v, %+v", err, log)
	}
}
