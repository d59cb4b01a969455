package recording_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

var start = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

// bodies plans ready-made scenarios and returns the bodies.
func bodies(t testing.TB, o plan.Options, names ...string) []string {
	t.Helper()
	var scs []*scenario.Scenario
	for _, name := range names {
		text, err := scenarios.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := scenario.ParseDocument(name, text)
		if err != nil {
			t.Fatal(err)
		}
		scs = append(scs, doc.Scenario)
	}
	if o.Start.IsZero() {
		o.Start = start
	}
	p, err := plan.NewMix(scs, o)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for n := range p.Notifications() {
		all = append(all, string(n.AppendBody(nil)))
	}
	return all
}

// rows are bodies as "receive --log" records them, each received a gap after the last one.
func rows(t testing.TB, gap time.Duration, bodies ...string) string {
	t.Helper()
	var text []byte
	for i, b := range bodies {
		row := recording.Row{Received: start.AddDate(1, 0, 0).Add(time.Duration(i) * gap), Method: "POST", Path: "/events", Status: 200}
		row.SetBody([]byte(b))
		var err error
		if text, err = row.Append(text); err != nil {
			t.Fatal(err)
		}
	}
	return string(text)
}

func opener(text string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

func lines(all []string) string { return strings.Join(all, "\n") + "\n" }

// replayed is what a replay of a recording sends.
func replayed(t testing.TB, text string, o recording.Options) (*recording.Replay, []plan.Notification) {
	t.Helper()
	r, err := recording.NewReplay("got.ndjson", opener(text), o)
	if err != nil {
		t.Fatal(err)
	}
	var all []plan.Notification
	for n := range r.Notifications() {
		all = append(all, n)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return r, all
}

func sentBodies(all []plan.Notification) []string {
	var text []string
	for i := range all {
		text = append(text, string(all[i].AppendBody(nil)))
	}
	return text
}

// compared are the differences between two recordings, one a line.
func compared(t testing.TB, want, got string, ignore recording.Ignore) string {
	t.Helper()
	w, err := recording.ReadSide("want", strings.NewReader(want), false)
	if err != nil {
		t.Fatal(err)
	}
	g, err := recording.ReadSide("got", strings.NewReader(got), false)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, d := range recording.Compare(w, g, ignore) {
		fmt.Fprintf(&text, "%s %d/%d %s", d.Kind, d.WantLine, d.GotLine, strings.TrimSuffix(d.Type, ".v0"))
		if d.Path != "" {
			fmt.Fprintf(&text, " %s", d.Path)
		}
		if d.Want+d.Got != "" {
			fmt.Fprintf(&text, ": %s | %s", d.Want, d.Got)
		}
		text.WriteByte('\n')
	}
	return text.String()
}
