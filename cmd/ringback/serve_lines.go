package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

const (
	linesKept = 100         // lines that wait for a slow terminal; five seconds of them
	linesWait = time.Second // how long the last lines may take
)

// linePrinter prints lines for somebody who may have stopped reading, which must not hold up the program: a script that
// reads the first lines of serve, for instance.
type linePrinter struct {
	to    io.Writer
	queue chan string
	lost  atomic.Int64
	begun chan struct{} // closed by begin
	ended chan struct{}
}

func newLinePrinter(to io.Writer) *linePrinter {
	l := &linePrinter{to: to, queue: make(chan string, linesKept), begun: make(chan struct{}), ended: make(chan struct{})}
	go l.print()
	return l
}

// add never waits. It must not be called after end.
func (l *linePrinter) add(line string) {
	select {
	case l.queue <- line:
	default:
		l.lost.Add(1)
	}
}

// begin lets the first line out.
func (l *linePrinter) begin() { close(l.begun) }

func (l *linePrinter) print() {
	defer close(l.ended)
	<-l.begun
	for line := range l.queue {
		fmt.Fprintln(l.to, line)
		if len(l.queue) > 0 {
			continue // what is missing came later
		}
		if lost := l.lost.Swap(0); lost > 0 {
			fmt.Fprintf(l.to, "%d lines are missing here: nobody read them\n", lost)
		}
	}
}

// end prints what is left, unless that takes too long.
func (l *linePrinter) end() {
	close(l.queue)
	select {
	case <-l.ended:
	case <-time.After(linesWait):
	}
}
