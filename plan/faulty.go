package plan

import "github.com/ringback/ringback/scenario/fault"

// Commits reports whether a fault of that kind may be among the notifications.
func (p *Plan) Commits(kind fault.Kind) bool {
	for _, r := range p.faultRules() {
		if r.Kind == kind {
			return true
		}
	}
	for _, c := range p.casts {
		for i := range c.prog.Ops {
			if c.stepFaults && c.prog.Ops[i].Step.Fault == kind {
				return true
			}
		}
	}
	return false
}

// faulty reports whether anything is to go wrong at all.
func (p *Plan) faulty() bool {
	if len(p.opts.Faults) > 0 {
		return true
	}
	for _, c := range p.casts {
		if len(c.faults) > 0 || c.stepFaults {
			return true
		}
	}
	return false
}
