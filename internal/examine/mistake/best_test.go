package mistake

import "testing"

// A mistake that explains fewer trials, and far more of them altogether, is preferred: many are explained in part by one that only looks like it.
func TestTrialsThatAreExplainedAltogetherCountTwice(t *testing.T) {
	for _, c := range []struct {
		name     string
		one, two extent
		want     int
	}{
		{"more trials", extent{10, 10}, extent{9, 9}, 1},
		{"fewer trials, far more altogether", extent{90, 90}, extent{100, 20}, 1},
		{"fewer trials, a few more altogether", extent{90, 25}, extent{100, 20}, -1},
		{"as much, more altogether", extent{90, 30}, extent{100, 20}, 1},
		{"the same", extent{90, 30}, extent{90, 30}, 0},
		{"nothing", extent{}, extent{1, 0}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, back := c.one.compare(c.two), c.two.compare(c.one); got != c.want || back != -c.want {
				t.Errorf("%d, and %d the other way round; want %d", got, back, c.want)
			}
		})
	}
}
