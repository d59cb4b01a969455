// Package covering chooses orders of events, so that few orders hit whatever depends on order.
//
// A number of events, a strength and a seed come in; orders come out. Of strength t they have each
// ordered choice of t different events in at least one of them, with anything between: a mistake that
// needs t events in a certain order happens for certain. This is a sequence covering array
// (Kuhn, Higdon, Lawrence, Kacker and Lei: Combinatorial Methods for Event Sequence Testing, 2012).
// The same input gives the same orders on every platform. The package knows nothing about events.
package covering

import (
	"github.com/ringback/ringback/internal/seeded"
)

// Exhaustive is up to how many events all orders are listed, whatever the strength.
const Exhaustive = 5

// MaxStrength is the greatest strength.
const MaxStrength = 4

// Orders lists orders of the events 0 to n-1 that cover a strength from 1 to MaxStrength; each order holds each
// event once. Up to Exhaustive events it lists all orders. The first one is the natural one.
func Orders(n, strength int, seed uint64) [][]int {
	natural := make([]int, n)
	for i := range natural {
		natural[i] = i
	}
	if n <= Exhaustive {
		return permutations(natural)
	}
	c := newCover(n, min(max(strength, 1), MaxStrength), seed)
	all := [][]int{natural, reversed(natural)}
	c.take(all[0])
	c.take(all[1])
	for c.missing > 0 {
		order := c.best()
		all = append(all, order, reversed(order)) // what misses backwards is as much as what misses forwards
		c.take(order)
		c.take(all[len(all)-1])
	}
	return all
}

// permutations lists all orders, the one given first.
func permutations(events []int) (all [][]int) {
	if len(events) <= 1 {
		return [][]int{events}
	}
	for i, first := range events {
		rest := append(append([]int(nil), events[:i]...), events[i+1:]...)
		for _, behind := range permutations(rest) {
			all = append(all, append([]int{first}, behind...))
		}
	}
	return all
}

func reversed(order []int) []int {
	out := make([]int, len(order))
	for i, e := range order {
		out[len(order)-1-i] = e
	}
	return out
}

// cover knows which choices no order has yet.
type cover struct {
	n, t    int
	covered []bool // by the events of a choice as the digits of a number of base n
	missing int
	random  seeded.Source
}

func newCover(n, t int, seed uint64) *cover {
	c := &cover{n: n, t: t, missing: 1, random: seeded.From(seed).With(uint64(n)).With(uint64(t)).Source()}
	size := 1
	for i := range t {
		size *= n
		c.missing *= n - i
	}
	c.covered = make([]bool, size)
	return c
}

// take notes what an order covers.
func (c *cover) take(order []int) {
	c.choices(order, c.t, func(at []int) {
		code := 0
		for _, i := range at {
			code = code*c.n + order[i]
		}
		if !c.covered[code] {
			c.covered[code] = true
			c.missing--
		}
	})
}

// choices calls found with the places of each choice of so many events, in their order.
func (c *cover) choices(order []int, size int, found func(at []int)) {
	at := make([]int, size)
	var choose func(from, depth int)
	choose = func(from, depth int) {
		if depth == size {
			found(at)
			return
		}
		for i := from; i <= len(order)-size+depth; i++ {
			at[depth] = i
			choose(i+1, depth+1)
		}
	}
	choose(0, 0)
}

// candidates is how many orders are tried for each one that is taken, by strength: more make fewer
// orders, and take longer.
var candidates = [MaxStrength + 1]int{1: 1, 2: 20, 3: 60, 4: 12}

// best is the candidate that covers most of what is missing.
func (c *cover) best() (best []int) {
	most := -1
	for range candidates[c.t] {
		if order, gain := c.candidate(); gain > most {
			best, most = order, gain
		}
	}
	return best
}

// candidate puts the events, drawn at random, one after the other where most of what is missing comes
// about, and returns how much that is.
func (c *cover) candidate() (order []int, gain int) {
	left := make([]int, c.n)
	for i := range left {
		left[i] = i
	}
	order = make([]int, 0, c.n)
	steps := make([]int, c.n+1)
	for len(left) > 0 {
		i := int(c.random.Below(uint64(len(left))))
		event := left[i]
		left[i] = left[len(left)-1]
		left = left[:len(left)-1]

		place, more := c.place(order, event, steps[:len(order)+1])
		gain += more
		order = append(order, 0)
		copy(order[place+1:], order[place:])
		order[place] = event
	}
	return order, gain
}

// place finds where an event covers most, at random among equals. steps is memory to work in.
func (c *cover) place(order []int, event int, steps []int) (place, gain int) {
	clear(steps)
	if len(order) >= c.t-1 {
		c.choices(order, c.t-1, func(at []int) {
			from := 0
			for slot := range c.t { // in front of the slot-th event of the choice
				to := len(order)
				if slot < len(at) {
					to = at[slot]
				}
				if !c.covered[c.code(order, at, event, slot)] {
					steps[from]++
					if to < len(order) {
						steps[to+1]--
					}
				}
				from = to + 1
			}
		})
	}
	sum, equal := 0, uint64(0)
	gain = -1
	for i, step := range steps {
		switch sum += step; {
		case sum > gain:
			place, gain, equal = i, sum, 1
		case sum == gain:
			if equal++; c.random.Below(equal) == 0 {
				place = i
			}
		}
	}
	return place, gain
}

// code is the number of the choice that has an event in front of the slot-th of others.
func (c *cover) code(order, at []int, event, slot int) (code int) {
	for i, where := range at {
		if i == slot {
			code = code*c.n + event
		}
		code = code*c.n + order[where]
	}
	if slot == len(at) {
		code = code*c.n + event
	}
	return code
}
