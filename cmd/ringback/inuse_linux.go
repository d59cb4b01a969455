package main

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// inUse is how much of the machine's processors was in use, each 0 to 1, or the counters at one moment.
type inUse struct {
	machine, own float64

	busy, all float64 // ticks of all processors
	cpu       time.Duration
}

// newInUse reads the counters. Where the system does not tell, nothing was in use.
func newInUse() (u inUse) {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) == nil {
		u.cpu = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	for i, field := range strings.Fields(line) {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil || i > 8 { // guests are counted among users
			continue
		}
		u.all += n
		if i != 4 && i != 5 { // idle, and waiting for a disk
			u.busy += n
		}
	}
	return u
}

// since is what was in use since then. A tick is a hundredth of a second of one processor.
func (u inUse) since() inUse {
	now := newInUse()
	all := now.all - u.all
	if all <= 0 {
		return inUse{}
	}
	return inUse{machine: (now.busy - u.busy) / all, own: (now.cpu - u.cpu).Seconds() * 100 / all}
}
