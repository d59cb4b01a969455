package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/internal/show"
)

// diffFlags are all flags of diff.
type diffFlags struct {
	ignore []string
	all    bool
	output string
}

func (p *program) diffCommand() *cobra.Command {
	var f diffFlags
	var ignore recording.Ignore
	cmd := &cobra.Command{
		Use:   "diff WANT GOT [flags]",
		Short: "Compare two recordings",
		Long: `diff compares two recordings, or a recording with a plan. It lists notifications that are
missing, unexpected or repeated, bodies that differ, and the members in which they do, and
notifications in another order within their conversation. A recording is what "receive --log"
writes, or notifications, as "plan --format ndjson" prints them.
` + readsJSON + `

Exit status 0 means that nothing differs, 1 that something does, or that there was nothing to compare.`,
		Example: `  ringback diff want.ndjson got.ndjson
  ringback diff monday.ndjson tuesday.ndjson --ignore ids,time
  ringback plan inbound-call --seed 7 --start 2025-03-03T09:00:00Z --format ndjson | ringback diff - got.ndjson`,
		Args: arguments(2, 2, "two recordings", "no recordings; `ringback receive --log FILE` or `ringback plan … --format ndjson` makes one"),
		PreRunE: func(*cobra.Command, []string) (err error) {
			ignore, err = parseIgnore(f.ignore)
			return err
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.diff(&f, ignore, args[0], args[1]) },
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.ignore, "ignore", nil, "`order,time,ids` differences that do not count")
	addRows(flags, &f.all)
	choose(flags, &f.output, "output", "what to print on standard output", "text", "json", "quiet")
	return cmd
}

func (p *program) diff(f *diffFlags, ignore recording.Ignore, wantPath, gotPath string) error {
	if wantPath == "-" && gotPath == "-" {
		return usage("only one of the two recordings can be standard input")
	}
	want, err := p.readSide(wantPath, f.all)
	if err != nil {
		return err
	}
	got, err := p.readSide(gotPath, f.all)
	if err != nil {
		return err
	}
	found := recording.Compare(want, got, ignore)
	switch f.output {
	case "json":
		err = writeDiffJSON(p.out, want, got, f.ignore, found)
	case "text":
		err = writeDiff(p.out, want, got, found)
	}
	switch {
	case err != nil:
	case len(found) > 0:
		err = &statusError{exitFailed, nil}
	case want.Count+got.Count == 0:
		err = &statusError{exitFailed, fmt.Errorf("nothing was compared: neither %s nor %s holds a notification that counts", want.Name, got.Name)}
	}
	return err
}

// ignorable are the differences that may be left out.
var ignorable = []string{"order", "time", "ids"}

func parseIgnore(names []string) (recording.Ignore, error) {
	for _, name := range names {
		if _, err := oneOf(ignorable...)(name); err != nil {
			return recording.Ignore{}, usage("--ignore: %w", err)
		}
	}
	return recording.Ignore{Order: slices.Contains(names, "order"), Time: slices.Contains(names, "time"), IDs: slices.Contains(names, "ids")}, nil
}

func (p *program) readSide(path string, all bool) (*recording.Side, error) {
	name, open := p.recorded(path)
	in, err := open()
	if err != nil {
		return nil, &statusError{exitUsage, err}
	}
	defer in.Close()
	side, err := recording.ReadSide(name, in, all)
	if err != nil {
		return nil, &statusError{exitUsage, err}
	}
	return side, nil
}

// mostDifferences is how many differences are listed as text; as JSON, all are.
const mostDifferences = 100

// writeDiff lists differences, each with its place, and counts them.
func writeDiff(out io.Writer, want, got *recording.Side, found []recording.Difference) error {
	w := bufio.NewWriter(out)
	for i := range found {
		if i == mostDifferences {
			fmt.Fprintf(w, "… and %d more; --output json lists them\n", len(found)-i)
			break
		}
		fmt.Fprintln(w, sentence(&found[i], want.Name, got.Name))
	}
	for _, s := range []*recording.Side{want, got} {
		if s.Left > 0 {
			fmt.Fprintf(w, "%s: %s left out, not accepted (--rows all compares all)\n", s.Name, show.Counted(uint64(s.Left), "row"))
		}
	}
	fmt.Fprintf(w, "%s expected, %d found: ", show.Counted(uint64(want.Count), "notification"), got.Count)
	if len(found) == 0 {
		fmt.Fprintln(w, "no differences")
		return w.Flush()
	}
	counts := countDifferences(found)
	var parts []string
	for _, k := range recording.Kinds() {
		parts = append(parts, fmt.Sprintf("%d %s", counts[k], strings.ReplaceAll(string(k), "-", " ")))
	}
	fmt.Fprintln(w, strings.Join(parts, ", "))
	return w.Flush()
}

// sentence describes a difference, with its place.
func sentence(d *recording.Difference, want, got string) string {
	what := d.Type + " " + d.ID
	switch d.Kind {
	case recording.Missing:
		return fmt.Sprintf("%s:%d: missing: %s", want, d.WantLine, what)
	case recording.Extra:
		return fmt.Sprintf("%s:%d: extra: %s", got, d.GotLine, what)
	case recording.Duplicate:
		return fmt.Sprintf("%s:%d: duplicate: %s (%s:%d)", got, d.GotLine, what, want, d.WantLine)
	case recording.Disorder:
		return fmt.Sprintf("%s:%d: out of order: %s is %s (%s:%d)", got, d.GotLine, what, d.Got, want, d.WantLine)
	}
	if d.Path != "" {
		what += ": " + d.Path
	}
	return fmt.Sprintf("%s:%d: different: %s: want %s, got %s (%s:%d)",
		got, d.GotLine, what, cmp.Or(d.Want, "nothing"), cmp.Or(d.Got, "nothing"), want, d.WantLine)
}

// countDifferences counts by kind. A notification whose body differs in several members
// counts once.
func countDifferences(found []recording.Difference) map[recording.Kind]int {
	counts := map[recording.Kind]int{}
	for i := range found {
		d := &found[i]
		if d.Kind == recording.Different && i > 0 && found[i-1].Kind == d.Kind && found[i-1].GotLine == d.GotLine && found[i-1].ID == d.ID && found[i-1].Type == d.Type {
			continue
		}
		counts[d.Kind]++
	}
	return counts
}

// diffJSON is what diff writes with --output json.
type diffJSON struct {
	SchemaVersion int                    `json:"schema_version"`
	Equal         bool                   `json:"equal"`
	Ignored       []string               `json:"ignored"`
	Want          *recording.Side        `json:"want"`
	Got           *recording.Side        `json:"got"`
	Counts        map[recording.Kind]int `json:"counts"`
	Differences   []recording.Difference `json:"differences"`
}

func writeDiffJSON(out io.Writer, want, got *recording.Side, ignored []string, found []recording.Difference) error {
	counts := countDifferences(found)
	for _, k := range recording.Kinds() {
		counts[k] += 0
	}
	return jsontext.WriteIndented(out, diffJSON{1, len(found) == 0, append([]string{}, ignored...), want, got, counts, append([]recording.Difference{}, found...)})
}
