package netguard

import (
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// Guesses counts wrong credentials by the address that they come from, and says who has to wait
// before the next ones are looked at. Whoever has the right ones is kept out by nobody if they are
// strong, and else by nobody at other addresses once they came from this one. Its memory is
// bounded, and filling it helps nobody. The zero value is for a secret that somebody chose. It is
// safe for concurrent use.
//
// An address is that of the connection, never one of X-Forwarded-For, where anybody can write any;
// of IPv6 it is the first half (/64), of which one machine has all.
type Guesses struct {
	// Strong tells that nobody guesses the secret, at whatever rate: it has enough random bits, or is
	// long enough. It is then found among any number of wrong ones, wherever they come from.
	Strong bool

	// Refused, if not nil, is called when wrong credentials are too many, with their address, at
	// most once a minute.
	Refused func(from string)

	mu    sync.Mutex
	debts recent[source, time.Time]       // until when the wrong credentials of a source are being forgotten
	known recent[netip.Prefix, time.Time] // when the right ones came from an address last
	all   [signed + 1]time.Time           // as debts, of all addresses that are not known
	told  time.Time
}

// Shown is what a request shows, by how much of a guess it can be.
type Shown uint8

// The kinds.
const (
	Nameless Shown = iota // no client ID, or an unknown one
	Named                 // the right client ID
	signed                // a token that was signed here
)

// source is what wrong credentials are counted by. Apart from one another, so that whoever does
// not know the client ID keeps nobody from showing the right one.
type source struct {
	from  netip.Prefix
	shown Shown
}

// allowance is how many wrong credentials are forgiven: so many at once, and another one after
// each wait.
type allowance struct {
	atOnce int
	every  time.Duration
}

// A secret has at least 16 characters where other machines can send some (package sandbox), so
// that none of these rates finds it; 20 leave room for a program with an old secret, and for tests
// of wrong ones.
var (
	ofStranger = allowance{20, 3 * time.Second}         // at an address from which the right ones never came
	ofKnown    = allowance{100, 100 * time.Millisecond} // at one from which they have
	ofAll      = allowance{1000, 60 * time.Millisecond} // at all addresses together that are not known: who has many must not get more
)

const (
	mostSources = 4096           // of which wrong credentials are counted, and that are known: about 1 MB
	knownFor    = 24 * time.Hour // since the right credentials came last
)

// wait is how long it takes until another one is forgiven; 0: none.
func (a allowance) wait(debt, now time.Time) time.Duration {
	return max(0, a.owed(debt, now)-time.Duration(a.atOnce-1)*a.every)
}

// owed is what is left of a debt: at most all of it, also if the clock was set back.
func (a allowance) owed(debt, now time.Time) time.Duration {
	return min(max(0, debt.Sub(now)), time.Duration(a.atOnce)*a.every)
}

// add is the debt after another wrong one.
func (a allowance) add(debt, now time.Time) time.Time { return now.Add(a.owed(debt, now) + a.every) }

// Token notes whether a request shows a valid access token, which nobody guesses: so it may be
// looked at before, and a valid one never waits. If it is not valid, wait is as that of Try.
func (g *Guesses) Token(req *http.Request, now time.Time, valid bool) (wait time.Duration) {
	_, wait = g.try(source{from(req), signed}, now, func() bool { return valid })
	return wait
}

// Try looks at the credentials of a request, in constant time if right does. If they are not
// right, wait is 0, or how long this address has to wait because there were too many; then they may
// not have been looked at. Right must be quick: others wait for it, so that many at once do not
// get more guesses than one after the other.
func (g *Guesses) Try(req *http.Request, shown Shown, now time.Time, right func() bool) (ok bool, wait time.Duration) {
	return g.try(source{from(req), shown}, now, right)
}

func (g *Guesses) try(s source, now time.Time, right func() bool) (ok bool, wait time.Duration) {
	g.mu.Lock()
	last, known := g.known.get(s.from)
	known = known && now.Sub(last) < knownFor
	limit := ofStranger
	if known {
		limit = ofKnown
	}
	debt, _ := g.debts.get(s)
	wait = limit.wait(debt, now)
	if !known {
		wait = max(wait, ofAll.wait(g.all[s.shown], now))
	}
	if looks := wait == 0 || s.shown == signed || g.Strong; looks && right() {
		ok, wait = true, 0
		g.known.put(s.from, now)
	} else if wait == 0 {
		g.debts.put(s, limit.add(debt, now))
		if !known {
			g.all[s.shown] = ofAll.add(g.all[s.shown], now)
		}
	}
	tell := wait > 0 && g.Refused != nil && now.Sub(g.told) >= time.Minute
	if tell {
		g.told = now
	}
	g.mu.Unlock()
	if tell {
		g.Refused(s.String())
	}
	return ok, wait
}

// String is the address, or of IPv6 the network.
func (s source) String() string {
	switch {
	case !s.from.IsValid():
		return "an unknown address"
	case s.from.IsSingleIP():
		return s.from.Addr().String()
	}
	return s.from.String()
}

// from is the network that a request comes from; invalid if it has none.
func from(req *http.Request) netip.Prefix { return network(req.RemoteAddr) }

// network is the address of a machine, of IPv6 the network of which it has all, from one with a port.
func network(address string) netip.Prefix {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return netip.Prefix{}
	}
	addr := at.Addr().Unmap().WithZone("")
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits)
	return p
}

// RetryAfter is a wait as the header of that name has it: whole seconds, at least 1.
func RetryAfter(wait time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
}

// recent keeps the values that were put last, at least half of mostSources.
type recent[K comparable, V any] struct{ young, old map[K]V }

func (r *recent[K, V]) get(key K) (V, bool) {
	v, ok := r.young[key]
	if !ok {
		v, ok = r.old[key]
	}
	return v, ok
}

func (r *recent[K, V]) put(key K, v V) {
	if _, is := r.young[key]; !is && (r.young == nil || len(r.young) >= mostSources/2) {
		r.young, r.old = make(map[K]V), r.young
	}
	r.young[key] = v
}
