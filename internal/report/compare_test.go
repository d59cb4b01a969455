package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
)

// pair are two runs of which the second is slower and less complete.
func pair(t *testing.T) (a, b *report.Summary) {
	t.Helper()
	a, b = quiet(0, 1), quiet(0, 1)
	a.Shard, b.Shard, a.Source, b.Source = nil, nil, "monday.json", "tuesday <2>.json"
	r := result(target("crm", 3*time.Millisecond))
	r.Ended = r.Started.Add(100 * time.Second)
	r.Targets[0].Matched, r.Targets[0].Accepted, r.Targets[0].GivenUp = 10_000, 9_900, 100
	r.Invalid = []string{"the processor was busy"}
	id := identity
	id.Start, id.Names, id.Seed, id.PlanHash, id.Flags = nine, []string{"a"}, 43, "2f", map[string]string{"speed": "60"}
	id.Params = []show.Given{{Name: "hold", Value: "2m", From: "--set"}, {Name: "hold", Value: "3m", From: "the variable HOLD"}}
	b = report.New(id, r)
	b.Verdict, b.Source = report.Invalid, "tuesday <2>.json"
	b.Judge(gates(t, "accepted == 100%"))
	return a, b
}

func TestTwoRunsAreCompared(t *testing.T) {
	c := report.Compare(pair(t))
	if _, verdict := c.Unfit(); verdict != report.Invalid || c.SamePlan {
		t.Errorf("%q, same plan %t; want invalid, false", verdict, c.SamePlan)
	}
	for _, name := range []string{"compare.json", "compare.md", "compare.html"} {
		place, err := report.ParsePlace(name, report.Endings()...)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := c.WriteAs(&b, report.Format(place.Format)); err != nil {
			t.Fatal(err)
		}
		wantGolden(t, name, b.String())
	}
	var b strings.Builder
	if err := c.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	wantGolden(t, "compare.txt", b.String())
	if err := c.WriteAs(&b, report.JUnit); err == nil {
		t.Error("a comparison was written as JUnit")
	}
}

func TestARunDoesNotDifferFromItself(t *testing.T) {
	a, _ := pair(t)
	c := report.Compare(a, a)
	if why, _ := c.Unfit(); why != "" || !c.SamePlan || len(c.Differences) < 15 {
		t.Errorf("%q, same plan %t, %d figures", why, c.SamePlan, len(c.Differences))
	}
	var b strings.Builder
	if err := c.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "%") || strings.Contains(b.String(), "different") {
		t.Errorf("got differences:\n%s", b.String())
	}
}
