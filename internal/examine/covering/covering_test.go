package covering

import (
	"fmt"
	"slices"
	"testing"
)

// has reports whether an order has events in their order, with anything between.
func has(order, events []int) bool {
	for _, e := range order {
		if len(events) > 0 && e == events[0] {
			events = events[1:]
		}
	}
	return len(events) == 0
}

// missing lists what no order has, by brute force: every choice of t different events of n.
func missing(all [][]int, n, t int) (none [][]int) {
	var choose func(chosen []int)
	choose = func(chosen []int) {
		if len(chosen) == t {
			if !slices.ContainsFunc(all, func(order []int) bool { return has(order, chosen) }) {
				none = append(none, slices.Clone(chosen))
			}
			return
		}
		for e := range n {
			if !slices.Contains(chosen, e) {
				choose(append(chosen, e))
			}
		}
	}
	choose(nil)
	return none
}

func TestEachChoiceIsInAnOrder(t *testing.T) {
	for _, seed := range []uint64{1, 77} {
		for strength := 1; strength <= MaxStrength; strength++ {
			for n := 0; n <= 14; n++ {
				all := Orders(n, strength, seed)
				for i, order := range all {
					sorted := slices.Sorted(slices.Values(order))
					for e := range sorted {
						if len(sorted) != n || sorted[e] != e {
							t.Fatalf("%d events, strength %d: order %d is %v", n, strength, i, order)
						}
					}
				}
				if none := missing(all, n, min(strength, n)); len(none) > 0 {
					t.Errorf("%d events, strength %d, seed %d: %d choices are in no order, such as %v", n, strength, seed, len(none), none[0])
				}
				if !slices.IsSorted(all[0]) {
					t.Errorf("%d events: the first order is %v", n, all[0])
				}
			}
		}
	}
}

func TestTheVerifierSeesWhatIsMissing(t *testing.T) {
	all := Orders(8, 3, 1)
	if none := missing(all[:len(all)-1], 8, 3); len(none) == 0 {
		t.Error("without the last order nothing is missing: it was one too many, or the verifier sees nothing")
	}
}

func TestOrdersAreFew(t *testing.T) {
	for _, c := range []struct{ n, strength, most int }{
		{4, 2, 24}, {5, 3, 120}, {14, 2, 2}, {11, 3, 20}, {12, 3, 20}, {13, 3, 20}, {14, 3, 20}, {14, 4, 106},
	} {
		for seed := range uint64(5) {
			if got := len(Orders(c.n, c.strength, seed)); got > c.most {
				t.Errorf("%d events, strength %d, seed %d: %d orders, want at most %d", c.n, c.strength, seed, got, c.most)
			}
		}
	}
}

func TestAllOrdersOfFewEvents(t *testing.T) {
	seen := map[string]bool{}
	for _, order := range Orders(5, 2, 3) {
		seen[fmt.Sprint(order)] = true
	}
	if len(seen) != 120 {
		t.Errorf("%d different orders of 5 events, want 120", len(seen))
	}
}

func TestTheSameSeedGivesTheSameOrders(t *testing.T) {
	one, two, other := fmt.Sprint(Orders(12, 3, 5)), fmt.Sprint(Orders(12, 3, 5)), fmt.Sprint(Orders(12, 3, 6))
	if one != two || one == other {
		t.Error("the orders do not follow from the seed")
	}
}

func BenchmarkOrders(b *testing.B) {
	for _, c := range []struct{ n, strength int }{{14, 2}, {11, 3}, {14, 3}, {14, 4}} {
		b.Run(fmt.Sprintf("%d events, strength %d", c.n, c.strength), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(float64(len(Orders(c.n, c.strength, 1))), "orders")
			}
		})
	}
}
