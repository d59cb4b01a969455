package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/waive"
)

// Waive takes waivers into account: what they allow does not fail, and those that have expired, or are not needed any
// more, do.
func (r *Result) Waive(all []waive.Waiver, now time.Time) {
	for i := range all {
		w := &all[i]
		until := w.Until.Format(time.DateOnly)
		f := r.finding(string(w.Rule))
		switch {
		case f != nil && w.Expired(now):
			r.Failures = append(r.Failures, fmt.Sprintf("%s: the waiver of %s expired on %s, and the consumer still breaks the rule (reason given: %s)", w.Place, w.Rule, until, w.Reason))
		case f != nil:
			f.Waived = fmt.Sprintf("until %s: %s (%s)", until, w.Reason, w.Place)
		default:
			r.unneeded(string(w.Rule), w.Place+": the waiver of "+string(w.Rule), "remove it")
		}
	}
	r.conclude()
}

// Compare takes an earlier result into account: what was wrong then does not fail, and what is right by now does,
// so that it cannot become wrong again without being seen.
func (r *Result) Compare(before *Result) {
	for i := range before.Findings {
		rule := before.Findings[i].Rule
		switch f := r.finding(rule); {
		case f == nil:
			r.unneeded(rule, "the entry "+rule+" of the baseline", "write the baseline anew")
		case f.Waived == "":
			f.Waived = "known: the baseline has it"
		}
	}
	r.conclude()
}

// unneeded notes an exception for a rule that is not broken.
func (r *Result) unneeded(rule, exception, cure string) {
	i := slices.IndexFunc(r.Rules, func(o Rule) bool { return o.ID == rule })
	switch {
	case i < 0: // of another version
		r.Notes = append(r.Notes, exception+" is about no rule of this version")
	case r.Rules[i].Verdict == string(examine.OK) && !r.Interrupted:
		r.Failures = append(r.Failures, exception+" is not needed any more: the consumer keeps the rule; "+cure)
	case r.Rules[i].Verdict == string(examine.Untested):
		r.Notes = append(r.Notes, fmt.Sprintf("%s was not looked at: the rule was not tested (%s)", exception, r.Rules[i].Why))
	}
}

// finding is the one about a rule, or nil.
func (r *Result) finding(rule string) *Finding {
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Rule == rule })
	if i < 0 {
		return nil
	}
	return &r.Findings[i]
}

// Read reads a result from its JSON form.
func Read(text []byte) (*Result, error) {
	var r Result
	switch err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\uFEFF")), &r); {
	case err != nil:
		return nil, errors.New("it is no JSON report of an examination")
	case r.SchemaVersion != Schema || r.Rules == nil:
		return nil, fmt.Errorf("it is no report of an examination with schema_version %d", Schema)
	}
	return &r, nil
}
