package sandbox

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// mostGuesses is how many wrong credentials an address may send in a minute.
const mostGuesses = 10

// guesses counts wrong credentials by address, for a minute, in bounded memory.
type guesses struct {
	mu    sync.Mutex
	since time.Time
	of    map[string]int
}

func (g *guesses) tooMany(from string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.turn(now)
	return g.of[from] >= mostGuesses
}

func (g *guesses) wrong(from string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.turn(now)
	if _, known := g.of[from]; known || len(g.of) < 10_000 {
		g.of[from]++
	}
}

func (g *guesses) turn(now time.Time) {
	if g.of == nil || now.Sub(g.since) >= time.Minute {
		g.since, g.of = now, map[string]int{}
	}
}

// remote is the address that a request comes from, without its port.
func remote(req *http.Request) string {
	host, _, err := net.SplitHostPort(req.RemoteAddr)
	if err != nil {
		return req.RemoteAddr
	}
	return host
}
