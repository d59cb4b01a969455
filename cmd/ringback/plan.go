package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

func (p *program) planCommand() *cobra.Command {
	var f planFlags
	var s playSettings
	var format string
	var summary bool
	cmd := &cobra.Command{
		Use:   "plan SCENARIO…|WORKLOAD [flags]",
		Short: "Show what run will send",
		Long: `plan shows the notifications that run sends for the same flags, without sending any. As
ndjson it prints the exact bodies, one per line. With --summary it prints totals: how many
notifications, at what rate, and how long conversations queue for agents.`,
		Example: `  ringback plan inbound-call-with-hold --seed 7
  ringback plan inbound-call-with-hold --seed 7 --start 2025-03-03T09:00:00Z --format ndjson
  ringback plan call-interrupts-email --format mermaid
  ringback plan monday-morning --summary`,
		Args: arguments(1, -1, "at least one scenario, or a workload", "no scenario; `ringback list` shows the ready-made ones"),
		PreRunE: func(cmd *cobra.Command, _ []string) (err error) {
			var both error
			if summary && cmd.Flags().Changed("format") {
				both = usage("--summary and --format exclude each other; leave out one of them")
			}
			s, err = f.parse()
			return inFlags(both, err, f.CheckShard(&s.Options))
		},
		RunE: func(_ *cobra.Command, args []string) error {
			t, err := p.load(args, s.set)
			if err != nil {
				return err
			}
			p.noteIdleOf(s.Assume, t)
			p.noteAdvice(s.Assume, t)
			if err := s.apply(t); err != nil {
				return err
			}
			pl, err := p.newPlan(t, s.Options, 1)
			if err != nil {
				return err
			}
			if summary {
				format = "summary"
			}
			return p.writePlan(format, pl, &s, t)
		},
	}
	section(cmd, "Traffic", f.addTraffic)
	section(cmd, "Faults and assumptions", f.addFaults)
	section(cmd, "Output", func(flags *pflag.FlagSet) {
		choose(flags, &format, "format", "how to list the notifications", "table", "ndjson", "json", "mermaid")
		flags.BoolVar(&summary, "summary", false, "print totals, rates and waiting times instead of the notifications")
	})
	return cmd
}

func (p *program) writePlan(format string, pl *plan.Plan, s *playSettings, t *settings.Traffic) error {
	w := bufio.NewWriterSize(p.out, 64<<10)
	types, walk := s.types, pl.Walk()
	switch format {
	case "summary":
		writeSummary(w, pl, walk, p.walking(pl.About(), false), s, t)
	case "ndjson":
		exact(p.out)
		var body []byte
		for n := range walk.Notifications() {
			if wanted(types, &n) && n.Fault != fault.Drop { // which is never sent
				body = append(oneLine(n.AppendBody(body[:0])), '\n')
				if _, err := w.Write(body); err != nil {
					return err
				}
			}
		}
	case "json":
		writePlanJSON(w, pl, walk, types, t.Given())
	case "mermaid":
		writeMermaid(w, pl, walk, types)
	default:
		writeTable(w, pl, walk, types, t.Given(), show.ColoursFor(p.out))
	}
	if err := walk.Err(); err != nil { // what there is of the plan is printed
		return errors.Join(w.Flush(), &statusError{exitFailed, err})
	}
	return w.Flush()
}

// oneLine leaves out line breaks, which stand between the members of JSON only.
func oneLine(body []byte) []byte {
	return slices.DeleteFunc(body, func(c byte) bool { return c == '\n' || c == '\r' })
}

// writeTable writes a line for each notification. Errors of w show at its flush.
func writeTable(w *bufio.Writer, pl *plan.Plan, walk *plan.Walk, types []string, params []show.Given, c show.Colours) {
	fmt.Fprintln(w, c.Faint(headline(pl)+show.With(params)))
	several := pl.Conversations() > 1
	head := fmt.Sprintf("%4s  %-12s  %-12s  %-9s  %-27s  %s", "#", "at", "party", "role", "type", "id")
	if several {
		head = fmt.Sprintf("%6s  ", "call") + head
	}
	fmt.Fprintln(w, c.Faint(head))
	for n := range walk.Notifications() {
		if !wanted(types, &n) {
			continue
		}
		if several {
			fmt.Fprintf(w, "%6d  ", n.Story+1)
		}
		fmt.Fprintf(w, "%4d  %-12s  %-12s  %-9s  %-27s  %s", n.Seq+1, show.Offset(n.At), n.Name, n.Role(), n.Type(), n.ID())
		if n.Fault != fault.None {
			fmt.Fprintf(w, "  %s: sent %s, %s", n.Fault, show.Offset(n.Due), n.Want)
		}
		if n.Burst > 0 {
			fmt.Fprintf(w, "  burst %d, %d together: sent %s", n.Burst, n.Together, show.Offset(n.Due))
		}
		fmt.Fprintln(w)
	}
}

// writePlanJSON writes one JSON object with the notifications and when each is sent.
func writePlanJSON(w *bufio.Writer, pl *plan.Plan, walk *plan.Walk, types []string, params []show.Given) {
	fmt.Fprintf(w, `{"seed":%d,"start":%q,"plan_hash":%q,`, pl.Seed(), pl.Start().Format("2006-01-02T15:04:05.999999999Z"), pl.Hash())
	if params != nil {
		text, _ := json.Marshal(params) // they are texts
		fmt.Fprintf(w, `"params":%s,`, text)
	}
	fmt.Fprintf(w, `"conversations":%d,"notifications":[`, pl.Conversations())
	separator := "\n"
	for n := range walk.Notifications() {
		if !wanted(types, &n) {
			continue
		}
		fmt.Fprintf(w, `%s{"seq":%d,"conversation":%d,"at_ms":%g,"due_ms":%g,"party":%s,`, separator, n.Seq, n.Story,
			float64(n.At.Microseconds())/1000, float64(n.Due.Microseconds())/1000, jsonText(n.Name))
		if n.Fault != fault.None {
			fmt.Fprintf(w, `"fault":%q,"want":%q,`, n.Fault, n.Want)
		}
		if n.Burst > 0 {
			fmt.Fprintf(w, `"burst":%d,"together":%d,`, n.Burst, n.Together)
		}
		if n.Raw != nil {
			fmt.Fprintf(w, `"raw":%s}`, jsonText(string(n.Raw)))
		} else {
			fmt.Fprintf(w, `"body":%s}`, n.AppendBody(nil))
		}
		separator = ",\n"
	}
	fmt.Fprint(w, "\n]}\n")
}

// writeMermaid writes a sequence diagram: who raised which event, when. Lifelines are
// numbered, because names may look alike or be words of the diagram.
func writeMermaid(w *bufio.Writer, pl *plan.Plan, walk *plan.Walk, types []string) {
	type party struct {
		name  string // empty: what a scenario sends as it is
		story uint64
	}
	fmt.Fprintln(w, "sequenceDiagram")
	several := pl.Conversations() > 1
	lifelines := map[party]int{}
	for n := range walk.Notifications() {
		if !wanted(types, &n) {
			continue
		}
		who := party{name: n.Name}
		if several {
			who.story = n.Story + 1
		}
		lifeline, known := lifelines[who]
		if !known {
			lifeline = len(lifelines) + 1
			lifelines[who] = lifeline
			name := cmp.Or(n.Name, "send")
			if several {
				name = fmt.Sprintf("%s %d", name, who.story)
			}
			fmt.Fprintf(w, "    participant p%d as %s\n", lifeline, name)
		}
		fmt.Fprintf(w, "    p%d->>consumer: %s %s\n", lifeline, show.Offset(n.At), mermaidText.Replace(n.Type()))
	}
}

// mermaidText replaces what ends or begins something in a diagram.
var mermaidText = strings.NewReplacer("#", "#35;", ";", "#59;", "\n", " ", "\r", " ")

// jsonText is s as a JSON string.
func jsonText(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil { // never, for a string
		return []byte(`""`)
	}
	return text
}
