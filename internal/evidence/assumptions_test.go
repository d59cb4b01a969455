package evidence

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/scenario/assume"
)

func TestTheDocumentedAssumptionsAreTheTable(t *testing.T) {
	golden.Check(t, "../../docs/assumptions.md", assumptionsPage())
	golden.Section(t, "../../docs/scenarios.md", "<!-- assumptions: made by go test ./internal/evidence -update -->\n", "<!-- end of assumptions -->", assumptionsOfStories())
}

// assumptionsOfStories is what docs/scenarios.md has of the table: what a story is planned with.
func assumptionsOfStories() string {
	b := bytes.NewBufferString("| Name | Values | Decides |\n|---|---|---|\n")
	for n, row := range assume.Rows() {
		if !settings.IsSending(assume.Name(n)) && assume.Name(n) != assume.MissingScope {
			values := row.Values()
			for i := range values[:1+len(row.Others)] {
				values[i] = "`" + values[i] + "`"
			}
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", row.Name, strings.Join(values, ", "), row.Doc)
		}
	}
	fmt.Fprintf(b, "\n%s hold for a whole run, because a target is sent to in one way: see [Assumptions](assumptions.md).\n", sendingNames())
	return b.String()
}

// sendingNames lists the assumptions about sending.
func sendingNames() string {
	var names []string
	for n, row := range assume.Rows() {
		if settings.IsSending(assume.Name(n)) {
			names = append(names, "`"+row.Name+"`")
		}
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

const assumptionsHead = "# Assumptions\n" + `
<!-- Made from the tables in scenario/assume and internal/evidence by a test of the latter, with -update. -->

The public documentation of the API leaves some questions open. Where the answer shows on the wire, ringback
assumes one, and each assumption has a name, so that you can set what you observe on a real account:

| Where | How |
|---|---|
| for one run | ` + "`--assume held-channel=both`" + `, any number of times |
| in a scenario or workload | ` + "`assume: {held-channel: both}`" + ` |
| for a sandbox | ` + "`serve --assume success=2xx`" + `: for all deliveries, and for runs that choose nothing else |
| for all runs of a shell | ` + "`RINGBACK_ASSUME=held-channel=both,abandon=connectionfailed`" + ` |

A flag replaces the variable, and both go over the workload, which goes over its scenarios. The choices are part of
a plan: the same scenario, seed, start and assumptions give the same bytes.

%s hold for a whole run, because
a target is sent to in one way. A scenario's choice counts for the scenarios beside it that make none. Scenarios with
different choices are refused until the workload or a flag chooses.
A flag or a file that chooses what changes nothing in a command gets a warning.

` + "`body-style` leaves alone what `send` steps write and what `replay` sends. `plan --format ndjson` has a line for each\nbody, so it leaves out line breaks." + `

| Name | Default | Other values | Effect | What is known |
|---|---|---|---|---|
`

// assumptionsPage is the documentation as the table has it.
func assumptionsPage() []byte {
	b := bytes.NewBufferString(fmt.Sprintf(assumptionsHead, sendingNames()))
	for n, row := range assume.Rows() {
		others := row.Values()[1:]
		for i, v := range row.Others {
			others[i] = "`" + v + "`"
		}
		def := "`" + row.Default + "`"
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", row.Name, def, strings.Join(others, ", "), row.Doc, known(assumptionFacts[assume.Name(n)]))
	}
	return b.Bytes()
}

// known are the rules behind an assumption, with their sources.
func known(rules []rule) string {
	var all []string
	for _, r := range rules {
		text := strings.TrimSuffix(r.text, ".")
		if from := sources[r.source]; from.title != "" {
			text += fmt.Sprintf(" (%s: %s)", from.sure, from.title)
		}
		all = append(all, text)
	}
	return strings.Join(all, ". ") + "."
}
