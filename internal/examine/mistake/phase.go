package mistake

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// phaseMistakes are about what an event begins and ends.
var phaseMistakes = []Mistake{
	{"park-is-hold", rulebook.PhasesApart, "counts park as hold", []change{tells("parked", "held"), aside(addsTo("parked", "held")), addsTo("parked", "held")}},
	{"hold-is-park", rulebook.PhasesApart, "counts hold as park", []change{tells("held", "parked"), aside(addsTo("held", "parked")), addsTo("held", "parked")}},
	{"interruption-is-hold", rulebook.PhasesApart, "counts interruptions as hold", []change{tells("interrupted", "held"), aside(addsTo("interrupted", "held")), addsTo("interrupted", "held")}},
	{"interruption-is-park", rulebook.PhasesApart, "counts interruptions as park", []change{tells("interrupted", "parked"), aside(addsTo("interrupted", "parked")), addsTo("interrupted", "parked")}},
	{"wrap-is-talk", rulebook.PhasesApart, "counts wrap as conversation", []change{tells("wrap", "connected"), aside(addsTo("wrap", "connected")), addsTo("wrap", "connected"), ignoring("channel.wrapstarted"), losing("channel.wrapstarted")}},
	{"ringing-is-talk", rulebook.PhasesApart, "counts ringing as conversation", []change{tells("alerting", "connected"), aside(addsTo("alerting", "connected")), addsTo("alerting", "connected")}},
	{"hold-ignored", rulebook.PhasesApart, "ignores hold: conversation goes on", []change{tells("held", "connected"), aside(addsTo("held", "connected")), addsTo("held", "connected"), ignoring("channel.held"), losing("channel.held"), losing("channel.held", "channel.retrieved")}},
	{"park-ignored", rulebook.PhasesApart, "ignores park: conversation goes on", []change{tells("parked", "connected"), aside(addsTo("parked", "connected")), addsTo("parked", "connected"), ignoring("channel.parked"), losing("channel.parked"), losing("channel.parked", "channel.unparked")}},
	{"interruption-ignored", rulebook.PhasesApart, "ignores interruptions: conversation goes on", []change{tells("interrupted", "connected"), aside(addsTo("interrupted", "connected")), addsTo("interrupted", "connected"), ignoring("channel.interrupted"), losing("channel.interrupted"), losing("channel.interrupted", "channel.resumed")}},

	{"highest-phase", rulebook.OrderByTimestamp, "takes for the phase the furthest one that was reached", ranked()},
	{"absences-are-talk", rulebook.PhasesApart, "counts hold, park and interruption as conversation, too", []change{talkWith("held", "parked", "interrupted"),
		changing(spanned("connected")), changing(spanned("")), changing(spannedToEnded)}},
	{"hold-is-talk-too", rulebook.PhasesApart, "counts hold as conversation, too", []change{talkWith("held")}},
	{"park-is-talk-too", rulebook.PhasesApart, "counts park as conversation, too", []change{talkWith("parked")}},
	{"interruption-is-talk-too", rulebook.PhasesApart, "counts interruptions as conversation, too", []change{talkWith("interrupted")}},
	{"wrap-is-talk-too", rulebook.PhasesApart, "counts wrap as conversation, too", []change{talkWith("wrap")}},
	{"talk-is-all", rulebook.PhasesApart, "counts conversation from ringing on", []change{talkWith("alerting")}},

	{"failure-is-answer", rulebook.FailedOffers, "takes a failed offer for an answer", []change{tells("unexpected", "connected")}},
	{"failure-ignored", rulebook.FailedOffers, "ignores connectionfailed: it rings on", []change{tells("unexpected", "alerting"), ignoring("channel.connectionfailed"), losing("channel.connectionfailed")}},
	{"failure-is-end", rulebook.FailedOffers, "takes connectionfailed for the end", []change{begin("channel.connectionfailed", "ended")}},
	{"failure-is-wrap", rulebook.FailedOffers, "takes connectionfailed for the beginning of wrap", []change{tells("unexpected", "wrap")}},

	{"retrieved-ignored", rulebook.CloseEveryPhase, "ignores retrieved: hold goes on", []change{ignoring("channel.retrieved"), losing("channel.retrieved")}},
	{"unparked-ignored", rulebook.CloseEveryPhase, "ignores unparked: park goes on", []change{ignoring("channel.unparked"), losing("channel.unparked")}},
	{"resumed-ignored", rulebook.CloseEveryPhase, "ignores resumed: the interruption goes on", []change{ignoring("channel.resumed"), losing("channel.resumed")}},
	{"ended-ignored", rulebook.CloseEveryPhase, "ignores ended", []change{ignoring("channel.ended"), losing("channel.ended")}},
	{"disconnected-is-end", rulebook.CloseEveryPhase, "takes disconnected for the end, and knows no wrap", []change{func(c *consumer) {
		begin("channel.disconnected", "ended")(c)
		ignoring("channel.wrapstarted")(c)
	}}},
	{"hold-open-at-hang-up", rulebook.CloseEveryPhase, "does not count the hold, park or interruption in which a channel is left", []change{
		backOnly("held", "parked", "interrupted"), backOnly("held"), backOnly("parked")}},
	{"ringing-without-end", rulebook.CloseEveryPhase, "does not count ringing", []change{uncounted("alerting")}},
	{"hold-without-end", rulebook.CloseEveryPhase, "does not count hold", []change{uncounted("held")}},
	{"park-without-end", rulebook.CloseEveryPhase, "does not count park", []change{uncounted("parked")}},
	{"interruption-without-end", rulebook.CloseEveryPhase, "does not count interruptions", []change{uncounted("interrupted")}},
	{"unexpected-without-end", rulebook.CloseEveryPhase, "does not count what follows a failed offer", []change{uncounted("unexpected")}},
	{"wrap-without-end", rulebook.CloseEveryPhase, "does not count wrap", []change{uncounted("wrap")}},
	{"alerting-without-end", rulebook.CloseEveryPhase, "counts ringing only if it is answered", []change{counted(answeredOnly), counted(notLast("alerting"))}},
	{"talk-without-wrap", rulebook.CloseEveryPhase, "ends conversation when wrap begins, and never if there is no wrap", []change{counted(notLast("connected")),
		changing(func(c *consumer, facts []fact, l *life) {
			if len(facts) > 0 && facts[0].note.AgentID != nil {
				l.count(c, func(i int) bool { return notLast("connected")(l, i) })
			}
		})}},
	{"customer-ends-all", rulebook.CloseEveryPhase, "ends all channels when the customer's ends", []change{func(c *consumer) {
		c.shared = func(_, other *part, f *fact) bool { return f.kind == "channel.ended" && other.first.Role == "external" }
		c.keeps = append(c.keeps, untilEnded)
	}, func(c *consumer) { // those that it knows by then
		c.shared = func(p, other *part, f *fact) bool {
			return f.kind == "channel.ended" && other.first.Role == "external" && p.facts[0].nth < f.nth
		}
		c.keeps = append(c.keeps, untilEnded)
	}}},
}

// tells has one phase take the place of another.
func tells(from, to string) change {
	return func(c *consumer) {
		right := c.phase
		c.phase = func(kind string) (string, bool) {
			phase, any := right(kind)
			if phase == from {
				return to, any
			}
			return phase, any
		}
	}
}

// addsTo adds what one phase lasts to another one, which it goes by its own name beside.
func addsTo(from, to string) change {
	return changing(func(_ *consumer, _ []fact, l *life) {
		if s, any := l.seconds[from]; any {
			l.seconds[to] += s
			delete(l.seconds, from)
		}
	})
}

// begin has an event begin a phase.
func begin(kind, phase string) change {
	return func(c *consumer) {
		right := c.phase
		c.phase = func(k string) (string, bool) {
			if k == kind {
				return phase, true
			}
			return right(k)
		}
	}
}

// ignoring has events of a kind change nothing.
func ignoring(kind string) change {
	return func(c *consumer) {
		right := c.phase
		c.phase = func(k string) (string, bool) {
			if k == kind {
				return "", false
			}
			return right(k)
		}
	}
}

// losing does not even store events of some kinds.
func losing(kinds ...string) change {
	return unless(func(n *trial.Note) bool {
		return slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasPrefix(n.Type, kind+".") })
	})
}

// count takes stays out of the times that do not count.
func (l *life) count(c *consumer, counts func(i int) bool) {
	for i, s := range l.stays {
		if !s.to.IsZero() && !counts(i) {
			l.seconds[s.phase] -= c.stay(s.from, s.to)
		}
	}
}

// counted keeps the stays that count.
func counted(counts func(l *life, i int) bool) change {
	return changing(func(c *consumer, _ []fact, l *life) { l.count(c, func(i int) bool { return counts(l, i) }) })
}

// backOnly counts absences of some kinds only if the channel comes back from them.
func backOnly(kinds ...string) change {
	return counted(func(l *life, i int) bool {
		return !slices.Contains(kinds, l.stays[i].phase) || i+1 < len(l.stays) && l.stays[i+1].phase == "connected"
	})
}

// notLast counts a phase unless the channel ends in it.
func notLast(phase string) func(*life, int) bool {
	return func(l *life, i int) bool {
		return l.stays[i].phase != phase || i+1 < len(l.stays) || l.phase != "ended"
	}
}

// untilEnded drops what comes behind the first end.
func untilEnded(c *consumer, facts []fact) (kept []fact) {
	facts = c.sorted(facts)
	at := slices.IndexFunc(facts, func(f fact) bool { return f.kind == "channel.ended" })
	if at < 0 {
		return facts
	}
	for i := range facts {
		if f := &facts[i]; f.at.Before(facts[at].at) || i == at {
			kept = append(kept, *f)
		}
	}
	return kept
}

func uncounted(phase string) change {
	return counted(func(l *life, i int) bool { return l.stays[i].phase != phase })
}

// answeredOnly counts ringing only if it is answered.
func answeredOnly(l *life, i int) bool {
	return l.stays[i].phase != "alerting" || i+1 < len(l.stays) && l.stays[i+1].phase == "connected"
}

// talkWith counts phases as conversation beside what they are.
func talkWith(phases ...string) change {
	return changing(func(_ *consumer, _ []fact, l *life) {
		if _, talked := l.seconds["connected"]; talked {
			for _, p := range phases {
				l.seconds["connected"] += l.seconds[p]
			}
		}
	})
}

// spanned counts as conversation all the time from the answer to wrap or the end, whatever lies between, and where it is not over,
// what a phase has lasted.
func spanned(open string) after {
	return func(c *consumer, _ []fact, l *life) {
		first := slices.IndexFunc(l.stays, func(s stay) bool { return s.phase == "connected" })
		if first < 0 {
			return
		}
		wrap := slices.IndexFunc(l.stays, func(s stay) bool { return s.phase == "wrap" && s.from.After(l.stays[first].from) })
		switch {
		case wrap >= 0:
			l.seconds["connected"] = c.stay(l.stays[first].from, l.stays[wrap].from)
		case l.phase == "ended":
			spannedToEnded(c, nil, l)
		default:
			l.seconds["connected"] = l.seconds[open]
		}
	}
}

// spannedToEnded counts all of it to the end.
func spannedToEnded(c *consumer, _ []fact, l *life) {
	first := slices.IndexFunc(l.stays, func(s stay) bool { return s.phase == "connected" })
	if first >= 0 && l.phase == "ended" {
		l.seconds["connected"] = c.stay(l.stays[first].from, l.stays[len(l.stays)-1].to)
	}
}

// rankings are the orders of phases of consumers whose phase only goes forward: hold, park and interruption come in any order behind
// conversation, or before it.
var rankings = [...]string{
	"alerting unexpected held parked interrupted connected wrap",
	"alerting connected held parked interrupted unexpected wrap", "alerting connected held interrupted parked unexpected wrap",
	"alerting connected parked held interrupted unexpected wrap", "alerting connected parked interrupted held unexpected wrap",
	"alerting connected interrupted held parked unexpected wrap", "alerting connected interrupted parked held unexpected wrap",
}

// ranked are consumers that tell the furthest of the phases that a channel was in, in one of these orders.
func ranked() (all []change) {
	for _, phases := range rankings {
		order := strings.Fields(phases)
		all = append(all, changing(func(_ *consumer, _ []fact, l *life) {
			if l.phase == "ended" {
				return
			}
			for _, s := range l.stays {
				if slices.Index(order, s.phase) > slices.Index(order, l.phase) {
					l.phase = s.phase
				}
			}
		}))
	}
	return all
}
