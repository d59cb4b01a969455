package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ringback/ringback/internal/sampling"
)

// lossy refuses every so many notifications.
func lossy(t *testing.T, every int32) string {
	t.Helper()
	var n atomic.Int32
	consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if n.Add(1)%every == 0 {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	t.Cleanup(consumer.Close)
	return consumer.URL
}

// quietly runs a story of 9 notifications against a consumer that loses one of them.
func quietly(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	return call(t, goodStory, append([]string{"run", "-", "--seed", "7", "--start", "2025-03-03T09:00:00Z", "--speed", "max", "--quiet",
		"--retry-for", "0", "--connections", "1", "--to", lossy(t, 9)}, args...)...)
}

const ofThisRun = " (seed 7, start 2025-03-03T09:00:00Z, plan "

// A quiet run says in one line what went wrong, and nothing when all is right.
func TestAQuietRunSaysWhatWentWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   []string // nothing if it is empty
	}{
		{"lost", nil, exitFailed, []string{"ringback: 1 of 9 valid notifications not accepted: http://", "status, 1 time: 400 Bad Request" + ofThisRun}},
		{"lost, as a gate allows", []string{"--gate", "accepted >= 80%"}, exitOK, nil},
		{"lost, and a gate allows less", []string{"--gate", "accepted > 99%"}, exitFailed, []string{"ringback: gate failed: accepted > 99%: it was 88.89%" + ofThisRun}},
		{"a forgery", []string{"--gate", "accepted >= 50%", "--fault", "unsigned every 5"}, exitFailed, []string{"ringback: 1 of 1 forgery accepted: unsigned accepted with 200 OK: a correct consumer would refuse with 401", ofThisRun}},
		{"two causes", []string{"--gate", "latency max < 1ns"}, exitFailed, []string{"ringback: 1 of 9 valid", "; gate failed: latency max < 1ns: it was "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, out, errs := quietly(t, c.args...)
			if status != c.status || out != "" || (errs == "") != (c.says == nil) || c.says != nil && strings.Count(errs, "\n") != 1 {
				t.Errorf("status %d, want %d\n%s%s", status, c.status, out, errs)
			}
			for _, part := range c.says {
				if !strings.Contains(errs, part) {
					t.Errorf("%q is not said: %s", part, errs)
				}
			}
		})
	}
}

func TestOnGitHubErrorsAreAnnotationsAndTheStepHasASummary(t *testing.T) {
	summary := filepath.Join(t.TempDir(), "summary.md")
	if err := os.WriteFile(summary, []byte("# Before\n\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GITHUB_ACTIONS", "true")
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	status, out, errs := quietly(t, "--gate", "accepted > 99%")
	if status != exitFailed || out != "" || !strings.Contains(errs, "\n::error title=ringback::gate failed: accepted > 99%25: it was 88.89%25"+ofThisRun) {
		t.Errorf("status %d, %s%s; want an annotation", status, out, errs)
	}
	if text := readFile(t, summary); !strings.HasPrefix(text, "# Before\n\n## ringback: failed: gate failed: accepted > 99%: it was 88.89%\n") || !strings.Contains(text, "| accepted &gt; 99% |") && !strings.Contains(text, "| accepted > 99% |") {
		t.Errorf("the summary is %s", text)
	}
	if status, out, errs = quietly(t, "--gate", "accepted > 80%"); status != exitOK || out+errs != "" {
		t.Errorf("status %d, %s%s; want nothing", status, out, errs)
	}
	if text := readFile(t, summary); !strings.Contains(text, "\n## ringback: passed\n") {
		t.Errorf("the summary is %s", text)
	}
	_, _, errs = call(t, strings.Replace(goodStory, "talk: 2s", "talk: 2", 1), "validate", "-")
	if !strings.Contains(errs, "\n::error file=stdin,line=3,col=") && !strings.Contains(errs, "\n::error file=standard input,line=3,col=") {
		t.Errorf("no annotation at a place: %s", errs)
	}
	file := fileOf(t, "story.yaml", strings.Replace(goodStory, "steps:", "gates: [accepted >= 1%, attempts == 0]\nsteps:", 1))
	for _, quiet := range [][]string{nil, {"--quiet"}} {
		_, _, errs = call(t, "", append([]string{"run", file, "--speed", "max", "--to", lossy(t, 99)}, quiet...)...)
		if !strings.Contains(errs, "\n::error file="+file+",line=3,col=25,title=ringback::gate failed: attempts == 0: it was 9") {
			t.Errorf("no annotation at the gate's place: %s", errs)
		}
	}
	if _, _, errs = call(t, "", "run", "no-such-scenario"); strings.Count(errs, "::error ") != 1 {
		t.Errorf("want one annotation: %s", errs)
	}
	t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(summary, "no", "file"))
	if status, _, errs = quietly(t, "--gate", "accepted > 80%"); status != exitOK || !strings.HasPrefix(errs, "warning: the summary of the step was not written: ") {
		t.Errorf("status %d, %s; want a warning alone", status, errs)
	}
}

func TestElsewhereNothingIsSaidToGitHub(t *testing.T) {
	summary := filepath.Join(t.TempDir(), "summary.md")
	for _, value := range []string{"", "false"} {
		t.Setenv("GITHUB_ACTIONS", value)
		t.Setenv("GITHUB_STEP_SUMMARY", summary)
		if _, _, errs := quietly(t); strings.Contains(errs, "::error") {
			t.Errorf("GITHUB_ACTIONS=%q: %s", value, errs)
		}
		if _, err := os.Stat(summary); err == nil {
			t.Errorf("GITHUB_ACTIONS=%q: there is a summary", value)
		}
	}
}

// What GitHub does not show is counted, and nobody's text is a command.
func TestAnnotationsAreFewAndEscaped(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "true")
	var b bytes.Buffer
	all := []annotation{{file: "a,b:c.yaml", line: 1, column: 2, text: "50%\n::error::x"}}
	for range 11 {
		all = append(all, annotation{text: "more"})
	}
	annotate(&b, all)
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != mostAnnotated || lines[0] != "::error file=a%2Cb%3Ac.yaml,line=1,col=2,title=ringback::50%25%0A::error::x" ||
		lines[9] != "::error title=ringback::… and 3 more errors" {
		t.Errorf("got %d lines:\n%s", len(lines), b.String())
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The status, the verdict and JUnit say the same.
func TestJUnitIsGreenIfAndOnlyIfTheStatusIs0(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	red := regexp.MustCompile(`<testsuites [^>]* failures="(\d+)" errors="(\d+)">`)
	path := filepath.Join(t.TempDir(), "r.xml")
	for _, c := range []struct {
		args   []string
		status int
	}{
		{nil, exitFailed},
		{[]string{"--gate", "accepted >= 80%"}, exitOK},
		{[]string{"--gate", "accepted >= 80%", "--gate", "attempts > 9"}, exitFailed},
		{[]string{"--gate", "accepted >= 80%", "--fault", "unsigned every 5"}, exitFailed},
		{[]string{"--gate", "given up <= 1", "--fault", "unsigned every 5", "--gate", "wrongly accepted <= 1"}, exitOK},
		{[]string{"--types", "agent.*"}, exitFailed},
	} {
		status, _, errs := quietly(t, append(c.args, "--report", path)...)
		found := red.FindStringSubmatch(readFile(t, path))
		if status != c.status || found == nil || (found[1] == "0" && found[2] == "0") != (status == exitOK) {
			t.Errorf("%q: status %d, want %d; %q\n%s", c.args, status, c.status, found, errs)
		}
	}

	signals := make(chan os.Signal, 1)
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		select {
		case signals <- os.Interrupt:
		default:
		}
	}))
	defer consumer.Close()
	var out, errs bytes.Buffer
	status := run(t.Context(), []string{"run", "-", "--to", consumer.URL, "--quiet", "--report", path, "--gate", "accepted >= 0%"},
		stdio{strings.NewReader(strings.Replace(goodStory, "for: 1s", "for: 5m", 1)), &out, &errs}, signals)
	if found := red.FindStringSubmatch(readFile(t, path)); status != exitInterrupted || found == nil || found[2] == "0" || out.Len() > 0 {
		t.Errorf("status %d, %q\n%s%s", status, found, out.String(), errs.String())
	}
}
