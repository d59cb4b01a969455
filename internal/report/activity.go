package report

import (
	"fmt"
	"time"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
)

// Activity describes the conversations and agents of the plan, in the plan's time. It does not
// measure the target: the same plan has the same activity.
type Activity struct {
	Conversations uint64  `json:"conversations"` // that began
	MeanLive      float64 `json:"mean_live"`     // conversations
	PeakLive      int     `json:"peak_live"`
	Seconds       float64 `json:"seconds"` // observed, from the plan's start

	Agents        int     `json:"agents"`        // in the pool; 0 without one, and then all that follows is 0
	Offered       uint64  `json:"offered"`       // times that a conversation asked the pool for an agent
	Answered      uint64  `json:"answered"`      // of these
	Queued        uint64  `json:"queued"`        // of these, that took time
	Abandoned     uint64  `json:"abandoned"`     // of these, by callers who gave up waiting
	Interruptions uint64  `json:"interruptions"` // of agents, by something more urgent; also without a pool
	Occupancy     float64 `json:"occupancy"`     // share of the agents' time in use, 0 to 1; after-work counts
	ServiceLevel  float64 `json:"service_level"` // share of what was answered or abandoned that was answered within ServiceTime, 0 to 1
	ServiceTime   float64 `json:"service_s"`     // seconds
	MeanBusy      float64 `json:"mean_busy"`     // agents
	PeakBusy      int     `json:"peak_busy"`
	PeakQueued    int     `json:"peak_queued"`
	Wait          *Waits  `json:"wait_ms"` // of all that is offered, answered or not; null if there is none
}

// Waits are times in milliseconds of the plan.
type Waits struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean"`
	P50   int64   `json:"p50"`
	P90   int64   `json:"p90"`
	P99   int64   `json:"p99"`
	Max   int64   `json:"max"`
}

// serviceTime is the time within which contact centres usually want calls to be answered.
const serviceTime = 20 * time.Second

// NewActivity summarises what happens in a plan.
func NewActivity(f *plan.Activity) *Activity {
	s := &Activity{Conversations: f.Conversations, MeanLive: f.MeanLive(), PeakLive: f.PeakLive, Seconds: f.Span.Seconds(),
		Agents: f.Agents, Interruptions: f.Interruptions}
	if f.Agents == 0 {
		return s
	}
	s.Offered, s.Answered, s.Queued, s.Abandoned = f.Offered, f.Answered, f.Queued, f.Abandoned
	s.Occupancy, s.MeanBusy, s.PeakBusy, s.PeakQueued = f.Occupancy(), f.MeanBusy(), f.PeakBusy, f.PeakQueued
	s.ServiceLevel, s.ServiceTime = f.ServiceLevel(serviceTime), serviceTime.Seconds()
	if h := f.Wait; h != nil && h.TotalCount() > 0 {
		at := h.ValueAtPercentile
		s.Wait = &Waits{h.TotalCount(), h.Mean(), at(50), at(90), at(99), h.Max()}
	}
	return s
}

// rows is a table of the activity with its head; nil for a single conversation without a pool.
func (f *Activity) rows() [][]string {
	if f == nil || f.Agents == 0 && f.Conversations < 2 {
		return nil
	}
	rows := [][]string{
		{"activity", "as planned"},
		{"conversations", show.Grouped(f.Conversations)},
		{"live", fmt.Sprintf("%.1f on average, %s at most", f.MeanLive, show.Grouped(uint64(f.PeakLive)))},
	}
	if f.Agents > 0 {
		rows = append(rows, f.poolRows()...)
	}
	return append(rows, []string{"interruptions", show.Grouped(f.Interruptions)})
}

func (f *Activity) poolRows() [][]string {
	of := func(n uint64) string {
		return fmt.Sprintf("%s, %s", show.Grouped(n), share(float64(n), float64(f.Offered)))
	}
	rows := [][]string{
		{"agents in use", fmt.Sprintf("%.1f of %s on average, %s at most", f.MeanBusy, show.Grouped(uint64(f.Agents)), show.Grouped(uint64(f.PeakBusy)))},
		{"occupancy", share(f.Occupancy, 1)},
		{"offered to agents", show.Grouped(f.Offered)},
		{"answered", of(f.Answered)},
		{"answered within " + show.Duration(time.Duration(f.ServiceTime*float64(time.Second))), share(f.ServiceLevel, 1)},
		{"queued", of(f.Queued)},
		{"abandoned", of(f.Abandoned)},
		{"queue", show.Grouped(uint64(f.PeakQueued)) + " at most"},
	}
	if w := f.Wait; w != nil {
		ms := func(v int64) string {
			if v == 0 {
				return "0 s"
			}
			return show.Duration(time.Duration(v) * time.Millisecond)
		}
		rows = append(rows, []string{"wait", fmt.Sprintf("mean %s, p50 %s, p90 %s, p99 %s, max %s", ms(int64(w.Mean)), ms(w.P50), ms(w.P90), ms(w.P99), ms(w.Max))})
	}
	return rows
}

// share is part of a whole in percent, or – if the whole is 0.
func share(part, whole float64) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f%%", 100*part/whole)
}

// mergedActivity is the activity of a whole plan whose shards saw these. With a pool of agents each
// shard walks the whole plan, so that the one that came furthest knows everything. Without
// one each knows its own part; then the peak is an upper bound.
func mergedActivity(all []*Summary) *Activity {
	var whole *Activity
	same := true
	for _, s := range all {
		f := s.Activity
		if f == nil {
			return nil
		}
		if whole == nil || f.Seconds > whole.Seconds {
			whole = f
		}
		same = same && f.Conversations == all[0].Activity.Conversations && f.MeanLive == all[0].Activity.MeanLive
	}
	if same || whole.Agents > 0 {
		return whole
	}
	sum := &Activity{Seconds: whole.Seconds}
	for _, s := range all {
		f := s.Activity
		sum.Conversations += f.Conversations
		sum.Interruptions += f.Interruptions
		sum.PeakLive += f.PeakLive
		sum.MeanLive += f.MeanLive * f.Seconds
	}
	if sum.Seconds > 0 {
		sum.MeanLive /= sum.Seconds
	}
	return sum
}
