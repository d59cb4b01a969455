package main

import (
	"fmt"
	"os"
	"sync"
)

// voice says lines on standard error, one at a time. While a screen is drawn there, it shows
// them, and they are said again once the screen is gone.
type voice struct {
	mu   sync.Mutex
	show func(line string) // nil while no screen is drawn
	kept []string          // what was only shown
}

// speak says a line to the user while other things may be on their way to the same terminal.
func (p *program) speak(line string) {
	p.voice.mu.Lock()
	defer p.voice.mu.Unlock()
	if p.voice.show != nil {
		p.voice.show(line)
		p.voice.kept = append(p.voice.kept, line)
		return
	}
	fmt.Fprintln(p.err, line)
}

// through lets a screen show what is said, until it is called with nil.
func (p *program) through(show func(line string)) {
	p.voice.mu.Lock()
	defer p.voice.mu.Unlock()
	if p.voice.show = show; show != nil {
		return
	}
	for _, line := range p.voice.kept {
		fmt.Fprintln(p.err, line)
	}
	p.voice.kept = nil
}

// ask ends what is under way as a signal does: the first time it drains, the second time it
// stops at once. It never blocks.
func (p *program) ask() {
	select {
	case p.asked <- os.Interrupt:
	default: // it has been asked often enough
	}
}
