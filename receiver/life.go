package receiver

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/event"
)

// Life is the life of one channel, from the notifications of one version.
type Life struct {
	ConversationID event.GUID
	InteractionID  event.GUID
	ChannelID      event.GUID
	Role           event.Role
	User           event.User // zero if the role has none
	Version        event.Version
	First          time.Time // the earliest timestamp
	Spans          []Span    // in order of time, without gaps
	Ended          bool
	Violations     []Violation
}

// Span is one phase of a channel, in UTC. Phases may have no duration.
type Span struct {
	Phase Phase
	From  time.Time
	To    time.Time // zero while the phase lasts
}

// judge rebuilds what the notifications so far show: of a channel its life with the
// violations, of an agent the violations alone.
func (h *history) judge() Life {
	if h.isAgent() {
		return Life{Violations: append(slices.Clone(h.violations), h.repeatedPresences()...)}
	}
	order := slices.Clone(h.moments)
	slices.SortStableFunc(order, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	w := walk{history: h, life: Life{
		ConversationID: h.channel.ConversationID,
		InteractionID:  h.channel.InteractionID,
		ChannelID:      h.channel.ChannelID,
		Role:           h.channel.Party.Role,
		User:           h.user,
		Version:        h.subject.version,
		First:          order[0].at.time(),
		Violations:     slices.Clone(h.violations),
	}}
	for len(order) > 0 {
		n := 1
		for n < len(order) && order[n].at == order[0].at {
			n++
		}
		w.instant(order[:n])
		order = order[n:]
	}
	w.life.Ended = w.phase == Ended
	return w.life
}

// walk follows a channel through its life.
type walk struct {
	history *history
	life    Life
	phase   Phase
}

// instant applies the notifications with one timestamp.
func (w *walk) instant(group []moment) {
	for _, m := range arrange(w.phase, group) {
		w.step(m)
	}
	disconnected := func(m moment) bool { return m.kind == event.Disconnected }
	if i := slices.IndexFunc(group, disconnected); i >= 0 && w.phase == Disconnected {
		w.violate(DisconnectedAlone, group[i], "neither wrapstarted nor ended has the same timestamp")
	}
}

func (w *walk) step(m moment) {
	to, legal := move(w.phase, m.kind)
	switch {
	case legal:
	case w.phase == Ended:
		w.violate(AfterEnded, m, "the channel has ended; no event may follow")
	case w.phase == notStarted:
		w.violate(MissingAlerted, m, "the first event of a channel must be alerted")
	default:
		w.violate(IllegalTransition, m, fmt.Sprintf("not possible while the channel is %s", w.phase))
	}
	if m.kind == event.WrapStarted && w.life.Role != event.Agent {
		w.violate(WrapNotAgent, m, fmt.Sprintf("the channel has the role %s; only agents wrap up", w.life.Role))
	}
	if to != w.phase {
		w.enter(to, m.at.time())
	}
}

// enter ends the current span and begins the next.
func (w *walk) enter(to Phase, at time.Time) {
	if n := len(w.life.Spans); n > 0 {
		last := &w.life.Spans[n-1]
		last.To = at
		if last.Phase == Disconnected && last.From.Equal(at) {
			w.life.Spans = w.life.Spans[:n-1]
		}
	}
	if to != Ended {
		w.life.Spans = append(w.life.Spans, Span{Phase: to, From: at})
	}
	w.phase = to
}

func (w *walk) violate(r Rule, m moment, sentence string) {
	w.life.Violations = append(w.life.Violations, w.history.violation(r, m, sentence))
}
