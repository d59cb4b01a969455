package main

import (
	"iter"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/report"
)

// walk is the way through the plan, and what happened on its floor once the way has been
// gone. Of a recording, nothing is known of the floor.
func (r *playing) walk() (all iter.Seq[plan.Notification], floor func() *report.Floor) {
	p, planned := r.plan.(interface{ Walk() *plan.Walk })
	if !planned {
		return r.plan.Notifications(), func() *report.Floor { return nil }
	}
	w := p.Walk()
	return w.Notifications(), func() *report.Floor {
		f := w.Floor()
		return report.NewFloor(&f)
	}
}
