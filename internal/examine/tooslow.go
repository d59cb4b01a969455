package examine

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
)

// How many attempts at notifications of one type must have had no answer in time, and none one, to leave these out: each costs ten seconds, and
// nothing else could be examined. So many others must have had one: who is only just starting is slow with everything.
const (
	outOfTime   = 3
	othersQuick = 4
)

// haste is how a consumer answers a type, in either version, of one role: it may do more for its agents than for customers.
type haste struct {
	late  int  // attempts without an answer in time; what never had one counts as enough
	quick bool // some had one
}

// slow reports whether there was never an answer in time.
func (h haste) slow() bool { return h.late >= outOfTime && !h.quick }

// hastes are those of a consumer, by type and role, and how many notifications had an answer in time.
type hastes struct {
	of    map[string]haste
	quick int
}

// timed takes an answer into account.
func (r *run) timed(d *trial.Delivery, a *trial.Answer) {
	if d.Want() != trial.Accept || d.Crash.When != trial.Never || a.Attempts == 0 {
		return
	}
	before := r.hastes.left()
	h := r.hastes.of[kindOf(d)]
	switch {
	case late(a):
		h.late += outOfTime
	case a.Late > 0:
		h.late += a.Late
	case a.Accepted():
		h.quick = true
		r.hastes.quick++
	}
	r.hastes.of[kindOf(d)] = h
	if r.hastes.left() > before {
		r.paces = paces{} // they say nothing about how long the rest takes
	}
}

// tooSlow reports whether a delivery would only cost time: notifications of its type and role have no answer in time, and others have.
func (r *run) tooSlow(d *trial.Delivery) bool {
	return r.hastes.quick >= othersQuick && r.hastes.of[kindOf(d)].slow()
}

// left counts what is left out.
func (h *hastes) left() (n int) {
	if h.quick < othersQuick {
		return 0
	}
	for _, one := range h.of {
		if one.slow() {
			n++
		}
	}
	return n
}

// shownBefore makes trials that were played before the examination a part of it, if something had no answer in time: it may be left out from then on.
func (r *run) shownBefore(all []*trial.Played) {
	for _, p := range all {
		for i := range p.Answers {
			if p.Answers[i].Late > 0 && !slices.Contains(r.all, p) {
				r.all = append(r.all, p)
			}
		}
	}
}

// kindOf is the type of a delivery without its version, and the role that its party has.
func kindOf(d *trial.Delivery) string {
	return d.Type[:max(0, strings.LastIndexByte(d.Type, '.'))] + " " + d.Role
}
