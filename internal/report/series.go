package report

import (
	"math"
	"time"

	"github.com/ringback/ringback/emitter"
)

// mostPoints bounds a series: a run of an hour has a point for each second. A longer one has
// one for two seconds, four and so on.
const mostPoints = 3600

// Series is how a run went over time. The zero value is ready for Add. It is not safe for
// concurrent use, and holds at most 3,600 points, however long the run is.
type Series struct {
	Step   int64   `json:"step_s"` // seconds that a point stands for: 1, 2, 4 …; 0 if there is none
	Points []Point `json:"points"` // in the order of time, without those in which nothing was seen

	seen    emitter.Counts // the counts of the last snapshot
	offered uint64         // of the last snapshot
}

// Point is what happened in the seconds before a moment. The last one may be about a part of
// them. Where several seconds became one point, counts are sums, and of what lives and waits
// the most is kept.
type Point struct {
	At int64 `json:"at_s"` // seconds from the beginning of the run to the end of the point

	Offered  uint64 `json:"offered"`  // notifications whose moment came
	Accepted uint64 `json:"accepted"` // notifications
	NotSent  uint64 `json:"not_sent"` // notifications
	Attempts uint64 `json:"attempts"` // that ended
	Failures uint64 `json:"failures"` // attempts that failed, and notifications that ended while they waited

	Live   int `json:"live"`   // conversations
	Queued int `json:"queued"` // conversations that wait for an agent

	Latency  *Spread `json:"latency_us"`  // null if nothing was answered
	Lateness *Spread `json:"lateness_us"` // null if nothing was sent, and at speed max
}

// Add takes into account what happened since the snapshot that was added before. Called once
// a second it gives a point a second; a quarter of a second of delay does no harm.
func (s *Series) Add(now emitter.Snapshot) {
	const delay = 250 * time.Millisecond
	if now.At.IsZero() || now.Started.IsZero() {
		return // the run has not begun
	}
	second := max(1, int64(math.Ceil((now.At.Sub(now.Started) - delay).Seconds())))
	p := Point{At: second, Offered: since(s.offered, now.Offered),
		Accepted: since(s.seen.Accepted, now.Total.Accepted), NotSent: since(s.seen.NotSent, now.Total.NotSent),
		Attempts: since(s.seen.Attempts, now.Total.Attempts), Failures: since(failures(&s.seen), failures(&now.Total)),
		Live: now.Live, Queued: now.Queued, Latency: newSpread(now.Latency)}
	if now.Speed < emitter.Max {
		p.Lateness = newSpread(now.Lateness)
	}
	s.seen, s.offered = now.Total, now.Offered
	if s.Step == 0 {
		s.Step = 1
	}
	s.put(p)
	for len(s.Points) > mostPoints {
		s.coarsen(2 * s.Step)
	}
}

// since is how far a count went on.
func since(before, now uint64) uint64 { return max(now, before) - before }

func failures(t *emitter.Counts) (n uint64) {
	for _, f := range t.Failures {
		n += f.Count
	}
	return n
}

// put adds a point that is not earlier than the last one.
func (s *Series) put(p Point) {
	p.At = (p.At + s.Step - 1) / s.Step * s.Step
	if n := len(s.Points); n > 0 && s.Points[n-1].At >= p.At {
		last := &s.Points[n-1]
		last.count(&p)
		last.Live, last.Queued = max(last.Live, p.Live), max(last.Queued, p.Queued)
		return
	}
	s.Points = append(s.Points, p)
}

// count adds what can be added up.
func (p *Point) count(o *Point) {
	p.Offered += o.Offered
	p.Accepted += o.Accepted
	p.NotSent += o.NotSent
	p.Attempts += o.Attempts
	p.Failures += o.Failures
	p.Latency, p.Lateness = p.Latency.together(o.Latency), p.Lateness.together(o.Lateness)
}

// coarsen makes points of a longer step, a multiple of the present one.
func (s *Series) coarsen(step int64) {
	points := s.Points
	s.Step, s.Points = step, nil
	for i := range points {
		s.put(points[i])
	}
}

// coarse is a series of the same run with at most so many points; itself if it has no more.
func (s *Series) coarse(most int) *Series {
	c := s
	for len(c.Points) > most {
		next := &Series{Step: c.Step, Points: c.Points}
		next.coarsen(2 * c.Step)
		c = next
	}
	return c
}
