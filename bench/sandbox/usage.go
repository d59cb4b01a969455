package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is what was taken of the machine up to a moment: by the program, by this process, and by all.
type usage struct {
	program, own, all time.Duration // of CPU
	written           int64         // bytes that the program wrote to the disk
	switches          int64         // of its threads
}

// taken reads usage from /proc. What is not there counts as 0.
func taken(pid int) usage {
	u := usage{program: cpu(pid), own: cpu(os.Getpid()), all: busy(), written: number(fmt.Sprintf("/proc/%d/io", pid), "write_bytes:")}
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, status := range threads {
		u.switches += number(status, "voluntary_ctxt_switches:") + number(status, "nonvoluntary_ctxt_switches:")
	}
	return u
}

// costs divides what the program took by what it delivered.
func (r *result) costs(before, after usage) {
	each := max(1, float64(r.Delivered))
	us := func(d time.Duration) float64 { return float64(d.Microseconds()) / each }
	r.CPU = (after.program - before.program).Seconds() / r.Seconds
	r.DeliveryUS, r.Consumer = us(after.program-before.program), us(after.own-before.own)
	r.OthersCPU = (after.all-before.all).Seconds()/r.Seconds - r.CPU - (after.own-before.own).Seconds()/r.Seconds
	r.WrittenKiB = float64(after.written-before.written) / 1024 / each
	r.Switches = float64(after.switches-before.switches) / each
}

// busy is the CPU time of all processes so far.
func busy() (d time.Duration) {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	for i, field := range strings.Fields(line) {
		const idle, waits = 4, 5
		if n, err := strconv.ParseInt(field, 10, 64); err == nil && i != idle && i != waits {
			d += time.Duration(n) * hundredth
		}
	}
	return d
}

// hundredth is the unit in which the kernel counts CPU time.
const hundredth = 10 * time.Millisecond

// number is that behind the first line of a file that begins with a name.
func number(path, name string) int64 {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, name); found {
			n, _ := strconv.ParseInt(strings.TrimSpace(rest), 10, 64)
			return n
		}
	}
	return 0
}

// loadAverage is how many processes ran or wanted to, on average over 1, 5 and 15 minutes.
func loadAverage() string {
	text, _ := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], " ")
}
