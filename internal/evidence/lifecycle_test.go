package evidence

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/internal/lifecycle"
)

func TestTheDocumentedLifecycleIsTheTable(t *testing.T) {
	golden.Check(t, "../../docs/lifecycle.md", lifecyclePage())
}

const lifecycleHead = `# The life of a channel

<!-- Made from the tables in internal/lifecycle and internal/evidence by a test of the latter, with -update. -->

Each participant of an interaction has a channel of their own, and what happens to it raises events. The
scenario checker refuses what is not in this table, and the planner walks it, so nothing else ever
reaches a consumer, unless a ` + "`send`" + ` step says so. All events of a row have the same ` + "`data.timestamp`" + `, differ in
` + "`id`" + `, and may arrive in any order. Nothing follows ` + "`channel.ended`" + `.

` + "```mermaid\nstateDiagram-v2\n    [*] --> alerting: alerted\n"

const lifecycleMiddle = "```" + `

Not drawn: with the [assumption](assumptions.md) ` + "`hangup-while-away=direct`" + `, a channel that is held, parked or
interrupted may leave as a connected one does.

| From | What happens | Who | To | Events | How sure | Rests on |
|---|---|---|---|---|---|---|
`

// lifecyclePage is the documentation as the tables have it.
func lifecyclePage() []byte {
	b := bytes.NewBufferString(lifecycleHead)
	drawn := map[string]bool{}
	for _, e := range lifecycle.Edges() {
		arrow := fmt.Sprintf("    %s --> %s: %s\n", e.From, state(e.To), strings.Join(short(e.Events), " + "))
		if e.From == lifecycle.New || strings.HasPrefix(e.Note, "assumption hangup-while-away") || drawn[arrow] {
			continue
		}
		drawn[arrow] = true
		b.WriteString(arrow)
	}
	b.WriteString(lifecycleMiddle)
	for _, e := range lifecycle.Edges() {
		entry := edgeFact(e).entry(Edge, edgeSubject(e), "")
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", e.From, e.Verb, who(e.Roles), e.To,
			"`"+strings.Join(short(e.Events), "`, `")+"`", entry.Sure, restsOn(&entry, e))
	}
	return b.Bytes()
}

func state(p lifecycle.Phase) string {
	if p == lifecycle.Ended {
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

// restsOn are the documents and the assumptions behind an edge.
func restsOn(entry *Entry, e lifecycle.Edge) string {
	var all []string
	for _, r := range entry.Rules {
		switch {
		case r.Source != "":
			all = append(all, r.Source)
		case e.Note == "":
			all = append(all, "assumed: "+strings.ToLower(r.Text[:1])+strings.TrimSuffix(r.Text[1:], "."))
		}
	}
	return cmp.Or(assumed(e), strings.Join(all, "; "))
}
