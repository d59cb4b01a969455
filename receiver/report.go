package receiver

import (
	"cmp"
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

	// ForgottenIDs is how many IDs, at the most, were forgotten less than 25 hours after they were last heard of: see Options.RememberIDs.
	ForgottenIDs int

	// Violations are the findings of class event.Violation, and Remarks the deviations and notes:
	// first those of evicted histories and of repeated IDs in the order in which they were
	// found, then those of the lives in their order, then those of the agents by their ID.
	Violations []Finding
	Remarks    []Finding
	Unlisted   int          // further violations of the first sort, beyond 10,000
	Violated   map[Rule]int // how often each rule was violated, the unlisted included
}

// maxEvicted is how many violations, and how many remarks, are listed that belong to no history
// in memory.
const maxEvicted = 10_000

// list adds findings, but lists no more than most violations and most remarks in all.
func (r *Report) list(most int, findings ...Finding) {
	for _, f := range findings {
		switch {
		case f.Class != event.Violation:
			if len(r.Remarks) < most {
				r.Remarks = append(r.Remarks, f)
			}
			continue
		case len(r.Violations) < most:
			r.Violations = append(r.Violations, f)
		default:
			r.Unlisted++
		}
		r.Violated[f.Rule]++
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
		life := h.judge(r.options.Partial)
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
		report.list(math.MaxInt, report.Lives[i].Findings...)
	}
	for _, h := range agents {
		report.list(math.MaxInt, h.judge(r.options.Partial).Findings...)
	}
	return report
}

// snapshot copies what the judging needs, so that it happens outside the lock.
func (r *Receiver) snapshot() (Report, []history) {
	r.mu.Lock()
	defer r.mu.Unlock()
	report := r.memory.report
	report.ForgottenIDs = r.memory.ids.lost
	report.Refused, report.Violated = maps.Clone(report.Refused), maps.Clone(report.Violated)
	report.Violations, report.Remarks = slices.Clone(report.Violations), slices.Clone(report.Remarks)
	histories := make([]history, 0, len(r.memory.histories))
	for _, h := range r.memory.histories {
		histories = append(histories, *h)
	}
	return report, histories
}
