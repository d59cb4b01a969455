package receiver

import (
	"time"

	"github.com/ringback/ringback/event"
)

// tick counts steps of 100 ns from 1970: exact for all that a body can show, and a quarter
// of a time.Time to remember.
type tick int64

const second tick = 1e7

func tickOf(s event.Stamp) tick {
	return tick(s.Unix())*second + tick(s.Truncated().Nanosecond()/100)
}

func (t tick) time() time.Time {
	return time.Unix(int64(t/second), int64(t%second)*100).UTC()
}

// compare tells as cmp.Compare does which of two moments is earlier, as far as both show:
// a moment with fewer digits is no earlier than one that only has more of them.
func compare(a, b event.Stamp) int {
	digits := min(a.Digits, b.Digits)
	a.Digits, b.Digits = digits, digits
	return a.Truncated().Compare(b.Truncated())
}
