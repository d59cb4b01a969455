package plan

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/event"
)

// Activity is what has happened in a walk so far, in the time of the plan. Without a pool of
// agents only what is about conversations counts.
type Activity struct {
	Conversations uint64 // that have begun
	Offered       uint64 // times that a conversation asked the pool for an agent
	Answered      uint64 // of these, that one was found
	Queued        uint64 // of these, that took time, whatever came of it
	Abandoned     uint64 // of these, that nobody was found and the outside party gave up
	Interruptions uint64 // channel.interrupted events of agents, one version counted

	Wait     *hdrhistogram.Histogram // of all that is offered, until it is answered or abandoned, in ms; nil without a pool
	Answer   *hdrhistogram.Histogram // of what is answered alone, in ms; nil without a pool
	Agents   int                     // in the pool; 0 without one
	Busy     time.Duration           // of agents in use, added up; after-work counts
	Span     time.Duration           // observed, from the plan's start
	LiveTime float64                 // of living conversations, added up, in seconds

	Whole bool // it is that of the whole plan, also in a walk through a part of it

	PeakLive, PeakQueued, PeakBusy int // at any moment: conversations, those that wait for an agent, agents in use
}

// Occupancy is the share of their time that the pool's agents were in use, 0 to 1; 0
// without a pool or before any time has passed.
func (f *Activity) Occupancy() float64 {
	return f.MeanBusy() / float64(max(1, f.Agents)) // which are 0 together
}

// MeanBusy is how many agents were in use on average.
func (f *Activity) MeanBusy() float64 { return f.mean(f.Busy.Seconds()) }

// MeanLive is how many conversations were alive on average.
func (f *Activity) MeanLive() float64 { return f.mean(f.LiveTime) }

func (f *Activity) mean(seconds float64) float64 {
	if f.Span <= 0 {
		return 0
	}
	return seconds / f.Span.Seconds()
}

// ServiceLevel is the share of what was offered and is no longer waiting that was answered
// within a time, 0 to 1; 1 if there is nothing.
func (f *Activity) ServiceLevel(within time.Duration) float64 {
	if f.Answer == nil || f.Answered+f.Abandoned == 0 {
		return 1
	}
	answered := int64(0)
	for _, bar := range f.Answer.Distribution() {
		if bar.From <= within.Milliseconds() {
			answered += bar.Count
		}
	}
	return float64(answered) / float64(f.Answered+f.Abandoned)
}

// live counts conversations that were alive for a time.
func (f *Activity) live(ns int64, conversations int) {
	f.Span += time.Duration(ns)
	f.LiveTime += float64(ns) / 1e9 * float64(conversations)
}

// note counts what a notification tells.
func (f *Activity) note(n *Notification) {
	if n.Event.Type.Kind == event.Interrupted && n.Left != n.Phase && n.Event.Channel.Party.Role == event.Agent {
		f.Interruptions++
	}
}
