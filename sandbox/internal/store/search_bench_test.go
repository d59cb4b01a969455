package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// stored fills a store with deliveries as a load test makes them: 15 notifications a conversation, one delivery in a hundred refused.
func stored(tb testing.TB, s *store.Store, deliveries int, to []string) {
	id := func(kind, n int) string { return uuid.NewSHA1(uuid.Nil, fmt.Append(nil, kind, " ", n)).String() }
	for made := 0; made < deliveries; {
		var all []store.Accepted
		for range min(500, (deliveries-made)/len(to)+1) {
			n := made / len(to)
			a := accepted(n, to...)
			a.ID, a.Conversation, a.Interaction, a.Channel = fmt.Sprintf("2%026x", n*7919), id(0, n/15), id(1, n/15), id(2, n/5)
			a.Type, a.Party, a.Agent, a.Body = fmt.Sprintf("channel.type%d.v1", n%24), fmt.Sprintf("+4420794%05d", n/15%4000), fmt.Sprint(1000+n/5%300), body()
			a.Accepted = noon().Add(time.Duration(n) * 10 * time.Millisecond)
			all = append(all, a)
			made += len(to)
		}
		d := accept(tb, s, all...)
		attempts := make([]store.Attempt, len(d))
		for i := range d {
			attempts[i] = store.Attempt{Delivery: d[i].Number, Try: 1, Sent: noon(), LatencyUS: 800, Status: 200, Header: header()}
			d[i].State, d[i].Attempts, d[i].First, d[i].Due, d[i].Status = store.Delivered, 1, noon().Add(time.Duration(d[i].Notification)*10*time.Millisecond), time.Time{}, 200
			switch n := d[i].Number; {
			case n%100 == 7:
				attempts[i].Status, attempts[i].Failure, attempts[i].Answer = 503, "status: 503", fmt.Sprintf("too many requests, try again; request %d", n)
				d[i].State, d[i].Status, d[i].Failure = store.Failed, 503, "status: 503"
			case n%20_000 == 9:
				attempts[i].Status, attempts[i].Failure, attempts[i].Answer = 418, "status: 418", "teapot"
				d[i].State, d[i].Status, d[i].Failure = store.Failed, 418, "status: 418"
			}
		}
		must(tb, s.Record(tb.Context(), attempts, d))
	}
	index(tb, s)
}

// index makes all blocks that are missing.
func index(tb testing.TB, s *store.Store) {
	tb.Helper()
	for more := true; more; {
		var err error
		more, err = s.Index(tb.Context())
		must(tb, err)
	}
}

func searched(tb testing.TB, text string) store.Search {
	tb.Helper()
	s, err := store.ParseSearch(text)
	must(tb, err)
	return s
}

func BenchmarkSearch(b *testing.B) {
	for _, size := range []struct{ deliveries, subscriptions int }{{100_000, 1}, {200_000, 1}, {200_000, 10}} {
		s := open(b, filepath.Join(b.TempDir(), "f"), store.Options{})
		to := ids(size.subscriptions)
		subscribe(b, s, to...)
		stored(b, s, size.deliveries, to)
		conversation := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, 0, " ", 123)).String()
		half := noon().Add(time.Duration(size.deliveries/size.subscriptions/2) * 10 * time.Millisecond)
		for name, f := range map[string]store.Filter{
			"conversation": {Search: searched(b, conversation)}, "party": {Search: searched(b, "442079400123")}, "id": {Search: searched(b, "id:"+conversation[:8])},
			"rare status": {Search: searched(b, "status:418")}, "common status": {Search: searched(b, "status:200")}, "answer": {Search: searched(b, "said:teapot")},
			"two words": {Search: searched(b, "too 503")}, "two common words": {Search: searched(b, "channel 200")}, "short words": {Search: searched(b, "c 2 4")},
			"nothing": {Search: searched(b, "nowhere")}, "range": {From: half, Until: half.Add(time.Minute)}, "half": {From: half}, "type": {Type: "channel.type7.*"},
		} {
			f.Limit = 200
			prefix := fmt.Sprintf("%d to %d/%s/", size.deliveries, size.subscriptions, name)
			b.Run(prefix+"page", func(b *testing.B) {
				for b.Loop() {
					_, _, err := s.Deliveries(b.Context(), f)
					must(b, err)
				}
			})
			b.Run(prefix+"count", func(b *testing.B) {
				var n int64
				for b.Loop() {
					var err error
					n, _, err = s.Count(b.Context(), f)
					must(b, err)
				}
				b.ReportMetric(float64(n), "found")
			})
		}
	}
}
