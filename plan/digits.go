package plan

import "time"

// moments are when the next event occurred and when its notification is sent, with all digits
// that bodies show. Plans are paced in milliseconds; the four digits behind them are drawn, so
// that they are never all zero. Equal moments of a conversation have equal digits, and what is
// sent in one millisecond has them rising in the order of sending, with what is still pending
// ahead of it.
func (pl *play) moments(n *Notification) (occurred, sent time.Time) {
	const step, steps, ms = 100, 9999, int64(time.Millisecond)
	start := pl.plan.opts.Start
	within := start.UnixNano() % ms
	exact := func(at time.Duration, below int64) time.Duration {
		return at + time.Duration(max(1, steps-below)*step-(within+int64(at))%ms)
	}
	below := pl.behind(&pl.occurred, int64(n.At), steps)
	happened := exact(n.At, below)
	src := n.key.With(nameDigits).Source()
	below = pl.behind(&pl.sent, int64(n.Due), 9000) + int64(src.Below(20))
	for i := 1; i < len(pl.pending) && pl.pending[i].due == int64(n.Due); i++ {
		below += 20
	}
	return start.Add(happened), start.Add(max(happened, exact(n.Due, below))) // at the earliest at once
}

// behind is a number below most, always the same for a moment of the conversation.
func (pl *play) behind(m *memo, at int64, most uint64) int64 {
	if m.at != at {
		src := pl.key.With(uint64(at)).With(nameDigits).Source()
		m.at, m.drawn = at, int64(src.Below(most))
	}
	return m.drawn
}
