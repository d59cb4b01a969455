package plan

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/scenario"
)

// pool is the agents whom all conversations of a walk share, and the queue for them: the
// agent who has been free for the longest takes whoever has waited for the longest.
type pool struct {
	stats   *Activity
	idle    []int32 // free agents, from first on, in the order in which they take conversations
	first   int
	freedAt []int64  // when each agent became free
	left    []uint8  // the presence that was told of each agent last, by number; 0: none
	queue   []waiter // those who ask, from head on; some may be gone already
	head    int
	holding []waiter // those of them who hold an agent already, from hold on
	hold    int
	busy    int     // agents in use
	waiting int     // plays that ask
	stuck   int     // agents held by plays that can only wait
	answers []*play // whose wait is over since the walk called last
}

// waiter is a place in the queue. It is void when the play has gone on since.
type waiter struct {
	play  *play
	stamp uint32
}

func newPool(p *Plan, stats *Activity) *pool {
	a := &pool{stats: stats}
	for k := range p.opts.Pool.Count {
		a.idle = append(a.idle, int32(k))
		a.freedAt, a.left = append(a.freedAt, 0), append(a.left, 0)
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
		a.decide(pl, a.take(), now)
		return
	}
	a.stats.PeakQueued = max(a.stats.PeakQueued, a.waiting)
	pl.until = pl.patience()
	w := waiter{pl, pl.stamp}
	a.queue = append(a.queue, w)
	if pl.held > 0 {
		front(&a.holding, &a.hold) // lets go of those who wait no longer: a day has many of them
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
	if pl := front(&a.queue, &a.head); pl != nil {
		a.answer(pl, a.take(), now)
	}
}

// front is the first who still waits, or nil.
func front(queue *[]waiter, head *int) *play {
	q := *queue
	for *head < len(q) && (q[*head].stamp != q[*head].play.stamp || !q[*head].play.queued) {
		q[*head] = waiter{}
		*head++
	}
	if *head > len(q)/2 && *head > 32 {
		n := copy(q, q[*head:])
		clear(q[n:])
		*queue, *head = q[:n], 0
	}
	if *head < len(*queue) {
		return (*queue)[*head].play
	}
	return nil
}

// answer ends the wait of a play while another one is being walked.
func (a *pool) answer(pl *play, agent int32, now int64) {
	a.decide(pl, agent, now)
	a.answers = append(a.answers, pl)
}

// decide ends the wait of a play, with an agent or -1.
func (a *pool) decide(pl *play, agent int32, now int64) {
	if pl.agent, pl.until = agent, now; agent >= 0 {
		pl.left = int(a.left[agent])
	}
	a.leave(pl, now)
}

// leave takes a play out of the queue, and keeps how its wait ended.
func (a *pool) leave(pl *play, now int64) {
	pl.queued = false
	pl.stamp++
	a.waiting--
	wait := now - pl.since
	_ = a.stats.Wait.RecordValue(wait / int64(time.Millisecond))
	if wait > 0 {
		a.stats.Queued++
	}
	if pl.agent < 0 {
		a.stats.Abandoned++
		return
	}
	a.stats.Answered++
	_ = a.stats.Answer.RecordValue(wait / int64(time.Millisecond))
}

// settle holds a play's share of the agents that cannot become free by themselves, and breaks
// the deadlock if that is all of them: the one of those that has waited for the longest gives up.
func (a *pool) settle(pl *play, now int64) {
	stuck := 0
	if pl.queued && len(pl.wraps) == 0 {
		stuck = pl.held
	}
	a.stuck += stuck - pl.stuck
	pl.stuck = stuck
	if a.stuck < len(a.freedAt) {
		return
	}
	if first := front(&a.holding, &a.hold); first != nil {
		a.stuck -= first.stuck
		first.stuck = 0
		a.answer(first, -1, now)
	}
}

// coupled reports whether conversations decide on one another, so that nothing can be said of one
// of them without walking them all.
func (p *Plan) coupled() bool {
	return p.opts.Pool != nil || p.opts.Population > 0 || !p.opts.Events.IsZero()
}
