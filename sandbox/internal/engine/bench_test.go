package engine

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// BenchmarkDeliveries is one notification to 50 subscriptions, from the plan to the record of
// the attempts, over loopback.
func BenchmarkDeliveries(b *testing.B) {
	s, err := store.Open(b.TempDir()+"/state", store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	const subscriptions = 50
	for i := range subscriptions {
		id := fmt.Sprintf("s%03d", i)
		if err := s.CreateSubscription(b.Context(), store.Subscription{ID: id, Name: id, URL: server.URL, Events: []string{"*"}, Enabled: true, Secret: secret("a")}); err != nil {
			b.Fatal(err)
		}
	}
	e, err := Open(b.Context(), s, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	messages := e.Listen(b.Context())
	b.ReportAllocs()
	calls := uint64(b.N/number + 1)
	b.ResetTimer()
	if _, err := e.StartRun(b.Context(), Play{Name: "inbound-call-with-hold", Speed: emitter.Max, Options: store.Playing{Count: calls}}); err != nil {
		b.Fatal(err)
	}
	for {
		_, deliveries := s.Counts()
		if deliveries[store.Delivered] == int64(calls)*number*subscriptions {
			break
		}
		<-messages
	}
	b.ReportMetric(float64(calls*number*subscriptions)/b.Elapsed().Seconds(), "deliveries/s")
}
