package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// body has the length of a usual notification, header that of a usual request.
func body() []byte { return []byte(strings.Repeat("x", 540)) }

func header() store.Header {
	return store.Header{{"Content-Type", "application/cloudevents+json"}, {"User-Agent", "ringback"}, {"Vonage-Signature", strings.Repeat("t", 320)}}
}

func ids(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("subscription %d", i))
	}
	return all
}

// batch is a hundred notifications to some subscriptions.
func batch(first int, to []string) (all []store.Accepted) {
	for i := range 100 {
		a := accepted(first+i, to...)
		a.Type = fmt.Sprintf("channel.type%d.v1", i%24)
		a.Body, a.Signed = body(), nil
		all = append(all, a)
	}
	return all
}

func BenchmarkAccept(b *testing.B) {
	for _, subscriptions := range []int{0, 1, 10, 200} {
		b.Run(fmt.Sprint(subscriptions), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "f"), store.Options{})
			to := ids(subscriptions)
			subscribe(b, s, to...)
			began := time.Now()
			for n := 0; b.Loop(); n += 100 {
				accept(b, s, batch(n, to)...)
			}
			rows := float64(b.N * 100 * (1 + subscriptions))
			b.ReportMetric(rows/time.Since(began).Seconds(), "rows/s")
		})
	}
}

// A batch of Record is that of a hundred attempts that were accepted.
func BenchmarkRecord(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "f"), store.Options{})
			to := ids(200)
			subscribe(b, s, to...)
			var left []store.Delivery
			var spent time.Duration
			for b.Loop() {
				for len(left) < size {
					left = append(left, accept(b, s, batch(0, to)...)...)
				}
				deliveries := left[:size]
				left = left[size:]
				attempts := make([]store.Attempt, size)
				for i := range deliveries {
					d := &deliveries[i]
					attempts[i] = store.Attempt{Delivery: d.Number, Try: 1, Sent: noon(), LatencyUS: 800, Status: 200, Header: header()}
					d.State, d.Attempts, d.First, d.Due, d.Status, d.LatencyUS = store.Delivered, 1, noon(), time.Time{}, 200, 800
				}
				began := time.Now()
				must(b, s.Record(b.Context(), attempts, deliveries))
				spent += time.Since(began)
			}
			b.ReportMetric(float64(2*size*b.N)/spent.Seconds(), "rows/s")
		})
	}
}
