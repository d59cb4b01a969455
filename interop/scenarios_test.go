package interop

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenarios"
	"github.com/ringback/ringback/signature"
)

// start is the first moment of every plan in these tests.
const start = "2025-03-03T09:00:00Z"

// story is a ready-made scenario together with a seed of its own, so that no two of them share
// an identifier.
type story struct {
	name string
	seed uint64
}

// stories lists the ready-made scenarios; workloads, which are not played, are left out.
func stories(t *testing.T) []story {
	t.Helper()
	var list []story
	for i, entry := range scenarios.List() {
		if !entry.Workload {
			list = append(list, story{entry.Name, uint64(i + 1)})
		}
	}
	if len(list) < 20 {
		t.Fatalf("scenarios.List names %d scenarios, want 20 at least", len(list))
	}
	return list
}

// notifications plans s in both versions.
func (s story) notifications(t *testing.T) []plan.Notification {
	t.Helper()
	sc, err := scenarios.Load(s.name)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, start)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(sc, plan.Options{Seed: s.seed, Start: at, Versions: plan.Both})
	if err != nil {
		t.Fatal(err)
	}
	list := slices.Collect(p.Notifications())
	if len(list) == 0 {
		t.Fatal("the plan is empty")
	}
	return list
}

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

// output runs the program, which must succeed, and returns its standard output.
func (r ringback) output(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), string(r), args...)
	cmd.Dir = t.TempDir() // where no settings of whoever runs the tests lie
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("ringback %s: %v, want status 0\n%s%s", strings.Join(args, " "), err, &stdout, &stderr)
	}
	return stdout.Bytes()
}

// uniqueIDs returns the sorted identifiers of the bodies in ndjson, each source and id once, and
// how many bodies there are.
func uniqueIDs(t *testing.T, ndjson []byte) (ids []string, bodies int) {
	t.Helper()
	type key struct{ Source, ID string }
	seen := map[key]bool{}
	for line := range bytes.Lines(ndjson) {
		var k key
		if err := json.Unmarshal(line, &k); err != nil {
			t.Fatalf("line %d of the plan: %v", bodies+1, err)
		}
		if !seen[k] {
			ids = append(ids, k.ID)
		}
		seen[k] = true
		bodies++
	}
	slices.Sort(ids)
	return ids, bodies
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
		program.output(t, append([]string{"run", "--to", express.url, "--secret", signature.DevelopmentSecret,
			"--speed", "max"}, list[0].flags()...)...)
		after := express.stats(t)
		if after.Accepted != before.Accepted || after.Duplicates == before.Duplicates {
			t.Errorf("accepted %d more and %d duplicates, want 0 and all of them",
				after.Accepted-before.Accepted, after.Duplicates-before.Duplicates)
		}
	})
}

// flags are the arguments by which plan and run mean the same notifications.
func (s story) flags() []string {
	return []string{s.name, "--seed", strconv.FormatUint(s.seed, 10), "--start", start, "--event-version", "both"}
}

// play runs s against the consumer and compares what it accepted with the plan.
func (s story) play(t *testing.T, program ringback, express consumer) {
	ndjson := program.output(t, append([]string{"plan", "--format", "ndjson"}, s.flags()...)...)
	want, bodies := uniqueIDs(t, ndjson)
	if len(want) == 0 {
		t.Fatal("the plan is empty")
	}
	before := express.stats(t)
	program.output(t, append([]string{"run", "--to", express.url, "--secret", signature.DevelopmentSecret,
		"--speed", "max"}, s.flags()...)...)
	after := express.stats(t)

	got := slices.Sorted(slices.Values(after.IDs[len(before.IDs):]))
	if !slices.Equal(got, want) {
		t.Errorf("accepted %d ids, want the %d planned\ngot  %q\nwant %q", len(got), len(want), got, want)
	}
	if got, want := after.Duplicates-before.Duplicates, bodies-len(want); got != want {
		t.Errorf("%d duplicates, want %d", got, want)
	}
	if len(after.Refused) != 0 {
		t.Errorf("refused %v, want none", after.Refused)
	}
}
