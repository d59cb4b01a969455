package plan

import "testing"

// Who became free at the same moment comes in the order of the numbers, whoever gives them back.
func TestFreeAgentsComeInTheOrderOfTheirNumbers(t *testing.T) {
	p := &Plan{opts: Options{Pool: &Pool{Count: 50}}}
	a := newPool(&living{plan: p, stats: &Activity{}})
	for range 50 {
		a.take()
	}
	for _, k := range []int32{7, 3, 5} {
		a.give(k, 10)
	}
	for _, k := range []int32{2, 1} {
		a.give(k, 20)
	}
	for _, want := range []int32{3, 5, 7, 1, 2} {
		if got := a.take(); got != want {
			t.Errorf("agent %d is next, want %d", got, want)
		}
	}
	if a.busy != 50 {
		t.Errorf("%d are busy, want 50", a.busy)
	}
}
