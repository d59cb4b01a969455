package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
)

// reportFlags name the gates of a run, and the files of its reports.
type reportFlags struct {
	gates []string
	files []string
}

func (f *reportFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.files, "report", nil, "`FILE` write a report: .json, .xml (JUnit), .md or .html; may be repeated")
	flags.StringArrayVar(&f.gates, "gate", nil, "`CONDITION` fail unless the result meets it, such as 'accepted >= 99.9%'; may be repeated; see \"ringback help gates\"")
}

// reporting is the parsed flags, with the gates of the scenarios.
type reporting struct {
	gates   []gate.Gate
	files   []string
	details *report.Details
	names   []string // of the scenarios
	params  []show.Given
}

// parse reads the flags, and makes sure that the files can be written.
func (f *reportFlags) parse() (*reporting, error) {
	r := &reporting{files: f.files}
	var errs []error
	for _, text := range f.gates {
		if err := r.add(text); err != nil {
			errs = append(errs, usage("--gate: %v", err))
		}
	}
	for _, path := range f.files {
		_, err := report.FormatOf(path)
		if err == nil {
			err = report.CheckFile(path)
		}
		if err != nil {
			errs = append(errs, usage("--report: %v", err))
		}
	}
	return r, errors.Join(errs...)
}

// of prepares to report on traffic, whose gates count, too.
func (r *reporting) of(t *settings.Traffic) {
	r.names, r.params = t.Names(), t.Given()
	for _, g := range t.Gates() {
		_ = r.add(g.Text) // it is correct: the scenarios have been read
	}
	if len(r.files) > 0 {
		r.details = report.NewDetails(r.names)
	}
}

// add adds a gate unless it is there.
func (r *reporting) add(text string) error {
	g, err := gate.Parse(text)
	if err == nil && !slices.ContainsFunc(r.gates, func(known gate.Gate) bool { return known.String() == g.String() }) {
		r.gates = append(r.gates, g)
	}
	return err
}

// record keeps what the reports show of a row.
func (r *reporting) record(a *emitter.Attempt) {
	if r.details != nil {
		r.details.Record(a)
	}
}

// write writes all files.
func (r *reporting) write(s *report.Summary) error {
	if err := s.WriteFiles(r.files, r.details); err != nil {
		return &statusError{exitFailed, fmt.Errorf("report: %w", err)}
	}
	return nil
}

// summary is the result of the run, with gates and verdict; err says what the exit
// status is, and which gates failed.
func (r *playing) summary(result *emitter.Result) (s *report.Summary, err error) {
	s = report.New(report.Identity{Version: version(), Seed: r.plan.Seed(), PlanHash: r.plan.Hash(), Flags: r.flags, Params: r.reporting.params,
		Start: r.plan.Start(), Names: r.reporting.names, Hide: r.senders.Hide(r.emitter.Targets), Shard: report.Shard(r.shard)}, result)
	s.Receiver = r.local.counts()
	s.Checks = append(s.Checks, r.checks...)
	s.Judge(r.reporting.gates)
	verdict, why := r.verdict(result)
	s.Verdict = verdict
	err = conclude(s, why)
	if r.reporting.details != nil && r.part != nil { // of a recording, the truth is not known
		r.reporting.details.Take(r.part.Truth, r.conversations())
	}
	return s, err
}

// failed is what ended a run before its time, other than an interrupt.
func failed(ctx context.Context, result *emitter.Result, err error) error {
	if err == nil || result.Stop == emitter.StopDrained || result.Stop == emitter.StopCancelled && ctx.Err() != nil {
		return nil
	}
	return &statusError{exitFailed, err}
}

// verdict judges a result without gates, and says why it is not a pass where the report
// does not say it anyway.
func (r *playing) verdict(result *emitter.Result) (v report.Verdict, why string) {
	// Where --types or the fault drop left something out, contradictions are expected.
	contradicted := r.local != nil && len(r.local.verdict.Violated) > 0 && !r.local.partial && result.Total().Dropped == 0
	switch {
	case result.Stop == emitter.StopDrained, result.Stop == emitter.StopCancelled:
		return report.Interrupted, ""
	case len(result.Invalid) > 0:
		return report.Invalid, ""
	case len(unmatched(result)) > 0:
		return report.Failed, "no notification of this plan matches the types of " + strings.Join(unmatched(result), ", ")
	case !result.AllRight(), contradicted:
		return report.Failed, ""
	}
	return report.Passed, ""
}

// conclude is the exit status of a run by its report, and why. Failed gates and checks fail
// a run that was good otherwise.
func conclude(s *report.Summary, why string) error {
	var texts []string
	if why != "" {
		texts = append(texts, why)
	}
	if s.Verdict == report.Invalid {
		reasons := s.Invalid
		if len(reasons) == 0 {
			reasons = []string{"the load was not offered as planned"}
		}
		texts = append(texts, "the run is invalid: "+strings.Join(reasons, "\nthe run is invalid: "))
	}
	for _, g := range s.FailedGates() {
		texts = append(texts, "gate failed: "+g.Failure())
	}
	failed := len(s.FailedGates()) > 0 || slices.ContainsFunc(s.Checks, func(c report.Check) bool { return !c.Passed })
	if s.Verdict == "" && !s.AllAccepted || s.Verdict != report.Invalid && s.Verdict != report.Interrupted && failed {
		s.Verdict = report.Failed
	}
	status := map[report.Verdict]int{report.Failed: exitFailed, report.Invalid: exitInvalid, report.Interrupted: exitInterrupted}[s.Verdict]
	switch {
	case status == exitOK:
		return nil
	case texts == nil:
		return &statusError{status, nil}
	}
	return &statusError{status, errors.New(strings.Join(texts, "\n"))}
}

// unmatched names the targets for which a whole plan had nothing.
func unmatched(result *emitter.Result) (names []string) {
	for i := range result.Targets {
		if result.PlanRead && result.Targets[i].Matched == 0 {
			names = append(names, result.Targets[i].Name)
		}
	}
	return names
}
