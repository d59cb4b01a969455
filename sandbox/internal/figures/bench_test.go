package figures_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/figures"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/signature"
)

// A run of 20,000 deliveries, to one subscription and to a hundred.
func BenchmarkFigures(b *testing.B) {
	for _, subscriptions := range []int{1, 100} {
		b.Run(fmt.Sprint(subscriptions, " subscriptions"), func(b *testing.B) {
			run, s := played(b, subscriptions, 20_000)
			for b.Loop() {
				reader := &figures.Reader{Store: s, Text: func(context.Context, *store.Run) (figures.Text, error) { return figures.Text{}, nil }}
				if f, err := reader.Figures(b.Context(), run); err != nil || f.Deliveries[store.Delivered] != 20_000 {
					b.Fatal(f, err)
				}
			}
		})
	}
}

// played stores a run of so many deliveries, all of them accepted.
func played(b *testing.B, subscriptions, deliveries int) (store.Run, *store.Store) {
	b.Helper()
	s, err := store.Open(filepath.Join(b.TempDir(), "state"), store.Options{})
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	must(err)
	b.Cleanup(func() { _ = s.Close() })
	var to []string
	for i := range subscriptions {
		to = append(to, fmt.Sprint("s", i))
		must(s.CreateSubscription(b.Context(), store.Subscription{ID: to[i], Name: to[i], URL: "http://127.0.0.1/", Events: []string{"*"}, Enabled: true, Secret: make(signature.Secret, 32), Created: start(), Changed: start()}))
	}
	run := store.Run{ID: "one", State: store.RunEnded, Speed: 1, Created: start(), Ended: start()}
	must(s.SaveRun(b.Context(), run))
	for i := 0; i < deliveries/subscriptions; i += 10 {
		var batch []store.Accepted
		for k := range 10 {
			batch = append(batch, store.Accepted{Notification: store.Notification{ID: fmt.Sprint(i + k), Type: "channel.held.v0", Run: "one", Accepted: start().Add(time.Duration(i+k) * ms), Body: make([]byte, 500)}, To: to})
		}
		all, err := s.Accept(b.Context(), batch, store.Changes{})
		must(err)
		var made []store.Attempt
		for k := range all {
			d := &all[k]
			d.State, d.Attempts, d.First, d.Status, d.Due, d.Outcome = store.Delivered, 1, start(), 204, time.Time{}, store.OutcomeAccepted
			made = append(made, store.Attempt{Delivery: d.Number, Try: 1, Sent: start().Add(time.Duration(i) * ms), LatencyUS: 700, Status: 204, Outcome: d.Outcome,
				Header: store.Header{{"Host", "127.0.0.1"}, {signature.HeaderName, string(make([]byte, 300))}}})
		}
		must(s.Record(b.Context(), made, all))
	}
	return run, s
}
