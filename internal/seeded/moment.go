package seeded

import (
	"time"

	"github.com/segmentio/ksuid"
)

// Moment is the second that a KSUID embeds. It is an error if text is no KSUID.
func Moment(text string) (time.Time, error) {
	id, err := ksuid.Parse(text)
	if err != nil {
		return time.Time{}, err
	}
	return id.Time().UTC(), nil
}
