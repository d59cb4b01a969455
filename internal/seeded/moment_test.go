package seeded_test

import (
	"testing"
	"time"

	"github.com/ringback/ringback/internal/seeded"
)

func TestAKSUIDEmbedsItsSecond(t *testing.T) {
	for _, want := range []time.Time{seeded.FirstTime, time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), seeded.LastTime} {
		id := seeded.From(7).KSUID(want)
		if got, err := seeded.Moment(string(id[:])); err != nil || !got.Equal(want) {
			t.Errorf("Moment(%s) = %s, %v; want %s", id, got, err, want)
		}
	}
	if got, err := seeded.Moment("no KSUID"); err == nil {
		t.Errorf("Moment of a text that is none = %s, want an error", got)
	}
}
