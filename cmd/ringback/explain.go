package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ringback/ringback/internal/evidence"
	"github.com/ringback/ringback/internal/jsontext"
)

// mostShown is how many scenarios the text names; JSON has all.
const mostShown = 5

func (p *program) explainCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "explain [SUBJECT]",
		Short: "Explain an event type, a member, a phase, a fault …, and say how sure it is",
		Long: `explain says what a part of the API is, the rule, how sure that is and where it is
documented, which assumption changes it, and which ready-made scenarios show it. SUBJECT is an
event type, a member of notifications or a part of requests, a phase or an edge of the
lifecycle, a role, an operation, a member or an error of the management API, an assumption, a
fault, a check of examine, a rule of verify, a step or a key of scenarios, a figure of gates or
an exit status, or the name of such a group, which lists it. Without SUBJECT explain lists all.`,
		Example: `  ringback explain channel.held
  ringback explain agentId
  ringback explain "connected held" --output json`,
		Args: arguments(0, -1, "one subject", ""),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listSubjects(evidence.All(), output)
			}
			asked := strings.Join(args, " ")
			if in := evidence.InGroup(asked); in != nil {
				return p.listSubjects(in, output)
			}
			found, err := evidence.Find(asked)
			if err != nil {
				return usage("%v; `ringback explain` lists all subjects", err)
			}
			if output == "json" {
				return p.entriesAsJSON(found)
			}
			for i := range found {
				if i > 0 {
					fmt.Fprintln(p.out)
				}
				p.printEntry(&found[i])
			}
			return nil
		},
	}
	choose(cmd.Flags(), &output, "output", "what to print on standard output", "text", "json")
	return cmd
}

func (p *program) entriesAsJSON(entries []evidence.Entry) error {
	return jsontext.WriteIndented(p.out, struct {
		SchemaVersion int              `json:"schema_version"`
		Entries       []evidence.Entry `json:"entries"`
	}{1, entries})
}

// listSubjects prints subjects by group.
func (p *program) listSubjects(all []evidence.Entry, output string) error {
	if output == "json" {
		return p.entriesAsJSON(evidence.Shown(all))
	}
	width := 0
	for _, e := range all {
		width = max(width, len(e.Subject))
	}
	var group evidence.Group
	for _, e := range all {
		if e.Group != group {
			if group != "" {
				fmt.Fprintln(p.out)
			}
			group = e.Group
			fmt.Fprintf(p.out, "%s%s:\n", strings.ToUpper(string(group[:1])), group[1:])
		}
		fmt.Fprintf(p.out, "  %-*s  %-14s  %s\n", width, e.Subject, e.Sure, e.Is)
	}
	return nil
}

func (p *program) printEntry(e *evidence.Entry) {
	fmt.Fprintf(p.out, "%s (%s)\n", e.Subject, e.Group)
	scenarios := strings.Join(e.Scenarios[:min(mostShown, len(e.Scenarios))], ", ")
	if more := len(e.Scenarios) - mostShown; more > 0 {
		scenarios += fmt.Sprintf(" and %d more", more)
	}
	lines := [][2]string{{"what", e.Is}}
	for _, r := range e.Rules {
		sure := string(r.Sure)
		if r.Source != "" {
			sure += ": " + r.Source
		}
		lines = append(lines, [2]string{"rule", r.Text}, [2]string{"sure", sure})
	}
	for _, line := range append(lines, [][2]string{
		{"switch", assumeFlags(e.Switches)}, {"shown by", scenarios}, {"see also", strings.Join(e.See, ", ")},
	}...) {
		if line[1] != "" {
			fmt.Fprintf(p.out, "  %-9s %s\n", line[0], line[1])
		}
	}
}

// assumeFlags are switches as flags.
func assumeFlags(switches []string) string {
	var flags []string
	for _, s := range switches {
		flags = append(flags, "--assume "+s)
	}
	return strings.Join(flags, ", ")
}
