package main

import (
	"context"
	_ "embed" // the tables of consumers
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/interop/broken/habits"
	"github.com/ringback/ringback/interop/internal/ports"
	"github.com/ringback/ringback/signature"
)

// Tables of consumers: a line for each, with its name, the rule that it breaks (none: it is correct), and what it does.
var (
	//go:embed journal/consumers.tsv
	journalTable string
	//go:embed threads/consumers.tsv
	threadsTable string
	//go:embed loops/consumers.tsv
	loopsTable string
)

// programs are programs that are consumers, each in a folder.
var programs = []program{
	{name: "journal", table: journalTable, command: goProgram("./journal")},
	{name: "threads", table: threadsTable, command: script("python3", "threads/consumer.py")},
	{name: "loops", table: loopsTable, command: script("node", "loops/consumer.mjs")},
	{name: "honest/express", command: script("node", "../honest/express/server.mjs", "express", "better-sqlite3")},
	{name: "honest/gosqlite", command: goProgram("../honest/gosqlite")},
	{name: "honest/pystd", command: script("python3", "../honest/pystd/server.py")},
}

type program struct {
	name    string
	table   string // "": one correct consumer
	command func(t *testing.T) []string
}

// profiles are those of consumers that claim less than everything, or tell their state late.
var profiles = map[string]habits.Profile{
	"journal/settles-late": {Settles: 1700 * time.Millisecond},
	"journal/only-v1":      {Versions: []string{"v1"}},
	"threads/disk-queue":   {Settles: time.Second},
	"loops/spool-late":     {Settles: 1100 * time.Millisecond},
}

// aspects are what the state of a consumer tells that tells less than it could.
var aspects = map[string]trial.Aspect{"journal/tells-little": trial.Phase | trial.Seconds}

// processes lists the consumers that are programs: they are killed for good.
func processes() (all []subject) {
	for _, m := range programs {
		if m.table == "" {
			all = append(all, subject{name: m.name, next: true, start: m.start()})
		}
		for line := range strings.Lines(m.table) {
			name, rest, _ := strings.Cut(line, "\t")
			rule, _, _ := strings.Cut(rest, "\t")
			flag := "--habit"
			if rule != "" {
				flag = "--mistake"
			}
			full := m.name + "/" + name
			all = append(all, subject{name: full, breaks: breaks(rulebook.ID(rule)), profile: profiles[full], aspects: aspects[full], next: true,
				start: m.start(flag, name)})
		}
	}
	return all
}

// A table names each consumer once, by a rule that there is.
func TestTablesOfConsumers(t *testing.T) {
	names := map[string]bool{}
	for _, s := range processes() {
		if names[s.name] {
			t.Errorf("%s is there twice", s.name)
		}
		names[s.name] = true
		for _, id := range s.breaks {
			if !slices.ContainsFunc(rulebook.Rules(), func(r rulebook.Rule) bool { return r.ID == id }) {
				t.Errorf("%s breaks %q, and there is no such rule", s.name, id)
			}
		}
	}
	for name := range profiles {
		if !names[name] {
			t.Errorf("the profile of %s is that of nobody", name)
		}
	}
}

func (m *program) start(args ...string) func(*testing.T, ...signature.Secret) *process {
	return func(t *testing.T, secrets ...signature.Secret) *process {
		t.Helper()
		port := strconv.Itoa(ports.Free(t))
		p := &process{command: slices.Concat(m.command(t), args), url: "http://127.0.0.1:" + port,
			env: append(os.Environ(), "PORT="+port, "DATA="+t.TempDir(), "SECRET="+secrets[0].Base64())}
		if len(secrets) > 1 {
			p.env = append(p.env, "NEXT_SECRET="+secrets[1].Base64())
		}
		if err := p.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.stop)
		return p
	}
}

// process is a consumer in a process of its own.
type process struct {
	command []string
	env     []string
	url     string

	cmd  *exec.Cmd
	gone chan struct{} // closed when its last thread is gone
}

// run starts the process, and returns when it answers.
func (p *process) run(ctx context.Context) error {
	p.cmd, p.gone = exec.Command(p.command[0], p.command[1:]...), make(chan struct{})
	p.cmd.Env = p.env
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = p.cmd.Wait() // it is killed
		close(p.gone)
	}()
	for end := time.Now().Add(20 * time.Second); ; {
		resp, err := http.Get(p.url + "/calls/none")
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			return resp.Body.Close()
		}
		select {
		case <-p.gone:
			return fmt.Errorf("%v ended", p.command)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(end) {
			return fmt.Errorf("%v does not answer: %w", p.command, err)
		}
	}
}

// stop kills the process, and waits until it has left its port.
func (p *process) stop() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.gone
}

// crash kills the process and starts it again.
func (p *process) crash(ctx context.Context) error {
	p.stop()
	return p.run(ctx)
}

// built are programs in Go, each compiled once.
var built struct {
	sync.Mutex
	paths map[string]string
	dir   string
}

func goProgram(pkg string) func(*testing.T) []string {
	return func(t *testing.T) []string {
		t.Helper()
		built.Lock()
		defer built.Unlock()
		if built.paths[pkg] == "" {
			if built.paths == nil {
				dir, err := os.MkdirTemp("", "consumers")
				if err != nil {
					t.Fatal(err)
				}
				built.paths, built.dir = map[string]string{}, dir
			}
			path := filepath.Join(built.dir, strconv.Itoa(len(built.paths))+".exe") // Windows wants the suffix, no one else minds
			if out, err := exec.Command("go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
				t.Fatalf("go build %s: %v\n%s", pkg, err, out)
			}
			built.paths[pkg] = path
		}
		return []string{built.paths[pkg]}
	}
}

func TestMain(m *testing.M) {
	status := m.Run()
	_ = os.RemoveAll(built.dir) // "": nothing was compiled
	os.Exit(status)
}

// script is a program that needs a runtime, and perhaps packages. Where one is missing the test is skipped, unless
// RINGBACK_REQUIRE names it: then it fails.
func script(runtime, file string, packages ...string) func(*testing.T) []string {
	return func(t *testing.T) []string {
		t.Helper()
		missing := func(what string, why error) {
			if slices.Contains(strings.Split(os.Getenv("RINGBACK_REQUIRE"), ","), what) {
				t.Fatalf("RINGBACK_REQUIRE asks for %s: %v", what, why)
			}
			t.Skipf("%s needs %s: %v", file, what, why)
		}
		if _, err := exec.LookPath(runtime); err != nil {
			missing(runtime, err)
		}
		for _, p := range packages {
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), "node_modules", p)); err != nil {
				missing(p, fmt.Errorf("npm ci installs it: %w", err))
			}
		}
		return []string{runtime, file}
	}
}
