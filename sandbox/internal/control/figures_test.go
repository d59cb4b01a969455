package control

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

const gated = "name: gated\nstory: A customer gives up.\nsteps:\n  - call: customer\n  - queue: 5s\n  - abandon\ngates: [accepted >= 1, 'latency p99 < 1ms']\n"

// ran puts a run into the store that has ended, with one delivery.
func (b *backend) ran(id, source string) {
	b.t.Helper()
	now := time.Now().UTC()
	run := store.Run{ID: id, Name: "gated: \"x\"", Source: source, State: store.RunEnded, Speed: 1, Start: now, Created: now, Ended: now}
	if err := b.store.SaveRun(b.t.Context(), run); err != nil {
		b.t.Fatal(err)
	}
	n := store.Notification{ID: "e" + id, Type: "channel.held.v0", Run: id, Accepted: now, Body: []byte(body)}
	all, err := b.store.Accept(b.t.Context(), []store.Accepted{{Notification: n, To: []string{"2tnejWeTxhrXAdBM4HQiAqjK4Sc"}}}, store.Changes{Positions: map[string]uint64{id: 1}})
	if err != nil {
		b.t.Fatal(err)
	}
	d := all[0]
	d.State, d.Attempts, d.First, d.Status, d.LatencyUS, d.Due, d.Outcome = store.Delivered, 1, now, 200, 1500, time.Time{}, store.OutcomeAccepted
	if err := b.store.Record(b.t.Context(), []store.Attempt{{Delivery: d.Number, Try: 1, Sent: now, LatencyUS: 1500, Status: 200, Outcome: d.Outcome}}, []store.Delivery{d}); err != nil {
		b.t.Fatal(err)
	}
}

func TestTheGatesOfARunAreThoseOfItsText(t *testing.T) {
	b := newBackend(t)
	b.delivered()
	b.ran("one", gated)
	f := b.want(200, "GET", "/runs/one/figures", "")
	if got := asText(t, f["gates"]); got != `[{"gate":"accepted \u003e= 1","passed":true,"was":"it was 1"},{"gate":"latency p99 \u003c 1ms","passed":false,"was":"it was 1.5ms"}]` {
		t.Errorf("gates %s", got)
	}
	if f["verdict"] != "failed" || asText(t, f["causes"]) != `["gate failed: latency p99 \u003c 1ms: it was 1.5ms"]` || f["settled"] != true {
		t.Errorf("verdict %v, causes %v", f["verdict"], f["causes"])
	}
	// A text that this version reads differently has figures still.
	b.ran("old", "name: x\nstory: y\nsteps:\n  - tlak: 4\n")
	f = b.want(200, "GET", "/runs/old/figures", "")
	if !strings.Contains(f["no_gates"].(string), "tlak") || asText(t, f["deliveries"].(map[string]any)["delivered"]) != "1" {
		t.Errorf("no gates because of %v, deliveries %v", f["no_gates"], f["deliveries"])
	}
	b.want(400, "GET", "/runs/one/figures?x=1", "")
	b.want(404, "GET", "/runs/none/figures", "")
}

func TestReportsAreFilesToKeep(t *testing.T) {
	b := newBackend(t)
	b.delivered()
	b.ran("one", gated)
	b.ran("two", gated)
	for path, want := range map[string][]string{
		"/runs/one/report":                       {"application/json", ``, `"gate": "accepted >= 1"`},
		"/runs/one/report?format=json":           {"application/json", `attachment; filename="report-gated_x_-one.json"`, `"schema_version": 1`},
		"/runs/one/report?format=html":           {"text/html; charset=utf-8", `attachment; filename="report-gated_x_-one.html"`, "<html"},
		"/runs/one/report?format=md":             {"text/markdown; charset=utf-8", `attachment; filename="report-gated_x_-one.md"`, "gate"},
		"/runs/one/report?format=xml":            {"application/xml", `attachment; filename="report-gated_x_-one.xml"`, "<testsuite"},
		"/runs/one/compare?with=two":             {"application/json", ``, `"same_plan": true`},
		"/runs/one/compare?with=two&format=html": {"text/html; charset=utf-8", `attachment; filename="compared-gated_x_-one-with-gated_x_-two.html"`, "<table"},
	} {
		w := b.ask("GET", path, "")
		got := []string{w.Header().Get("Content-Type"), w.Header().Get("Content-Disposition"), ""}
		if w.Code != 200 || !slices.Equal(got[:2], want[:2]) || !strings.Contains(w.Body.String(), want[2]) {
			t.Errorf("%s: %d %q, want %q: %.300s", path, w.Code, got, want, w.Body)
		}
	}
	b.want(400, "GET", "/runs/one/report?format=pdf", "")
	b.want(400, "GET", "/runs/one/compare", "")
	b.want(400, "GET", "/runs/one/compare?with=two&format=xml", "")
	b.want(404, "GET", "/runs/one/compare?with=three", "")
}
