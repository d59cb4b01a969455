package main

import (
	"runtime"
	"testing"

	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/internal/seeded"
)

// crashSeed decides when the sandbox is killed, and what is done in it.
const crashSeed = 1

// crashes is how often the sandbox is killed: a few times in every test, a hundred where
// RINGBACK_REQUIRE names crash.
func crashes() int {
	if sampling.Whole(sampling.Crash) {
		return 100
	}
	return 5
}

// The sandbox is killed at random moments, while runs are going on, conversations are driven
// by hand and some deliveries fail, and starts again with the same state. In the end, nothing
// that it accepted is missing, and nothing came that it cannot explain.
func TestNothingAcceptedIsLostWhenTheSandboxIsKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no interrupts between processes here")
	}
	t.Parallel()
	c := newCrashConsumer(t)
	a := &crashActor{src: seeded.From(crashSeed).Source(), consumer: c, events: map[string]string{}}
	folder := privateFolder(t)
	for k := range crashes() {
		a.src = seeded.From(crashSeed).With(uint64(k)).Source()
		p := startSandbox(t, folder)
		if k == 0 {
			a.subscribe(t, p.url(t))
		}
		due := c.after(arrived, 1+a.src.Below(400)) // often before it has come to listen
		if k%2 == 0 {
			due = c.after(answered, 1+a.src.Below(100))
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			if url := p.url(t); url != "" {
				a.act(t, url)
			}
		}()
		p.kill(t, due)
		<-done
		c.nextLife(t)
		if t.Failed() {
			t.Fatalf("after %d kills", k+1)
		}
	}
	p := startSandbox(t, folder)
	url := p.url(t)
	a.finish(t, url)
	waitForDeliveries(t, url)
	v := readVerdict(t, url)
	p.interrupt(t)
	v.check(t, a, c)
	checkFile(t, folder)
	t.Logf("%d kills; %s", crashes(), v.summary(a, c))
}
