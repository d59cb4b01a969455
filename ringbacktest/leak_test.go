package ringbacktest_test

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/ringbacktest"
)

// ours counts the goroutines that this package, the emitter or an HTTP server or client
// runs. It must not run beside parallel tests.
func ours() (count int, stacks string) {
	buffer := make([]byte, 1<<20)
	for _, g := range strings.Split(string(buffer[:runtime.Stack(buffer, true)]), "\n\n") {
		if strings.Contains(g, "ringbacktest.serve") || strings.Contains(g, "/emitter.") || strings.Contains(g, "net/http.") {
			count++
			stacks += g + "\n\n"
		}
	}
	return count, stacks
}

// Goroutines end a moment after whoever waits for them is told so; a yield is enough then.
func settled() (count int, stacks string) {
	for range 1000 {
		if count, stacks = ours(); count == 0 {
			return 0, ""
		}
		runtime.Gosched()
	}
	return count, stacks
}

func TestNothingRunsWhenPlayHasReturned(t *testing.T) {
	hanging := http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
	cut, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name     string
		consumer http.Handler
		run      ringbacktest.Run
		ctx      context.Context
	}{
		{name: "a correct consumer", consumer: strict(t)},
		{name: "a consumer that refuses", consumer: answer(http.StatusTeapot)},
		{name: "a consumer that panics", consumer: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })},
		{name: "a consumer that hangs", consumer: hanging, run: ringbacktest.Run{Timeout: 10 * time.Millisecond, Count: 20}},
		{name: "a test that is over", consumer: hanging, ctx: cut},
		{name: "a setting without sense", consumer: hanging, run: ringbacktest.Run{Header: http.Header{"Content-Type": {"x"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			watchAs(&fake{TB: t, ctx: c.ctx}, func(t testing.TB) { c.run.Play(t, c.consumer, "inbound-call") })
			if n, stacks := settled(); n != 0 {
				t.Errorf("%d goroutines are left:\n%s", n, stacks)
			}
		})
	}
}
