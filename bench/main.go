package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// settings are the flags.
type settings struct {
	quick       bool
	rounds      int
	binary      string // of ringback; empty: built from this checkout
	cache       string // where tools and what is built lie
	json        string // file for the raw rounds
	docs        string // file to put the result into
	ours        bool   // leaves the other senders out
	with        string // more flags for ringback
	list        bool
	wrk2Sources string // folder; empty: wrk2 is on the path, or missing
	spin        bool   // is the process that keeps a core awake
}

func main() {
	var s settings
	flag.BoolVar(&s.quick, "quick", false, "two minutes: fewer rounds, shorter windows")
	flag.IntVar(&s.rounds, "rounds", 0, "`N` interleaved rounds (default 5, quick 3)")
	flag.StringVar(&s.binary, "binary", "", "`FILE`: a ringback to measure (default: built from this checkout)")
	flag.StringVar(&s.cache, "cache", cacheFolder(), "`DIR` for tools; also $RINGBACK_BENCH_CACHE")
	flag.StringVar(&s.json, "json", "", "`FILE` for the raw rounds (default raw.json in the cache)")
	flag.StringVar(&s.docs, "docs", "", "`FILE` to put the result into, between its markers")
	flag.BoolVar(&s.ours, "ours", false, "leave the other senders out, but for those that ringback is divided by: wrk, wrk2 or its stand-in")
	flag.StringVar(&s.wrk2Sources, "wrk2", "", "`DIR`: sources of wrk2, to be built there with make (default: the wrk2 on the path)")
	flag.StringVar(&s.with, "with", "", "`FLAGS` to give ringback besides, such as '--engine lane'")
	flag.BoolVar(&s.list, "list", false, "tell the lines and end")
	flag.BoolVar(&s.spin, "spin", false, "keep this core awake until killed, or until the parent ends; for bench itself")
	flag.Usage = usage
	flag.Parse()
	if s.spin {
		spin()
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s, flag.Args(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// spin keeps a core awake as long as the process that started it is there.
func spin() {
	for parent := os.Getppid(); os.Getppid() == parent; {
		for range 1 << 28 { // a tenth of a second or so
		}
	}
}

// command is how to measure the same again: without what is of this machine alone.
func command(s settings, names []string) string {
	words := []string{"bench/run"}
	if s.quick {
		words = append(words, "--quick")
	}
	if s.rounds > 0 {
		words = append(words, fmt.Sprintf("--rounds %d", s.rounds))
	}
	if s.ours {
		words = append(words, "--ours")
	}
	if s.with != "" {
		words = append(words, fmt.Sprintf("--with '%s'", s.with))
	}
	return strings.Join(append(words, names...), " ")
}

func usage() {
	out := flag.CommandLine.Output()
	fmt.Fprint(out, "bench/run [flags] [LINE…] measures ringback beside other senders. Without a LINE it measures all:\n\n")
	listLines(out)
	fmt.Fprint(out, "\nFlags:\n")
	flag.PrintDefaults()
}

func listLines(out io.Writer) {
	for _, l := range lines() {
		fmt.Fprintf(out, "  %-10s %s\n", l.name, l.about)
	}
}

// line is one part of the measurement.
type line struct {
	name, about string
	measure     func(*bench, context.Context) error
}

// lines are all of them, in the order in which they run.
func lines() []line {
	return []line{
		{"pace", "CPU of signed notifications at 1,000 to 20,000 a second, beside wrk2's static post and vegeta's", (*bench).pace},
		{"lateness", "lateness of arrival at 1,000 to 20,000 a second, beside vegeta and wrk2", (*bench).lateness},
		{"switches", "context switches per notification at 5,000 a second", (*bench).switches},
		{"cpu", "CPU at full speed beside wrk's static post, 16, 64 and 256 connections", (*bench).cpu},
		{"rate", "signed notifications a second beside wrk, k6 and autocannon, 64 connections", (*bench).rate},
		{"making", "making a notification beside its hashes alone, and allocations", (*bench).making},
		{"live", "100,000 live conversations, with and without a pool of agents", (*bench).live},
		{"start", "the time to the first of a million conversations", (*bench).first},
		{"capacity", "limits of consumers whose limit is known", (*bench).capacity},
		{"tls", "CPU over TLS beside plain", (*bench).overTLS},
		{"engines", "tuned net/http beside the fast lane", (*bench).engines},
		{"log", "cost of --log at 20,000 a second", (*bench).rows},
		{"hang", "a target that never answers, 10,000 a second offered", (*bench).hang},
	}
}

func run(ctx context.Context, s settings, names []string, out io.Writer) (err error) {
	if s.list {
		listLines(out)
		return nil
	}
	chosen := lines()
	if len(names) > 0 {
		for _, name := range names {
			if !slices.ContainsFunc(lines(), func(l line) bool { return l.name == name }) {
				return fmt.Errorf("there is no line %q; bench/run --list tells them", name)
			}
		}
		chosen = slices.DeleteFunc(chosen, func(l line) bool { return !slices.Contains(names, l.name) })
	}
	b, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer b.close()
	for _, l := range chosen {
		b.chosen = append(b.chosen, l.name)
	}
	began := time.Now()
	for _, l := range chosen {
		b.say("== %s: %s", l.name, l.about)
		if err := l.measure(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	b.result.Seconds = time.Since(began).Seconds()
	text := b.markdown(command(s, names))
	fmt.Fprint(out, text)
	if err := b.writeJSON(); err != nil {
		return err
	}
	if s.docs != "" {
		return insert(s.docs, text)
	}
	return nil
}
