package main

import (
	"cmp"
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
	flags.StringArrayVar(&f.files, "report", nil, "`FILE` write a report: .json, .xml (JUnit), .md or .html, or FORMAT:FILE such as md:FILE; may be repeated")
	flags.StringArrayVar(&f.gates, "gate", nil, "`CONDITION` fail unless the result meets it, such as 'accepted >= 99.9%'; may be repeated; see \"ringback help gates\"")
}

// placesOf reads where reports go, and makes sure that they can be written there.
func placesOf(texts, endings []string) (places []report.Place, err error) {
	var errs []error
	for _, text := range texts {
		place, err := report.ParsePlace(text, endings...)
		if err == nil {
			err = place.Check()
		}
		if err != nil {
			errs = append(errs, usage("--report: %w", err))
		}
		places = append(places, place)
	}
	return places, errors.Join(errs...)
}

// reporting is the parsed flags, with the gates of the scenarios.
type reporting struct {
	gates   []gate.Gate
	places  []report.Place
	details *report.Details
	names   []string // of the scenarios
	params  []show.Given
}

// parse reads the flags, and makes sure that the files can be written.
func (f *reportFlags) parse() (*reporting, error) {
	r := &reporting{}
	var errs []error
	for _, text := range f.gates {
		if err := r.add(text); err != nil {
			errs = append(errs, usage("--gate: %v", err))
		}
	}
	var err error
	r.places, err = placesOf(f.files, report.Endings())
	return r, errors.Join(append(errs, err)...)
}

// of prepares to report on traffic, whose gates count, too. It returns where they stand.
func (r *reporting) of(t *settings.Traffic) (places []annotation) {
	r.names, r.params = t.Names(), t.Given()
	for _, g := range t.Gates() {
		_ = r.add(g.Text) // it is correct: the scenarios have been read
		places = append(places, annotation{g.File, g.Pos.Line, g.Pos.Column, "gate failed: " + g.Text + ": "})
	}
	if len(r.places) > 0 || onGitHub() {
		r.details = report.NewDetails(r.names)
	}
	return places
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
	if err := s.WriteFiles(r.places, r.details); err != nil {
		return &statusError{exitFailed, fmt.Errorf("report: %w", err)}
	}
	return nil
}

// summary is the result of the run, with gates and verdict; err says what the exit
// status is, and why.
func (r *playing) summary(result *emitter.Result) (s *report.Summary, err error) {
	s = report.New(report.Identity{Version: version(), Seed: r.plan.Seed(), PlanHash: r.plan.Hash(), Flags: r.flags, Params: r.reporting.params,
		Start: r.plan.Start(), Names: r.reporting.names, Shard: report.Shard(r.shard)}, result)
	if s.Receiver = r.local.counts(); s.Receiver != nil { // where something was left out, contradictions are expected
		s.Receiver.Partial = r.local.partial || s.Total.Dropped > 0
	}
	for _, t := range s.Targets {
		for i, line := range t.Diagnoses {
			t.Diagnoses[i] = flagged(line)
		}
	}
	s.Checks = append(s.Checks, r.checks...)
	s.Stopped = r.early.reason()
	s.Judge(r.reporting.gates)
	err = conclude(s)
	if r.reporting.details != nil && r.part != nil { // of a recording, the truth is not known
		r.reporting.details.Take(r.part.Truth, r.conversations())
	}
	return s, err
}

// flagged has a hint name flags in place of settings.
func flagged(hint string) string {
	return strings.Replace(hint, show.Distrusted, strings.NewReplacer("(ca)", "(--ca FILE)", "(insecure)", "(--insecure)").Replace(show.Distrusted), 1)
}

// failed is what ended a run before its time, other than an interrupt.
func failed(ctx context.Context, result *emitter.Result, err error) error {
	if err == nil || result.Stop == emitter.StopDrained || result.Stop == emitter.StopCancelled && ctx.Err() != nil {
		return nil
	}
	return &statusError{exitFailed, err}
}

// conclude is the exit status of a run by its report, and why.
func conclude(s *report.Summary) error {
	causes := s.Causes()
	if causes == nil {
		return nil
	}
	if s.Stopped != nil { // the last line says what ended the run
		causes = append(slices.DeleteFunc(causes, func(c string) bool { return c == s.Stopped.String() }), s.Stopped.String())
	}
	status := map[report.Verdict]int{report.Invalid: exitInvalid, report.Interrupted: exitInterrupted}[s.Verdict]
	return &statusError{cmp.Or(status, exitFailed), errors.New(strings.Join(causes, "\n"))}
}
