package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		value, aim, goal float64
		less             bool
		want             string
	}{
		{1.4, 1.9, 1.4, true, "goal reached"}, {1.9, 1.9, 1.4, true, "aim reached"}, {1.91, 1.9, 1.4, true, "short"},
		{2.5, 1.5, 2.5, false, "goal reached"}, {1.5, 1.5, 2.5, false, "aim reached"}, {1.49, 1.5, 2.5, false, "short"},
		{math.NaN(), 1, 1, true, "not measured"},
	} {
		if got := verdict(c.value, c.aim, c.goal, c.less); got != c.want {
			t.Errorf("verdict(%v, %v, %v, %t) = %q, want %q", c.value, c.aim, c.goal, c.less, got, c.want)
		}
	}
}

func TestRatiosAreOfOneRound(t *testing.T) {
	var b bench
	for round, cpu := range [][2]float64{{10, 5}, {40, 10}, {90, 30}} {
		b.result.Samples = append(b.result.Samples,
			sample{Sender: "a", Connections: 64, Round: round, CPU: cpu[0]},
			sample{Sender: "b", Connections: 64, Round: round, CPU: cpu[1]},
			sample{Sender: "a", Connections: 64, Round: round, CPU: 1, Offered: 1000}, // paced: another matter
			sample{Sender: "a", Connections: 16, Round: round, CPU: 1})
	}
	all := b.ratios(cell{sender{name: "a"}, 64}, cell{sender{name: "b"}, 64}, cpuOfSample)
	if len(all) != 3 || all[0] != 2 || all[1] != 4 || all[2] != 3 || median(all) != 3 {
		t.Errorf("ratios %v with median %v, want 2, 4, 3 with median 3", all, median(all))
	}
	if got := median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("median of 1 to 4 = %v, want 2.5", got)
	}
}

// A schedule of 1,000 a second whose arrivals are 100 µs late, and each hundredth 5 ms.
func TestLatenessIsAgainstTheSchedule(t *testing.T) {
	const base = 1_800_000_000_000_000_000
	var all []arrival
	for k := range 3000 {
		late := int64(100_000)
		if k%100 == 50 {
			late = 5_000_000
		}
		all = append(all, arrival{at: base + int64(k)*1_000_000 + late})
	}
	if got := behind(all, base, 1000); got.P50 != 100 || got.P99 != 5000 || got.Max != 5000 || got.Count != 2000 {
		t.Errorf("behind = %+v, want p50 100, p99 5000, of the 2000 after the first second", got)
	}
	if got := best(all, 1000); got != base+100_000 {
		t.Errorf("the best fit begins %d ns after the base, want 100000", got-base)
	}
	if got := behind(all[:500], base, 1000); got.Count != 0 {
		t.Errorf("half a second of arrivals: %+v, want nothing counted", got)
	}
}

func TestSendersThatDoNotDoTheJobAreRefused(t *testing.T) {
	good := counts{Requests: 100, Unique: 100, Signed: 100, Checked: 2}
	for _, c := range []struct {
		what   string
		sender sender
		change func(*counts)
		ok     bool
	}{
		{"good", ours(), func(*counts) {}, true},
		{"duplicate", ours(), func(n *counts) { n.Duplicates = 1 }, false},
		{"no id", ours(), func(n *counts) { n.WithoutID = 1 }, false},
		{"wrong signature", k6Signing(), func(n *counts) { n.Wrong = 1 }, false},
		{"unsigned", k6Signing(), func(n *counts) { n.Signed = 99 }, false},
		{"unchecked", wrkTuned(), func(n *counts) { n.Checked = 0 }, false},
		{"malformed", wrkStatic(), func(n *counts) { n.Malformed = 1 }, false},
		{"static", wrkStatic(), func(n *counts) { n.Duplicates = 99 }, true},
	} {
		n := good
		c.change(&n)
		if err := honest(c.sender, n); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func TestTheTraceOfACollectionIsRead(t *testing.T) {
	const line = "gc 177 @32.192s 13%: 0.024+79+0.003 ms clock, 0.5+3/18/100+0.25 ms cpu, 118->138->70 MB, 139 MB goal, 0 MB stacks, 0 MB globals, 1 P"
	if ms, ok := traced(line); !ok || ms != 21.75 {
		t.Errorf("traced = %v, %t; want 21.75 without the idle time", ms, ok)
	}
	if _, ok := traced("seed 7, start 2025"); ok {
		t.Error("another line was taken for a trace")
	}
}

func TestTheResultGoesBetweenTheMarkers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.md")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a\n" + begin + "\nold\n" + end + "\nb\n")
	if err := insert(file, "new\n"); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(file); string(text) != "a\n"+begin+"\nnew\n"+end+"\nb\n" {
		t.Errorf("the document is %q", text)
	}
	write("no markers\n")
	if err := insert(file, "new\n"); err == nil {
		t.Error("a document without markers was accepted")
	}
}

func TestThePageHasItsMarkers(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), begin+"\n") != 1 || strings.Count(string(text), end+"\n") != 1 {
		t.Errorf("docs/performance.md wants each of the lines %q and %q once", begin, end)
	}
	for _, l := range lines() {
		if !strings.Contains(string(text), "| `"+l.name+"` |") {
			t.Errorf("docs/performance.md does not tell of the line %s", l.name)
		}
	}
	aims := paceAims()
	for _, aim := range []string{fmt.Sprintf("≤ %g / %g / %g / %g, goal %g at each", aims[1000], aims[5000], aims[10_000], aims[20_000], paceGoal), aimText("≤", cpuAim, cpuGoal) + " at each", fmt.Sprintf("≤ %g s |", longest), fmt.Sprintf("≤ %d MB", mostHanging)} {
		if !strings.Contains(string(text), aim) {
			t.Errorf("docs/performance.md does not tell of the aim %q", aim)
		}
	}
}

func TestEverySenderHasItsScript(t *testing.T) {
	b := bench{root: "..", work: t.TempDir()}
	all := []sender{ours(), wrkStatic(), heyStatic()}
	all = append(all, pacing()...)
	for _, s := range signing() {
		all = append(all, s.sender)
	}
	for _, s := range all {
		if s.script != "" && s.tool != "standin" && !exists(b.script(s.script)) {
			t.Errorf("%s: there is no %s", s.name, b.script(s.script))
		}
		env, command := b.command(s, job{connections: 1, lasting: time.Second})
		if len(command) == 0 {
			t.Errorf("%s has no command", s.name)
		}
		if s.tool == "wrk" {
			continue // which takes what is no text
		}
		for _, v := range env {
			if !utf8.ValidString(v) {
				t.Errorf("%s gets %q, which JavaScript cannot read as it is", s.name, v)
			}
		}
	}
}

// post is a sender that needs nothing: a shell that posts the same request again and again.
const post = `#!/usr/bin/env bash
for a; do [[ $a == http:* ]] && a=${a#http://} && address=${a%%/*}; done
exec 3<>"/dev/tcp/${address%:*}/${address#*:}"
while printf 'POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}' >&3; do read -r -u 3; read -r -u 3; read -r -u 3; done
`

// withShell is a bench whose ringback is that shell, and a sink.
func withShell(t *testing.T) (*bench, *consumer) {
	t.Helper()
	for _, tool := range []string{"taskset", "bash"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	dir := t.TempDir()
	b := &bench{settings: settings{cache: dir}, root: "..", work: dir, ringback: filepath.Join(dir, "sender"), warm: time.Millisecond, watched: 200 * time.Millisecond}
	if err := os.WriteFile(b.ringback, []byte(post), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := b.goBuild(t.Context(), "bench", "./sink", b.bin("sink")); err != nil {
		t.Fatal(err)
	}
	sink, err := b.consume(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sink.kill)
	return b, sink
}

// The whole of one measurement.
func TestOneWindow(t *testing.T) {
	b, sink := withShell(t)
	c := cell{sender{name: "shell"}, 1}
	s, err := b.watch(context.Background(), sink, c)
	if err != nil {
		t.Fatal(err)
	}
	if s.Rate <= 0 || s.Memory <= 0 || s.Counts.WithoutID != s.Counts.Requests || s.Counts.Connections != 1 || s.Sender != "shell" {
		t.Errorf("sample %+v", s)
	}
	started, err := b.firstOf(t.Context(), sink, "")
	if err != nil {
		t.Fatal(err)
	}
	if started.seconds <= 0 || started.cpu <= 0 || started.mb <= 0 {
		t.Errorf("until the first request it took %+v", started)
	}
	c.signed = true
	if _, err := b.watch(context.Background(), sink, c); err == nil {
		t.Error("a sender without ids passes for a signing one")
	}
}
