package snapshots

import (
	"net/http"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// durations are mistakes in phases and how long they were.
var durations = []Row{
	{"one-away-phase", "has one phase for held, parked and interrupted, called held", rulebook.PhasesApart, func(c *consumer) {
		c.takes("held", "channel.parked", "channel.interrupted")
	}},
	{"failed-still-alerts", "leaves a failed channel alerting until it ends", rulebook.PhasesApart, func(c *consumer) {
		c.takes("alerting", "channel.connectionfailed")
	}},
	{"wrap-is-talk", "takes wrap for a part of the call", rulebook.PhasesApart, func(c *consumer) {
		c.takes("connected", "channel.wrapstarted")
	}},
	{"last-one-counts", "keeps the last time in a phase instead of the sum", rulebook.SumPhases, func(c *consumer) {
		c.sums(func(_, d time.Duration) time.Duration { return d })
	}},
	{"first-to-last", "takes the time from the first beginning of a phase to its last end", rulebook.SumPhases, func(c *consumer) {
		c.computes(func(s *snapshot) map[string]time.Duration {
			first, all := map[string]mark{}, map[string]time.Duration{}
			for i, m := range s.marks[:max(0, len(s.marks)-1)] {
				if _, is := first[m.phase]; !is {
					first[m.phase] = m
				}
				all[m.phase] = c.span(first[m.phase], s.marks[i+1])
			}
			return all
		})
	}},
	{"truncated-to-seconds", "truncates instants to seconds before it subtracts them", rulebook.KeepFractions, func(c *consumer) {
		c.span = func(a, b mark) time.Duration { return b.at.Truncate(time.Second).Sub(a.at.Truncate(time.Second)) }
	}},
	{"rounded-sums", "tells seconds without fractions", rulebook.KeepFractions, func(c *consumer) {
		c.computes(func(s *snapshot) map[string]time.Duration {
			all := map[string]time.Duration{}
			for phase, d := range s.spent {
				all[phase] = d.Round(time.Second)
			}
			return all
		})
	}},
	{"tenths", "keeps tenths of seconds in a DECIMAL(8,1)", rulebook.KeepFractions, func(c *consumer) {
		c.computes(func(s *snapshot) map[string]time.Duration {
			all := map[string]time.Duration{}
			for phase, d := range s.spent {
				all[phase] = d.Round(100 * time.Millisecond)
			}
			return all
		})
	}},
	{"arrival-clock", "takes durations from its own clock", rulebook.DurationsFromTimestamps, func(c *consumer) {
		c.span = func(a, b mark) time.Duration { return b.arrived.Sub(a.arrived) }
	}},
	{"durations-of-time", "takes durations from time, the moment of sending in v0", rulebook.DurationsFromTimestamps, func(c *consumer) {
		c.span = func(a, b mark) time.Duration {
			from, _ := time.Parse(time.RFC3339Nano, a.sent)
			to, _ := time.Parse(time.RFC3339Nano, b.sent)
			return to.Sub(from)
		}
	}},
	{"time-of-day", "subtracts times of the day, and tells 0 where that is negative", rulebook.AcrossMidnight, func(c *consumer) {
		c.span = func(a, b mark) time.Duration {
			return max(0, b.at.Sub(b.at.Truncate(24*time.Hour))-a.at.Sub(a.at.Truncate(24*time.Hour)))
		}
	}},
	{"local-time", "reckons in the local time of London, which has a summer", rulebook.AcrossMidnight, func(c *consumer) {
		c.span = func(a, b mark) time.Duration { return london(b.at).Sub(london(a.at)) }
	}},
	{"partition-of-the-day", "keeps a table for each day, and looks into the newest one", rulebook.AcrossMidnight, func(c *consumer) {
		day := func(m mark) string { return m.at.Format(time.DateOnly) }
		tell := c.tell
		c.tell = func(s *snapshot) map[string]any {
			today := &snapshot{place: s.place, interaction: s.interaction, role: s.role, agent: s.agent, count: s.count, spent: map[string]time.Duration{}}
			for _, m := range s.marks {
				if day(m) == day(s.marks[len(s.marks)-1]) {
					c.put(today, m)
				}
			}
			return tell(today)
		}
	}},
	{"zero-is-falsy", "does not leave a phase whose length is 0, as if (duration) does", rulebook.ZeroLengthPhases, func(c *consumer) {
		c.walks(func(from, to mark) bool { return to.at.After(from.at) })
	}},
	{"at-least-a-second", "takes a phase for a second that was shorter", rulebook.ZeroLengthPhases, func(c *consumer) {
		c.span = func(a, b mark) time.Duration { return max(time.Second, b.at.Sub(a.at)) }
	}},
	{"starts-with-connect", `takes what starts with "channel.connect" for an answer, and so connectionfailed`, rulebook.FailedOffers, func(c *consumer) {
		c.takes("connected", "channel.connectionfailed")
	}},
	{"failed-is-ended", "takes a failed offer for the end of the channel", rulebook.FailedOffers, func(c *consumer) {
		c.takes("ended", "channel.connectionfailed")
	}},
	{"held-until-retrieved", "ends hold, parking and interruption only by what brings the channel back", rulebook.CloseEveryPhase, func(c *consumer) {
		c.drops(func(phase string, until mark) bool {
			away := phase == "held" || phase == "parked" || phase == "interrupted"
			return away && until.phase != "connected"
		})
	}},
	{"alerting-until-connected", "ends alerting only by connected", rulebook.CloseEveryPhase, func(c *consumer) {
		c.drops(func(phase string, until mark) bool { return phase == "alerting" && until.phase != "connected" })
	}},
	{"connected-until-wrap", "ends an agent's talk only by wrapstarted, and some have no wrap", rulebook.CloseEveryPhase, func(c *consumer) {
		tell := c.tell
		c.tell = func(s *snapshot) map[string]any {
			m := tell(s)
			if last := len(s.marks) - 1; s.agent != nil && last > 0 && s.marks[last].phase == "ended" && s.marks[last-1].phase == "connected" {
				m["seconds"].(map[string]float64)["connected"] -= c.span(s.marks[last-1], s.marks[last]).Seconds()
			}
			return m
		}
	}},
	{"ready-ends-wrap", "takes an agent who becomes ready, away or logged out for one who has no call any more", rulebook.PresenceApart, func(c *consumer) {
		c.store = func(p *process, e *event) int {
			if e.channel != "" || e.user == "" {
				return c.keep(p, e)
			}
			p.lock.take()
			defer p.lock.leave()
			for _, s := range p.ofAgent(e.user) {
				if s.state() != "ended" {
					at, _ := time.Parse(time.RFC3339Nano, e.stamp)
					c.put(s, mark{at: at, rank: ranks["channel.ended"], phase: "ended", kind: "channel.ended", stamp: e.stamp, sent: e.sent})
					p.commit("", s)
				}
			}
			p.commit(c.key(e), nil)
			return http.StatusNoContent
		}
	}},
}

// takes makes the phase of some kinds another one.
func (c *consumer) takes(phase string, kinds ...string) {
	of := c.phase
	c.phase = func(e *event) string {
		if slices.Contains(kinds, e.kind) {
			return phase
		}
		return of(e)
	}
}

// computes tells other durations.
func (c *consumer) computes(f func(s *snapshot) map[string]time.Duration) {
	tell := c.tell
	c.tell = func(s *snapshot) map[string]any {
		changed := s.clone()
		changed.spent = f(s)
		return tell(changed)
	}
}

// sums adds up in another way.
func (c *consumer) sums(add func(sum, d time.Duration) time.Duration) {
	c.computes(func(s *snapshot) map[string]time.Duration {
		all := map[string]time.Duration{}
		for i, m := range s.marks[:max(0, len(s.marks)-1)] {
			all[m.phase] = add(all[m.phase], c.span(m, s.marks[i+1]))
		}
		return all
	})
}

// drops leaves out the phases that end in some way.
func (c *consumer) drops(some func(phase string, until mark) bool) {
	c.computes(func(s *snapshot) map[string]time.Duration {
		all := map[string]time.Duration{}
		for i, m := range s.marks[:max(0, len(s.marks)-1)] {
			if !some(m.phase, s.marks[i+1]) {
				all[m.phase] += c.span(m, s.marks[i+1])
			}
		}
		return all
	})
}

// walks goes from phase to phase, and leaves one only if that is allowed.
func (c *consumer) walks(leave func(from, to mark) bool) {
	tell := c.tell
	c.tell = func(s *snapshot) map[string]any {
		now := &snapshot{place: s.place, interaction: s.interaction, role: s.role, agent: s.agent, count: s.count, spent: map[string]time.Duration{}}
		for _, m := range s.marks {
			if n := len(now.marks); n == 0 || leave(now.marks[n-1], m) || m.phase == "ended" {
				c.put(now, m)
			}
		}
		return tell(now)
	}
}

// london is a moment as a clock there shows it: an hour ahead from the last Sunday of March to that
// of October, 1:00 UTC.
func london(at time.Time) time.Time {
	sunday := func(m time.Month) time.Time {
		t := time.Date(at.Year(), m, 31, 1, 0, 0, 0, time.UTC)
		return t.AddDate(0, 0, -int(t.Weekday()))
	}
	if !at.Before(sunday(time.March)) && at.Before(sunday(time.October)) {
		return at.Add(time.Hour)
	}
	return at
}

// ofAgent returns the snapshots of an agent's channels.
func (t *table) ofAgent(id string) (all []*snapshot) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.rows {
		if s.agent == id && s.role == "agent" {
			all = append(all, s.clone())
		}
	}
	return all
}
