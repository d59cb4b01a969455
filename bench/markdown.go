package main

import (
	"fmt"
	"os"
	"strings"
)

// The markers between which a document shows the last result.
const (
	begin = "<!-- result: made by bench/run -->"
	end   = "<!-- end of the result -->"
)

// markdown is the result for people.
func (b *bench) markdown(command string) string {
	var t strings.Builder
	m := b.result.Machine
	fmt.Fprintf(&t, "`%s` took %.0f s on %s: %d cores of %s, %s, %s, commit %s, load average %s at the start.\n", command, b.result.Seconds, m.Date, m.Cores, m.CPU, m.Kernel, m.Go, m.Commit, m.Load)
	if said := b.company(); said != "" {
		fmt.Fprintf(&t, "%s\n", said)
	}
	t.WriteString("\n| What | Measured | Aim | | Command |\n|---|---|---|---|---|\n")
	for _, r := range b.result.Rows {
		said := r.Verdict
		if rest, short := strings.CutPrefix(said, "short"); short {
			said = "**short**" + rest
		}
		fmt.Fprintf(&t, "| %s | %s | %s | %s | `%s` |\n", r.What, r.Value, r.Aim, said, strings.ReplaceAll(r.Command, "|", `\|`))
	}
	b.pacedTable(&t)
	b.cellTable(&t)
	if len(b.missing)+len(b.result.Notes) > 0 {
		t.WriteString("\n")
	}
	for _, n := range b.result.Notes {
		fmt.Fprintf(&t, "* %s\n", n)
	}
	for _, n := range b.missing {
		fmt.Fprintf(&t, "* Left out: %s.\n", strings.TrimSuffix(n, "."))
	}
	return t.String()
}

// pacedTable shows the medians of each sender at each rate.
func (b *bench) pacedTable(t *strings.Builder) {
	begun := false
	for _, rate := range rates() {
		for _, s := range pacing() {
			all := b.pacedSamples(s, rate)
			if len(all) == 0 {
				continue
			}
			if !begun {
				begun = true
				t.WriteString("\nMedians at a pace, 64 connections. Lateness is that at the sink; of ringback against the schedule that it reports, of others against the one that fits best.\n")
				t.WriteString("\n| Sender | a second | came | % of a core | µs each | late p50 µs | p99 µs | context switches | MB |\n|---|---|---|---|---|---|---|---|---|\n")
			}
			of := func(figure func(sample) float64) float64 { return median(each(all, figure)) }
			fmt.Fprintf(t, "| %s | %d | %.0f | %.1f | %.1f | %.0f | %.0f | %.2f | %.0f |\n", s.name, rate, of(rateOf), 100*of(busyOf), of(cpuOfSample),
				of(p50Of), of(p99Of), of(switchesOf), of(func(s sample) float64 { return s.Memory }))
		}
	}
}

// cellTable shows the medians of each sender at full speed.
func (b *bench) cellTable(t *strings.Builder) {
	seen := map[cell]bool{}
	var cells []cell
	for _, s := range b.result.Samples {
		c := cell{sender{name: s.Sender}, s.Connections}
		if s.Offered == 0 && !seen[c] {
			seen[c] = true
			cells = append(cells, c)
		}
	}
	if len(cells) == 0 {
		return
	}
	t.WriteString("\nMedians at full speed. Where neither core is in full use, something else ran beside it, and rates say little.\n")
	t.WriteString("\n| Sender | Connections | CPU µs each | a second | MB | Its core | Sink's core |\n|---|---|---|---|---|---|---|\n")
	for _, n := range sizes() {
		for _, c := range cells {
			if c.connections != n {
				continue
			}
			all := b.samples(c)
			fmt.Fprintf(t, "| %s | %d | %.1f | %.0f | %.0f | %.0f %% | %.0f %% |\n", c.name, n, median(each(all, cpuOfSample)), median(each(all, rateOf)),
				median(each(all, func(s sample) float64 { return s.Memory })), 100*median(each(all, func(s sample) float64 { return s.Busy })), 100*median(each(all, func(s sample) float64 { return s.SinkBusy })))
		}
	}
}

// insert puts text between the markers of a document.
func insert(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), begin+"\n")
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for the result: want the lines %q and %q", file, begin, end)
	}
	return os.WriteFile(file, []byte(before+begin+"\n"+text+end+after), 0o644)
}
