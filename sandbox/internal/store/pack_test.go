package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// twins are a store that keeps the deliveries of each notification as a pack, and one that has a row for each.
type twins [2]*store.Store

func (w *twins) open(t *testing.T, paths [2]string) {
	t.Helper()
	for i, fewest := range []int{1, 1 << 30} {
		w[i] = open(t, paths[i], store.Options{KeepFor: 1000 * time.Hour})
		store.Pack(w[i], fewest)
		store.Blocks(w[i], 4, 8)
	}
}

// does does the same to both, and fails unless both give the same.
func does[T any](t *testing.T, w *twins, what string, do func(*store.Store) (T, error)) T {
	t.Helper()
	packed, err := do(w[0])
	rows, want := do(w[1])
	if fmt.Sprint(err) != fmt.Sprint(want) {
		t.Fatalf("%s: got %v, want %v", what, err, want)
	}
	if same(t, what, packed, rows); t.Failed() {
		t.FailNow()
	}
	return packed
}

// attempted is what an attempt may make of a delivery, mostly that it is delivered at once.
func attempted(r *rand.Rand, d *store.Delivery, now time.Time) (made []store.Attempt) {
	d.Attempts++
	a := store.Attempt{Delivery: d.Number, Try: d.Attempts, Sent: now.Add(12345), LatencyUS: r.Int64N(1e6), Status: 200 + r.IntN(3),
		Header: store.Header{{"Host", pick(r, "a:1", "b:2")}, {"Content-Length", pick(r, "17", "540", "017")}, {"Vonage-Signature", "Bearer " + fmt.Sprint(r.Uint64())}}}
	if d.First.IsZero() {
		d.First = now
	}
	d.State, d.Due, d.Status, d.LatencyUS = store.Delivered, time.Time{}, a.Status, a.LatencyUS
	switch r.IntN(12) {
	case 0:
		a.Failure, a.Answer, a.Status = "status: 503", "busy", 503
		d.State, d.Due, d.Failure, d.Status = store.Waiting, now.Add(time.Duration(r.IntN(60))*time.Second), a.Failure, 503
	case 1:
		a.Failure, d.Failure, d.State = "reset", "reset", store.Failed
	case 2:
		a.Header = nil
	case 3: // over a connection that had ended, and then over another one
		made = append(made, store.Attempt{Delivery: d.Number, Try: d.Attempts, Sent: now, Failure: "stale"})
	case 4:
		return nil
	}
	return append(made, a)
}

// Whatever happens, nobody who reads deliveries can tell whether they are kept together or in rows of their own.
func TestAPackTellsWhatRowsTell(t *testing.T) {
	sampling.Long(t)
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 5))
			paths := [2]string{filepath.Join(folder(t), "f"), filepath.Join(folder(t), "f")}
			w := &twins{}
			w.open(t, paths)
			names := ids(5)
			subscribe(t, w[0], names...)
			subscribe(t, w[1], names...)
			var all []store.Delivery // as they were told last
			for i := range 60 {
				all = step(t, w, r, i, names, all)
				whole(t, w[0]) // also that blocks are as their rows are
				whole(t, w[1])
				tell(t, w, r, names, len(all))
				if r.IntN(30) == 0 {
					must(t, errors.Join(w[0].Close(), w[1].Close()))
					w.open(t, paths)
				}
			}
			whole(t, w[0])
			whole(t, w[1])
		})
	}
}

// step makes a change.
func step(t *testing.T, w *twins, r *rand.Rand, i int, names []string, all []store.Delivery) []store.Delivery {
	t.Helper()
	now := noon().Add(time.Duration(i) * time.Minute)
	switch ctx := t.Context(); r.IntN(18) {
	default:
		seed := r.Uint64()
		made := does(t, w, "accept", func(s *store.Store) ([]store.Delivery, error) {
			return s.Accept(ctx, some(rand.New(rand.NewPCG(seed, 0)), i, now, names), store.Changes{})
		})
		return append(all, made...)
	case 0, 1, 2, 3, 4, 5:
		var chosen []store.Delivery
		var attempts []store.Attempt
		for k := range all {
			if d := &all[k]; r.IntN(4) == 0 && (d.State == store.Waiting || r.IntN(30) == 0) {
				attempts = append(attempts, attempted(r, d, now)...)
				chosen = append(chosen, *d)
			}
		}
		does(t, w, "record", func(s *store.Store) (bool, error) {
			return true, s.Record(ctx, append([]store.Attempt{}, attempts...), chosen)
		})
	case 6:
		if n, _ := w[0].Counts(); n > 0 {
			number, to, kind := 1+r.Int64N(n), pick(r, names...), pick(r, "resend", "expired")
			made := does(t, w, "redeliver", func(s *store.Store) ([]store.DeliveryDetail, error) {
				return s.Redeliver(ctx, onceMore(number, to), kind, now)
			})
			if len(made) > 0 {
				return append(all, made[0].Delivery)
			}
		}
	case 7:
		id := pick(r, names...)
		does(t, w, "delete a subscription", func(s *store.Store) (bool, error) { return true, s.DeleteSubscription(ctx, id) })
		for k := range all {
			if d := &all[k]; d.Subscription == id && d.State == store.Waiting {
				d.State, d.Due = store.Cancelled, time.Time{}
			}
		}
		if r.IntN(2) == 0 {
			must(t, errors.Join(w[0].CreateSubscription(ctx, subscription(id)), w[1].CreateSubscription(ctx, subscription(id))))
		}
	case 9, 10, 11:
		index(t, w[0])
		index(t, w[1])
	case 8:
		before := now.Add(1000*time.Hour - time.Duration(r.IntN(90))*time.Minute)
		does(t, w, "forget", func(s *store.Store) (bool, error) { return true, s.Forget(ctx, before) })
	}
	return all
}

// some are notifications of a few conversations, each to some subscriptions.
func some(r *rand.Rand, i int, now time.Time, names []string) (batch []store.Accepted) {
	for range 1 + r.IntN(4) {
		a := accepted(i)
		a.Accepted, a.Due = now, now.Add(time.Duration(r.IntN(3))*time.Second)
		a.Type, a.Conversation, a.Run = pick(r, "channel.held.v1", "channel.ended.v1"), pick(r, "", "c1", "c2"), pick(r, "", "r1")
		for _, id := range names {
			if r.IntN(5) > 0 {
				a.To = append(a.To, id)
			}
		}
		batch = append(batch, a)
	}
	return batch
}

// tell reads all that is told of deliveries, in several ways.
func tell(t *testing.T, w *twins, r *rand.Rand, names []string, highest int) {
	t.Helper()
	ctx := t.Context()
	type counted struct {
		notifications int64
		of            map[store.DeliveryState]int64
	}
	does(t, w, "counts", func(s *store.Store) (counted, error) {
		n, of := s.Counts()
		return counted{n, of}, nil
	})
	for range 2 {
		number := 1 + r.Int64N(int64(highest)+2)
		does(t, w, "a delivery", func(s *store.Store) (store.Delivery, error) { return s.Delivery(ctx, number) })
		does(t, w, "its attempts", func(s *store.Store) ([]store.Attempt, error) { return s.Attempts(ctx, number) })
		id, limit := pick(r, names...), 1+r.IntN(30)
		after, behind := noon().Add(time.Duration(r.IntN(7200))*time.Second), r.Int64N(int64(highest)+2)
		does(t, w, "what is due", func(s *store.Store) ([]store.DeliveryDetail, error) { return s.Due(ctx, id, time.Time{}, 0, limit) })
		does(t, w, "what is due behind something", func(s *store.Store) ([]store.DeliveryDetail, error) {
			return s.Due(ctx, id, after, behind, limit)
		})
		f := store.Filter{Limit: 1000, Type: pick(r, "", "", "*.held.v1"), Conversation: pick(r, "", "", "c1"), Run: pick(r, "", "", "r1"),
			Subscription: pick(r, "", "", id), State: pick(r, "", "", store.Waiting, store.Delivered, store.Failed, store.Cancelled), Notification: pick(r, 0, 0, 1+r.Int64N(60))}
		does(t, w, fmt.Sprintf("list %+v", f), func(s *store.Store) ([]store.DeliveryDetail, error) {
			list, _, err := s.Deliveries(ctx, f)
			return list, err
		})
		f.Search = searched(t, pick(r, "busy", "said:reset", "party:ali held", "status:503", "c1", "waiting", id))
		does(t, w, fmt.Sprintf("search %+v", f), func(s *store.Store) ([]store.DeliveryDetail, error) {
			list, _, err := s.Deliveries(ctx, f)
			return list, err
		})
	}
}

// What is known of packs without a look into the file is what is in it, also after a transaction that failed.
func TestAPackOfATransactionThatFailedIsForgotten(t *testing.T) {
	s := open(t, "", store.Options{})
	store.Pack(s, 3)
	ctx := t.Context()
	subscribe(t, s, "a", "b", "c")
	bad := store.Conversation{ID: "c", Actions: []store.Action{{Args: []byte("{")}}}
	if _, err := s.Accept(ctx, []store.Accepted{accepted(0, "a", "b", "c")}, store.Changes{Conversations: []store.Conversation{bad}}); err == nil {
		t.Fatal("a conversation that is no JSON was kept")
	}
	deliveries := accept(t, s, accepted(1, "b", "a"))
	deliveries[1].State, deliveries[1].Due = store.Delivered, time.Time{}
	must(t, s.Record(ctx, nil, deliveries[1:]))
	d, err := s.Delivery(ctx, 2)
	must(t, err)
	same(t, "the delivery", d, deliveries[1])
	wantCounts(t, s, 1, map[store.DeliveryState]int64{store.Waiting: 1, store.Delivered: 1})
	whole(t, s)
	// Neither is one that was deleted.
	deliveries = accept(t, s, accepted(2, "a", "b", "c"))
	must(t, s.Reset(ctx))
	must(t, s.Record(ctx, nil, deliveries))
	wantCounts(t, s, 0, nil)
	whole(t, s)
}

// What cannot be read of a pack is an error of those who read it, and quotes nothing.
func TestAPackThatCannotBeRead(t *testing.T) {
	for text, read := range map[string]func(*store.Store) error{
		"UPDATE chunk SET entries = x'ffff'": func(s *store.Store) error { _, err := s.Attempts(t.Context(), 1); return err },
		"DELETE FROM chunk":                  func(s *store.Store) error { _, err := s.Delivery(t.Context(), 1); return err },
		"UPDATE pack SET states = x'0000'":   func(s *store.Store) error { _, err := s.Due(t.Context(), "a", time.Time{}, 0, 9); return err },
		"UPDATE pack SET states = x'01'":     func(s *store.Store) error { _, _, err := s.Deliveries(t.Context(), store.Filter{}); return err },
		"DELETE FROM fan": func(s *store.Store) error {
			return s.Record(t.Context(), nil, []store.Delivery{{Number: 2, Notification: 1, State: store.Failed}})
		},
	} {
		path := filepath.Join(folder(t), "f")
		s := open(t, path, store.Options{})
		store.Pack(s, 1)
		subscribe(t, s, "a", "b", "c")
		d := accept(t, s, accepted(0, "a", "b", "c"))
		attempts, d := done(d[0])
		d[0].Due, attempts[0].Header = time.Time{}, store.Header{{"Secret", "secret"}}
		must(t, s.Record(t.Context(), attempts, d))
		must(t, s.Close())
		s = open(t, altered(t, path, text), store.Options{})
		err := read(s)
		trouble, ok := errors.AsType[*store.Trouble](err)
		if !ok || trouble.Kind != store.BadRow || !strings.Contains(err.Error(), "a row of the state cannot be read (") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", text, err)
		}
		if s.Trouble() != nil {
			t.Errorf("%s: all of the file is in trouble: %v", text, s.Trouble())
		}
		if err := s.Check(t.Context()); err == nil {
			t.Errorf("%s: the check finds nothing", text)
		}
	}
}
