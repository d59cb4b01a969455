package store_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// crowd fills a store with what a seed says: thousands of deliveries in all states, some of
// them redelivered, and of some subscriptions that were deleted.
func crowd(t *testing.T, s *store.Store, r *rand.Rand) {
	subscribers := ids(12)
	subscribe(t, s, subscribers...)
	var deliveries []store.Delivery
	for range 6 {
		var batch []store.Accepted
		for i := range 60 {
			a := accepted(i)
			a.Type = fmt.Sprintf("%s.%s.v%d", pick(r, "channel", "agent"), pick(r, "held", "ended", "alerted"), r.IntN(2))
			a.Conversation, a.Run = pick(r, "", "c1", "c2", "c3"), pick(r, "", "r1", "r2")
			for _, id := range subscribers {
				if r.IntN(10) > 0 && (id != subscribers[3] || a.Type == "agent.held.v0") {
					a.To = append(a.To, id)
				}
			}
			batch = append(batch, a)
		}
		deliveries = append(deliveries, accept(t, s, batch...)...)
		for range 20 {
			d, err := s.Redeliver(t.Context(), onceMore(1+r.Int64N(60), pick(r, subscribers...)), "resend", noon())
			must(t, err)
			deliveries = append(deliveries, d[0].Delivery)
		}
	}
	for i := range deliveries {
		deliveries[i].State = pick(r, store.Waiting, store.Delivered, store.Delivered, store.Delivered)
		if r.IntN(100) == 0 {
			deliveries[i].State = store.Failed
		}
		if deliveries[i].State != store.Waiting {
			deliveries[i].Due = time.Time{}
		}
	}
	must(t, s.Record(t.Context(), nil, deliveries))
	must(t, s.DeleteSubscription(t.Context(), subscribers[1]))
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// Any filter finds what a look at each row finds, whatever the size of its pages.
func TestListsFindWhatALookAtEachRowFinds(t *testing.T) {
	sampling.Long(t)
	const seed = 3
	r := rand.New(rand.NewPCG(seed, 0))
	s := open(t, filepath.Join(t.TempDir(), "f"), store.Options{})
	crowd(t, s, r)
	whole(t, s)
	allN, _, err := s.Notifications(t.Context(), store.Filter{Limit: 1e6})
	must(t, err)
	allD, next, err := s.Deliveries(t.Context(), store.Filter{Limit: 1e6})
	must(t, err)
	if len(allN) != 360 || len(allD) < 3000 || next != 0 || allD[0].Notification != allD[0].Detail.Number {
		t.Fatalf("%d notifications and %d deliveries, next %d", len(allN), len(allD), next)
	}
	for i := range 120 {
		f := store.Filter{Limit: pick(r, 30+r.IntN(300), 1e6), Type: pick(r, "", "", "*", "*.held.v1", "channel.*", "agent.held.v0", "none"),
			Conversation: pick(r, "", "", "", "c1", "c9"), Run: pick(r, "", "", "", "r1", "r9"), Subscription: pick(r, "", "", ids(12)[r.IntN(12)], ids(12)[1], "none"),
			State: pick(r, "", "", "", store.Waiting, store.Delivered, store.Failed, store.Cancelled), Notification: pick(r, 0, 0, 0, 1+r.Int64N(60))}
		var want, got []int64
		for _, n := range allN {
			if fits(f, n) {
				want = append(want, n.Number)
			}
		}
		for g := f; ; {
			list, next, err := s.Notifications(t.Context(), g)
			must(t, err)
			for _, n := range list {
				got = append(got, n.Number)
			}
			if g.Before = next; next == 0 || t.Failed() {
				break
			}
		}
		check(t, i, f, got, want)
		got, want = nil, nil
		for _, d := range allD {
			if fits(f, d.Detail) && (f.Subscription == "" || f.Subscription == d.Subscription) && (f.State == "" || f.State == d.State) &&
				(f.Notification == 0 || f.Notification == d.Notification) {
				want = append(want, d.Number)
			}
		}
		for g := f; ; {
			list, next, err := s.Deliveries(t.Context(), g)
			must(t, err)
			for _, d := range list {
				got = append(got, d.Number)
				if d.Detail.Number != d.Notification || d.Detail.Body != nil {
					t.Errorf("delivery %+v comes with %+v", d.Delivery, d.Detail)
				}
			}
			if g.Before = next; next == 0 || t.Failed() {
				break
			}
		}
		check(t, i, f, got, want)
	}
}

func fits(f store.Filter, n store.Notification) bool {
	return (f.Type == "" || event.Match(f.Type, n.Type)) && (f.Conversation == "" || f.Conversation == n.Conversation) && (f.Run == "" || f.Run == n.Run)
}

func check(t *testing.T, i int, f store.Filter, got, want []int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("filter %d, %+v: got %d numbers, want %d\n got %v\nwant %v", i, f, len(got), len(want), got, want)
	}
}

// What BenchmarkLists makes takes long: 100,000 notifications, each to ten subscriptions.
func BenchmarkLists(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "f"), store.Options{})
	to := ids(11)
	subscribe(b, s, to...)
	for n := range 1000 {
		for i := range 10 {
			a := batch(n*100+i*10, to[:10])[:10]
			for j := range a {
				a[j].Conversation = fmt.Sprintf("conversation %d", n*10+i)
				a[j].Run = fmt.Sprintf("run %d", n/500)
			}
			if n == 3 && i == 0 {
				a[0].Type, a[0].To = "agent.presencechanged.v1", to
			}
			d := accept(b, s, a...)
			for j := range d {
				d[j].State, d[j].Due = store.Delivered, time.Time{}
			}
			if n == 3 {
				d[0].State = store.Failed
			}
			must(b, s.Record(b.Context(), nil, d))
		}
	}
	for _, f := range []store.Filter{
		{}, {Before: 500_000}, {Type: "channel.type3.v1"}, {Type: "channel.*"}, {Type: "agent.*"}, {Conversation: "conversation 77"}, {Run: "run 0"},
		{Subscription: to[3]}, {Subscription: to[10]}, {State: store.Failed}, {State: store.Delivered}, {State: store.Waiting}, {Notification: 77},
		{Type: "channel.*", State: store.Failed}, {Type: "agent.*", Subscription: to[3]}, {Subscription: to[3], State: store.Failed}, {Run: "run 0", Type: "agent.*"},
	} {
		f.Limit = 100
		b.Run(fmt.Sprintf("deliveries %+v", f), func(b *testing.B) {
			for b.Loop() {
				_, _, err := s.Deliveries(b.Context(), f)
				must(b, err)
			}
		})
		b.Run(fmt.Sprintf("notifications %+v", f), func(b *testing.B) {
			for b.Loop() {
				_, _, err := s.Notifications(b.Context(), f)
				must(b, err)
			}
		})
	}
	b.Run("due", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Due(b.Context(), to[3], time.Time{}, 0, 100)
			must(b, err)
		}
	})
}
