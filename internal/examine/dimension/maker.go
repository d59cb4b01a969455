package dimension

import (
	"cmp"
	"embed"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/scenarios"
)

//go:embed stories/*.yaml
var files embed.FS

// maker makes one trial.
type maker struct {
	*Planner
	*trial.Trial
	key    seeded.Key
	plays  uint64 // so far
	bursts int    // so far
	err    error
}

// note is a delivery in the making.
type note struct {
	trial.Delivery
	event event.Event   // zero if a scenario wrote the body itself
	at    time.Duration // of the event, after the start of the story
}

// how says how a scenario is played. The zero value plays v0, from the examination's start.
type how struct {
	versions plan.Versions
	assume   []string  // NAME=VALUE
	start    time.Time // zero: the examination's
	party    string    // whose notifications are sent; "": everybody's
}

// everyType are stories in which each type comes.
var everyType = []string{"call-with-hold", "parked-chat", "interrupted-email", "missed-then-answered", "presences"}

// call plays the usual call: name, which is about nothing special. Where the consumer claims no type that comes in it, another story
// stands for it: what is tried with the call is about whatever may come.
func (m *maker) call(name string, h how) []note {
	if h.party == "alice" { // she is on hold as well
		h.assume = append(slices.Clone(h.assume), "held-channel=agent")
	}
	all := m.play(name, h)
	for i := 0; len(all) == 0 && i < len(everyType); i++ {
		if all = m.play(everyType[i], h); len(all) > 0 && m.Story != "" {
			m.Story = strings.TrimSuffix(m.Story, ".") + "; the story " + everyType[i] + " stands for the call."
		}
	}
	return all
}

// play plans a scenario, ours or a ready-made one, in the order of sending, without what is sent wrongly
// on purpose and without what the consumer does not claim to take.
func (m *maker) play(name string, h how) (all []note) {
	p := m.planned(name, h, m.key.With(m.plays))
	m.plays++
	if p == nil {
		return nil
	}
	for n := range p.Notifications() {
		typ, unknown := event.ParseType(n.Type())
		takes := unknown == nil && m.Profile.takes(typ) || unknown != nil && m.Profile.takesUnknown(n.Type())
		if n.Extra || n.Fault == fault.Drop || !takes || h.party != "" && n.Name != h.party {
			continue
		}
		this := note{newDelivery(n.AppendBody(nil)), n.Event, n.At}
		this.edit(m.rename)
		if this.Party = n.Name; n.Keys%2 == 1 && m.Profile.NextSecret {
			this.Token = trial.Next
		}
		all = append(all, this)
	}
	return all
}

// rename gives an agent whom no story numbers an agentId of the trial's own, and the userId that belongs to it: an agent has one
// of each for ever, whatever the seed.
func (m *maker) rename(e *event.Event) {
	for _, u := range []*event.User{&e.User, &e.Channel.Party.User} {
		if rest, usual := strings.CutPrefix(u.AgentID, "10"); usual && len(rest) == 2 {
			source := m.key.WithText("agents").Source()
			u.AgentID = strconv.FormatUint(10_000+source.Below(90_000), 10) + rest
			user := seeded.From(0).WithText("user").WithText(u.AgentID).GUID()
			u.UserID, _ = event.ParseGUID(string(user[:])) // it is one
		}
	}
}

func newDelivery(body []byte) trial.Delivery {
	return trial.Delivery{Note: trial.ReadNote(body), Body: body}
}

// planned plans a scenario, or notes why it cannot.
func (m *maker) planned(name string, h how, key seeded.Key) *plan.Plan {
	sc, err := m.scenario(name)
	if err != nil {
		m.err = cmp.Or(m.err, err)
		return nil
	}
	if m.Story == "" {
		m.Story = sc.Story
	}
	source := key.Source()
	o := plan.Options{Seed: source.Uint64(), Start: h.start, Versions: m.versions(h.versions)}
	if o.Start.IsZero() {
		o.Start = m.Start
	}
	for _, text := range h.assume {
		assumption, value, _ := strings.Cut(text, "=")
		if err := o.Assume.Change(assumption, value); err != nil {
			m.err = cmp.Or(m.err, err)
			return nil
		}
	}
	p, err := plan.New(sc, o)
	m.err = cmp.Or(m.err, err)
	return p
}

// versions are those wanted, as far as they are claimed.
func (p *Planner) versions(want plan.Versions) plan.Versions {
	switch claimed := p.Profile.Versions; {
	case len(claimed) == 0 || slices.Contains(claimed, event.V0) && slices.Contains(claimed, event.V1):
		return want
	case slices.Contains(claimed, event.V1):
		return plan.OnlyV1
	}
	return plan.OnlyV0
}

func (p *Planner) scenario(name string) (*scenario.Scenario, error) {
	if sc := p.parsed[name]; sc != nil {
		return sc, nil
	}
	text, err := files.ReadFile("stories/" + name + ".yaml")
	if err != nil {
		text, err = scenarios.Source(name)
	}
	if err != nil {
		return nil, err
	}
	sc, err := scenario.Parse(name+".yaml", text)
	p.parsed[name] = sc
	return sc, err
}

// send adds deliveries to the trial.
func (m *maker) send(all ...note) {
	for i := range all {
		m.Deliveries = append(m.Deliveries, all[i].Delivery)
	}
}

// burst adds deliveries that are released together.
func (m *maker) burst(all ...note) {
	m.bursts++
	for i := range all {
		d := all[i].Delivery
		d.Burst = m.bursts
		m.Deliveries = append(m.Deliveries, d)
	}
}

// edit writes a body anew after a change of its event. Bodies that a scenario wrote stay.
func (n *note) edit(change func(*event.Event)) {
	if n.event.Type == (event.Type{}) {
		return
	}
	change(&n.event)
	n.write(event.Append(nil, n.event))
}

// write replaces the body.
func (n *note) write(body []byte) {
	n.Body, n.Note = body, trial.ReadNote(body)
}

// stamp makes a notification one that is sent at a moment: v0's time and the id say so.
func (m *maker) stamp(n *note, at time.Time, nth int) {
	n.edit(func(e *event.Event) {
		if e.Type.Version == event.V0 {
			e.Time = event.Stamp{Time: at.Add(time.Duration(nth) * 1234 * time.Microsecond), Digits: e.Time.Digits}
		}
		e.ID = event.ID(m.key.With(m.plays<<20 + uint64(nth)).WithText(e.ID.String()).KSUID(at))
	})
}

// stamped copies notifications and makes the order in which they stand that of v0's time and of their ids.
func (m *maker) stamped(all []note) []note {
	out := slices.Clone(all)
	var last time.Duration
	for i := range out {
		last = max(last, out[i].at)
	}
	for i := range out {
		m.stamp(&out[i], m.Start.Add(last+time.Duration(i+1)*1100*time.Millisecond), i)
	}
	return out
}

// renewed copies notifications under new ids.
func (m *maker) renewed(all []note) []note {
	out := slices.Clone(all)
	for i := range out {
		out[i].edit(func(e *event.Event) {
			moment, _ := seeded.Moment(e.ID.String())
			e.ID = event.ID(m.key.With(1).WithText(e.ID.String()).KSUID(moment))
		})
	}
	return out
}

// arranged are notifications in another order.
func arranged(all []note, order []int) []note {
	out := make([]note, len(order))
	for i, from := range order {
		out[i] = all[from]
	}
	return out
}
