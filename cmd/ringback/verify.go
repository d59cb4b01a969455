package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/verify"
	"github.com/ringback/ringback/receiver"
)

// verifyFlags are all flags of verify.
type verifyFlags struct {
	verify.Options
	strict bool
	output string
}

func (p *program) verifyCommand() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify FILE... [flags]",
		Short: "Check recorded notifications",
		Long: `verify reads notifications, or rows of "receive --log", and lists what is wrong with them,
place by place: envelope, payload, identity and lifecycle. Several files are one recording; a
file with a single notification is judged by itself.
` + readsJSON + `

A violation breaks what the API's documentation says; a deviation breaks what ringback assumes
where it is silent; a note is worth knowing. Exit status 0 means no violation, 1 that there is
one or that a file holds something else, 2 that a file cannot be read.`,
		Example: `  ringback verify received.ndjson
  ringback verify --single example.json another.json
  ringback verify --complete --strict monday.ndjson.gz tuesday.ndjson
  ringback plan inbound-call-with-hold --format ndjson | ringback verify -`,
		Args: arguments(1, 1000, "at least one file", "no recording; `ringback receive --log FILE` writes one"),
		RunE: func(_ *cobra.Command, args []string) error { return p.verify(&f, args) },
	}
	f.add(cmd.Flags())
	return cmd
}

func (f *verifyFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&f.Single, "single", false, "judge each notification by itself: no demands on their order, their IDs and what is missing")
	flags.BoolVar(&f.Complete, "complete", false, "the files hold all notifications of each channel: a channel without its beginning is a violation")
	flags.BoolVar(&f.strict, "strict", false, "deviations mean exit status 1, too")
	choose(flags, &f.output, "output", "what to print on standard output", "text", "json", "quiet")
}

func (p *program) verify(f *verifyFlags, paths []string) error {
	switch {
	case f.Single && f.Complete:
		return usage("use only one of --single, --complete")
	case len(slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return path != "-" })) > 1:
		return usage("standard input (-) can be read only once")
	}
	v := verify.New(f.Options)
	var unread []error
	status := exitFailed
	for _, path := range paths {
		err := p.verifyFile(v, path)
		if err != nil {
			unread = append(unread, err)
		}
		if err != nil && !errors.Is(err, verify.ErrNone) {
			status = exitUsage
		}
	}
	result := v.Result()
	none := result.Notifications+result.Refused == 0
	failed := result.Counts[event.Violation] > 0 || f.strict && result.Counts[event.Deviation] > 0
	var err error
	switch {
	case f.output == "json":
		err = jsontext.WriteIndented(p.out, verifyJSON{1, unread == nil && !none && !failed, &result})
	case f.output == "text" && !none:
		err = writeVerified(p.out, &result)
	}
	switch {
	case err != nil:
		return err
	case unread != nil:
		return &statusError{status, errors.Join(unread...)}
	case none:
		return &statusError{exitFailed, fmt.Errorf("%s holds no notifications", strings.Join(slices.Compact(namesOf(paths)), ", "))}
	case failed:
		return &statusError{exitFailed, nil}
	}
	return nil
}

// verifyJSON is what verify writes with --output json.
type verifyJSON struct {
	SchemaVersion int  `json:"schema_version"`
	Passed        bool `json:"passed"` // exit status 0
	*verify.Result
}

func (p *program) verifyFile(v *verify.Verifier, path string) error {
	in, err := p.open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	return v.File(inputName(path), in)
}

func namesOf(paths []string) (names []string) {
	for _, path := range paths {
		names = append(names, inputName(path))
	}
	return names
}

// writeVerified lists what was found, each with its place, and counts it.
func writeVerified(out io.Writer, r *verify.Result) error {
	w := bufio.NewWriter(out)
	var rules []string
	for _, f := range r.Findings {
		place := f.File
		for _, n := range []int{f.Line, f.Column} {
			if n > 0 {
				place += fmt.Sprintf(":%d", n)
			}
		}
		if f.Class != event.Violation {
			place += ": " + string(f.Class)
		}
		fmt.Fprintf(w, "%s: %s\n", place, f.Text)
		rules = append(rules, string(f.Class)+" "+f.Rule)
	}
	for _, g := range r.More {
		fmt.Fprintf(w, "… and %s\n", strings.TrimSuffix(show.Counted(uint64(g.Count), "more "+string(g.Class))+": "+g.Kind, ": "))
	}
	fmt.Fprintf(w, "%s: %d accepted, %s, %d of unknown type, %d invalid; %s, %d of them open; %s", counted(r.Notifications, "notification"),
		r.Accepted, counted(r.Duplicates, "duplicate"), r.Unknown, r.Faulty, counted(r.Channels, "channel"), r.Open, counted(r.Counts[event.Violation], "violation"))
	for _, class := range []event.Class{event.Deviation, event.Note} {
		if n := r.Counts[class]; n > 0 {
			fmt.Fprintf(w, ", %s", show.Counted(uint64(n), string(class)))
		}
	}
	fmt.Fprintln(w)
	if r.Forgotten > 0 {
		fmt.Fprintf(w, "%s more channels and agents were judged and forgotten, because the files hold more than is kept at once\n", show.Grouped(uint64(r.Forgotten)))
	}
	if r.Refused > 0 {
		fmt.Fprintf(w, "%s left out because the receiver refused them\n", show.Counted(uint64(r.Refused), "row"))
	}
	if slices.Contains(rules, string(event.Note)+" "+string(receiver.MissingAlerted)) {
		fmt.Fprintln(w, "channels without their beginning are no violations, because the recording may have begun later; --complete says that it is whole")
	}
	if slices.Contains(rules, string(event.Violation)+" "+string(receiver.IDReused)) {
		fmt.Fprintln(w, "if these are examples and no recording, --single judges each by itself")
	}
	return w.Flush()
}
