package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// benchmark is a line of "go test -bench".
type benchmark struct {
	name string
	of   map[string]float64 // figures by their unit
}

// Units of figures.
const (
	cpuUnit    = "cpu-ns/op" // of the benchmarks of this folder
	allocsUnit = "allocs/op"
)

// making compares making a notification with its hashes alone, and shows allocations, from
// the benchmarks of this folder and of package emitter.
func (b *bench) making(ctx context.Context) error {
	test, err := b.testProgram(ctx, "bench")
	if err != nil {
		return err
	}
	var whole, encode []float64
	allocs := 0.0
	for range b.rounds {
		found, err := b.benchmarks(ctx, test, "^Benchmark(HashOnly|Make|EncodeSign)$", "0.5s")
		if err != nil {
			return err
		}
		cpu := map[string]float64{}
		for _, f := range found {
			cpu[f.name] = f.of[cpuUnit]
			allocs = max(allocs, f.of[allocsUnit])
		}
		hashes := cpu["BenchmarkHashOnly"]
		whole = append(whole, cpu["BenchmarkMake"]/hashes)
		encode = append(encode, cpu["BenchmarkEncodeSign"]/hashes)
		b.say("   CPU time: hashes %.0f ns, encode and sign %.0f ns, plan, encode and sign %.0f ns", hashes, cpu["BenchmarkEncodeSign"], cpu["BenchmarkMake"])
	}
	b.row("making a notification (plan, encode, sign) ÷ its SHA-256 + HMAC alone", ratioText(whole),
		"≤ 1.8, goal 1.6", verdict(median(whole), 1.8, 1.6, true), "bench/run making")
	b.row("the same without planning", ratioText(encode), "reported", "", "bench/run making")
	b.row("allocations per notification, generating path", fmt.Sprintf("%g", allocs), "0", verdict(allocs, 0, 0, true), "bench/run making")
	return b.sendingAllocations(ctx)
}

func (b *bench) sendingAllocations(ctx context.Context) error {
	for _, in := range []struct{ folder, pattern, command string }{
		{"emitter/internal/wire", "^BenchmarkSend$/^(lane|http)$/^(http|https)$/^64$", "go test ./emitter/internal/wire -run '^$' -bench Send -benchmem"},
		{"emitter", "^BenchmarkRun$", "go test ./emitter -run '^$' -bench 'Run$' -benchmem"},
	} {
		test, err := b.testProgram(ctx, in.folder)
		if err != nil {
			return err
		}
		found, err := b.benchmarks(ctx, test, in.pattern, "0.5s")
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("%s has no benchmark that fits %s", in.folder, in.pattern)
		}
		for _, f := range found {
			aim, said := "≤ 1", verdict(f.of[allocsUnit], 1, 1, true)
			if strings.HasPrefix(f.name, "BenchmarkSend/http/") { // the aim is the fast lane's
				aim, said = "reported", ""
			}
			b.row("allocations per notification, sending path, "+f.name, fmt.Sprintf("%g", f.of[allocsUnit]), aim, said, in.command)
		}
	}
	return nil
}

// testProgram compiles the tests of the package in a folder of the checkout.
func (b *bench) testProgram(ctx context.Context, folder string) (string, error) {
	to := filepath.Join(b.work, strings.ReplaceAll(folder, "/", "-")+".test")
	cmd := exec.CommandContext(ctx, "go", "-C", folder, "test", "-c", "-o", to, ".")
	cmd.Dir = b.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return to, nil
}

// benchmarks runs those that pattern names, on one core, for a time or as often as "100x" says.
func (b *bench) benchmarks(ctx context.Context, test, pattern, lasting string) (found []benchmark, err error) {
	cmd := exec.CommandContext(ctx, "taskset", "-c", strconv.Itoa(clientCore), test,
		"-test.run", "^$", "-test.bench", pattern, "-test.benchmem", "-test.cpu", "1", "-test.benchtime", lasting)
	cmd.Dir = b.work
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("benchmarks: %w\n%s", err, out)
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 3 && strings.HasPrefix(fields[0], "Benchmark") {
			f := benchmark{name: fields[0], of: map[string]float64{}}
			for i := 3; i < len(fields); i += 2 {
				if value, err := strconv.ParseFloat(fields[i-1], 64); err == nil {
					f.of[fields[i]] = value
				}
			}
			found = append(found, f)
		}
	}
	return found, nil
}
