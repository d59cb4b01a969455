package plan

import (
	"time"

	"github.com/ringback/ringback/internal/seeded"
)

// moments are when the next event occurred and when its notification is sent, with all digits
// that bodies show. Plans are paced in milliseconds; the four digits behind them are drawn, so
// that they are never all zero. Equal moments of a conversation have equal digits, and what is
// sent in one millisecond has them rising in the order of sending, with what is still pending
// ahead of it.
func (pl *play) moments(n *Notification) (occurred, sent time.Time) {
	const step, steps = 100 * time.Nanosecond, 9999
	start := pl.plan.opts.Start
	exact := func(at time.Duration, below int64) time.Time {
		t := start.Add(at)
		return t.Add(time.Duration(max(1, steps-below))*step - time.Duration(t.Nanosecond())%time.Millisecond)
	}
	behind := func(key seeded.Key, most uint64) int64 {
		src := key.With(nameDigits).Source()
		return int64(src.Below(most))
	}
	occurred = exact(n.At, behind(pl.key.With(uint64(n.At)), steps))
	below := behind(pl.key.With(uint64(n.Due)), 9000) + behind(n.key, 20)
	for _, e := range pl.pending[1:] {
		if e.due != int64(n.Due) {
			break
		}
		below += 20
	}
	if sent = exact(n.Due, below); sent.Before(occurred) { // at once
		sent = occurred
	}
	return occurred, sent
}
