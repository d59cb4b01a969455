package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

const (
	mostManual = 200  // conversations driven by hand that are active at once
	mostSteps  = 2000 // of one of them, its beginning included: all are kept, and stored again with each one
)

// MaxParty is the maximum length of the name of a party, in characters.
const MaxParty = 64

// Opening is how a conversation by hand begins.
type Opening struct {
	Medium string // call, email, chat or case; empty: call
	From   string // name of the outside party, at most MaxParty characters; empty: customer
	Dial   string // the agent who calls that party; empty: the conversation is inbound
	To     string // the agent whom Dial calls instead; empty: none
}

// Begin begins a conversation by hand.
func (e *Engine) Begin(ctx context.Context, o Opening) (Live, error) {
	b := &e.manual
	b.mu.Lock()
	defer b.mu.Unlock()
	medium := cmp.Or(o.Medium, "call")
	if utf8.RuneCountInString(o.From) > MaxParty {
		return Live{}, invalid("from", "want at most %d characters", MaxParty)
	}
	if b.sweep(); len(b.conversations) >= mostManual {
		return Live{}, invalid("conversation", "%d are active already: end one first", mostManual)
	}
	if why := b.unable(o.Dial, "dial", medium, nil); why != "" {
		return Live{}, invalid("dial", "%s", why)
	}
	if why := b.unable(o.To, "ring", medium, nil); why != "" {
		return Live{}, invalid("to", "%s", why)
	}
	in := e.offline(o.Dial, stamp(time.Now()))
	now := b.behind(in.at, o.Dial, o.To)
	args, err := json.Marshal(opening{From: o.From, Dial: o.Dial, To: o.To, Versions: e.manualVersions().String()})
	if err != nil {
		return Live{}, err
	}
	h, notes, err := e.replay(store.Conversation{Medium: medium, Seed: newSeed(), Created: now,
		Actions: []store.Action{{At: now, Step: stepBegin, Args: args}}})
	if err != nil {
		return Live{}, invalid("conversation", "%v", err)
	}
	in.notes = append(in.notes, notes...)
	if err := e.keepManual(ctx, h, in); err != nil {
		return Live{}, err
	}
	b.conversations[h.ID] = h
	return e.announce(h), nil
}

// Do takes a step. It fails with *NotAllowed, store.ErrNotFound or ErrEnded.
func (e *Engine) Do(ctx context.Context, conversation string, s Step) (Live, error) {
	b := &e.manual
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.conversations[conversation]
	switch {
	case h == nil:
		return Live{}, e.whyUnknown(ctx, conversation)
	case !h.Ended.IsZero():
		return Live{}, ErrEnded
	}
	return e.do(ctx, h, s)
}

// do takes a step of a conversation that has not ended.
func (e *Engine) do(ctx context.Context, h *manualConversation, s Step) (Live, error) {
	b := &e.manual
	why := b.keptFrom(s.Step, h)
	if slices.Contains([]string{"ring", "consult", "transfer", "monitor"}, s.Step) {
		why = b.unable(s.Agent, s.Step, h.Medium, h)
	}
	if len(h.kept.Actions) >= mostSteps && s.Step != "hangup" && s.Step != "finish" {
		why = fmt.Sprintf("the conversation has %d steps, the maximum; hangup and finish still end it", mostSteps)
	}
	if why != "" {
		return Live{}, &NotAllowed{s.Step, why, b.allowed(h)}
	}
	args, err := json.Marshal(s)
	if err != nil {
		return Live{}, err
	}
	now := stamp(time.Now())
	if last := h.kept.Actions[len(h.kept.Actions)-1].At; now.Before(last) {
		now = last // the clock was set back
	}
	now = b.behind(now, s.Agent)
	notes, err := h.live.Do(now, s.action())
	if forbidden, is := errors.AsType[*plan.Forbidden](err); is {
		err = &NotAllowed{forbidden.Step, forbidden.Why, b.allowed(h)}
	}
	if err != nil {
		return Live{}, err
	}
	before := h.kept
	h.kept.Actions = append(slices.Clip(before.Actions), store.Action{At: now, Step: s.Step, Args: args})
	if h.observe(notes, now); !h.Ended.IsZero() {
		h.kept.Ended = now
	}
	in := e.intentions(h, now)
	in.notes = append(notes, in.notes...)
	if err := e.keepManual(ctx, h, in); err != nil {
		if as, _, fault := e.replay(before); fault == nil {
			b.conversations[h.ID] = as // as if the step had not been taken
			e.awaitLapse(as, time.Second)
		}
		return Live{}, err
	}
	e.awaitLapse(h, 0)
	return e.announce(h), nil
}

// whyUnknown says why no step is possible in a conversation.
func (e *Engine) whyUnknown(ctx context.Context, id string) error {
	_, err := e.store.Conversation(ctx, id)
	switch {
	case err == nil:
		return ErrEnded
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	if slices.ContainsFunc(e.observed.list(), func(l Live) bool { return l.ID == id }) {
		return &NotAllowed{"a step", "the conversation belongs to a run", nil}
	}
	return store.ErrNotFound
}

// keepManual stores what a step did together with the conversation. Once begun, it is finished
// even if the client leaves: memory and store must agree.
func (e *Engine) keepManual(ctx context.Context, h *manualConversation, in entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	in.conversations = []store.Conversation{h.kept}
	return e.keepPresences(ctx, in)
}

// announce tells listeners how a conversation and its agents are now.
func (e *Engine) announce(h *manualConversation) Live {
	l := e.manual.snapshot(h)
	e.Broadcast("conversation", l)
	e.activityChanged()
	for _, a := range e.agents() {
		if slices.ContainsFunc(h.Channels, func(c LiveChannel) bool { return c.AgentID == a.AgentID }) {
			e.Broadcast("agent", a)
		}
	}
	return l
}

// Agents lists the agents of the sandbox: alice, bob, carol, dave, erin and frank.
func (e *Engine) Agents() []Agent {
	e.manual.mu.Lock()
	defer e.manual.mu.Unlock()
	return e.agents()
}

func (e *Engine) agents() (all []Agent) {
	for _, a := range liveAgents() {
		all = append(all, e.agent(a))
	}
	return all
}

func (e *Engine) agent(a plan.LiveAgent) Agent {
	agent := Agent{Name: a.Name, AgentID: a.User.AgentID, Presence: cmp.Or(e.manual.presences[settingPresence+a.Name], firstPresence),
		Intended: e.manual.presences[settingIntended+a.Name], Busy: e.manual.busyIn(a.Name, "call", nil) != "", NoAnswer: e.manual.noAnswer(a.Name)}
	at := time.Unix(1_700_000_000, 0) // any: IDs of agents do not depend on it
	for _, n := range plan.LivePresence(plan.LiveOptions{Start: at}, a, firstPresence, at, 0) {
		agent.UserID = n.Event.User.UserID.String()
	}
	return agent
}
