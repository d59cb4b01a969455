package interop

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

// ringback is the path of the built program.
type ringback string

// build compiles the program once for a test and all its parts.
func build(t *testing.T) ringback {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringback.exe") // Windows wants the suffix, no one else minds
	cmd := exec.Command("go", "build", "-o", path, "./cmd/ringback")
	cmd.Dir = ".." // so that it is built with the libraries of its own module
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build ./cmd/ringback: %v\n%s", err, out)
	}
	return ringback(path)
}

// run runs the program and returns its exit status and what it printed.
func (r ringback) run(t *testing.T, args ...string) (status int, stdout, stderr []byte) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), string(r), args...)
	cmd.Dir = t.TempDir() // where no settings of whoever runs the tests lie
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.Bytes(), log.Bytes()
}

// output runs the program, which must succeed, and returns its standard output.
func (r ringback) output(t *testing.T, args ...string) []byte {
	t.Helper()
	status, stdout, stderr := r.run(t, args...)
	if status != 0 {
		t.Fatalf("ringback %s: status %d, want 0\n%s%s", strings.Join(args, " "), status, stdout, stderr)
	}
	return stdout
}

// expected is what becomes of a story at a correct consumer.
type expected struct {
	ids             []string // accepted, sorted, each once
	bodies          string   // one a line, in the order of sending
	copies, refused int
	cut             int // connections cut in the middle of a body, which a consumer may have noticed
}

// expect reads from the plan what becomes of s.
func (s story) expect(t *testing.T) expected {
	t.Helper()
	var e expected
	seen := map[string]bool{}
	for _, n := range s.planned(t, assume.Set{}) {
		switch {
		case n.Want.Refuse(), n.Want == fault.Finish: // the consumer refuses both
			e.refused++
		case n.Want == fault.Accept && seen[n.ID()]:
			e.copies++
		case n.Want == fault.Accept:
			seen[n.ID()] = true
			e.ids = append(e.ids, n.ID())
		}
		if n.Fault == fault.Reset {
			e.cut++
		}
		if n.Fault != fault.Drop {
			e.bodies += string(n.AppendBody(nil)) + "\n"
		}
	}
	if len(e.ids) == 0 {
		t.Fatal("the plan is empty")
	}
	slices.Sort(e.ids)
	return e
}

func TestTheExpressConsumerAcceptsWhatIsPlanned(t *testing.T) {
	express := startConsumer(t)
	program := build(t)
	list := stories(t)
	for _, s := range list {
		t.Run(s.name, func(t *testing.T) { s.play(t, program, express) })
	}
	t.Run("a second run of a story is nothing new", func(t *testing.T) {
		before := express.stats(t)
		program.output(t, list[0].run(express)...)
		after := express.stats(t)
		if after.Accepted != before.Accepted || after.Duplicates == before.Duplicates {
			t.Errorf("accepted %d more and %d duplicates, want 0 and all of them",
				after.Accepted-before.Accepted, after.Duplicates-before.Duplicates)
		}
	})
	t.Run("a run with another secret is refused and fails", func(t *testing.T) {
		before := express.stats(t)
		other := signature.GenerateSecret().Base64()
		args := append(list[0].run(express), "--secret", other)
		if status, stdout, stderr := program.run(t, args...); status != 1 {
			t.Errorf("status %d, want 1\n%s%s", status, stdout, stderr)
		}
		after := express.stats(t)
		if after.Accepted != before.Accepted || after.Refused["wrong-key"] == before.Refused["wrong-key"] {
			t.Errorf("accepted %d more and refused %v, want 0 and some with wrong-key",
				after.Accepted-before.Accepted, after.Refused)
		}
	})
}

// flags begin a command line; plan and run mean the same notifications by them.
func (s story) flags(command string) []string {
	return []string{command, s.name, "--seed", strconv.FormatUint(s.seed, 10), "--start", start, "--event-version", "both"}
}

// run is the command line that plays s to the consumer. Nothing is tried twice: a strict consumer
// on the same machine has no reason to refuse a first attempt.
func (s story) run(to consumer) []string {
	return append(s.flags("run"), "--to", to.url, "--secret", signature.DevelopmentSecret,
		"--next-secret", signature.DevelopmentNextSecret, "--speed", "max", "--retry-for", "0")
}

// play runs s against the consumer and compares what it accepted with the plan.
func (s story) play(t *testing.T, program ringback, express consumer) {
	want := s.expect(t)
	if got := string(program.output(t, append(s.flags("plan"), "--format", "ndjson")...)); got != want.bodies {
		t.Errorf("the program plans\n%s\nwant\n%s", got, want.bodies)
	}
	before := express.stats(t)
	args := s.run(express)
	if want.cut > 0 {
		args = append(args, "--retry-for", "1m")
	}
	program.output(t, args...)
	after := express.stats(t)

	got := slices.Sorted(slices.Values(after.IDs[len(before.IDs):]))
	if !slices.Equal(got, want.ids) {
		t.Errorf("accepted %d ids, want the %d planned\ngot  %q\nwant %q", len(got), len(want.ids), got, want.ids)
	}
	if got := after.Duplicates - before.Duplicates; got != want.copies {
		t.Errorf("%d duplicates, want %d", got, want.copies)
	}
	if got := after.refusals() - before.refusals(); got < want.refused || got > want.refused+want.cut {
		t.Errorf("refused %d more, %v in all; want %d more, and at most %d whose body broke off", got, after.Refused, want.refused, want.cut)
	}
}

func TestTheProgramPrintsJSONSchemas(t *testing.T) {
	program := build(t)
	story, notification := []byte(lawful), []byte(sound)
	if err := compile(t, program.output(t, "schema", "scenario")).Validate(fromYAML(t, story)); err != nil {
		t.Errorf("schema scenario: %v", err)
	}
	if err := compile(t, program.output(t, "schema", "event", "channel.held.v0")).Validate(fromJSON(t, notification)); err != nil {
		t.Errorf("schema event channel.held.v0: %v", err)
	}
}
