package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario"
)

func (p *program) validateCommand() *cobra.Command {
	var pairs []string
	var set []scenario.Param
	cmd := &cobra.Command{
		Use:   "validate FILE… [flags]",
		Short: "Check scenario and workload files",
		Long: `validate reads scenario and workload files and lists all problems in them, each with its
place, the line and a hint. A FILE may also be - for standard input, or the name of a
ready-made scenario. For a workload, the scenarios of its mix and the files that it names
are checked as well. Of a file that is right, it says what does not mean any more what it
meant to an earlier version, and how to write that. The parameters of a scenario are listed
with the values that they have.`,
		Example: `  ringback validate my-story.yaml
  ringback validate inbound-call-with-hold --set hold=2m`,
		Args: arguments(1, -1, "at least one file", "no file; `ringback show NAME` prints one to start from"),
		PreRunE: func(*cobra.Command, []string) (err error) {
			set, err = settings.ParseSet(pairs, "--set")
			return inFlags(err)
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.validate(args, set) },
	}
	addSet(cmd.Flags(), &pairs)
	return cmd
}

func (p *program) validate(args []string, set []scenario.Param) error {
	loader := p.loader(set)
	var all scenario.Problems
	var unread []error
	var stories []*scenario.Scenario
	for _, arg := range args {
		doc, err := loader.Document(arg)
		var problems scenario.Problems
		switch {
		case errors.As(err, &problems):
			all = append(all, problems...)
		case err != nil:
			unread = append(unread, err)
		default:
			for _, advice := range doc.Advice() {
				fmt.Fprintln(p.err, advice.Detail())
			}
			fmt.Fprintf(p.out, "%s: ok\n", arg)
			t := settings.TrafficOf(doc)
			stories = append(stories, t.Scenarios...)
			writeParams(p.out, t)
		}
	}
	if unread == nil && all == nil {
		return inFlags(loader.Check(stories...))
	}
	if unread == nil {
		return &statusError{exitScenario, all}
	}
	if all != nil {
		fmt.Fprintln(p.err, all.Detail())
	}
	return &statusError{exitUsage, errors.Join(unread...)}
}

// writeParams lists the parameters of scenarios, in a workload each with its scenario.
func writeParams(w io.Writer, t *settings.Traffic) {
	for _, sc := range t.Scenarios {
		for _, param := range sc.Params {
			of := ""
			if t.Workload != nil {
				of = sc.Name + ": "
			}
			fmt.Fprintf(w, "    %s%s=%s, from %s\n", of, param.Name, show.Line(param.Value, 100), param.From)
		}
	}
}
