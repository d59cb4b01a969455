package evidence

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/scenario/assume"
)

func TestTheDocumentedAssumptionsAreTheTable(t *testing.T) {
	golden.Check(t, "../../docs/assumptions.md", assumptionsPage())
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

` + "`success`, `retry-after`, `redirects`, `signature-prefix`, `content-type` and `token-clock`" + ` hold for a whole run, because
a target is sent to in one way. A scenario's choice counts for the scenarios beside it that make none. Scenarios with
different choices are refused until the workload or a flag chooses.

` + "`body-style` leaves alone what `send` steps write and what `replay` sends. `plan --format ndjson` has a line for each\nbody, so it leaves out line breaks." + `

| Name | Default | Other values | Effect | What is known |
|---|---|---|---|---|
`

// assumptionsPage is the documentation as the table has it.
func assumptionsPage() []byte {
	b := bytes.NewBufferString(assumptionsHead)
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
