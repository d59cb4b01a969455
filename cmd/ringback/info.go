package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

func (p *program) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the ready-made scenarios",
		Example: "  ringback list",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			width := 0
			for _, e := range scenarios.List() {
				width = max(width, len(e.Name))
			}
			for _, e := range scenarios.List() {
				story := e.Story
				if e.Workload {
					story = "(workload) " + story
				}
				if _, err := fmt.Fprintf(p.out, "%-*s  %s\n", width, e.Name, story); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (p *program) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show NAME",
		Short:   "Print a ready-made scenario, to learn from or to copy",
		Example: "  ringback show inbound-call-with-hold > my-story.yaml",
		Args:    arguments(1, 1, "one name", "no scenario; `ringback list` shows the ready-made ones"),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := scenarios.Source(args[0])
			if err != nil {
				return &statusError{exitUsage, err}
			}
			_, err = p.out.Write(text)
			return err
		},
	}
}

const schemaWords = "scenario, event and perhaps a type, or asyncapi"

func (p *program) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema scenario|event [TYPE]|asyncapi",
		Short: "Print a JSON Schema of scenario files or notifications, or an AsyncAPI document",
		Long: `schema prints JSON Schemas, draft 2020-12. "schema scenario" is for editors; "schema event"
lists the event types, and "schema event TYPE" describes a whole notification of that type.
"schema asyncapi" describes all notifications, their headers and their signature in one AsyncAPI
3.0 document, for generators of code and documentation.`,
		Example: `  ringback schema scenario
  ringback schema event channel.held.v0
  ringback schema asyncapi > asyncapi.json`,
		Args: arguments(1, 2, schemaWords, "no schema; want "+schemaWords),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case args[0] == "scenario" && len(args) == 1:
				_, err := p.out.Write(scenario.Schema())
				return err
			case args[0] == "asyncapi" && len(args) == 1:
				_, err := p.out.Write(event.AsyncAPI())
				return err
			case args[0] == "event" && len(args) == 1:
				for _, t := range event.Types() {
					fmt.Fprintln(p.out, t)
				}
				return nil
			case args[0] == "event":
				t, err := event.ParseType(args[1])
				if err != nil {
					return usage("%v%s", err, nearest.DidYouMean(args[1], nearest.Names(event.Types(), event.Type.String)))
				}
				_, err = p.out.Write(event.EnvelopeSchema(t))
				return err
			}
			return usage("schema wants %s, got %q%s", schemaWords, strings.Join(args, " "), nearest.DidYouMean(args[0], []string{"scenario", "event", "asyncapi"}))
		},
	}
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  ringback version",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(p.out, "ringback %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// release is set by the linker alone, where a release is built from sources without their
// history: -ldflags "-X main.release=v1.2.3".
var release string

// version is that of the release, or what the Go tool knows of this build: a tag, or the
// commit.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

// gatesTopic is the help topic about gates; it is no command.
func (p *program) gatesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "gates",
		Short: "Conditions on the result of a run",
		Long: `A gate is a condition on the result of a run. A run with a failed gate ends with exit status 1.

  ringback run inbound-call --gate 'accepted >= 99.9%' --gate 'latency p99 < 500ms'

Scenario and workload files may have gates, too: gates: [accepted == 100%, violations == 0]

A gate is a figure, a comparison (>=, <=, ==, !=, >, <) and a value. Counts are compared with a
whole number, or with a percentage. Where N stands behind p, any percentile may stand: p50, p99,
p99.9; instead of it also min, mean, median and max. Figures are those of all targets together. A
gate on a figure for which there is no data fails.

A gate on accepted, refused or given up says how much may be lost, in place of the rule that every
valid notification is accepted. Forgeries must be refused all the same, unless a gate speaks of
forgeries or of wrongly accepted ones. docs/reports.md has all rules.

Where two runs are compared, a gate may say how the second relates to the first, with a factor or a
signed change: latency p99 < 1.2x, throughput >= -5%. See "ringback report --help".

` + gate.Help() + `
--stop-when ends a run while it goes on. It takes a gate and a window: refused > 5% for 30s. Each
second it is judged on what happened within the window, once the run, or what followed a pause, has
lasted as long. Without a window a count is that of all of the run so far: given up >= 100. In a window:

` + gate.StopHelp(),
	}
}
