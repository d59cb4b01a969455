package recording

import (
	"strings"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/seeded"
)

// change rewrites the identifiers and times of recorded bodies. The zero value changes
// nothing.
type change struct {
	renew bool
	seed  uint64
	shift time.Duration // whole seconds, so that no difference between two times changes at any number of digits
}

// Names of the random choices.
const (
	nameGUID uint64 = iota + 1
	nameKSUID
)

// apply returns the body as it is to be sent.
func (c *change) apply(body []byte) []byte {
	if !c.renew && c.shift == 0 {
		return body
	}
	return rewrite(body, c.value)
}

// isTime reports whether the member at a path holds a moment.
func isTime(path string) bool { return path == "time" || path == "data.timestamp" }

func (c *change) value(path, inner string) string {
	if isTime(path) {
		if s := stamp(inner); !s.IsZero() {
			return event.Stamp{Time: s.Add(c.shift), Digits: s.Digits}.String()
		}
		return inner
	}
	if !c.renew || ofAccount(path) {
		return inner
	}
	if _, err := event.ParseGUID(inner); err == nil {
		id := seeded.From(c.seed).With(nameGUID).WithText(strings.ToLower(inner)).UUID()
		return string(id[:])
	}
	if at, ok := idMoment(inner); ok {
		id := seeded.From(c.seed).With(nameKSUID).WithText(inner).KSUID(at.Add(c.shift))
		return string(id[:])
	}
	return inner
}

// ofAccount reports whether the identifier at a path belongs to the account and not to a call. A
// new one would contradict what the consumer already knows: an agent keeps its user ID.
func ofAccount(path string) bool {
	name := path[strings.LastIndexByte(path, '.')+1:]
	return name == "userId" || name == "agentId" || name == "presenceId"
}

// idMoment is the second that a notification ID embeds, if text is one.
func idMoment(text string) (time.Time, bool) {
	if _, err := event.ParseID(text); err != nil {
		return time.Time{}, false
	}
	at, err := seeded.Moment(text)
	return at, err == nil
}
