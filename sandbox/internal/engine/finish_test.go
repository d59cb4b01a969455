package engine

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// An orderly end waits for the answers of what is in flight, so that nothing comes twice.
func TestWhatIsInFlightFinishes(t *testing.T) {
	h := open(t, Options{})
	var came atomic.Int32
	arrived, answer := make(chan struct{}), make(chan struct{})
	consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if came.Add(1) == 1 {
			close(arrived)
		}
		<-answer
	}))
	defer consumer.Close()
	const id = "2oTzcHsQQWRVfSvQ00000000001"
	h.subscribe(id, consumer.URL, secret("s"), "channel.alerted.*")
	if _, err := h.engine.Begin(t.Context(), "call", "customer"); err != nil {
		t.Fatal(err)
	}
	<-arrived
	finished := make(chan struct{})
	go func() {
		h.engine.Finish(t.Context())
		close(finished)
	}()
	select {
	case <-finished:
		t.Error("the end did not wait for the answer")
	default:
	}
	close(answer)
	<-finished
	h.close()
	h.open()
	h.until("it is delivered", func() bool { return h.settled(id, 1) })
	list := h.deliveries(store.Filter{Subscription: id})
	if came.Load() != 1 || len(list) != 1 || list[0].Attempts != 1 || list[0].State != store.Delivered {
		t.Errorf("%d requests came, deliveries %+v; want one, delivered", came.Load(), list)
	}
}
