package scenario

import (
	"fmt"
	"io"

	"github.com/ringback/ringback/internal/story"
)

// Fingerprint writes what decides how the story plays, and nothing else: neither comments
// and places nor the texts for people. Stories with equal fingerprints give equal plans.
func (sc *Scenario) Fingerprint(w io.Writer) {
	fmt.Fprintf(w, "scenario %q assume %q\n", sc.Name, sc.Assume)
	for _, p := range sc.Program.Parties {
		fmt.Fprintf(w, "party %q", p.Name)
		if a := p.Agent; a != nil {
			fmt.Fprintf(w, " agent %q %q %v %t", a.AgentID, a.UserID, a.Wrap, a.NoWrap)
		}
		fmt.Fprintln(w)
	}
	for _, op := range sc.Program.Ops {
		s := op.Step
		fmt.Fprintf(w, "%d %s %d %d %d %d %d %t", op.Code, s.Word, op.Party, op.Other, op.Presence, op.To, op.Loop, s.Same)
		if op.Span != nil {
			fmt.Fprintf(w, " %v", *op.Span)
		}
		for _, way := range op.Ways {
			fmt.Fprintf(w, " %g:%d", way.UpTo, way.To)
		}
		if op.Code == story.LoopBegin {
			fmt.Fprintf(w, " %d..%d", s.Times.Min, s.Times.Max)
		}
		if s.Fault != 0 {
			fmt.Fprintf(w, " fault %s", s.Fault)
		}
		if op.Code == story.SendBody {
			fmt.Fprintf(w, " %q", s.Send.Body)
		}
		fmt.Fprintln(w)
	}
	for _, r := range sc.Faults {
		r.Fingerprint(w)
	}
}

// Fingerprint writes what decides how the rule acts.
func (r *FaultRule) Fingerprint(w io.Writer) {
	fmt.Fprintf(w, "fault %q %g %d %d %q %v\n", r.Kind.String(), r.Rate, r.Every, r.Count, r.Of, r.By)
}
