package report_test

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/scenario/fault"
)

// outcomes are a run of 100 notifications with faults, of which some were not answered as a correct
// consumer does.
type outcomes struct {
	lost, duplicates, slow, forged, silentlyForged, bodies, notSent uint64
	violated                                                        int
	partial                                                         bool
	failedCheck                                                     bool
	stop                                                            emitter.Stop
	invalid, overloaded                                             []string
	nobody                                                          bool // the target matches nothing
}

// summary has 10 duplicates, 10 forgeries, 10 bad bodies and 10 slow bodies beside 60 others.
func (j outcomes) summary() *report.Summary {
	c := emitter.Counts{Matched: 100, Attempts: 100, Statuses: map[int]uint64{}, Failures: map[emitter.Class]emitter.FailuresOfClass{}}
	c.Faults = map[fault.Kind]emitter.FaultsOfKind{
		fault.Duplicate: {Right: 10 - j.duplicates, Wrong: j.duplicates}, fault.SlowBody: {Right: 10 - j.slow, Wrong: j.slow},
		fault.Unsigned:      {Right: 10 - j.forged - j.silentlyForged, Wrong: j.forged + j.silentlyForged, WronglyAccepted: j.forged, Example: "accepted with 200"},
		fault.MalformedJSON: {Right: 10 - j.bodies, Wrong: j.bodies},
	}
	c.NotSent, c.WronglyAccepted = j.notSent, j.forged
	c.Refused = 20 - j.forged - j.silentlyForged - j.bodies
	c.GivenUp = j.lost + j.duplicates + j.slow + j.silentlyForged + j.bodies
	c.Accepted = 100 - c.NotSent - c.WronglyAccepted - c.Refused - c.GivenUp
	if c.GivenUp > 0 {
		c.Failures[emitter.ClassStatus] = emitter.FailuresOfClass{Count: c.GivenUp, Example: "400 Bad Request"}
	}
	if j.nobody {
		c = emitter.Counts{}
	}
	r := result(emitter.TargetResult{Name: "crm", Figures: emitter.Figures{Counts: c}})
	r.Stop, r.Invalid, r.Overloaded, r.PlanRead = j.stop, j.invalid, j.overloaded, j.stop == ""
	s := report.New(identity, r)
	s.Receiver = &report.Receiver{Violated: j.violated, Violations: []string{"after-ended"}[:min(1, j.violated)], Partial: j.partial}
	if j.failedCheck {
		s.Checks = []report.Check{{Name: "phase", Detail: "want held"}, {Name: "other", Detail: "want this"}}
	}
	return s
}

func TestWhatGatesSpeakOfTheyDecide(t *testing.T) {
	for _, c := range []struct {
		name    string
		run     outcomes
		gates   string // separated by commas
		verdict report.Verdict
		cause   string // the beginning
	}{
		{"all is right", outcomes{}, "", report.Passed, ""},
		{"one is lost", outcomes{lost: 1}, "", report.Failed, "1 of 80 valid notifications not accepted: crm: status, 1 time: 400"},
		{"one is lost, and a gate allows it", outcomes{lost: 1}, "accepted >= 98%", report.Passed, ""},
		{"a gate that allows less", outcomes{lost: 5}, "accepted >= 98%", report.Failed, "gate failed: accepted >= 98%: it was 93.75%"},
		{"in other words", outcomes{lost: 5}, "success rate >= 90%", report.Passed, ""},
		{"refused ones, rightly refused ones among them", outcomes{lost: 1}, "refused <= 21", report.Passed, ""},
		{"rejected too many", outcomes{lost: 2}, "rejected <= 21", report.Failed, "gate failed: rejected <= 21: it was 22"},
		{"given up", outcomes{lost: 2}, "given up <= 2%", report.Passed, ""},
		{"a gate about something else", outcomes{lost: 1}, "attempts < 1000", report.Failed, "1 of 80"},
		{"a gate about retries", outcomes{lost: 1}, "failures <= 50%,4xx < 90%", report.Failed, "1 of 80"},
		{"undelivered says nothing of those given up", outcomes{lost: 1}, "undelivered <= 10%", report.Failed, "1 of 80"},
		{"not sent says nothing of those given up", outcomes{lost: 1}, "not sent <= 10%", report.Failed, "1 of 80 valid notifications not accepted, besides those that gates speak of: crm"},
		{"not sent, and allowed", outcomes{notSent: 1}, "not sent <= 10%", report.Passed, ""},
		{"not sent, and no word of it", outcomes{notSent: 1}, "given up <= 10%", report.Failed, "1 of 80 valid notifications not accepted, besides"},
		{"a duplicate refused", outcomes{duplicates: 1}, "duplicates refused <= 1", report.Passed, ""},
		{"a duplicate refused, and one lost", outcomes{duplicates: 1, lost: 1}, "duplicates refused <= 1", report.Failed, "1 of 80 valid notifications not accepted, besides"},
		{"faults", outcomes{duplicates: 1, slow: 1}, "faults wrong <= 2", report.Passed, ""},
		{"faults, and one lost", outcomes{slow: 1, lost: 1}, "faults wrong <= 2", report.Failed, "1 of 80"},
		{"a forgery accepted", outcomes{forged: 1}, "", report.Failed, "1 of 10 forgeries accepted: unsigned: accepted with 200"},
		{"a forgery accepted, and the gate speaks of others", outcomes{forged: 1}, "accepted >= 0%", report.Failed, "1 of 10 forgeries accepted"},
		{"a forgery accepted, and faults are allowed", outcomes{forged: 1}, "faults wrong <= 100%", report.Failed, "1 of 10 forgeries accepted"},
		{"forgeries accepted, as a gate allows", outcomes{forged: 2}, "forgeries accepted <= 2", report.Passed, ""},
		{"forgeries refused, as a gate demands", outcomes{forged: 2}, "forgeries refused >= 80%", report.Passed, ""},
		{"wrongly accepted", outcomes{forged: 3}, "wrongly accepted <= 3", report.Passed, ""},
		{"wrongly accepted, too many", outcomes{forged: 4}, "wrongly accepted <= 3", report.Failed, "gate failed: wrongly accepted <= 3: it was 4"},
		{"neither accepted nor refused", outcomes{silentlyForged: 1}, "accepted >= 0%", report.Failed, "1 of 10 forgeries not refused"},
		{"a bad body answered wrongly", outcomes{bodies: 1}, "accepted >= 0%,wrongly accepted == 0", report.Failed, "1 of 10 bad bodies answered wrongly"},
		{"a bad body answered wrongly, as a gate allows", outcomes{bodies: 1}, "bad bodies refused >= 90%", report.Passed, ""},
		{"the gravest first", outcomes{lost: 1, forged: 1}, "latency p99 < 1ms", report.Failed, "1 of 10 forgeries accepted"},
		{"violations", outcomes{violated: 3}, "accepted >= 0%", report.Failed, "3 violations at the built-in receiver: after-ended"},
		{"violations, as a gate allows", outcomes{violated: 3}, "violations <= 3", report.Passed, ""},
		{"violations of a part", outcomes{violated: 3, partial: true}, "", report.Passed, ""},
		{"checks", outcomes{failedCheck: true}, "accepted >= 0%", report.Failed, "check failed: phase: want held (and 1 more)"},
		{"checks, as a gate allows", outcomes{failedCheck: true}, "checks failed <= 2", report.Passed, ""},
		{"nothing matched", outcomes{nobody: true}, "accepted == 0", report.Failed, "no notification of this plan matches the types of crm"},
		{"nothing matched, as a gate demands", outcomes{nobody: true}, "notifications == 0", report.Passed, ""},
		{"overloaded", outcomes{overloaded: []string{"consumer sustained 20/s of 60/s", "another"}}, "", report.Failed, "consumer sustained 20/s of 60/s (and 1 more)"},
		{"overloaded as a gate allows", outcomes{overloaded: []string{"consumer sustained 20/s of 60/s"}}, "not sent <= 10%", report.Passed, ""},
		{"overloaded, which another gate does not allow", outcomes{overloaded: []string{"consumer sustained 20/s of 60/s"}}, "accepted >= 1%", report.Failed, "consumer sustained 20/s of 60/s"},
		{"invalid and overloaded", outcomes{overloaded: []string{"consumer slow"}, invalid: []string{"too slow"}}, "", report.Invalid, "the run is invalid: too slow"},
		{"invalid, whatever gates say", outcomes{invalid: []string{"too slow"}}, "accepted >= 0%", report.Invalid, "the run is invalid: too slow"},
		{"interrupted, whatever gates say", outcomes{stop: emitter.StopDrained, forged: 1}, "accepted >= 0%", report.Interrupted, "the run was interrupted"},
		{"cut off", outcomes{stop: emitter.StopFailed}, "accepted >= 0%", report.Failed, "the run failed before its end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.run.summary()
			if c.gates != "" {
				s.Judge(gates(t, strings.Split(c.gates, ",")...))
			} else {
				s.Judge(nil)
			}
			if s.Verdict != c.verdict || !strings.HasPrefix(s.Cause, c.cause) || (s.Cause == "") != (c.cause == "") {
				t.Errorf("%s: %q; want %s: %q\njudged by %s", s.Verdict, s.Cause, c.verdict, c.cause, s.JudgedBy())
			}
			if c.gates == "" && (s.Verdict == report.Passed) != (s.AllAccepted && len(c.run.invalid)+len(c.run.overloaded) == 0 && c.run.violated == 0 || c.run.partial) {
				t.Errorf("without gates %s, and all accepted: %t", s.Verdict, s.AllAccepted)
			}
			tellsEverywhere(t, s)
		})
	}
}

// tellsEverywhere makes sure that each format says what decided and why, and that JUnit is green if
// and only if the run passed.
func tellsEverywhere(t *testing.T, s *report.Summary) {
	t.Helper()
	unmarked := strings.NewReplacer("&gt;", ">", "&lt;", "<", "&#39;", "'", "&#34;", `"`, "\\", "", "\\u003c", "<", "\\u003e", ">")
	for _, format := range []report.Format{report.JSON, report.JUnit, report.Markdown, report.HTML, "text"} {
		var b strings.Builder
		err := s.WriteText(&b)
		if format != "text" {
			b.Reset()
			err = s.WriteAs(&b, format, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		text := unmarked.Replace(b.String())
		for _, r := range s.Rules {
			if !r.Run && !strings.Contains(text, r.Name) {
				t.Errorf("%s does not say that the rule was: %s\n%s", format, r.Name, text)
			}
			for _, g := range r.Gates {
				if !strings.Contains(text, g) {
					t.Errorf("%s does not name the gate %s", format, g)
				}
			}
		}
		if !strings.Contains(text, string(s.Verdict)) || !strings.Contains(text, strings.TrimPrefix(strings.TrimPrefix(s.Cause, "gate failed: "), "the run is invalid: ")) {
			t.Errorf("%s does not say %s: %s\n%s", format, s.Verdict, s.Cause, text)
		}
		if format == report.JUnit {
			root := parseXML(t, b.String())
			if red := root.count("failure", "error"); (red == 0) != (s.Verdict == report.Passed) {
				t.Errorf("%d cases are red, and the verdict is %s\n%s", red, s.Verdict, b.String())
			}
		}
	}
}

// Even where nobody knows why, a run that did not pass has a red case.
func TestJUnitIsGreenForNothingElse(t *testing.T) {
	for _, verdict := range []report.Verdict{report.Failed, report.Invalid, report.Interrupted, ""} {
		s := report.New(identity, result(target("crm", 1000)))
		s.Verdict = verdict
		var b strings.Builder
		if err := s.WriteAs(&b, report.JUnit, nil); err != nil {
			t.Fatal(err)
		}
		if root := parseXML(t, b.String()); root.count("error") != 1 || len(faultsOf(root)) > 0 {
			t.Errorf("%q: want one error\n%s", verdict, b.String())
		}
	}
}
