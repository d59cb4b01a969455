package receiver

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/ringback/ringback/event"
)

// Report summarises all that a receiver has received so far.
type Report struct {
	Accepted   int
	Duplicates int
	Ignored    int
	Refused    map[Code]int

	Lives     []Life // as Lives returns them
	Open      int    // those that have not ended
	Forgotten int    // channels and agents whose histories were evicted: see Options.Remember

	// Violations are those of evicted histories and of repeated IDs in the order in which
	// they were found, then those of the lives in their order, then those of the agents by
	// their ID.
	Violations []Violation
	Unlisted   int          // further violations of the first sort, beyond 10,000
	Violated   map[Rule]int // how often each rule was broken, the unlisted included
}

// maxEvicted is how many violations are listed that belong to no history in memory.
const maxEvicted = 10_000

// list adds violations, but lists no more than most in all.
func (r *Report) list(most int, violations ...Violation) {
	for _, v := range violations {
		r.Violated[v.Rule]++
		if len(r.Violations) < most {
			r.Violations = append(r.Violations, v)
		} else {
			r.Unlisted++
		}
	}
}

// Lives returns the lives of all remembered channels, sorted by their first moment, then by
// channel ID and version. A channel of which both versions arrived has two.
func (r *Receiver) Lives() []Life { return r.Report().Lives }

// Report judges what has arrived: a notification that has not counts as never sent. Call it
// when all has been delivered.
func (r *Receiver) Report() Report {
	report, histories := r.snapshot()
	var agents []*history
	for i := range histories {
		h := &histories[i]
		if h.isAgent() {
			agents = append(agents, h)
			continue
		}
		life := h.judge()
		report.Lives = append(report.Lives, life)
		if !life.Ended {
			report.Open++
		}
	}
	slices.SortFunc(report.Lives, func(a, b Life) int {
		return cmp.Or(a.First.Compare(b.First), slices.Compare(a.ChannelID[:], b.ChannelID[:]), cmp.Compare(a.Version, b.Version))
	})
	slices.SortFunc(agents, func(a, b *history) int {
		return cmp.Or(cmp.Compare(a.subject.agent, b.subject.agent), cmp.Compare(a.subject.version, b.subject.version))
	})
	for i := range report.Lives {
		report.list(math.MaxInt, report.Lives[i].Violations...)
	}
	for _, h := range agents {
		report.list(math.MaxInt, h.judge().Violations...)
	}
	return report
}

// snapshot copies what the judging needs, so that it happens outside the lock.
func (r *Receiver) snapshot() (Report, []history) {
	r.mu.Lock()
	defer r.mu.Unlock()
	report := r.memory.report
	report.Refused, report.Violated = maps.Clone(report.Refused), maps.Clone(report.Violated)
	report.Violations = slices.Clone(report.Violations)
	histories := make([]history, 0, len(r.memory.histories))
	for _, h := range r.memory.histories {
		histories = append(histories, *h)
	}
	return report, histories
}

// Rule names a rule that notifications violate. Rules are stable.
type Rule string

// The rules that each notification keeps by itself or with any other that arrived.
const (
	V0TimeEarly     Rule = "v0-time-early"    // v0: time, the moment of sending, is before timestamp
	V1TimeDiffers   Rule = "v1-time-differs"  // v1: time is not timestamp
	IDSecond        Rule = "id-second"        // v0: the second in the ID is not that of time; v1: it is before timestamp
	IDReused        Rule = "id-reused"        // two different notifications with one source and ID
	IdentityChanged Rule = "identity-changed" // a channel's role, user, interaction or conversation differs; once for each of them
	InteractionMove Rule = "interaction-move" // one interaction in two conversations; once per channel
	AgentAmbiguous  Rule = "agent-ambiguous"  // one agent ID with two user IDs, or the other way round; once per channel
)

// The rules of whole lives, judged when Report is called.
const (
	IllegalTransition Rule = "illegal-transition" // an event in a phase that does not know it
	AfterEnded        Rule = "after-ended"        // any event after ended
	MissingAlerted    Rule = "missing-alerted"    // a life that begins otherwise
	DisconnectedAlone Rule = "disconnected-alone" // neither wrapstarted nor ended at the instant of disconnected
	WrapNotAgent      Rule = "wrap-not-agent"     // wrapstarted on another role's channel
	PresenceRepeated  Rule = "presence-repeated"  // a change to the presence that the agent is in
)

// Violation is a rule that the sender violated, and where.
type Violation struct {
	Rule     Rule
	ID       event.ID   // the notification; where two disagree, the later to arrive
	Type     event.Type // of the notification
	Subject  string     // of the notification: a channel ID, or an agent ID
	Sentence string     // what happened, and what is legal
}

// String is the violation in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s: %s of %s, notification %s: %s", v.Rule, v.Type, v.Subject, v.ID, v.Sentence)
}

// of makes a violation of rule r by an event.
func (r Rule) of(e *event.Event, format string, args ...any) Violation {
	return Violation{Rule: r, ID: e.ID, Type: e.Type, Subject: e.Subject(), Sentence: fmt.Sprintf(format, args...)}
}
