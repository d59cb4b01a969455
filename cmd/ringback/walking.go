package main

import (
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
)

// walking tells on standard error how far a walk through a plan has come, once it takes long: on a terminal in a line that is drawn
// again, elsewhere in one line after the other.
type walking struct {
	to     io.Writer
	drawn  bool          // again
	every  time.Duration // from one line to the next
	length time.Duration // of the plan, about; 0: it is not known
}

// How long a walk says nothing, and how many notifications it passes between two looks at the clock.
const (
	drawnEvery = time.Second
	saidEvery  = 10 * time.Second
	lookEvery  = 1024
)

func (p *program) walking(length time.Duration, quiet bool) *walking {
	if quiet || os.Getenv("RINGBACK_PROGRESS") == "off" {
		return &walking{to: io.Discard, every: saidEvery}
	}
	if isTerminal(p.err) && !show.IsDumb() && !show.InCI() {
		return &walking{to: p.err, drawn: true, every: drawnEvery, length: length}
	}
	return &walking{to: p.err, every: saidEvery, length: length}
}

// through passes the notifications on.
func (w *walking) through(all iter.Seq[plan.Notification]) iter.Seq[plan.Notification] {
	return func(yield func(plan.Notification) bool) {
		passed, last, told := uint64(0), time.Now(), false
		for n := range all {
			if passed++; passed%lookEvery == 0 && time.Since(last) >= w.every {
				last, told = time.Now(), true
				w.tell(passed, n.Due)
			}
			if !yield(n) {
				break
			}
		}
		if told && w.drawn {
			fmt.Fprint(w.to, show.ClearLine)
		}
	}
}

func (w *walking) tell(passed uint64, due time.Duration) {
	text := "planning: " + show.Counted(passed, "notification")
	if w.length > 0 {
		text += fmt.Sprintf(", %d %% of about %s", min(100, 100*due/w.length), show.Brief(w.length.Round(time.Second)))
	}
	if w.drawn {
		fmt.Fprint(w.to, show.ClearLine+text)
	} else {
		fmt.Fprintln(w.to, text)
	}
}
