package render

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/rulebook"
)

func TestWhatWasLostAtOnceIsCounted(t *testing.T) {
	x := &examine.Examination{Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)}
	for _, c := range []struct {
		trial      string
		told, want int
		text       string
	}{
		{"concurrency/channel/all/1", 2, 7, "of 7 notifications of one channel at once, 5 are lost: lock the row, or append"},
		{"concurrency/id/pairs/1", 9, 7, "7 different notifications came, some at once, you tell 9: let a unique key decide what is a duplicate"},
		{"identity/duplicates/at-once", 14, 7, "7 different notifications came, you tell 14"},
		{"identity/duplicates/at-once", 2, 1, "1 different notification came, you tell 2"},
		{"concurrency/id/pairs/1", 2, 1, "1 different notification came, twice at once, you tell 2: let a unique key decide what is a duplicate"},
		{"concurrency/channel/all/1", 6, 7, "of 7 notifications of one channel at once, 1 is lost: lock the row, or append"},
	} {
		tr, err := x.Trial(c.trial)
		if err != nil {
			t.Fatal(err)
		}
		d := mistake.Difference{Channel: tr.Deliveries[0].Channel, Member: "notifications", Told: c.told, Want: c.want}
		if got := difference(&d, tr); got != c.text {
			t.Errorf("%s: %q, want %q", c.trial, got, c.text)
		}
	}
}

// One thing is told as one, and many as many.
func TestFiguresOfOneAndOfMany(t *testing.T) {
	x := &examine.Examination{Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)}
	tr, err := x.Trial("bytes/plain")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want string }{
		{difference(&mistake.Difference{Member: "channels", Told: 1, Want: 0}, tr), "nothing was to be stored, you tell 1 channel"},
		{difference(&mistake.Difference{Member: "channels", Told: 3, Want: 0}, tr), "nothing was to be stored, you tell 3 channels"},
		{(&Finding{Trial: "a/b~1", Trials: 1, Reduced: true}).shown(), "a single trial; reduced to a/b~1"},
		{(&Finding{Trial: "a/b~1", Trials: 2, Reduced: true}).shown(), "2 of the trials; reduced to a/b~1"},
		{(&Finding{Trial: "a/b", Trials: 1}).shown(), "the trial a/b"},
		{(&Finding{Trial: "a/b", Trials: 1, Repeat: 87, Tries: 12}).shown(), "the trial a/b Chance decides: it showed in none of 12 more tries. The command below tries up to 87 times until it shows, which may be too few."},
		{(&Finding{Trial: "a/b", Trials: 1, Repeat: 87, Tries: 1, Hits: 1}).shown(), "the trial a/b Chance decides: it showed in 1 of 1 more try. The command below tries up to 87 times until it shows: enough also where it shows four times more seldom."},
		{strings.Join((&Finding{Or: make([]string, mostOthers+1)}).others()[mostOthers:], ""), "or 1 other mistake, which explains as much"},
		{strings.Join((&Finding{Or: make([]string, mostOthers+2)}).others()[mostOthers:], ""), "or 2 other mistakes, which explain as much"},
		{strings.Join((&Result{Members: []Member{{Name: "channel", Stories: 1, Wrong: 1}}}).off(), ""), "channel: wrong in the only story"},
		{strings.Join((&Result{Members: []Member{{Name: "seconds.held", Stories: 9, Wrong: 1, Off: 2}}}).off(), ""), "held: 1 of 9 stories wrong, +2 s"},
		{strings.Join((&Result{Members: []Member{{Name: "seconds.held", Stories: 9, Wrong: 2, Off: 2}}}).off(), ""), "held: 2 of 9 stories wrong, +2 s in all"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// A level whose rules are broken in consequence of what was found is not reached, and those above need it.
func TestHowALevelStands(t *testing.T) {
	report := &examine.Report{}
	for _, rule := range rulebook.Rules() {
		result := examine.Result{Rule: rule, Verdict: examine.OK}
		switch rule.ID {
		case rulebook.AnswerUnusable:
			result.Verdict, result.Why = examine.Untested, examine.Consequence
		case rulebook.HashRawBody:
			result.Verdict = examine.Broken
		case rulebook.Endure:
			result.Verdict, result.Why = examine.Untested, examine.NeedsTime
		}
		report.Rules = append(report.Rules, result)
	}
	var got []string
	for _, l := range New(report, &Settings{}).Levels {
		got = append(got, l.stand())
	}
	if want := []string{"not reached", "not reached", "needs receives", "needs receives"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
