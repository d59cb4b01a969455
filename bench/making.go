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
	name            string
	ns, cpu, allocs float64 // of an operation; cpu, in ns, only of benchmarks that report it
}

// cpuUnit is the unit in which the benchmarks of this folder report CPU time.
const cpuUnit = "cpu-ns/op"

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
		found, err := b.benchmarks(ctx, test, "^Benchmark(HashOnly|Make|EncodeSign)$")
		if err != nil {
			return err
		}
		of := map[string]benchmark{}
		for _, f := range found {
			of[f.name] = f
		}
		hashes := of["BenchmarkHashOnly"].cpu
		whole = append(whole, of["BenchmarkMake"].cpu/hashes)
		encode = append(encode, of["BenchmarkEncodeSign"].cpu/hashes)
		allocs = max(allocs, of["BenchmarkMake"].allocs)
		b.say("   CPU time: hashes %.0f ns, encode and sign %.0f ns, plan, encode and sign %.0f ns", hashes, of["BenchmarkEncodeSign"].cpu, of["BenchmarkMake"].cpu)
	}
	b.row("making a notification (plan, encode, sign) ÷ its SHA-256 + HMAC alone", ratioText(whole),
		"≤ 2.2, goal 1.6", verdict(median(whole), 2.2, 1.6, true), "bench/run making")
	b.row("the same without planning", ratioText(encode), "reported", "", "bench/run making")
	b.row("allocations per notification, generating path", fmt.Sprintf("%g", allocs), "0", verdict(allocs, 0, 0, true), "bench/run making")
	return b.sendingAllocations(ctx)
}

func (b *bench) sendingAllocations(ctx context.Context) error {
	test, err := b.testProgram(ctx, "emitter")
	if err != nil {
		return err
	}
	found, err := b.benchmarks(ctx, test, "^BenchmarkSend$/^(lane|http)$/^(http|https)$/^64$")
	if err != nil {
		return err
	}
	whole, err := b.benchmarks(ctx, test, "^BenchmarkRun$")
	if err != nil {
		return err
	}
	found = append(found, whole...)
	for _, f := range found {
		aim, said := "≤ 1", verdict(f.allocs, 1, 1, true)
		if strings.HasPrefix(f.name, "BenchmarkSend/http/") { // the aim is the fast lane's
			aim, said = "reported", ""
		}
		b.row("allocations per notification, sending path, "+f.name, fmt.Sprintf("%g", f.allocs), aim, said,
			"go test ./emitter -run '^$' -bench 'Run$|Send' -benchmem")
	}
	return nil
}

// testProgram compiles the tests of the package in a folder of the checkout.
func (b *bench) testProgram(ctx context.Context, folder string) (string, error) {
	to := filepath.Join(b.work, folder+".test")
	cmd := exec.CommandContext(ctx, "go", "-C", folder, "test", "-c", "-o", to, ".")
	cmd.Dir = b.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return to, nil
}

// benchmarks runs those that pattern names, on one core.
func (b *bench) benchmarks(ctx context.Context, test, pattern string) (found []benchmark, err error) {
	cmd := exec.CommandContext(ctx, "taskset", "-c", strconv.Itoa(clientCore), test,
		"-test.run", "^$", "-test.bench", pattern, "-test.benchmem", "-test.cpu", "1", "-test.benchtime", "0.5s")
	cmd.Dir = b.work
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("benchmarks: %w\n%s", err, out)
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 3 && strings.HasPrefix(fields[0], "Benchmark") {
			f := benchmark{name: fields[0]}
			for i := 3; i < len(fields); i += 2 {
				value, _ := strconv.ParseFloat(fields[i-1], 64)
				switch fields[i] {
				case "ns/op":
					f.ns = value
				case cpuUnit:
					f.cpu = value
				case "allocs/op":
					f.allocs = value
				}
			}
			found = append(found, f)
		}
	}
	return found, nil
}
