package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/show"
)

// examineProgress is the line on a terminal that shows how far an examination has come.
type examineProgress struct {
	to    io.Writer // nil: it is no terminal
	last  time.Time
	drawn bool
}

// repainted is how often the line changes.
const repainted = 100 * time.Millisecond

func newProgress(p *program) *examineProgress {
	if !isTerminal(p.err) || show.IsDumb() || show.InCI() || os.Getenv("RINGBACK_PROGRESS") == "off" {
		return &examineProgress{}
	}
	return &examineProgress{to: p.err}
}

// show draws the line.
func (p *examineProgress) show(at examine.Progress) {
	now := time.Now()
	if p.to == nil || now.Sub(p.last) < repainted {
		return
	}
	p.last, p.drawn = now, true
	fmt.Fprintf(p.to, show.ClearLine+"%s: %s sent, at most %s left", at.Dimension, show.Grouped(uint64(at.Sent)), max(at.Left, 0).Round(time.Second))
}

// clear takes the line away.
func (p *examineProgress) clear() {
	if p.drawn {
		fmt.Fprint(p.to, show.ClearLine)
	}
}
