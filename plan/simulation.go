package plan

import (
	"slices"
	"time"
)

// simulation walks conversations that decide on one another: those that share a pool of
// agents, and those that begin where another one ends. It lets everything happen in the order
// of the plan's time, so it knows at each moment who is free and who waits.
type simulation struct {
	living
	pool *pool // nil without
}

func newSimulation(l living) *simulation {
	m := &simulation{living: l}
	m.coupled = true
	if l.plan.opts.Pool != nil {
		m.pool = newPool(&m.living)
	}
	return m
}

func (m *simulation) next(n *Notification) bool {
	if m.begun == 0 { // as many as are to be alive begin together
		for i := 0; i < m.plan.opts.Population && !m.stopped.Load(); i++ {
			m.replace(0)
		}
	}
	for {
		for m.plan.opts.Population == 0 && m.arrives() {
			m.open(m.clock.at(m.begun))
		}
		if len(m.heap) == 0 || m.stopped.Load() {
			return false
		}
		t := m.heap[0]
		m.heap.drop()
		if t.stamp() != m.convs[t.conv].stamp {
			continue // it was called meanwhile
		}
		pl := m.awakened(&t)
		m.observe(t.at)
		if !t.sends() {
			m.happen(pl, t.at)
		} else {
			pl.notification(n)
			n.Live = m.alive
			if m.pool != nil {
				n.Queued = m.pool.waiting
			}
			pl.drop()
			pl.silent = false
		}
		m.more = m.schedule(pl, t.at)
		m.call()
		if t.sends() {
			return true
		}
	}
}

// open begins the next conversation.
func (m *simulation) open(at int64) {
	m.observe(at)
	t := m.enter(m.begun, at)
	m.began(at)
	m.begun++
	m.live()
	if m.pool == nil {
		if pl := m.wake(&t); len(pl.pending) > 0 {
			m.rest(pl, pl.due(), true)
			return
		}
	}
	m.heap.push(t)
}

// replace begins a conversation where another one has ended, unless it is too late or nothing
// ever comes of them.
func (m *simulation) replace(at int64) {
	if m.mayBegin(at) {
		m.open(at)
	}
}

// happen lets a conversation go on at a moment, as far as it does without an agent who is not
// there.
func (m *simulation) happen(pl *play, now int64) {
	if m.pool == nil {
		return // it plans ahead by itself
	}
	for {
		wake, more := pl.wake()
		if !more || wake > now {
			break
		}
		if pl.queued && pl.until <= now && !slices.ContainsFunc(pl.wraps, func(w wrapEnd) bool { return w.at <= now }) {
			m.pool.leave(pl.conv, now) // the patience is over
		}
		asked, answer, until, left := pl.asking, pl.agent, pl.until, pl.left
		pl.step(wake)
		if asked >= 0 && pl.asking < 0 && m.past != nil {
			m.past.fates = append(m.past.fates, fate{pl.index, until, answer, left})
		}
		if pl.asking >= 0 && pl.asking != asked {
			m.pool.ask(pl, now)
		}
	}
	m.release(pl, false, now)
	m.pool.settle(pl, now)
}

// release gives the pool the agents whom a conversation needs no more, or all if it is over.
func (m *simulation) release(pl *play, over bool, now int64) {
	for k, left, free := pl.freed(over); k >= 0; k, left, free = pl.freed(over) {
		if left > 0 {
			m.pool.left[k], m.pool.free[k] = left, free
		}
		m.pool.give(k, now)
	}
}

// schedule finds out when a conversation is next. It is false if it sends nothing any more.
func (m *simulation) schedule(pl *play, now int64) bool {
	if m.pool == nil {
		if pl.prepare() {
			m.rest(pl, pl.due(), true)
			return true
		}
		if at := max(pl.clock, pl.now); at > now { // it goes on in silence
			m.rest(pl, at, false)
		} else {
			m.finish(pl, now)
		}
		return false
	}
	wake, more := pl.wake()
	switch {
	case len(pl.pending) > 0 && (!more || pl.due() < wake):
		m.rest(pl, pl.due(), true)
	case more:
		m.rest(pl, wake, false)
	default:
		m.finish(pl, now)
		return false
	}
	return true
}

// rest lets a conversation wait for its turn, as bytes while there are too many plays.
func (m *simulation) rest(pl *play, at int64, sends bool) {
	t := turn{at: at, index: pl.index, conv: pl.conv, mark: m.convs[pl.conv].mark(sends)}
	m.relax(&t)
	m.heap.push(t)
}

// call lets those go on for whom the pool has an answer.
func (m *simulation) call() {
	if m.pool == nil {
		return
	}
	for _, w := range m.pool.answers {
		c := &m.convs[w.conv]
		c.stamp++ // no other turn of it counts
		m.heap.push(turn{at: m.waitOf(w.conv).until, index: w.index, conv: w.conv, mark: c.mark(false)})
	}
	m.pool.answers = m.pool.answers[:0]
}

// finish ends a conversation whose last notification was due and whose story is over.
func (m *simulation) finish(pl *play, now int64) {
	if m.pool != nil {
		m.release(pl, true, now)
	}
	if m.past != nil && pl.index < m.past.first {
		m.past.over++
	}
	m.alive--
	m.idle++
	if !pl.silent || now > pl.born {
		m.idle = 0
	}
	m.forget(&turn{conv: pl.conv})
	if m.plan.opts.Population > 0 {
		m.replace(now)
	}
}

// observe lets the time go on to a moment, for the agents too.
func (m *simulation) observe(at int64) {
	if m.pool != nil && at > m.last {
		m.stats.Busy += time.Duration(int64(m.pool.busy) * (at - m.last))
	}
	m.living.observe(at)
}
