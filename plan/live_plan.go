package plan

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
)

// party is the agent as a scenario declares one.
func (a *LiveAgent) party(form idForm) scenario.Party {
	declared := &scenario.Agent{Name: a.Name, AgentID: a.User.AgentID}
	n, err := strconv.ParseUint(a.User.AgentID, 10, 48)
	switch {
	case !a.User.UserID.IsZero():
		declared.UserID = a.User.UserID.String()
	case err == nil && n >= firstNumber && strconv.FormatUint(n, 10) == a.User.AgentID:
		declared.UserID = form.seededID(n).String()
	}
	return scenario.Party{Name: a.Name, Agent: declared}
}

// newLivePlan makes what a play needs of a plan: a cast without a story.
func newLivePlan(o *LiveOptions, parties []scenario.Party) (*Plan, error) {
	start := o.Start.Round(0).UTC().Truncate(time.Millisecond)
	if start.Before(seeded.FirstTime) || start.After(seeded.LastTime) {
		return nil, &StartError{start, seeded.FirstTime, seeded.LastTime}
	}
	if o.Versions > Both {
		return nil, fmt.Errorf("unknown event versions %d", o.Versions)
	}
	p := &Plan{opts: Options{Seed: o.Seed, Start: start, Versions: o.Versions, Assume: o.Assume}, count: 1}
	sc := &scenario.Scenario{Program: &story.Program{Parties: parties}}
	p.casts = []*cast{newCast(sc, p.opts, firstNumber, uint64(len(parties)), map[string]bool{})}
	return p, nil
}

// livePlay is a play whose choices have names of their own, so that a story with the same
// seed and start shares no identifier with it.
func (p *Plan) livePlay(name uint64) *play {
	pl := &play{texts: &texts{}}
	pl.begin(p, 0, 0)
	pl.rename(seeded.From(p.opts.Seed).With(name))
	pl.ids = pl.key.With(nameStart).With(uint64(p.opts.Start.UnixNano()))
	return pl
}

// LivePresence makes the notifications of an agent's change to a presence, by its word in
// scenarios: one for each version. There are none for a word, a start or an agent that
// NewLive would refuse. The identifiers follow from the seed, the agent, the moment, and nth,
// which tells apart changes in one millisecond.
func LivePresence(o LiveOptions, agent LiveAgent, presence string, at time.Time, nth uint64) []Notification {
	known := slices.IndexFunc(scenario.Presences(), func(p scenario.Presence) bool { return p.Word == presence })
	p, err := newLivePlan(&o, []scenario.Party{{Name: "customer"}, agent.party(formOf(o.Assume))})
	if known < 0 || err != nil || agent.User.AgentID == "" {
		return nil
	}
	l := &Live{play: p.livePlay(namePresence)}
	l.moment(at)
	l.play.rename(l.play.key.WithText(agent.User.AgentID).With(uint64(l.play.now)).With(nth))
	l.play.plan1(&entry{at: l.play.now, channel: outside + 1, kind: event.PresenceChanged, change: uint8(known + 1), op: -1})
	return l.take()
}
