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

// haste is how a consumer answers a type, in either version.
type haste struct {
	late  int  // attempts without an answer in time; what never had one counts as enough
	quick bool // some had one
}

// timed takes an answer into account.
func (r *run) timed(d *trial.Delivery, a *trial.Answer) {
	if d.Want() != trial.Accept || d.Crash.When != trial.Never || a.Attempts == 0 {
		return
	}
	kind, before := unversioned(d.Type), r.tooSlow(d)
	h := r.hastes[kind]
	switch {
	case late(a):
		h.late += outOfTime
	case a.Late > 0:
		h.late += a.Late
	case a.Accepted():
		h.quick = true
		r.quick++
	}
	r.hastes[kind] = h
	if r.tooSlow(d) && !before {
		r.paces = paces{} // they say nothing about how long the rest takes
	}
}

// tooSlow reports whether a delivery would only cost time: notifications of its type have no answer in time, and others have.
func (r *run) tooSlow(d *trial.Delivery) bool {
	h := r.hastes[unversioned(d.Type)]
	return h.late >= outOfTime && !h.quick && r.quick >= othersQuick
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

// unversioned cuts the version off a type.
func unversioned(name string) string { return name[:max(0, strings.LastIndexByte(name, '.'))] }
