package main

import (
	"bufio"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// Parties whose names look alike have lifelines of their own, and nobody is mistaken for the
// consumer or for a word of the diagram.
func TestADiagramKeepsPartiesApart(t *testing.T) {
	const text = `name: alike
story: Names that look alike.
steps:
  - call: a-b
  - queue: 1s
  - abandon
  - call: a_b
  - queue: 1s
  - abandon
  - call: consumer
  - queue: 1s
  - abandon
  - call: end
  - queue: 1s
  - abandon
  - send: {type: "odd; type # 1", id: x}
`
	sc, err := scenario.Parse("alike.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	pl, err := plan.New(sc, plan.Options{Seed: 1, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	got := func() string {
		var b strings.Builder
		w := bufio.NewWriter(&b)
		writeMermaid(w, pl, pl.Walk(), nil)
		w.Flush()
		return b.String()
	}()
	lifelines := map[string]string{}
	for line := range strings.Lines(got) {
		if id, name, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "participant ")), " as "); ok {
			if lifelines[id] != "" {
				t.Errorf("%s is %s and %s", id, lifelines[id], name)
			}
			lifelines[id] = name
		}
	}
	if len(lifelines) != 5 || strings.Contains(got, "consumer->>consumer") || strings.Contains(got, "end->>") || strings.Contains(got, "odd; type # 1") {
		t.Errorf("lifelines %v in\n%s", lifelines, got)
	}
}
