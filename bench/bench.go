package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/signature"
)

// clientCore and sinkCore are where the two sides run.
const (
	clientCore = 0
	sinkCore   = 1
)

// bench is a measurement under way.
type bench struct {
	settings
	chosen   []string // names of the lines to measure
	root     string   // of the checkout
	work     string   // folder of this measurement alone
	ringback string   // the program
	flags    string   // what "ringback run --help" says, to see which flags there are
	tools    map[string]string
	missing  []string // what was left out, and why
	body     string   // file with a body as ringback sends it
	token    string   // of that body
	spinners []*process
	result   result

	warm, watched time.Duration // how long a sender at full speed warms up, and is watched
}

// result is all that was found, as it goes into the JSON file.
type result struct {
	Machine machine  `json:"machine"`
	Seconds float64  `json:"seconds"`
	Rows    []row    `json:"rows"`
	Samples []sample `json:"samples"`
	Notes   []string `json:"notes"`
}

// row is a line of the table.
type row struct {
	What    string `json:"what"`
	Value   string `json:"value"`
	Aim     string `json:"aim"`
	Verdict string `json:"verdict"`
	Command string `json:"command"`
}

// cacheFolder is bench/.cache beside the script, unless the environment names another.
func cacheFolder() string {
	if dir := os.Getenv("RINGBACK_BENCH_CACHE"); dir != "" {
		return dir
	}
	return filepath.Join("bench", ".cache")
}

func open(ctx context.Context, s settings) (*bench, error) {
	if s.rounds <= 0 {
		s.rounds = 5
		if s.quick {
			s.rounds = 3
		}
	}
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if s.cache, err = filepath.Abs(s.cache); err != nil {
		return nil, err
	}
	b := &bench{settings: s, root: root, tools: map[string]string{}, warm: time.Second, watched: 2 * time.Second}
	if s.quick {
		b.warm, b.watched = 400*time.Millisecond, 800*time.Millisecond
	}
	if err := os.MkdirAll(filepath.Join(s.cache, "bin"), 0o755); err != nil {
		return nil, err
	}
	if b.work, err = os.MkdirTemp("", "ringback-bench-"); err != nil {
		return nil, err
	}
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	if !s.ours {
		b.install(ctx)
	}
	b.installWrk(ctx)
	if err := b.installWrk2(ctx); err != nil {
		return nil, err
	}
	if err := b.sampleBody(ctx); err != nil {
		return nil, err
	}
	b.result.Machine = describe(ctx)
	return b, b.keepAwake(ctx)
}

// build makes the sink, the stand-in, and ringback unless one was given.
func (b *bench) build(ctx context.Context) error {
	for _, name := range []string{"sink", "standin"} {
		if err := b.goBuild(ctx, "bench", "./"+name, b.bin(name)); err != nil {
			return err
		}
	}
	b.tools["standin"] = b.bin("standin")
	b.ringback = b.binary
	if b.ringback == "" {
		b.ringback = b.bin("ringback")
		if err := b.goBuild(ctx, ".", "./cmd/ringback", b.ringback); err != nil {
			return err
		}
	}
	help, err := exec.CommandContext(ctx, b.ringback, "run", "--help").Output()
	b.flags = string(help)
	return err
}

// goBuild compiles a package of the module in a folder of the checkout.
func (b *bench) goBuild(ctx context.Context, module, pkg, to string) error {
	cmd := exec.CommandContext(ctx, "go", "-C", module, "build", "-o", to, pkg)
	cmd.Dir, cmd.Stderr = b.root, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	return nil
}

func (b *bench) bin(name string) string { return filepath.Join(b.cache, "bin", name) }

func (b *bench) script(name string) string { return filepath.Join(b.root, "bench", "scripts", name) }

// asked reports whether a line is to be measured.
func (b *bench) asked(line string) bool { return slices.Contains(b.chosen, line) }

// has reports whether ringback knows a flag of run.
func (b *bench) has(flag string) bool { return strings.Contains(b.flags, " "+flag+" ") }

// sampleBody writes down a body as ringback sends it, of about the mean size, and signs it:
// the other senders take it for theirs.
func (b *bench) sampleBody(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, b.ringback, "plan", "inbound-call", "--seed", "7", "--format", "ndjson").Output()
	if err != nil {
		return fmt.Errorf("ringback plan: %w", err)
	}
	bodies, sum := strings.Split(strings.TrimSpace(string(out)), "\n"), 0
	for _, body := range bodies {
		sum += len(body)
	}
	mean, best := sum/len(bodies), bodies[0]
	for _, body := range bodies {
		if abs(len(body)-mean) < abs(len(best)-mean) {
			best = body
		}
	}
	b.body = filepath.Join(b.work, "body.json")
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		return err
	}
	b.token = signature.Sign(secret, []byte(best), time.Now())
	b.note("Bodies of ringback have %d bytes on average, those of the others %d.", mean, len(best))
	return os.WriteFile(b.body, []byte(best), 0o644)
}

func abs(n int) int { return max(n, -n) }

func (b *bench) close() {
	for _, p := range b.spinners {
		p.kill()
	}
	os.RemoveAll(b.work)
}

// say tells on standard error how it goes.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s "+format+"\n", append([]any{time.Now().Format("15:04:05")}, args...)...)
}

func (b *bench) note(format string, args ...any) {
	b.result.Notes = append(b.result.Notes, fmt.Sprintf(format, args...))
}

func (b *bench) row(what, value, aim, verdict, command string) {
	b.result.Rows = append(b.result.Rows, row{what, value, aim, verdict, command})
	b.say("   %s: %s %s", what, value, verdict)
}

func (b *bench) writeJSON() error {
	file := b.json
	if file == "" {
		file = filepath.Join(b.cache, "raw.json")
	}
	text, err := json.MarshalIndent(&b.result, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
