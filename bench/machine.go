package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// machine is where a measurement ran.
type machine struct {
	Date   string `json:"date"`
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
	Commit string `json:"commit"`
	Load   string `json:"load"` // average of the last minute when it began
}

func describe(ctx context.Context) machine {
	m := machine{Date: time.Now().UTC().Format("2006-01-02 15:04 MST"), Cores: runtime.NumCPU(), Go: runtime.Version()}
	info, _ := os.ReadFile("/proc/cpuinfo")
	for _, line := range strings.Split(string(info), "\n") {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.CPU = strings.TrimSpace(value)
			break
		}
	}
	m.Kernel = output(ctx, "uname", "-sr")
	m.Commit = output(ctx, "git", "describe", "--always", "--dirty", "--exclude", "*")
	load, _ := os.ReadFile("/proc/loadavg")
	m.Load, _, _ = strings.Cut(string(load), " ")
	return m
}

func output(ctx context.Context, name string, args ...string) string {
	out, _ := exec.CommandContext(ctx, name, args...).Output()
	return strings.TrimSpace(string(out))
}

// quiet is how much of a core other programs may have on a machine that is called idle.
const quiet = 0.03

func othersOf(s sample) float64 { return s.Others }

// beside is what a verdict says besides where other programs ran while it was measured: waiting for
// them is no fault of the sender.
func (b *bench) beside(measured []sample) string {
	if others := median(each(measured, othersOf)); others > quiet {
		return fmt.Sprintf(", not idle (%.0f %%)", 100*others)
	}
	return ""
}

// company tells whether the machine was idle while senders were watched.
func (b *bench) company() string {
	all := each(b.result.Samples, othersOf)
	if len(all) == 0 {
		return ""
	}
	typical, most := 100*median(all), 100*slices.Max(all)
	if median(all) > quiet {
		return fmt.Sprintf("**The machine was not idle**: other programs had %.0f %% of a core in the median window, %.0f %% at most. CPU times at full speed hold within some percent; rates, lateness and CPU times at a pace do not: a late sender wakes less often.", typical, most)
	}
	return fmt.Sprintf("The machine was idle: other programs had %.0f %% of a core in the median window, %.0f %% at most.", typical, most)
}
