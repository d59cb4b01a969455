package netguard_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/netguard"
)

// guesser shows credentials at a moment that the test moves on.
type guesser struct {
	*netguard.Guesses
	now    time.Time
	looked atomic.Int64 // how often a wrong secret was compared
}

func newGuesser(random bool) *guesser {
	return &guesser{Guesses: &netguard.Guesses{Strong: random}, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
}

func at(address string) *http.Request {
	return &http.Request{RemoteAddr: address, Header: http.Header{}}
}

func (g *guesser) wrong(address string, shown netguard.Shown) (wait time.Duration) {
	_, wait = g.Try(at(address), shown, g.now, func() bool { g.looked.Add(1); return false })
	return wait
}

func (g *guesser) right(address string) (ok bool) {
	ok, _ = g.Try(at(address), netguard.Named, g.now, func() bool { return true })
	return ok
}

const here, elsewhere = "192.0.2.1:4711", "192.0.2.2:4711"

// 573 guesses in 0.8 s were all looked at once.
func TestGuessingEndsAndIsForgiven(t *testing.T) {
	g := newGuesser(false)
	var wait time.Duration
	for range 573 {
		wait = g.wrong(here, netguard.Named)
	}
	if n := g.looked.Load(); n != 20 || wait != 3*time.Second {
		t.Errorf("%d guesses were looked at and the wait is %v, want 20 and 3s", n, wait)
	}
	if g.right(here) {
		t.Error("the right one was looked at, so guessing went on")
	}
	if !g.right(elsewhere) {
		t.Error("somebody at another address is kept out")
	}
	g.now = g.now.Add(-time.Hour) // a clock that is set back gives nothing, and takes little
	if wait := g.wrong(here, netguard.Named); wait != 3*time.Second {
		t.Errorf("after the clock was set back the wait is %v, want 3s", wait)
	}
	g.now = g.now.Add(time.Hour + wait)
	if !g.right(here) {
		t.Error("the right one is refused after the wait")
	}
}

// A secret that nobody guesses is found at any address, also at one from which it never came, during any flood. Wrong ones wait.
func TestNobodyKeepsAStrongSecretOut(t *testing.T) {
	g := newGuesser(true)
	for a := range 3000 {
		for range 25 {
			g.wrong(fmt.Sprintf("10.%d.%d.1:1", a/250, a%250), netguard.Named)
		}
	}
	for _, address := range []string{here, "10.1.1.1:1", elsewhere} {
		if wait := g.wrong(address, netguard.Named); wait == 0 {
			t.Errorf("%s: wrong ones do not wait", address)
		}
		if !g.right(address) {
			t.Errorf("%s: the right one is kept out", address)
		}
	}
}

func TestGuessesAtOnceAreAsManyAsOneByOne(t *testing.T) {
	g := newGuesser(false)
	var all sync.WaitGroup
	for range 573 {
		all.Go(func() { g.wrong(here, netguard.Named) })
	}
	all.Wait()
	if n := g.looked.Load(); n != 20 {
		t.Errorf("%d guesses were looked at, want 20", n)
	}
}

// A known client keeps getting in while a stranger floods, from another address or from its own.
func TestAFloodKeepsNoKnownClientOut(t *testing.T) {
	for _, test := range []struct {
		name   string
		random bool
		flood  string
		shown  netguard.Shown
		per    time.Duration // between two right ones
		want   bool
	}{
		{"from elsewhere", false, elsewhere, netguard.Named, 0, true},
		{"from here, without the client ID", false, here, netguard.Nameless, 0, true},
		{"from here, of a secret that nobody guesses", true, here, netguard.Named, 0, true},
		{"from here, of a secret that may be guessed", false, here, netguard.Named, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := newGuesser(test.random)
			if !g.right(here) {
				t.Fatal("the client does not get in before the flood")
			}
			for i := range 95 {
				for range 200 {
					g.wrong(test.flood, test.shown)
				}
				if ok := g.right(here); ok != test.want {
					t.Fatalf("right one %d: %v, want %v", i, ok, test.want)
				}
			}
		})
	}
	// Who guesses a secret that somebody chose, at the address of its client, gets 10 a second.
	g := newGuesser(false)
	g.right(here)
	for range 600 * 20 {
		g.wrong(here, netguard.Named)
		g.now = g.now.Add(50 * time.Millisecond)
	}
	if n := g.looked.Load(); n < 6000 || n > 6100 {
		t.Errorf("%d guesses were looked at in ten minutes, want 100 and 10 a second", n)
	}
	g.now = g.now.Add(25 * time.Hour) // long not seen: a stranger again
	before := g.looked.Load()
	for range 100 {
		g.wrong(here, netguard.Named)
	}
	if n := g.looked.Load() - before; n != 20 {
		t.Errorf("a day after the right one %d guesses were looked at, want 20", n)
	}
}

// Who has a network of addresses gets no more than a bound for all of them, and takes neither the
// counting of others nor those who are known out of memory.
func TestManyAddressesDoNotSwitchTheCounterOff(t *testing.T) {
	for _, address := range []string{"[2001:db8:%x:%x::1]:1", "10.%d.%d.1:1"} {
		g := newGuesser(false)
		if !g.right(here) {
			t.Fatal("the client does not get in")
		}
		for a := range 128 {
			for b := range 128 {
				for range 2 {
					g.wrong(fmt.Sprintf(address, a, b), netguard.Named)
				}
			}
		}
		if n := g.looked.Load(); n != 1000 {
			t.Errorf("%s: %d guesses from 16,384 networks were looked at, want 1000", address, n)
		}
		if !g.right(here) {
			t.Errorf("%s: a known client is kept out", address)
		}
		g.now = g.now.Add(time.Minute)
		if !g.right(elsewhere) {
			t.Errorf("%s: a minute later nobody who is new gets in", address)
		}
	}
}

func TestOneMachineIsOneAddress(t *testing.T) {
	for _, same := range [][2]string{
		{"[2001:db8:1:2::3]:1", "[2001:db8:1:2:ffff::4]:2"},
		{"192.0.2.1:1", "[::ffff:192.0.2.1]:2"},
		{"[fe80::1%eth0]:1", "[fe80::2%eth1]:2"},
		{"@", ""}, // no address at all
	} {
		g := newGuesser(false)
		for range 20 {
			g.wrong(same[0], netguard.Named)
		}
		if g.wrong(same[1], netguard.Named) == 0 {
			t.Errorf("%s and %s are counted apart", same[0], same[1])
		}
	}
	g := newGuesser(false)
	for i := range 21 { // what a client says of its address counts for nothing
		req := at(here)
		req.Header.Set("X-Forwarded-For", fmt.Sprintf("10.0.0.%d", i))
		if _, wait := g.Try(req, netguard.Named, g.now, func() bool { return false }); (wait > 0) != (i == 20) {
			t.Errorf("guess %d waits %v", i, wait)
		}
	}
}

func TestAValidTokenNeverWaits(t *testing.T) {
	g := newGuesser(false)
	for range 100 {
		g.Token(at(here), g.now, false)
		if wait := g.Token(at(here), g.now, true); wait != 0 {
			t.Fatalf("a valid token waits %v", wait)
		}
	}
	g = newGuesser(false)
	for i := range 30 {
		if wait := g.Token(at(here), g.now, false); (wait > 0) != (i >= 20) {
			t.Errorf("invalid token %d waits %v", i, wait)
		}
	}
	if !g.right(here) {
		t.Error("invalid tokens keep a client from getting a valid one")
	}
}

func TestRefusalsAreToldOnceAMinute(t *testing.T) {
	for address, want := range map[string]string{here: "192.0.2.1", "[2001:db8::1]:1": "2001:db8::/64", "@": "an unknown address"} {
		g := newGuesser(false)
		var told []string
		g.Refused = func(from string) { told = append(told, from) }
		for range 119 {
			for range 100 {
				g.wrong(address, netguard.Named)
			}
			g.now = g.now.Add(time.Second)
		}
		if len(told) != 2 || told[0] != want {
			t.Errorf("%s: told of %q, want %q twice", address, told, want)
		}
	}
}
