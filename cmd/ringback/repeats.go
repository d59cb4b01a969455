package main

import (
	"fmt"
	"slices"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/show"
)

// The most lines for failures of one kind, and the most kinds: what comes beyond is counted.
const mostAlike, mostFailureKinds = 3, 100

// failureKind is what failures have in common that have one reason.
type failureKind struct {
	target  string
	outcome emitter.Outcome
	class   emitter.Class
	status  int
}

// alike counts failures of a kind.
type alike struct {
	failureKind
	example string
	seen    uint64
	told    uint64 // of seen, those that are in a line or in a count that was printed
}

// repeats finds failures that were told before. Its zero value has seen none.
type repeats struct {
	kinds  []*alike
	hinted []string // hints that were given
}

// of counts a failure; it is nil if the row is none.
func (r *repeats) of(a *emitter.Attempt) *alike {
	if a.Failure.Class == "" || a.Outcome == emitter.Accepted || a.Outcome == emitter.Refused || a.Outcome == emitter.Dropped {
		return nil
	}
	kind := failureKind{a.Target, a.Outcome, a.Failure.Class, a.Status}
	i := slices.IndexFunc(r.kinds, func(k *alike) bool { return k.failureKind == kind })
	if i < 0 && len(r.kinds) == mostFailureKinds {
		i = mostFailureKinds - 1 // a consumer that invents statuses
	} else if i < 0 {
		i = len(r.kinds)
		r.kinds = append(r.kinds, &alike{failureKind: kind, example: a.Failure.String()})
	}
	r.kinds[i].seen++
	return r.kinds[i]
}

// hint is what to do about a failure, unless it was said before.
func (r *repeats) hint(a *emitter.Attempt, urls map[string]string) string {
	text := flagged(a.Hint(urls[a.Target]))
	if text == "" || slices.Contains(r.hinted, a.Target+text) {
		return ""
	}
	r.hinted = append(r.hinted, a.Target+text)
	return text
}

// line reports whether a failure has a line of its own.
func (k *alike) line() bool {
	if k.seen > mostAlike {
		return false
	}
	k.told = k.seen
	return true
}

// round reports whether so many have been seen that it is time to say so: 10, 100, 1,000 and so on.
func (k *alike) round() bool {
	n := k.seen
	for n >= 10 && n%10 == 0 {
		n /= 10
	}
	return n == 1 && k.seen >= 10
}

// count says how many there have been.
func (k *alike) count(so string) string {
	k.told = k.seen
	return fmt.Sprintf("%s times%s: %s: %s", show.Grouped(k.seen), so, k.outcome, k.example)
}
