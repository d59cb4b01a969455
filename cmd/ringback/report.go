package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
)

// showFlags say how a report is shown. Each is empty, toPrint, or the name of a file.
type showFlags struct {
	html, markdown, json, junit string
	gates                       []string
}

// toPrint is the value of a format's flag that was given without a file.
const toPrint = "-"

func (p *program) reportCommand() *cobra.Command {
	var f showFlags
	cmd := &cobra.Command{
		Use:   "report REPORT.json… [flags]",
		Short: "Merge the reports of shards, or compare two runs",
		Long: `report reads what "run --report NAME.json" wrote. Reports of shards are merged into the report
of the whole run: counts and histograms are added up exactly, and the gates are judged again.
Reports of two whole runs are compared. A single report is shown again. One REPORT may be -
for standard input.

It prints text, or the format that a flag asks for. A format's flag without a name prints to
standard output. Names that end in .html, .md or .xml are never read: --html out.html means
--html=out.html.

With --gate, a comparison can fail. A gate such as 'latency p99 < 1.2x' or 'throughput >= -5%'
judges the second run relative to the first; one without a factor judges the second alone. Of
one run, or of merged shards, gates are judged besides those that the run had.

Exit status: that of the run; of merged shards, 4 if one is invalid, 1 if one failed or a
gate fails on the whole, 130 if one was interrupted. A comparison ends with 4 if one of the
two is invalid, with 1 if a gate fails, with 130 if one of the two was interrupted, with 4 if a
gate is undecided, because the difference may be chance or the loads cannot be compared,
otherwise with 0. See docs/reports.md.`,
		Example: `  ringback report shard-*.json
  ringback report shard-*.json --json=whole.json --html=whole.html
  ringback report monday.json tuesday.json --html > difference.html
  ringback report baseline.json now.json --gate 'latency p99 < 1.2x' --gate 'failures <= 1x'`,
		Args: arguments(1, -1, "at least one report", "no report; `ringback run … --report FILE.json` writes one"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.report(cmd, &f, args) },
	}
	for _, format := range f.formats() {
		cmd.Flags().StringVar(format.to, format.name, "", format.usage)
		cmd.Flags().Lookup(format.name).NoOptDefVal = toPrint
	}
	cmd.Flags().StringArrayVar(&f.gates, "gate", nil, "`CONDITION` fail unless the result meets it, such as 'latency p99 < 1.2x' of a comparison; may be repeated; see \"ringback help gates\"")
	return cmd
}

// compared reads the gates, as those of a comparison.
func (f *showFlags) compared() (all []gate.Gate, err error) {
	var errs []error
	for _, text := range f.gates {
		g, err := gate.ParseCompared(text)
		if err != nil {
			errs = append(errs, usage("--gate: %v", err))
		}
		all = append(all, g)
	}
	return all, errors.Join(errs...)
}

// alone reads the gates, as those of one run.
func (f *showFlags) alone() (all []gate.Gate, err error) {
	for _, text := range f.gates {
		g, err := gate.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("--gate: %w; two reports of whole runs are compared", err)
		}
		all = append(all, g)
	}
	return all, nil
}

// shownAs is a format with its flag.
type shownAs struct {
	name, usage string
	format      report.Format
	to          *string
}

func (f *showFlags) formats() []shownAs {
	return []shownAs{
		{"html", "`FILE` write an HTML page", report.HTML, &f.html},
		{"md", "`FILE` write Markdown", report.Markdown, &f.markdown},
		{"json", "`FILE` write JSON", report.JSON, &f.json},
		{"xml", "`FILE` write JUnit XML", report.JUnit, &f.junit},
	}
}

// named removes the names of output files from the arguments, and checks that these files
// can be written.
func (f *showFlags) named(args []string) (rest []string, err error) {
	rest = args
	count := 0
	for _, as := range f.formats() {
		if i := slices.IndexFunc(rest, func(arg string) bool { return formatOf(arg) == as.format }); i >= 0 && *as.to == toPrint {
			*as.to = rest[i]
			rest = slices.Delete(slices.Clone(rest), i, i+1)
		}
		switch *as.to {
		case "":
		case toPrint:
			count++
		default:
			if err := cmp.Or(report.CheckName(*as.to), report.Place{Path: *as.to}.Check()); err != nil {
				return nil, usage("--%s: %v", as.name, err)
			}
		}
	}
	if count > 1 {
		return nil, usage("only one format can be printed; give the others a file, as in --html=out.html")
	}
	for _, arg := range rest {
		if format := formatOf(arg); format != "" {
			return nil, usage("%s is not a report; to write it, add --%s=%s", arg, strings.TrimPrefix(string(format), "."), arg)
		}
	}
	if len(rest) == 0 {
		return nil, usage("report: no report to read\nsee %q", "ringback report --help")
	}
	return rest, nil
}

// files are those that are written.
func (f *showFlags) files() (all []touched) {
	for _, as := range f.formats() {
		if *as.to != "" && *as.to != toPrint {
			all = append(all, touched{flag: "--" + as.name + "=" + *as.to, path: *as.to, place: &report.Place{Path: *as.to, Format: string(as.format)}})
		}
	}
	return all
}

// formatOf is the format of a file that is never read, by its name, or empty.
func formatOf(path string) report.Format {
	if p, err := report.ParsePlace(path, report.Endings()...); err == nil && p.Path == path && p.Format != string(report.JSON) {
		return report.Format(p.Format)
	}
	return ""
}

// shown is a summary or a comparison.
type shown interface {
	WriteText(io.Writer) error
	WriteAs(io.Writer, report.Format) error
}

// whole is a summary without details.
type whole struct{ *report.Summary }

func (w whole) WriteAs(to io.Writer, f report.Format) error { return w.Summary.WriteAs(to, f, nil) }

func (p *program) report(cmd *cobra.Command, f *showFlags, args []string) error {
	paths, err := f.named(args)
	if _, wrong := f.compared(); wrong != nil {
		err = inFlags(err, wrong)
	}
	if err == nil {
		err = apart(cmd, paths, f.files())
	}
	if err != nil {
		return err
	}
	all := make([]*report.Summary, len(paths))
	for i, path := range paths {
		if all[i], err = p.readReport(path); err != nil {
			return err
		}
	}
	what, outcome, err := f.join(all)
	if err != nil {
		return usage("%v", err)
	}
	if err := p.show(f, what); err != nil {
		return &statusError{exitFailed, fmt.Errorf("report: %w", err)}
	}
	return outcome
}

// join merges shards, compares two runs, or shows one, and judges the gates.
// Outcome is the exit status, and why.
func (f *showFlags) join(all []*report.Summary) (what shown, outcome, err error) {
	sharded := slices.ContainsFunc(all, func(s *report.Summary) bool { return s.Shard != nil })
	one := all[0]
	switch {
	case sharded && len(all) > 1, sharded && one.Shard.Of == 1:
		if one, err = report.Merge(all); err != nil {
			return nil, nil, err
		}
	case len(all) == 2:
		gates, err := f.compared()
		c := report.Compare(all[0], all[1])
		c.Judge(gates)
		return c, concludeComparison(c), err
	case len(all) > 1:
		return nil, nil, fmt.Errorf("%d reports of whole runs: want the shards of one run, or two runs to compare", len(all))
	}
	gates, err := f.alone()
	if err == nil && gates != nil {
		err = one.JudgeAlso(gates)
	}
	return whole{one}, conclude(one), err
}

// concludeComparison is the exit status of a comparison, and why.
func concludeComparison(c *report.Comparison) error {
	var causes []string
	if why, _ := c.Unfit(); why != "" {
		causes = append(causes, why)
	}
	failed := c.With(report.Broken)
	for _, g := range slices.Concat(failed, c.With(report.Undecided)) {
		causes = append(causes, fmt.Sprintf("gate %s: %s", g.Outcome, g.Line()))
	}
	switch {
	case causes == nil:
		return nil
	case c.Verdict == report.Failed:
		return &statusError{exitFailed, errors.New(strings.Join(causes, "\n"))}
	case c.Verdict == report.Interrupted:
		return &statusError{exitInterrupted, errors.New(strings.Join(causes, "\n"))}
	}
	return &statusError{exitInvalid, errors.New(strings.Join(causes, "\n"))}
}

// readReport reads a report from a file, or from standard input.
func (p *program) readReport(path string) (*report.Summary, error) {
	in, err := p.open(path)
	if err != nil {
		return nil, usage("%v", err)
	}
	defer in.Close()
	s, err := report.Read(in)
	if err != nil {
		return nil, usage("%s: %v", inputName(path), show.FileError(err))
	}
	s.Source = inputName(path)
	return s, nil
}

// show prints one format, and writes the others to files.
func (p *program) show(f *showFlags, what shown) error {
	var errs []error
	first := what.WriteText
	for _, as := range f.formats() {
		write := func(w io.Writer) error { return what.WriteAs(w, as.format) }
		switch *as.to {
		case "":
		case toPrint:
			first = write
		default:
			errs = append(errs, report.Place{Path: *as.to}.Write(write))
		}
	}
	return errors.Join(append(errs, first(p.out))...)
}
