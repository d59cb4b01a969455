package sandbox

import (
	"errors"
	"testing"
)

func TestTroubleOfTheRoomIsALine(t *testing.T) {
	var got []string
	o := Options{Log: func(line string) { got = append(got, line) }}
	o.trouble().Error("subscriptions cannot be read", "error", errors.New("disk full"))
	if len(got) != 1 || got[0] != `msg="subscriptions cannot be read" error="disk full"` {
		t.Errorf("lines %q", got)
	}
	if (&Options{}).trouble() != nil {
		t.Error("there is a log though nobody listens")
	}
}
