package receiver

import (
	"strings"
	"time"

	"github.com/ringback/ringback/event"
)

// tick is a number of 100 ns since 1970: as exact as a timestamp can be, and a third of the
// size of a time.Time.
type tick int64

const second tick = 1e7

func tickOf(s event.Stamp) tick {
	return tick(s.Unix())*second + tick(s.Truncated().Nanosecond()/100)
}

func (t tick) time() time.Time {
	return time.Unix(int64(t/second), int64(t%second)*100).UTC()
}

// compare compares two times, as cmp.Compare does, to the digits that both have: a time with
// fewer digits is not earlier because the other one has more.
func compare(a, b event.Stamp) int {
	common := min(a.Digits, b.Digits)
	a.Digits, b.Digits = common, common
	return a.Truncated().Compare(b.Truncated())
}

// digits are those of base 62, in the order of their values.
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// epoch is the Unix time in seconds at which the clock of KSUIDs starts, in May 2014.
const epoch = 1_400_000_000

// secondOf is the Unix time in seconds that a KSUID embeds: the first four of the twenty
// bytes that its 27 digits of base 62 stand for.
func secondOf(id event.ID) int64 {
	var words [5]uint32 // most significant first
	for _, c := range id {
		carry := uint64(strings.IndexByte(digits, c))
		for i := len(words) - 1; i >= 0; i-- {
			carry += uint64(words[i]) * 62
			words[i] = uint32(carry)
			carry >>= 32
		}
	}
	return int64(words[0]) + epoch
}
