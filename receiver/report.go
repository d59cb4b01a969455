package receiver

import (
	"cmp"
	"maps"
	"slices"
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

// evicted holds what remains of histories that were evicted, and violations that belong to no
// history.
type evicted struct {
	histories  int
	violations []Violation // at most maxEvicted; only grows
	unlisted   int
	violated   map[Rule]int
}

const maxEvicted = 10_000

func (p *evicted) add(violations ...Violation) {
	for _, v := range violations {
		p.violated[v.Rule]++
		if len(p.violations) < maxEvicted {
			p.violations = append(p.violations, v)
		} else {
			p.unlisted++
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
		life, _ := h.judge()
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
		report.list(report.Lives[i].Violations)
	}
	for _, h := range agents {
		_, violations := h.judge()
		report.list(violations)
	}
	return report
}

func (r *Report) list(violations []Violation) {
	r.Violations = append(r.Violations, violations...)
	for _, v := range violations {
		r.Violated[v.Rule]++
	}
}

// snapshot copies what the judging needs, so that it happens outside the lock.
func (r *Receiver) snapshot() (Report, []history) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &r.memory.evicted
	report := Report{
		Accepted:   r.counts.accepted,
		Duplicates: r.counts.duplicates,
		Ignored:    r.counts.ignored,
		Refused:    maps.Clone(r.counts.refused),
		Forgotten:  p.histories,
		Violations: slices.Clone(p.violations),
		Unlisted:   p.unlisted,
		Violated:   maps.Clone(p.violated),
	}
	histories := make([]history, 0, len(r.memory.histories))
	for _, h := range r.memory.histories {
		histories = append(histories, *h)
	}
	return report, histories
}
