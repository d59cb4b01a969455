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
	Findings       []Finding
}

// Span is one phase of a channel, in UTC. Phases may have no duration.
type Span struct {
	Phase Phase
	From  time.Time
	To    time.Time // zero while the phase lasts
}

// judge rebuilds what the notifications so far show: of a channel its life with the findings, of
// an agent the findings alone. Partial is that of Options.
func (h *history) judge(partial bool) Life {
	if h.isAgent() {
		return Life{Findings: append(slices.Clone(h.findings), h.repeated(h.changes())...)}
	}
	order := slices.Clone(h.moments)
	slices.SortStableFunc(order, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	begun := !h.cut && slices.ContainsFunc(order, func(m moment) bool { return m.kind == event.Alerted })
	w := walk{history: h, partial: partial, begun: begun, life: Life{
		ConversationID: h.channel.ConversationID,
		InteractionID:  h.channel.InteractionID,
		ChannelID:      h.channel.ChannelID,
		Role:           h.channel.Party.Role,
		User:           h.user,
		Version:        h.subject.version,
		First:          order[0].at.time(),
		Findings:       slices.Clone(h.findings),
	}}
	for len(order) > 0 {
		n := 1
		for n < len(order) && order[n].at == order[0].at {
			n++
		}
		w.instant(order[:n], n == len(order))
		order = order[n:]
	}
	w.life.Ended = w.phase == Ended
	return w.life
}

// walk follows a channel through its life.
type walk struct {
	history *history
	partial bool // of Options
	begun   bool // whether alerted is there
	life    Life
	phase   Phase
	since   uint32 // the arrival of the notification that began it; 0 if none did
}

// instant applies the notifications with one timestamp, and knows whether they are the last.
func (w *walk) instant(group []moment, last bool) {
	for _, m := range arrange(w.phase, group) {
		w.step(m)
	}
	disconnected := func(m moment) bool { return m.kind == event.Disconnected }
	if i := slices.IndexFunc(group, disconnected); i >= 0 && w.phase == Disconnected {
		w.find(DisconnectedAlone, group[i], 0, "neither wrapstarted nor ended has the same timestamp", last)
	}
}

func (w *walk) step(m moment) {
	to, legal := move(w.phase, m.kind)
	switch {
	case legal:
	case w.phase == Ended:
		w.find(AfterEnded, m, w.since, "the channel has ended; no event may follow", false)
	case w.phase == notStarted:
		w.find(MissingAlerted, m, 0, "the first event of a channel must be alerted", !w.begun)
	case assumed[m.kind]&(1<<w.phase) != 0:
		w.find(AssumedTransition, m, w.since, fmt.Sprintf("not expected while the channel is %s", w.phase), !w.begun)
	default:
		w.find(IllegalTransition, m, w.since, fmt.Sprintf("not possible while the channel is %s", w.phase), !w.begun)
	}
	if m.kind == event.WrapStarted && w.life.Role != event.Agent {
		w.find(WrapNotAgent, m, 0, fmt.Sprintf(wrapOf, w.life.Role), false)
	}
	if to != w.phase {
		w.enter(to, m.at.time())
		w.since = m.arrival
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

// find adds a finding. Explained says that notifications which may be missing would explain it; of those that were
// forgotten it is known that they came.
func (w *walk) find(r Rule, m moment, earlier uint32, sentence string, explained bool) {
	if (w.history.cut || w.history.doubtful) && explained {
		return
	}
	f := w.history.finding(r, m, earlier, sentence)
	if w.partial && explained {
		f.Class, f.Sentence = event.Note, f.Sentence+", unless notifications are missing here"
	}
	w.life.Findings = append(w.life.Findings, f)
}
