package control

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// Few texts are read at the same time, few requests wait for that, and none waits longer than its client does.
func TestFewTextsAreReadAtTheSameTime(t *testing.T) {
	h := &handler{work: make(chan struct{}, maxWork)}
	request := func(ctx context.Context) *http.Request {
		return httptest.NewRequestWithContext(ctx, "POST", Prefix+"/scenarios/check", strings.NewReader(`{"yaml":"x"}`))
	}
	for range maxWork {
		if _, err := h.alone(request(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	gone, leave := context.WithCancel(t.Context())
	ended := make(chan error)
	for range maxWaiting {
		go func() {
			_, err := h.alone(request(gone))
			ended <- err
		}()
	}
	for h.waiting.Load() < maxWaiting {
		runtime.Gosched()
	}
	_, err := h.alone(request(t.Context()))
	if status, said := explain(err); status != http.StatusServiceUnavailable || !strings.Contains(said.Message, "50 requests wait") {
		t.Errorf("one more gets %d %q", status, said.Message)
	}
	leave()
	for range maxWaiting {
		if err := <-ended; err != context.Canceled {
			t.Errorf("who left gets %v", err)
		}
	}
	<-h.work
	done, err := h.alone(request(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if done(); len(h.work) != maxWork-1 || h.waiting.Load() != 0 {
		t.Errorf("%d work and %d wait", len(h.work), h.waiting.Load())
	}
}

// Each route that reads a text waits for its turn.
func TestRoutesThatReadTextsWaitForTheirTurn(t *testing.T) {
	heavy := map[string]bool{"GET /scenarios": true, "POST /scenarios/check": true, "PUT /scenarios/{name}": true, "POST /runs": true}
	for _, rt := range routes() {
		if name := rt.method + " " + rt.path; rt.heavy != heavy[name] {
			t.Errorf("%s: heavy is %t", name, rt.heavy)
		}
	}
}
