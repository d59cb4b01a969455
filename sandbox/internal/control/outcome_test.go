package control

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// end ends a run as the engine does.
func (b *backend) end(id string) {
	b.t.Helper()
	r, err := b.store.Run(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	r.State, r.Ended = store.RunEnded, time.Now().UTC()
	if err := b.store.SaveRun(b.t.Context(), r); err != nil {
		b.t.Fatal(err)
	}
}

// of accepts a notification of a run for the subscription "s".
func (b *backend) of(run string, events ...string) (all []store.Delivery) {
	b.t.Helper()
	var batch []store.Accepted
	for _, id := range events {
		batch = append(batch, store.Accepted{Notification: store.Notification{ID: id, Type: "channel.connected.v1", Conversation: "CON-1", Run: run, Body: []byte("{}"), Accepted: time.Now().UTC()},
			To: []string{"s"}})
	}
	all, err := b.store.Accept(b.t.Context(), batch, store.Changes{})
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// A request that starts a run can wait for what becomes of it, with the truth of its channels and every attempt.
func TestARequestWaitsForItsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend(t)
		go func() {
			time.Sleep(2 * time.Second)
			d := b.of("run-1", "event-1", "event-2")
			for i := range d {
				d[i].State, d[i].Attempts, d[i].Status, d[i].Outcome = store.Delivered, 1, 200, store.OutcomeAccepted
			}
			b.must(b.store.Record(t.Context(), []store.Attempt{{Delivery: d[0].Number, Try: 1, Status: 200, Outcome: store.OutcomeAccepted, Sent: time.Now().UTC()}}, d))
			time.Sleep(3 * time.Second)
			b.end("run-1")
		}()
		began := time.Now()
		o := b.want(201, "POST", "/runs?until=delivered", `{"scenario":"inbound-call"}`)
		if took := time.Since(began); took < 5*time.Second || took > 6*time.Second {
			t.Errorf("it waited %s", took)
		}
		if o["complete"] != true || o["run"].(map[string]any)["id"] != "run-1" || o["states"].(map[string]any)["delivered"] != 2.0 || o["conversations_left_out"] != 7.0 {
			t.Errorf("the outcome is %v", o)
		}
		rows := o["deliveries"].([]any)
		if len(rows) != 2 || !strings.Contains(asText(t, rows[0]), `"event-1"`) || !strings.Contains(asText(t, rows[0]), `"try":1`) {
			t.Errorf("the deliveries are %v", asText(t, rows))
		}
		const truth = `[{"channel_id":"c","conversation_id":"CON-1","interaction_id":"i","notifications":3,"party":"caller","phase":"ended","role":"external","stays":[{"from":"2025-03-03T09:00:00Z","phase":"connected","to":"2025-03-03T09:01:00Z"}]}]`
		if got := asText(t, o["channels"]); !strings.EqualFold(got, truth) {
			t.Errorf("the channels are %s, want %s", got, truth)
		}
	})
}

// When the time is over, the answer tells how far it came; whoever asks again waits on.
func TestAWaitForARunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend(t)
		began := time.Now()
		o := b.want(201, "POST", "/runs?until=delivered&within=7s", `{"scenario":"inbound-call"}`, "Idempotency-Key: k")
		if took := time.Since(began); took != 7*time.Second || o["complete"] != false || len(o["channels"].([]any)) > 0 {
			t.Errorf("after %s: %v", took, o)
		}
		b.end("run-1")
		again := b.want(201, "POST", "/runs?until=delivered&within=7s", `{"scenario":"inbound-call"}`, "Idempotency-Key: k")
		if run := again["run"].(map[string]any); again["complete"] != true || run["id"] != "run-1" {
			t.Errorf("with the same key: %v", again)
		}
		if o := b.want(200, "GET", "/runs/run-1?until=delivered", ""); o["complete"] != true {
			t.Errorf("asked for it: %v", o)
		}
		b.want(404, "GET", "/runs/none?until=delivered", "")
	})
}

// A large run is counted whole, and listed as far as an answer may be.
func TestAnOutcomeIsBounded(t *testing.T) {
	b := newBackend(t)
	b.want(201, "POST", "/runs", `{"scenario":"inbound-call"}`)
	var events []string
	for i := range 2*maxOutcome + 300 {
		events = append(events, fmt.Sprint("event-", i))
	}
	d := b.of("run-1", events...)
	for i := range d {
		d[i].State = store.Failed
	}
	b.must(b.store.Record(t.Context(), nil, d))
	b.end("run-1")
	o := b.want(200, "GET", "/runs/run-1?until=delivered", "")
	rows := o["deliveries"].([]any)
	if len(rows) != maxOutcome || o["deliveries_left_out"] != float64(len(events)-maxOutcome) || o["states"].(map[string]any)["failed"] != float64(len(events)) {
		t.Errorf("%d are listed, %v left out, of %v", len(rows), o["deliveries_left_out"], o["states"])
	}
	if !strings.Contains(asText(t, rows[0]), `"event-0"`) {
		t.Errorf("the first one is %s", asText(t, rows[0]))
	}
}

// So many wait at once, and no more: each holds a connection.
func TestFewRequestsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend(t)
		b.want(201, "POST", "/runs", `{"scenario":"inbound-call"}`)
		for range maxAwaited {
			go b.ask("GET", "/runs/run-1?until=delivered&within=5s", "")
		}
		synctest.Wait()
		got := b.want(503, "POST", "/runs?until=delivered", `{"scenario":"inbound-call"}`)
		if text := got["message"].(string); !strings.Contains(text, "64 requests wait for their runs already") || !strings.Contains(text, "/runs/run-2?until=delivered") {
			t.Error(text)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if o := b.want(200, "GET", "/runs/run-2?until=delivered&within=1s", ""); o["complete"] != false {
			t.Errorf("the outcome is %v", o)
		}
	})
}
