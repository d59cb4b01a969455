package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
)

// reportFlags say what a run is held against, and where the outcome is written.
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
}

// parse reads the flags, and makes sure that the files can be written.
func (f *reportFlags) parse(t *settings.Traffic) (*reporting, error) {
	r := &reporting{files: f.files, names: t.Names()}
	for _, text := range f.gates {
		g, err := gate.Parse(text)
		if err != nil {
			return nil, usage("--gate: %v", err)
		}
		r.add(g)
	}
	for _, g := range t.Gates() {
		r.add(g.Gate)
	}
	for _, path := range f.files {
		if _, err := report.FormatOf(path); err != nil {
			return nil, usage("--report: %v", err)
		}
		if err := writable(path); err != nil {
			return nil, usage("--report: %v", err)
		}
	}
	if len(r.files) > 0 {
		r.details = report.NewDetails(r.names)
	}
	return r, nil
}

// add adds a gate unless it is there.
func (r *reporting) add(g gate.Gate) {
	if !slices.ContainsFunc(r.gates, func(known gate.Gate) bool { return known.String() == g.String() }) {
		r.gates = append(r.gates, g)
	}
}

// record keeps what the reports show of a row.
func (r *reporting) record(a *emitter.Attempt) {
	if r.details != nil {
		r.details.Record(a)
	}
}

// writable finds out whether a file can be put in its place.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder", path)
	}
	file, err := besides(path)
	if err != nil {
		return err
	}
	return show.FileError(errors.Join(file.Close(), os.Remove(file.Name())))
}

// besides makes a temporary file in the folder of another one.
func besides(path string) (*os.File, error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".ringback-report-*")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Unwrap(err))
	}
	return file, nil
}

// write writes all files. Each is written whole, or not at all.
func (r *reporting) write(s *report.Summary) error {
	var errs []error
	for _, path := range r.files {
		format, err := report.FormatOf(path)
		if err == nil {
			err = replace(path, func(w io.Writer) error { return s.WriteAs(w, format, r.details) })
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return &statusError{exitFailed, fmt.Errorf("report: %w", err)}
	}
	return nil
}

// replace writes a file beside path and then gives it that name.
func replace(path string, write func(io.Writer) error) error {
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	file, err := besides(path)
	if err != nil {
		return err
	}
	_, err = file.Write(text.Bytes())
	if err = errors.Join(err, file.Chmod(0o644), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return show.FileError(err)
}

// summary is what came of the run, gates and verdict included; err says what the exit
// status is, and which gates failed.
func (r *playing) summary(result *emitter.Result) (s *report.Summary, err error) {
	s = report.New(report.Identity{Version: version(), Seed: r.plan.Seed(), PlanHash: r.plan.Hash(), Flags: r.flags,
		Start: r.plan.Start(), Names: r.reporting.names, Hide: settings.SecretsOf(r.emitter.Targets), Shard: report.Shard(r.shard)}, result)
	s.Receiver = r.local.counts()
	s.Checks = append(s.Checks, r.checks...)
	s.Judge(r.reporting.gates)
	err = r.conclude(s, result)
	s.Verdict = verdictOf(err)
	if truth, ok := r.plan.(interface{ Truth(uint64) plan.Truth }); ok && r.reporting.details != nil {
		r.reporting.details.Take(truth.Truth, r.conversations())
	} else if r.reporting.details != nil { // of a recording, the truth is not known
		r.reporting.details.Take(nil, 0)
	}
	return s, err
}

// conclude finds the exit status: that of the run, unless gates or checks fail a good one.
func (r *playing) conclude(s *report.Summary, result *emitter.Result) error {
	status, texts := exitOK, []string(nil)
	var se *statusError
	if errors.As(r.verdict(result), &se) {
		if status = se.status; se.err != nil {
			texts = append(texts, se.err.Error())
		}
	}
	for _, g := range s.FailedGates() {
		texts = append(texts, "gate failed: "+g.Failure())
	}
	bad := len(s.FailedGates()) > 0 || slices.ContainsFunc(s.Checks, func(c report.Check) bool { return !c.Passed })
	if status == exitOK && bad {
		status = exitFailed
	}
	switch {
	case status == exitOK:
		return nil
	case len(texts) == 0:
		return &statusError{status, nil}
	}
	return &statusError{status, errors.New(strings.Join(texts, "\n"))}
}

// verdictOf says an exit status in a word.
func verdictOf(err error) report.Verdict {
	var se *statusError
	switch {
	case err == nil:
		return report.Passed
	case errors.As(err, &se) && se.status == exitInvalid:
		return report.Invalid
	case errors.As(err, &se) && se.status == exitInterrupted:
		return report.Interrupted
	}
	return report.Failed
}

// counts is the verdict of the built-in receiver as reports have it, or nil if there is none.
func (l *local) counts() *report.Receiver {
	if l == nil {
		return nil
	}
	v := &l.verdict
	violations := make([]string, len(v.Violations))
	for i, x := range v.Violations {
		violations[i] = x.String()
	}
	return &report.Receiver{Accepted: v.Accepted, Duplicates: v.Duplicates, Ignored: v.Ignored, Refused: refusals(v),
		Open: v.Open, Violations: violations, Violated: len(v.Violations) + v.Unlisted}
}
