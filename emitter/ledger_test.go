package emitter_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/scenarios"
	"github.com/ringback/ringback/signature"
)

// planned is a plan of many calls with holds, one after the other. What is duplicated or
// dropped on purpose is part of it.
func planned(t *testing.T, calls uint64, each time.Duration, faults ...scenario.FaultRule) *plan.Plan {
	t.Helper()
	sc, err := scenarios.Load("inbound-call-with-hold")
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(sc, plan.Options{Seed: 7, Start: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		Count: calls, Calls: scenario.Rate{Times: 1, Per: each}, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ledger is what a consumer took in, and what the log says of it.
type ledger struct {
	receiver *receiver.Receiver
	text     bytes.Buffer
	log      *emitter.Log

	mu  sync.Mutex
	ids map[string]int // how often the receiver saw each notification that it accepts
}

func newLedger(t *testing.T) *ledger {
	l := &ledger{ids: map[string]int{}}
	l.log = emitter.NewLog(&l.text, "r", 7)
	l.receiver = receiver.New(receiver.Options{Secrets: []signature.Secret{secret(t)}, On: func(j receiver.Judgement) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if j.Event.ID != (event.ID{}) {
			l.ids[j.Event.ID.String()]++
		}
	}})
	return l
}

// entry is what matters here of a row of the log.
type entry struct {
	ID, Fault, Outcome string
	Attempt            int
	Sent               *time.Time
	Status             *int
}

// delivered is what the log says of one planned delivery.
type delivered struct {
	moments []time.Duration // of the attempts, after the start
	outcome string          // the final one
}

// deliveries reads the log: by ID and fault, since a duplicate has the ID of what it
// duplicates.
func (l *ledger) deliveries(t *testing.T, start time.Time) map[string]delivered {
	t.Helper()
	if err := l.log.Close(); err != nil {
		t.Fatal(err)
	}
	all := map[string]delivered{}
	for row := range bytes.Lines(l.text.Bytes()) {
		var x entry
		if err := json.Unmarshal(row, &x); err != nil || row[len(row)-1] != '\n' {
			t.Fatalf("row %q: %v; want a whole one", row, err)
		}
		d := all[x.ID+x.Fault]
		if d.outcome != "" {
			t.Fatalf("%s %s has a row after its final one", x.ID, x.Fault)
		}
		if x.Sent != nil {
			d.moments = append(d.moments, x.Sent.Sub(start))
		}
		if x.Outcome != string(emitter.Retrying) {
			d.outcome = x.Outcome
		}
		all[x.ID+x.Fault] = d
	}
	return all
}

// balance compares the log, the receiver and the plan to the last notification. Lost are
// those that the ladder gives up.
func (l *ledger) balance(t *testing.T, p *plan.Plan, log map[string]delivered, lost map[string]bool) {
	t.Helper()
	want, keys := map[string]int{}, 0
	for n := range p.Notifications() {
		key := n.ID() + n.Fault.String()
		keys++
		outcome := emitter.Accepted
		switch {
		case n.Fault == fault.Drop:
			outcome = emitter.Dropped
		case lost[key]:
			outcome = emitter.GivenUp
		default:
			want[n.ID()]++
		}
		if got := log[key].outcome; got != string(outcome) {
			t.Errorf("%s %s: the log says %q, want %q", n.ID(), n.Fault, got, outcome)
		}
	}
	if len(log) != keys {
		t.Errorf("the log knows %d deliveries, the plan %d", len(log), keys)
	}
	if !maps.Equal(l.ids, want) {
		t.Errorf("the receiver saw %d different notifications, the plan has %d that arrive; or some not as often as planned", len(l.ids), len(want))
	}
	twice := 0
	for _, n := range want {
		twice += n - 1
	}
	if r := l.receiver.Report(); r.Accepted != len(want) || r.Duplicates != twice || len(r.Refused) != 0 || r.Ignored != 0 {
		t.Errorf("received %d, %d twice, refused %v; want %d, %d, none", r.Accepted, r.Duplicates, r.Refused, len(want), twice)
	}
}

// attempts counts all moments.
func attempts(log map[string]delivered) (n uint64) {
	for d := range maps.Values(log) {
		n += uint64(len(d.moments))
	}
	return n
}

// climb is every moment at which a delivery that is due is tried, if the consumer is down
// from one moment to another, and whether it is lost.
func climb(due, from, to time.Duration) (moments []time.Duration, lost bool) {
	for _, step := range ladder() {
		moments = append(moments, (due + step).Truncate(time.Microsecond)) // as the log has it
		if due+step < from || due+step >= to {
			return moments, false
		}
	}
	return moments, true
}
