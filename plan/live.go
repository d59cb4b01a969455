package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
)

// LiveOptions say who may take part in a conversation that is driven by hand.
type LiveOptions struct {
	Seed     uint64    // of the identifiers; a conversation of its own needs a seed or a start of its own
	Start    time.Time // the moments are counted from here; within what a KSUID can hold
	Versions Versions
	Assume   assume.Set
	Medium   string // call, email, chat or case; empty: call
	From     string // name of the outside party; empty: customer
	Agents   []LiveAgent
	Dial     string // name of the agent who calls the outside party; empty: the conversation is inbound
	To       string // name of the agent whom Dial calls instead: the call is internal; else empty
}

// LiveAgent is an agent who can be rung. The User needs an AgentID; a UserID that is missing
// follows from it, as in scenarios. Agents from 1001 are those whom stories number so: a
// consumer that both are played to meets them again.
type LiveAgent struct {
	Name string
	User event.User
}

// Live is a conversation that is driven step by step instead of by a story. The same
// options, and the same steps at the same moments, give the same bytes: so a conversation can
// be built again from what was done in it. It is for one goroutine at a time.
type Live struct {
	play     *play
	medium   string
	phases   []lifecycle.Phase // by ordinal of the channel
	answered bool
	dialling bool           // from the beginning of an outbound call until the outside party answers
	callee   int            // the agent who is called by an agent; outside: none is
	waiting  bool           // the outside party waits to be called back
	watching map[int]string // supervisors, and the word of the latest thing they did: monitor, coach or join
	lapses   []lapse        // of channels that failed and have not ended
	away     string         // hold, consult, transfer, park or interrupt while that goes on, else empty
	held     int            // the party on hold, while away is hold
	queueing bool           // who consults or transfers waits in a queue, from which an agent is rung
	known    int            // how many parties there were at the beginning
	recorder int            // the party voicemail, once the call has reached it; else outside
	seq      uint64
}

// lapse is when a channel ends by itself that did not connect.
type lapse struct {
	at      int64
	ordinal int
}

// LiveChannel is one channel of a live conversation.
type LiveChannel struct {
	ChannelID string
	Party     string // as LiveOptions call it
	Role      string
	AgentID   string // empty for the outside party
	Phase     lifecycle.Phase
}

// outside is the outside party among the parties of a live conversation.
const outside = 0

// Media lists what a live conversation can be.
func Media() []string { return []string{"call", "email", "chat", "case"} }

// NewLive begins a conversation: the outside party alerts and is connected at once, and
// waits for an agent; or in an outbound call, the agent's phone rings, and the outside party
// is dialled when it is answered. Moments count in milliseconds, as those of plans; what is finer is cut
// off. All notifications are due at the moment of their event.
func NewLive(o LiveOptions, at time.Time) (*Live, []Notification, error) {
	o.Medium, o.From = cmp.Or(o.Medium, "call"), cmp.Or(o.From, "customer")
	if !slices.Contains(Media(), o.Medium) {
		return nil, nil, fmt.Errorf("there is no medium %q; want call, email, chat or case", o.Medium)
	}
	if o.From == story.VoicemailParty {
		return nil, nil, fmt.Errorf("%q is where calls are recorded; want another name", o.From)
	}
	parties := []scenario.Party{{Name: o.From}}
	names := map[string]bool{o.From: true}
	for _, a := range o.Agents {
		switch {
		case a.Name == "" || names[a.Name]:
			return nil, nil, fmt.Errorf("the party name %q is empty or used twice; give every party a name of its own", a.Name)
		case a.User.AgentID == "":
			return nil, nil, fmt.Errorf("the agent %s has no agentId", a.Name)
		}
		names[a.Name] = true
		parties = append(parties, a.party(formOf(o.Assume)))
	}
	p, err := newLivePlan(&o, parties)
	if err != nil {
		return nil, nil, err
	}
	l := &Live{play: p.livePlay(nameLive), medium: o.Medium, watching: map[int]string{}, known: len(parties)}
	l.moment(at)
	if o.Dial == "" {
		l.apply(story.Begin, o.Medium, outside)
		return l, l.take(), nil
	}
	caller := slices.IndexFunc(o.Agents, func(a LiveAgent) bool { return a.Name == o.Dial }) + 1
	l.callee = slices.IndexFunc(o.Agents, func(a LiveAgent) bool { return a.Name == o.To }) + 1
	switch {
	case o.Medium != "call":
		return nil, nil, fmt.Errorf("agents dial calls; want the medium call, got %q", o.Medium)
	case caller == outside:
		return nil, nil, fmt.Errorf("there is no agent %q who could dial", o.Dial)
	case o.To != "" && (l.callee == outside || l.callee == caller):
		return nil, nil, fmt.Errorf("there is no agent %q whom %s could call", o.To, o.Dial)
	}
	l.dialling = true
	l.apply(story.Dial, l.dials(), caller)
	if l.phases[0] == lifecycle.Connected { // by the assumption agent-leg
		l.answer(caller)
	}
	return l, l.take(), nil
}

// moment makes at the present, unless that would turn back the time: a clock may be set back
// between two steps, and the order of what was done counts.
func (l *Live) moment(at time.Time) {
	at = at.Round(0).Truncate(time.Millisecond) // without the monotonic reading, which no restart survives
	l.play.now = max(l.play.now, int64(at.Sub(l.play.plan.opts.Start)))
}

// apply does one operation on the state of the story. possible lists lawful ones only; its
// test is exhaustive.
func (l *Live) apply(code story.Code, word string, party int) {
	step := &scenario.Step{Word: word}
	if word == "hold" || word == "alternate" {
		step.Name = l.name(party)
	}
	l.applyStep(code, step, party)
}

func (l *Live) applyStep(code story.Code, step *scenario.Step, party int) {
	op := story.Op{Code: code, Step: step, Party: party}
	if p := l.play.state.Apply(&op, l.move); p != nil {
		panic("plan: a step that is not lawful was allowed: " + p.Text)
	}
}

// move plans what an edge announces, and keeps the phase.
func (l *Live) move(c *story.Channel, e *lifecycle.Edge) {
	l.play.planMove(l.play.now, c, e)
	if c.Ordinal == len(l.phases) {
		l.phases = append(l.phases, lifecycle.New)
	}
	l.phases[c.Ordinal] = e.To
	if e.To == lifecycle.Unexpected && c.Scheduled {
		src := l.play.key.With(nameFailed).With(uint64(c.Ordinal)).Source()
		l.lapses = append(l.lapses, lapse{l.play.now + int64(story.Draw(&l.play.cast.rules.Unexpected, &src)), c.Ordinal})
	}
	l.lapses = slices.DeleteFunc(l.lapses, func(x lapse) bool { return l.phases[x.ordinal] == lifecycle.Ended })
}

// Lapse tells when a channel ends by itself that did not connect, of all such the earliest: the
// caller takes the step finish for its party then, unless somebody has before.
func (l *Live) Lapse() (at time.Time, party string, ok bool) {
	if len(l.lapses) == 0 {
		return time.Time{}, "", false
	}
	first := slices.MinFunc(l.lapses, func(a, b lapse) int { return cmp.Compare(a.at, b.at) })
	return l.play.plan.opts.Start.Add(time.Duration(first.at)), l.name(int(l.play.channels[first.ordinal].party)), true
}

// dials is the step word that begins the call of an agent.
func (l *Live) dials() string {
	if l.callee != outside {
		return "internal"
	}
	return "dial"
}

func (l *Live) answer(party int) {
	l.apply(story.Answer, "ring", party)
	if l.watching[party] != "" {
		return
	}
	l.answered, l.queueing = true, false
	if l.waiting {
		l.waiting, l.dialling = false, true
	}
	switch {
	case !l.dialling || party == l.callee:
	case l.callee == outside:
		l.apply(story.Call, "dial", outside)
		return
	default:
		l.apply(story.Alert, "internal", l.callee)
		return
	}
	l.dialling = false
	if l.away == "transfer" {
		l.apply(story.LeaveFirst, "transfer", 0)
		l.back(story.Retrieve)
	}
}

// begin begins what keeps the interaction away, until back or retrieve.
func (l *Live) begin(code story.Code, word string, party int) {
	l.apply(code, word, party)
	l.away, l.held = word, party
}

func (l *Live) alternate(party int) {
	l.apply(story.Alternate, "alternate", party)
	l.held = party
}

func (l *Live) back(code story.Code) {
	word := l.away
	l.away, l.queueing = "", false
	l.apply(code, word, 0)
}

// hangup is an outside party's. Before anybody has answered, it is an abandon.
func (l *Live) hangup(party int) {
	word := "abandon"
	if l.answered {
		word = "hangup"
	}
	l.apply(story.End, word, party)
	switch _, _, goesOn := l.play.state.Current(); {
	case !goesOn:
		l.away, l.queueing = "", false
	case l.away == "hold" && l.held == party:
		l.back(story.Retrieve)
	}
}

// leave lets one of the agents go. The last one ends it all. When the first one leaves a call
// that is on hold, a colleague who was consulted has taken it over; when the one on hold leaves,
// nobody is.
func (l *Live) leave(agent int, agents []int) {
	if l.isLast(agents, l.outsiders()) {
		l.finish(agent)
		return
	}
	l.apply(story.Leave, "leave", agent)
	if l.away == "consult" || (l.away == "hold" || l.away == "transfer") && (agent == agents[0] || agent == l.held) {
		l.back(story.Retrieve)
	}
}

// isLast reports whether it all ends when one of the agents leaves.
func (l *Live) isLast(agents, outs []int) bool {
	return len(agents) == 1 && len(outs) < 2 || l.callee != outside && len(agents)+len(outs) < 3
}

// finish is the last agent's end of it all.
func (l *Live) finish(agent int) {
	l.apply(story.End, "finish", agent)
	l.away, l.queueing = "", false
}

// take makes the notifications of what happened since.
func (l *Live) take() (ns []Notification) {
	for ; len(l.play.pending) > 0; l.play.drop() {
		var n Notification
		l.play.notification(&n)
		n.Seq = l.seq
		ns = append(ns, n)
		l.seq++
	}
	return ns
}

// ConversationID is that of all notifications of the conversation.
func (l *Live) ConversationID() string { return l.play.guid(nameConv, 0).String() }

// Over reports whether all channels have ended, after-work included, and nobody waits to be called
// back.
func (l *Live) Over() bool {
	return !l.waiting && !slices.ContainsFunc(l.phases, func(p lifecycle.Phase) bool { return p != lifecycle.Ended })
}

// Channels lists all channels so far, the ended ones too, in the order in which they began.
func (l *Live) Channels() []LiveChannel {
	list := make([]LiveChannel, len(l.phases))
	for i, phase := range l.phases {
		c := &l.play.channels[i]
		list[i] = LiveChannel{ChannelID: l.play.channelID(int32(i)).String(), Party: l.name(int(c.party)),
			Role: c.role.String(), AgentID: l.play.user(int(c.party)).AgentID, Phase: phase}
	}
	return list
}

func (l *Live) name(party int) string { return l.play.cast.prog.Parties[party].Name }

// in lists the parties of the channels whose phase is first or last or between them, in the
// order in which the channels began.
func (l *Live) in(first, last lifecycle.Phase) (parties []int) {
	for i, phase := range l.phases {
		if phase >= first && phase <= last {
			parties = append(parties, int(l.play.channels[i].party))
		}
	}
	return parties
}

// takesPart lists the agents and the outside parties who are connected or away, without those who
// supervise.
func (l *Live) takesPart() (agents, outs []int) {
	for _, party := range l.in(lifecycle.Connected, lifecycle.Interrupted) {
		switch {
		case l.isOutside(party):
			outs = append(outs, party)
		case party != l.recorder && l.watching[party] == "":
			agents = append(agents, party)
		}
	}
	return agents, outs
}

// others lists whom the first of the agents who take part talks to: outside parties, and agents.
func (l *Live) others(agents, outs []int) []int {
	return append(slices.Clip(outs), agents[min(1, len(agents)):]...)
}
