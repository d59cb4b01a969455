package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// measured is a bench with two rounds of paced samples: of ringback, of a stand-in for wrk2 that
// costs half as much, and of a vegeta that keeps no rate above 1,000 a second.
func measured() *bench {
	b := &bench{tools: map[string]string{"standin": "standin", "vegeta": "vegeta"}, chosen: []string{"pace", "lateness", "switches"}}
	for round := range 2 {
		for _, rate := range rates() {
			add := func(s sender, came, cpu, p99 float64, own bool) {
				x := sample{Sender: s.name, Round: round, Offered: rate, Rate: came, CPU: cpu, Busy: cpu * came / 1e6, Switches: 1.5, Waits: 1, Others: 0.01}
				x.Fitted = &spread{Count: 1, P50: 10, P99: p99}
				if own {
					x.Lateness = &spread{Count: 1, P50: 50, P99: p99}
				}
				b.result.Samples = append(b.result.Samples, x)
			}
			slow := float64(1 + round) // the second round costs twice
			add(ours(), float64(rate), 20*slow, 100*slow, true)
			add(standinForWrk2(), float64(rate), 10*slow, 500*slow, false)
			add(vegetaStatic(), 1000, 40*slow, 2000*slow, false)
		}
	}
	return b
}

// rowOf is the row with that text in its first column.
func rowOf(t *testing.T, b *bench, what string) row {
	t.Helper()
	for _, r := range b.result.Rows {
		if r.What == what {
			return r
		}
	}
	t.Fatalf("there is no row %q in %+v", what, b.result.Rows)
	return row{}
}

func TestThePacedLinesAreOfOneRun(t *testing.T) {
	b := measured()
	for _, measure := range []func(*bench, context.Context) error{(*bench).pace, (*bench).lateness, (*bench).switches} {
		if err := measure(b, t.Context()); err != nil { // which measures nothing again
			t.Fatal(err)
		}
	}
	for _, want := range []row{
		{"CPU at 1000/s, paced and signed ÷ stand-in for wrk2", "2.00 (2.00–2.00); 3.0 % of a core, 30.0 µs each ÷ 1.5 % of a core, 15.0 µs each", "≤ 1.6, goal 1.2", "short", "bench/run pace"},
		{"CPU at 5000/s, paced and signed ÷ stand-in for wrk2", "2.00 (2.00–2.00); 15.0 % of a core, 30.0 µs each ÷ 7.5 % of a core, 15.0 µs each", "≤ 2, goal 1.2", "aim reached", "bench/run pace"},
		{"CPU at 1000/s, paced and signed ÷ vegeta, static", "0.50 (0.50–0.50); 3.0 % of a core, 30.0 µs each ÷ 6.0 % of a core, 60.0 µs each", "reported", "", "bench/run pace"},
		{"lateness at the sink at 5000/s, median", "50 µs, 10 µs by the best fit; p99 150 µs", "≤ 60 µs", "goal reached", "bench/run lateness"},
		{"p99 of lateness at 1000/s ÷ that of vegeta, static", "0.05 (0.05–0.05); 150 µs ÷ 3000 µs", "≤ 0.25, goal 0.1", "goal reached", "bench/run lateness"},
		{"p99 of lateness at 5000/s ÷ that of vegeta, static", "0.05 (0.05–0.05); 150 µs ÷ 3000 µs; only 1000/s of vegeta, static came", "≤ 0.25, goal 0.1", "not decided: the other did not keep the rate", "bench/run lateness"},
		{"p99 of lateness at 5000/s ÷ that of stand-in for wrk2", "0.20 (0.20–0.20); 150 µs ÷ 750 µs", "≤ 0.25, goal 0.1", "aim reached", "bench/run lateness"},
		{"context switches per notification at 5000/s", "1.50: 1.00 voluntary, 0.50 not", "≤ 2", "goal reached", "bench/run switches"},
	} {
		if got := rowOf(t, b, want.What); got != want {
			t.Errorf("the row is\n%+v, want\n%+v", got, want)
		}
	}
	if text := b.markdown("bench/run"); !strings.Contains(text, "| ringback | 5000 | 5000 | 15.0 | 30.0 | 50 | 150 | 1.50 | 0 |\n") || !strings.Contains(text, "The machine was idle: other programs had 1 %") || !strings.Contains(text, "| **short** | `bench/run pace` |") {
		t.Errorf("the result is\n%s", text)
	}
}

func TestABusyMachineShows(t *testing.T) {
	b := measured()
	for i := range b.result.Samples {
		b.result.Samples[i].Others = 0.5
	}
	if err := b.lateness(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := rowOf(t, b, "lateness at the sink at 5000/s, median").Verdict; got != "goal reached, not idle (50 %)" {
		t.Errorf("the verdict is %q", got)
	}
	if err := b.pace(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := rowOf(t, b, "CPU at 5000/s, paced and signed ÷ stand-in for wrk2").Verdict; got != "aim reached, not idle (50 %)" {
		t.Errorf("the verdict on a pace is %q", got)
	}
	if got := b.company(); !strings.HasPrefix(got, "**The machine was not idle**: other programs had 50 % of a core") {
		t.Errorf("it says %q", got)
	}
}

func TestASenderThatFallsBehindIsNotJudged(t *testing.T) {
	b := measured()
	for i := range b.result.Samples {
		if s := &b.result.Samples[i]; s.Sender == ours().name && s.Offered == 5000 {
			s.Rate = 4000
		}
	}
	if err := b.pace(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := rowOf(t, b, "CPU at 5000/s, paced and signed ÷ stand-in for wrk2")
	if r.Verdict != "short: it did not keep the rate" || !strings.Contains(r.Value, "; only 4000/s of ringback came") {
		t.Errorf("the row is %+v", r)
	}
}

func TestWrk2TakesThePlaceOfItsStandin(t *testing.T) {
	b := measured()
	if b.wrk2() != standinForWrk2() {
		t.Errorf("without wrk2 the pace is compared with %s", b.wrk2().name)
	}
	b.tools["wrk2"] = "wrk2"
	if b.wrk2() != wrk2Static() {
		t.Errorf("with wrk2 the pace is compared with %s", b.wrk2().name)
	}
}

// Of two looks: 2 s, 1,000 requests, of two cores half a core to others.
func TestWhatIsBetweenTwoLooks(t *testing.T) {
	first := sight{cpu: time.Second, sinkCPU: time.Second, own: 50 * time.Millisecond, spare: 10 * time.Second, switches: map[int]switches{1: {100, 10}, 2: {5, 5}}}
	second := sight{cpu: 1500 * time.Millisecond, sinkCPU: 1300 * time.Millisecond, own: 250 * time.Millisecond, spare: 12 * time.Second,
		switches: map[int]switches{1: {900, 110}, 3: {200, 0}}} // thread 2 has ended, 3 is new
	second.Now, second.Requests = 2e9, 1000
	s := between(first, second)
	if s.CPU != 500 || s.Rate != 500 || s.Busy != 0.25 || s.SinkBusy != 0.15 || s.Waits != 1 || s.Switches != 1.1 {
		t.Errorf("between = %+v", s)
	}
	if s.Others < 0.499 || s.Others > 0.501 {
		t.Errorf("others had %v cores, want 0.5", s.Others)
	}
	first.spare, second.spare = -1, -1
	if s := between(first, second); s.Others != 0 {
		t.Errorf("without a process that takes what is left, others had %v cores", s.Others)
	}
}

func TestSwitchesAreRead(t *testing.T) {
	if got := switchesIn("Name:\tringback\nvoluntary_ctxt_switches:\t150\nnonvoluntary_ctxt_switches:\t42\n"); got != (switches{150, 42}) || got.all() != 192 {
		t.Errorf("switches %+v", got)
	}
}

func TestTheClockOfAProcessIsItsCPUTime(t *testing.T) {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	const grain = 10 * time.Millisecond
	before := used()
	got := clockOf(os.Getpid())
	if after := used(); got <= 0 || got < before-grain || got > after+grain {
		t.Errorf("the clock says %s, the kernel before and after it %s and %s", got, before, after)
	}
	if got := clockOf(1<<22 + 1); got != 0 {
		t.Errorf("a process beyond the greatest number has used %s", got)
	}
}

func TestWrk2IsBuiltFromItsSources(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	try := func(makefile string) (*bench, error) {
		if makefile != "" {
			if err := os.WriteFile(filepath.Join(dir, "Makefile"), []byte(makefile), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		b := &bench{settings: settings{wrk2Sources: dir}, tools: map[string]string{}}
		return b, b.installWrk2(t.Context())
	}
	if _, err := try(""); err == nil || !strings.Contains(err.Error(), "there is no Makefile in") {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := try("wrk:\n\tfalse\n"); err == nil || !strings.Contains(err.Error(), "it needs a C compiler") {
		t.Errorf("sources that cannot be built: %v", err)
	}
	if _, err := try("wrk:\n\t@printf '#!/bin/sh\\nexit 1\\n' >wrk; chmod +x wrk\n"); err == nil || !strings.Contains(err.Error(), "is not wrk2") {
		t.Errorf("another program: %v", err)
	}
	os.Remove(filepath.Join(dir, "wrk"))
	b, err := try("wrk:\n\t@printf '#!/bin/sh\\necho --rate; exit 1\\n' >wrk; chmod +x wrk\n")
	if err != nil || b.tools["wrk2"] != filepath.Join(dir, "wrk") || len(b.missing) > 0 {
		t.Errorf("wrk2 is %q, %v; missing %q", b.tools["wrk2"], err, b.missing)
	}
}

func TestWithoutWrk2ItSaysSo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	b := &bench{tools: map[string]string{}}
	if err := b.installWrk2(t.Context()); err != nil || len(b.missing) != 1 || !strings.Contains(b.missing[0], "--wrk2 DIR") {
		t.Errorf("%v; missing %q", err, b.missing)
	}
}

func TestRatesOfABusyMachineAreJudgedByCPUTime(t *testing.T) {
	for _, c := range []struct {
		others float64
		want   string
	}{{0.01, "goal reached"}, {0.5, "short by CPU time, not idle (50 %)"}} {
		b := &bench{}
		for _, s := range []sample{{Sender: ours().name, Rate: 40_000, CPU: 12}, {Sender: wrkTuned().name, Rate: 20_000, CPU: 10}} {
			s.Connections, s.Others = load, c.others
			b.result.Samples = append(b.result.Samples, s)
		}
		under := cell{wrkTuned(), load}
		got := b.judgeRate(under, b.ratios(cell{ours(), load}, under, rateOf), b.ratios(under, cell{ours(), load}, cpuOfSample), 1, 1)
		if got != c.want {
			t.Errorf("with others at %v cores: %q, want %q", c.others, got, c.want)
		}
	}
}

// What keeps a core awake must take nothing from whoever has something to do, in other sessions too.
func TestWhatKeepsACoreAwakeHasTheLeastShare(t *testing.T) {
	for _, tool := range []string{"taskset", "chrt"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	if _, err := os.Stat("/proc/self/autogroup"); err != nil {
		t.Skip(err)
	}
	b := &bench{work: t.TempDir()}
	p, err := b.startAs(t.Context(), ownSession(), 0, nil, []string{"sleep", "60"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	if err := leastShare(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	text := func(process string) string {
		got, err := os.ReadFile("/proc/" + process + "/autogroup")
		if err != nil {
			t.Fatal(err)
		}
		return string(got)
	}
	if got := text(strconv.Itoa(p.cmd.Process.Pid)); !strings.HasSuffix(got, " nice 19\n") || got == text("self") {
		t.Errorf("its session is %q, that of the test %q", got, text("self"))
	}
}
