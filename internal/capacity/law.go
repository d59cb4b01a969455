package capacity

import (
	"math"
	"slices"
)

// Law is the universal scalability law, X(N) = L·N / (1 + s·(N-1) + k·N·(N-1)), for the rate X of answers with N requests in
// flight (N. J. Gunther, Guerrilla Capacity Planning, 2007).
type Law struct {
	Single     float64 `json:"single_per_s"` // L: answers a second with one request in flight
	Contention float64 `json:"contention"`   // s: the share of the work that requests wait for one another
	Coherence  float64 `json:"coherence"`    // k: what each pair of requests costs
	PeakAt     float64 `json:"peak_at"`      // requests in flight at which the rate is highest; 0: it grows for ever
	Peak       float64 `json:"peak_per_s"`   // that rate, or the one that it tends to
	Fit        float64 `json:"fit"`          // R², 0 to 1
}

const (
	fewest  = 5   // points that allow a fit
	spread  = 4   // times the smallest concurrency, at the least, that the largest is
	goodFit = 0.9 // R² below which none is shown
	beyond  = 2   // times the highest rate that was answered, above which a peak is a guess
)

// fit fits the law to the windows whose traffic was steady, by least squares of N/X, which is a polynomial in N. It is nil where
// there are too few, where they are too close together, or where the law does not describe them: it knows no refusals, and a peak far from
// what was seen is none.
func fit(steps []Step) *Law {
	var n, x []float64
	low, high := math.Inf(1), 0.0
	for _, s := range steps {
		flight := s.PerSecond * s.Mean / 1e6 // Little's law
		if s.Broke == ByRefusals && s.Phase != Recover {
			return nil
		}
		if s.Verdict == Own || s.Phase == Recover || s.Growth > 0 || flight <= 0 {
			continue
		}
		n, x = append(n, flight), append(x, s.PerSecond)
		low, high = min(low, flight), max(high, flight)
	}
	if len(n) < fewest || high < spread*low || high < 2 {
		return nil
	}
	// N/X is (1-s)/L + (s-k)/L·N + k/L·N².
	a, b, c, ok := parabola(n, x)
	single := 1 / (a + b + c)
	if !ok || !(single > 0) {
		return nil
	}
	l := &Law{Single: single, Contention: max(0, (b+c)*single), Coherence: c * single}
	if l.Contention >= 1 {
		return nil
	}
	if l.Coherence > 1e-9 {
		l.PeakAt = math.Sqrt((1 - l.Contention) / l.Coherence)
		l.Peak = l.rate(l.PeakAt)
	} else if l.Contention > 0 {
		l.Peak = single / l.Contention
	}
	if l.Fit = l.explains(n, x); l.Fit < goodFit || l.Peak <= 0 || l.Peak > beyond*slices.Max(x) {
		return nil
	}
	return l
}

// rate is the rate of answers with so many requests in flight.
func (l *Law) rate(n float64) float64 {
	return l.Single * n / (1 + l.Contention*(n-1) + l.Coherence*n*(n-1))
}

// explains is R² of the rates.
func (l *Law) explains(n, x []float64) float64 {
	mean, rest, all := 0.0, 0.0, 0.0
	for i := range x {
		mean += x[i] / float64(len(x))
	}
	for i := range x {
		d := x[i] - l.rate(n[i])
		rest += d * d
		all += (x[i] - mean) * (x[i] - mean)
	}
	if all == 0 {
		return 0
	}
	return 1 - rest/all
}

// parabola fits a + b·n + c·n² to n/x, with equal weights for equal shares; c is not below 0.
func parabola(n, x []float64) (a, b, c float64, ok bool) {
	for terms := 3; terms >= 2; terms-- {
		var m [3][4]float64
		for i := range n {
			y := n[i] / x[i]
			row := [3]float64{1, n[i], n[i] * n[i]}
			for r := range terms {
				for k := range terms {
					m[r][k] += row[r] * row[k] / (y * y)
				}
				m[r][3] += row[r] * y / (y * y)
			}
		}
		all, solved := solve(&m, terms)
		if solved && all[2] >= 0 {
			return all[0], all[1], all[2], true
		}
	}
	return 0, 0, 0, false
}

// solve solves as many linear equations, by elimination with the largest pivots; the right sides are in the last column.
func solve(m *[3][4]float64, size int) (all [3]float64, ok bool) {
	for col := range size {
		pivot := col
		for r := col; r < size; r++ {
			if math.Abs(m[r][col]) > math.Abs(m[pivot][col]) {
				pivot = r
			}
		}
		m[col], m[pivot] = m[pivot], m[col]
		if math.Abs(m[col][col]) < 1e-300 {
			return all, false
		}
		for r := range size {
			if f := m[r][col] / m[col][col]; r != col {
				for k := range m[r] {
					m[r][k] -= f * m[col][k]
				}
			}
		}
	}
	for i := range size {
		all[i] = m[i][3] / m[i][i]
	}
	return all, true
}
