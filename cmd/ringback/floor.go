package main

import (
	"context"
	"iter"

	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
)

// walk is the way through the plan, and what happened on its floor once the way has been
// gone. Of a recording, nothing is known of the floor.
func (r *playing) walk(ctx context.Context) (all iter.Seq[plan.Notification], floor func() *report.Activity) {
	p, planned := r.plan.(interface{ Walk() *plan.Walk })
	if !planned {
		return r.plan.Notifications(), func() *report.Activity { return nil }
	}
	w := p.Walk()
	context.AfterFunc(ctx, w.Stop)
	if r.extent.Grows {
		r.begun = func() uint64 { f := w.Floor(); return f.Conversations }
	}
	return w.Notifications(), func() *report.Activity {
		f := w.Floor()
		return report.NewActivity(&f)
	}
}

// conversations is how many there are, or where only another walk through all of the plan would
// tell, how many have begun: after an interrupt nobody wants to wait for the rest.
func (r *playing) conversations() uint64 {
	if r.begun == nil {
		return r.plan.Conversations()
	}
	return settings.ShareOf(r.shard, r.begun())
}
