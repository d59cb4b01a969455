package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
)

// A walk that takes long says how far it has come, and one that does not says nothing.
func TestALongWalkSaysHowFarItIs(t *testing.T) {
	for _, c := range []struct {
		name   string
		drawn  bool
		length time.Duration
		each   time.Duration // of 1,024 notifications
		want   string
	}{
		{"short", false, time.Hour, time.Second, ""},
		{"long", false, time.Hour, 6 * time.Second, "planning: 2,048 notifications, 25 % of about 1h\nplanning: 4,096 notifications, 50 % of about 1h\nplanning: 6,144 notifications, 75 % of about 1h\nplanning: 8,192 notifications, 100 % of about 1h\n"},
		{"of unknown length", false, 0, 25 * time.Second, "planning: 1,024 notifications\nplanning: 2,048 notifications\nplanning: 3,072 notifications\nplanning: 4,096 notifications\n" +
			"planning: 5,120 notifications\nplanning: 6,144 notifications\nplanning: 7,168 notifications\nplanning: 8,192 notifications\n"},
		{"on a terminal", true, 2 * time.Hour, 500 * time.Millisecond, "*planning: 2,048 notifications, 12 % of about 2h*planning: 4,096 notifications, 25 % of about 2h*planning: 6,144 notifications, 37 % of about 2h*planning: 8,192 notifications, 50 % of about 2h*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				w := &walking{to: &out, drawn: c.drawn, every: saidEvery, length: c.length}
				if c.drawn {
					w.every = drawnEvery
				}
				passed := 0
				for range w.through(func(yield func(plan.Notification) bool) {
					for i := 1; i <= 8*lookEvery; i++ {
						if i%lookEvery == 0 {
							time.Sleep(c.each)
						}
						if !yield(plan.Notification{Due: time.Hour * time.Duration(i) / (8 * lookEvery)}) {
							return
						}
					}
				}) {
					passed++
				}
				if got := string(bytes.ReplaceAll(out.Bytes(), []byte(show.ClearLine), []byte("*"))); passed != 8*lookEvery || got != c.want {
					t.Errorf("%d passed, said %q, want %q", passed, got, c.want)
				}
			})
		})
	}
}
