package dimension

import (
	"time"

	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenarios"
)

// written is a story that is written for examinations, and how it is played.
type written struct {
	id, name string
	rules    []rulebook.ID
	how      how
}

// storyRecipes play all stories there are: first those that are written for it, each for a
// rule of its own, then the ready-made ones.
func storyRecipes(p *Planner) (all []recipe) {
	own := append([]written{
		{"call-with-hold", "call-with-hold", []rulebook.ID{rulebook.PhasesApart, rulebook.FiguresAgree, rulebook.DurationsFromTimestamps}, how{}},
		{"held-and-gone", "held-and-gone", []rulebook.ID{rulebook.CloseEveryPhase}, how{}},
		{"held-and-gone-direct", "held-and-gone", []rulebook.ID{rulebook.CloseEveryPhase}, how{assume: []string{"hangup-while-away=direct"}}},
		{"gone-while-away", "gone-while-away", []rulebook.ID{rulebook.CloseEveryPhase}, how{}},
		{"gone-while-away-direct", "gone-while-away", []rulebook.ID{rulebook.CloseEveryPhase}, how{assume: []string{"hangup-while-away=direct"}}},
		{"two-holds", "two-holds", []rulebook.ID{rulebook.SumPhases, rulebook.DurationsFromTimestamps}, how{}},
		{"two-holds-both", "two-holds", []rulebook.ID{rulebook.SumPhases}, how{assume: []string{"held-channel=both"}}},
		{"long-hold", "long-hold", []rulebook.ID{rulebook.DurationsFromTimestamps}, how{}},
		{"missed-then-answered", "missed-then-answered", []rulebook.ID{rulebook.FailedOffers, rulebook.ChannelsApart}, how{}},
		{"abandoned", "abandoned", []rulebook.ID{rulebook.FiguresAgree}, how{}},
		{"abandoned-with-failure", "abandoned-while-ringing", []rulebook.ID{rulebook.FailedOffers}, how{assume: []string{"abandon=connectionfailed"}}},
		{"parked-chat", "parked-chat", []rulebook.ID{rulebook.PhasesApart}, how{}},
		{"interrupted-email", "interrupted-email", []rulebook.ID{rulebook.PhasesApart}, how{}},
		{"zero-length", "zero-length", []rulebook.ID{rulebook.ZeroLengthPhases}, how{}},
		{"zero-length-park", "zero-length-park", []rulebook.ID{rulebook.ZeroLengthPhases}, how{}},
		{"held-again", "held-again", []rulebook.ID{rulebook.OrderSameInstant}, how{}},
		{"quick-call", "quick-call", []rulebook.ID{rulebook.KeepFractions}, how{}},
		{"several-interactions", "several-interactions", []rulebook.ID{rulebook.InteractionFromData, rulebook.ChannelsApart}, how{}},
		{"two-conversations", "two-conversations", []rulebook.ID{rulebook.ConversationsApart, rulebook.ChannelsApart}, how{}},
		{"leading-zeros", "leading-zeros", []rulebook.ID{rulebook.AgentIDIsText}, how{}},
		{"presences", "presences", []rulebook.ID{rulebook.PresenceApart}, how{}},
		{"both-versions", "call-with-hold", []rulebook.ID{rulebook.AcceptVersions}, how{versions: plan.Both}},
	}, p.dated()...)
	for _, w := range own {
		all = append(all, recipe{id: w.id, rules: w.rules, make: func(m *maker) { m.send(m.play(w.name, w.how)...) }})
	}
	for _, entry := range scenarios.List() {
		if !entry.Workload {
			all = append(all, recipe{id: "ready/" + entry.Name, story: entry.Story, rules: rulesOf(entry.Name),
				make: func(m *maker) { m.send(m.play(entry.Name, how{})...) }})
		}
	}
	return all
}

// rulesOf are those at stake in a ready-made story.
func rulesOf(name string) []rulebook.ID {
	special := map[string]rulebook.ID{
		"unknown-event-type": rulebook.IgnoreUnknownTypes, "unknown-member": rulebook.IgnoreUnknownMembers, "every-presence": rulebook.AcceptPresence,
		"presence-over-a-shift": rulebook.AcceptPresence, "presence-in-mid-call": rulebook.PresenceApart, "key-rotation": rulebook.AcceptNextSecret,
		"monitored-call": rulebook.RolesApart, "coached-call": rulebook.RolesApart, "voicemail": rulebook.RolesApart, "missed-then-voicemail": rulebook.RolesApart,
		"several-holds": rulebook.SumPhases, "offered-again-and-again": rulebook.FailedOffers, "several-at-once": rulebook.ConversationsApart,
	}
	if rule, ok := special[name]; ok {
		return []rulebook.ID{rule, rulebook.FiguresAgree}
	}
	return []rulebook.ID{rulebook.FiguresAgree}
}

// dated are stories of certain dates: over midnight, and over nights in which the clocks change.
func (p *Planner) dated() (all []written) {
	rules := []rulebook.ID{rulebook.AcrossMidnight}
	midnight := p.Start.Truncate(24 * time.Hour)
	for _, m := range []struct {
		phase  string
		before time.Duration // of midnight the story begins
	}{{"talk", 50 * time.Second}, {"hold", 85 * time.Second}, {"ringing", 20 * time.Second}, {"wrap", 125 * time.Second}} {
		all = append(all, written{"midnight/" + m.phase, "over-midnight", rules, how{start: midnight.Add(-m.before)}})
	}
	all = append(all, written{"midnight/year", "over-midnight", rules, how{start: time.Date(p.Start.Year(), 1, 1, 0, 0, 0, 0, time.UTC).Add(-50 * time.Second)}})
	for _, c := range clockChanges {
		all = append(all, written{"clocks/" + c.id, "clock-change", rules, how{start: c.last(p.Start)}})
	}
	return all
}

// clockChange is a night in which clocks change: the nth Sunday of a month, or the last one (0). Its story begins at
// an hour of that Sunday's UTC date, below 0 on the day before, and lasts for twelve hours: over
// the moment of the change, and over the same hour of UTC, which a consumer meets that takes UTC for local time.
type clockChange struct {
	id    string
	month time.Month
	nth   int
	hour  int
}

var clockChanges = []clockChange{
	{"europe-spring", time.March, 0, 0},     // 01:00 UTC
	{"europe-autumn", time.October, 0, 0},   // 01:00 UTC
	{"america-spring", time.March, 2, 0},    // 07:00 (New York) to 10:00 (Los Angeles) UTC
	{"america-autumn", time.November, 1, 0}, // 06:00 to 09:00 UTC
	{"sydney-autumn", time.April, 1, -9},    // 16:00 UTC on Saturday
	{"sydney-spring", time.October, 1, -9},  // 16:00 UTC on Saturday
}

// last is when the story begins that is over before a moment: within the year before.
func (c *clockChange) last(before time.Time) time.Time {
	for year := before.Year(); ; year-- {
		var day time.Time
		if c.nth > 0 {
			first := time.Date(year, c.month, 1, 0, 0, 0, 0, time.UTC)
			day = first.AddDate(0, 0, (7-int(first.Weekday()))%7+7*(c.nth-1))
		} else {
			end := time.Date(year, c.month+1, 0, 0, 0, 0, 0, time.UTC)
			day = end.AddDate(0, 0, -int(end.Weekday()))
		}
		if start := day.Add(time.Duration(c.hour)*time.Hour + 10*time.Minute); start.AddDate(0, 0, 1).Before(before) {
			return start
		}
	}
}
