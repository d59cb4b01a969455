package interop

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/interop/internal/ports"
)

// job is a CI job that has run the recipe of docs/ci.md.
type job struct {
	err     error
	printed []byte
	summary string // its first line
}

// kitchen is what all jobs share.
type kitchen struct {
	path    string            // where ringback is, and node, which starts a consumer of interop/broken
	scripts map[string]string // of the page, by name
}

func newKitchen(t *testing.T) *kitchen {
	t.Helper()
	dir := t.TempDir()
	built(t, "", "go", "build", "-o", filepath.Join(dir, "serve"), "./broken/rows/serve")
	if err := os.Symlink(string(build(t)), filepath.Join(dir, "ringback")); err != nil {
		t.Fatal(err)
	}
	node := "#!/bin/sh\nexec serve --consumer \"$CONSUMER\" --listen 127.0.0.1:$PORT --dir \"$DATABASE\"\n"
	if err := os.WriteFile(filepath.Join(dir, "node"), []byte(node), 0o700); err != nil {
		t.Fatal(err)
	}
	k := &kitchen{path: dir + string(os.PathListSeparator) + os.Getenv("PATH"), scripts: map[string]string{}}
	for _, name := range []string{"start-consumer.sh", "examine.sh"} {
		k.scripts[name] = ciBlock(t, name)
	}
	return k
}

// run runs the recipe as it is, but at another port, with one of the consumers.
func (k *kitchen) run(t *testing.T, consumer, port, dir string) (j job) {
	for name, text := range k.scripts {
		text = strings.ReplaceAll(text, "8080", port)
		if consumer != "correct" { // what is wrong shows soon, and would be looked for until everything is examined; a busy machine needs its time
			text = strings.ReplaceAll(text, "--budget 3m", "--budget 90s")
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return job{err: err}
		}
	}
	summary := filepath.Join(dir, "summary.md")
	log, err := os.Create(filepath.Join(dir, "log")) // no pipe: the consumer goes on when the job is over
	if err != nil {
		return job{err: err}
	}
	defer log.Close()
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "examine.sh")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = append(os.Environ(), "PATH="+k.path, "CONSUMER="+consumer, "PORT="+port, "DATABASE="+dir, "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+summary)
	ownGroup(cmd)
	j.err = cmd.Run()
	killGroup(cmd)
	j.printed, err = os.ReadFile(log.Name())
	if err != nil {
		return job{err: err}
	}
	text, err := os.ReadFile(summary)
	if err != nil {
		j.printed = fmt.Appendf(j.printed, "%v", err)
	}
	j.summary, _, _ = strings.Cut(string(text), "\n")
	return j
}

// What the recipe promises: red for the mistakes that lose data, with the cause in the first line of the summary.
func TestTheRecipeFindsWhatLosesData(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the recipe is written for a POSIX shell")
	}
	k := newKitchen(t)
	consumers := []struct{ mistake, name, rule string }{ // the rule as a pattern; what level is reached depends on how fast the machine is
		{"none", "correct", ""},
		// What chance takes away can look like another mistake.
		{"loses 10 %", "drops-a-tenth", "store-before-answer|channels-apart|conversations-apart"},
		{"counts twice", "no-primary-key", "count-once"},
		{"trusts the order of arrival", "stays-by-row", "order-by-timestamp"},
		{"hashes parsed JSON", "hashes-struct", "hash-raw-body"},
		{"verifies nothing", "parses-unverified", "verify-signature"},
		{"loses updates", "document-read-and-written", "concurrent-notifications"},
		{"loses in a crash", "writes-behind", "store-before-answer"},
	}
	jobs := make([]job, len(consumers))
	began := time.Now()
	var all sync.WaitGroup // they wait more than they work
	for i, c := range consumers {
		port, dir := strconv.Itoa(ports.Free(t)), t.TempDir()
		all.Go(func() { jobs[i] = k.run(t, c.name, port, dir) })
	}
	all.Wait()
	t.Logf("%d jobs in %s", len(jobs), time.Since(began).Round(time.Second))
	for i, c := range consumers {
		j := jobs[i]
		t.Logf("%s: %s", c.mistake, j.summary)
		switch {
		case c.rule == "" && (j.err != nil || !strings.HasPrefix(j.summary, "## ringback: passed: nothing wrong was found")):
			t.Errorf("%s: %v, and the summary begins with %q\n%s", c.mistake, j.err, j.summary, j.printed)
		case c.rule != "" && (j.err == nil || !regexp.MustCompile(`^## ringback: failed: the consumer .* \((`+c.rule+`)\)$`).MatchString(j.summary)):
			t.Errorf("%s: %v, and the summary begins with %q, want the cause and %s\n%s", c.mistake, j.err, j.summary, c.rule, j.printed)
		case c.rule != "" && !bytes.Contains(j.printed, []byte("::error title=ringback::the consumer ")):
			t.Errorf("%s: no annotation\n%s", c.mistake, j.printed)
		}
	}
}
