package lifecycle

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/golden"
)

func TestTheDocumentedLifecycleIsTheTable(t *testing.T) {
	golden.Check(t, "../../docs/lifecycle.md", page())
}

const head = `# The life of a channel

<!-- Made from the table in internal/lifecycle by its test, with -update. -->

Each participant of an interaction has a channel of their own, and what happens to it raises events. The
scenario checker refuses what is not in this table, and the planner walks it, so nothing else ever
reaches a consumer, unless a ` + "`send`" + ` step says so. All events of a row have the same ` + "`data.timestamp`" + `, differ in
` + "`id`" + `, and may arrive in any order. Nothing follows ` + "`channel.ended`" + `.

` + "```mermaid\nstateDiagram-v2\n    [*] --> alerting: alerted\n"

const middle = "```" + `

Not drawn: with the [assumption](assumptions.md) ` + "`hangup-while-away=direct`" + `, a channel that is held, parked or
interrupted may leave as a connected one does.

| From | What happens | Who | To | Events | Rests on |
|---|---|---|---|---|---|
`

// page is the documentation as the table has it.
func page() []byte {
	b := bytes.NewBufferString(head)
	drawn := map[string]bool{}
	for _, e := range Edges() {
		arrow := fmt.Sprintf("    %s --> %s: %s\n", e.From, state(e.To), strings.Join(short(e.Events), " + "))
		if e.From == New || e.Note == direct || drawn[arrow] {
			continue
		}
		drawn[arrow] = true
		b.WriteString(arrow)
	}
	b.WriteString(middle)
	for _, e := range Edges() {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", e.From, e.Verb, who(e.Roles), e.To,
			"`"+strings.Join(short(e.Events), "`, `")+"`", e.Note)
	}
	return b.Bytes()
}

func state(p Phase) string {
	if p == Ended {
		return "[*]"
	}
	return p.String()
}

func short(kinds []event.Kind) []string {
	var all []string
	for _, k := range kinds {
		all = append(all, strings.TrimPrefix(k.String(), "channel."))
	}
	return all
}

func who(s Roles) string {
	var in []string
	for _, r := range event.Roles() {
		if s.Has(r) {
			in = append(in, r.String())
		}
	}
	if len(in) == len(event.Roles()) {
		return "everybody"
	}
	return strings.Join(in, ", ")
}
