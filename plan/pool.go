package plan

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/scenario"
)

// pool is the agents whom all conversations of a walk share, and the queue for them: the
// agent who has been free for the longest takes whoever has waited for the longest.
type pool struct {
	living  *living
	stats   *Activity
	idle    []int32 // free agents, from first on, in the order in which they take conversations
	first   int
	freedAt []int64  // when each agent became free
	left    []uint8  // the presence that was told of each agent last, by number; 0: none
	free    []int64  // when each agent may go on, if that was told
	queue   []waiter // those who ask, from head on; some may be gone already
	head    int
	holding []waiter // those of them who hold an agent already, from hold on
	hold    int
	busy    int      // agents in use
	waiting int      // plays that ask
	stuck   int      // agents held by plays that can only wait
	answers []waiter // whose wait is over since the walk called last
}

// waiter is a place in the queue. It is void when the conversation has gone on since.
type waiter struct {
	index uint64 // of the conversation in the plan
	conv  int32  // and among those that are alive
	stamp uint32
}

func newPool(l *living) *pool {
	p, stats := l.plan, l.stats
	a := &pool{living: l, stats: stats}
	l.texts.expect(uint64(p.opts.Pool.Count))
	for k := range p.opts.Pool.Count {
		a.idle = append(a.idle, int32(k))
		a.freedAt, a.left, a.free = append(a.freedAt, 0), append(a.left, 0), append(a.free, 0)
	}
	stats.Agents = p.opts.Pool.Count
	stats.Wait, stats.Answer = newWaits(), newWaits()
	return a
}

// newWaits holds times up to those that a story may last, in ms.
func newWaits() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, scenario.MaxStory.Milliseconds(), 3)
}

// ask finds an agent for a play, or lets it wait.
func (a *pool) ask(pl *play, now int64) {
	a.stats.Offered++
	pl.queued = true
	a.waiting++
	if a.first < len(a.idle) {
		a.decide(pl.conv, a.take(), now)
		return
	}
	a.stats.PeakQueued = max(a.stats.PeakQueued, a.waiting)
	pl.until = pl.patience()
	w := waiter{pl.index, pl.conv, a.living.convs[pl.conv].stamp}
	a.queue = append(a.queue, w)
	if pl.held > 0 {
		a.front(&a.holding, &a.hold) // lets go of those who wait no longer: a day has many of them
		a.holding = append(a.holding, w)
	}
}

// take removes the agent who has been free for the longest.
func (a *pool) take() int32 {
	k := a.idle[a.first]
	if a.first++; a.first > len(a.idle)/2 && a.first > 32 {
		a.idle = append(a.idle[:0], a.idle[a.first:]...)
		a.first = 0
	}
	a.busy++
	a.stats.PeakBusy = max(a.stats.PeakBusy, a.busy)
	return k
}

// give returns an agent, who takes the play that has waited for the longest.
func (a *pool) give(k int32, now int64) {
	a.busy--
	a.freedAt[k] = now
	a.idle = append(a.idle, k)
	for i := len(a.idle) - 1; i > a.first && a.freedAt[a.idle[i-1]] == now && a.idle[i-1] > k; i-- {
		a.idle[i-1], a.idle[i] = a.idle[i], a.idle[i-1]
	}
	if first, any := a.front(&a.queue, &a.head); any {
		a.answer(first, a.take(), now)
	}
}

// front is the first who still waits, if anybody does.
func (a *pool) front(queue *[]waiter, head *int) (first waiter, any bool) {
	q := *queue
	for *head < len(q) && !a.waits(&q[*head]) {
		*head++
	}
	if *head > len(q)/2 && *head > 32 {
		*queue, *head = q[:copy(q, q[*head:])], 0
	}
	if *head < len(*queue) {
		return (*queue)[*head], true
	}
	return first, false
}

// waits reports whether a place in the queue is not void.
func (a *pool) waits(w *waiter) bool {
	return a.living.convs[w.conv].stamp == w.stamp && a.living.waitOf(w.conv).queued
}

// answer ends the wait of a conversation while another one is being walked.
func (a *pool) answer(first waiter, agent int32, now int64) {
	a.decide(first.conv, agent, now)
	a.answers = append(a.answers, first)
}

// decide ends the wait of a conversation, with an agent or -1.
func (a *pool) decide(conv, agent int32, now int64) {
	w := a.living.waitOf(conv)
	if w.agent, w.until = agent, now; agent >= 0 {
		w.left, w.until = a.left[agent], max(now, a.free[agent])
	}
	a.leave(conv, w.until)
}

// leave takes a conversation out of the queue, and keeps how its wait ended.
func (a *pool) leave(conv int32, now int64) {
	w := a.living.waitOf(conv)
	w.queued = false
	a.living.convs[conv].stamp++
	a.waiting--
	took := now - w.since
	_ = a.stats.Wait.RecordValue(took / int64(time.Millisecond))
	if took > 0 {
		a.stats.Queued++
	}
	if w.agent < 0 {
		a.stats.Abandoned++
		return
	}
	a.stats.Answered++
	_ = a.stats.Answer.RecordValue(took / int64(time.Millisecond))
}

// settle holds a play's share of the agents that cannot become free by themselves, and breaks
// the deadlock if that is all of them: the one of those that has waited for the longest gives up.
func (a *pool) settle(pl *play, now int64) {
	stuck := int32(0)
	if pl.queued && len(pl.wraps) == 0 {
		stuck = int32(pl.held)
	}
	a.stuck += int(stuck - pl.stuck)
	pl.stuck = stuck
	if a.stuck < len(a.freedAt) {
		return
	}
	if first, any := a.front(&a.holding, &a.hold); any {
		w := a.living.waitOf(first.conv)
		a.stuck -= int(w.stuck)
		w.stuck = 0
		a.answer(first, -1, now)
	}
}

// coupled reports whether conversations decide on one another, so that nothing can be said of one
// of them without walking them all.
func (p *Plan) coupled() bool {
	return p.opts.Pool != nil || p.opts.Population > 0 || !p.opts.Events.IsZero()
}
