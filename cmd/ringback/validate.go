package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/scenario"
)

func (p *program) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE…",
		Short: "Check scenario and workload files",
		Long: `validate reads scenario and workload files and lists all problems in them, each with its
place, the line and a hint. A FILE may also be - for standard input, or the name of a
ready-made scenario. For a workload, the scenarios of its mix and the files that it names
are checked as well.`,
		Example: "  ringback validate my-story.yaml",
		Args:    arguments(1, -1, "at least one file"),
		RunE: func(_ *cobra.Command, args []string) error {
			var all scenario.Problems
			var unread []error
			for _, arg := range args {
				_, err := settings.Loader{In: p.in}.Document(arg)
				var problems scenario.Problems
				switch {
				case errors.As(err, &problems):
					all = append(all, problems...)
				case err != nil:
					unread = append(unread, err)
				default:
					fmt.Fprintf(p.out, "%s: ok\n", arg)
				}
			}
			switch {
			case unread == nil && all == nil:
				return nil
			case unread == nil:
				return &statusError{exitScenario, all}
			case all != nil:
				fmt.Fprintln(p.err, all.Detail())
			}
			return &statusError{exitUsage, errors.Join(unread...)}
		},
	}
}
