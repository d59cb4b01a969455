package examine

import (
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

// Who refuses what is older than what it has of the channel is told so, whether or not it knows duplicates before, and what it has in a crash.
func TestWhoRefusesWhatIsLateIsToldSo(t *testing.T) {
	t.Parallel()
	sampling.Long(t)
	for _, c := range []struct {
		name               string
		duplicates, forget bool
		refuses            func(at, known time.Time) bool
		want               string
	}{
		{"older", true, false, func(at, known time.Time) bool { return at.Before(known) }, "refuses what is older than what it has accepted of the channel"},
		{"older, and forgets in a crash", true, true, func(at, known time.Time) bool { return at.Before(known) }, "refuses what is older than what it has accepted of the channel"},
		{"older, duplicates too", false, false, func(at, known time.Time) bool { return at.Before(known) }, "refuses what is older than what it has accepted of the channel"},
		{"not newer", true, false, func(at, known time.Time) bool { return !at.After(known) }, "refuses what is no newer than what it has accepted of the channel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			known, seen := map[string]time.Time{}, map[string]bool{}
			all := answeredBy(t, func(d *trial.Delivery) int {
				if d.Crash.When != trial.Never && c.forget {
					clear(known)
				}
				at, err := time.Parse(time.RFC3339Nano, d.Timestamp)
				switch key := d.Source + d.ID; {
				case d.Want() != trial.Accept:
					return 401
				case !aboutChannel(&answered{Delivery: d}) || err != nil || c.duplicates && seen[key]:
				case !known[d.Channel].IsZero() && c.refuses(at, known[d.Channel]):
					return 422
				default:
					known[d.Channel], seen[key] = at, true
				}
				return 204
			})
			found := ofAllAnswers(all)
			if len(found) != 1 || found[0].rule != rulebook.NeverReopen || found[0].text != c.want || found[0].mend != takeLate {
				for _, f := range found {
					t.Errorf("%s: %s (%d)", f.rule, f.text, len(f.refused))
				}
				t.Errorf("want %s alone", c.want)
			}
		})
	}
}

// answeredBy are the deliveries of trials about order and the like, which a consumer answers one after the other.
func answeredBy(t *testing.T, status func(*trial.Delivery) int) (all []*answered) {
	t.Helper()
	planner := dimension.New(dimension.Options{Seed: 1, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Profile: dimension.Profile{Restart: true}})
	for _, d := range []dimension.Name{dimension.Order, dimension.Identity, dimension.Stories, dimension.Crash} {
		for made, err := range planner.Trials(d) {
			if err != nil {
				t.Fatal(err)
			}
			p := &trial.Played{Trial: made}
			for i := range len(made.Deliveries) + len(made.Later) {
				code := status(p.Delivery(i))
				p.Answers = append(p.Answers, trial.Answer{Status: code, First: code, Attempts: 1})
			}
			for i := range p.Answers {
				all = append(all, &answered{len(all), i, p, p.Delivery(i), &p.Answers[i]})
			}
		}
	}
	return all
}
