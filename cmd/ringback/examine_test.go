package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// reference is the reference consumer at a loopback address.
func reference(t *testing.T) string {
	t.Helper()
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(receiver.New(receiver.Options{Secrets: []signature.Secret{secret}}))
	t.Cleanup(server.Close)
	return server.URL
}

// hesitating is the correct consumer, which takes a while for each answer.
func hesitating(t *testing.T) string {
	t.Helper()
	good, err := url.Parse(reference(t))
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(good)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(50 * time.Millisecond)
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// believing accepts everything.
func believing(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	return server.URL
}

// fileOf writes a file of a test, and returns its path.
func fileOf(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExamineStatuses(t *testing.T) {
	t.Parallel()
	good, bad := reference(t), believing(t)
	missing := filepath.Join(t.TempDir(), "missing")
	for _, c := range []struct {
		name, args string
		status     int
		says       string // in either output
	}{
		{"a correct consumer", "--to " + good + " --check verify-signature,require-token", 0, "passed: nothing wrong was found in what was examined"},
		{"answers only", "--to " + good + " --check count-once,answer-in-time", 2, "answers only: the consumer was not asked for its state"},
		{"what cannot be tested", "--to " + good + " --check count-once", 2, "count-once could not be tested: pass --state"},
		{"what there is no time for", "--to " + hesitating(t) + " --budget 5s --check endure", 2, "the budget "},
		{"one that believes everybody", "--to " + bad + " --check require-token,verify-signature", 1, "does not verify the signature: anybody can send it anything (verify-signature)"},
		{"another secret", "--to " + good + " --secret " + signature.GenerateSecret().Base64(), 2, "Pass it with --secret"},
		{"one that is not there", "--to http://127.0.0.1:1", 2, "the consumer cannot be reached: connection refused by"},
		{"another path", "--to " + notFound(t), 2, "is the path of the URL right"},
		{"the development secret is named", "--to " + good + " --check answer-in-time", 0, "signing with the public development secret"},
		{"a warning", "--to " + good + " --check answer-in-time", 0, "use a consumer that holds test data only"},
		{"a short secret is named", "--to " + good + " --secret c2hvcnQ=", 2, "warning: --secret: it decodes to 5 bytes, and should to at least 32"},
		{"the list", "--list", 0, "store-before-answer "},
		{"the list of rules that there are", "--list --check only-hs256,count-once", 0, "count-once "},
		{"the list of what a trial is about", "--list --check bytes/plain", 0, "accept-valid "},
		{"the list of an unknown rule", "--list --check only-hs265", 2, `did you mean "only-hs256"?`},
		{"the list of an unknown rule of a consumer", "--list --to " + good + " --check only-hs265", 2, `did you mean "only-hs256"?`},
		{"the list of an unknown trial", "--list --check bytes/plane", 2, `did you mean "bytes/plain"?`},
		{"the list of two states", "--list --state " + good + "/{conversationId} --state-command x", 2, "--state, --state-command: use one of them"},
		{"a stub of an unknown rule", "--state-stub go --check only-hs265", 2, `did you mean "only-hs256"?`},
		{"no consumer", "", 2, "name it with --to URL"},
		{"two consumers", "--to " + good + " --to " + bad, 2, "examine: want one consumer, got 2"},
		{"an unknown rule", "--to " + good + " --check only-hs265", 2, `did you mean "only-hs256"?`},
		{"a rule of earlier versions", "--to " + good + " --check alg-none", 2, `it is called "only-hs256" by now`},
		{"an unknown trial", "--to " + good + " --check bytes/plane", 2, `did you mean "bytes/plain"?`},
		{"a part of a trial that it has not", "--to " + good + " --check bytes/plain~99", 2, "want numbers of notifications"},
		{"a state for no conversation", "--to " + good + " --state " + good, 2, "no {conversationId} in it"},
		{"a public state", "--to " + good + " --state http://192.0.2.7/{conversationId}", 2, "--allow-target 192.0.2.7"},
		{"a state that is none", "--to " + good + " --state " + good + "/{conversationId} --check count-once", 2, "the state cannot be read: the state URL takes no GET"},
		{"two states", "--to " + good + " --state " + good + "/{conversationId} --state-command x", 2, "--state, --state-command: use one of them"},
		{"a command that is not there", "--to " + good + " --state-command /no/such/{conversationId}", 2, "the command of the state cannot be used"},
		{"a database without a query", "--to " + good + " --state-sql sqlite:x.db", 2, "--state-sql: the query is missing"},
		{"a query without a database", "--to " + good + " --query " + missing, 2, "--query: there is no database"},
		{"a missing database", "--to " + good + " --state-sql sqlite:" + missing + " --query " + fileOf(t, "q.sql", "SELECT 1 AS talk WHERE :conversation = ''"), 2, "the database of the state"},
		{"a wrong output", "--to " + good + " --output xml", 2, "want text, json or quiet"},
		{"two outputs", "--to " + good + " --quiet --output json", 2, "--quiet means --output quiet, but --output json is given, too"},
		{"a wrong report", "--to " + good + " --report report.pdf", 2, "--report: the name of the file decides its format"},
		{"no repetition", "--to " + good + " --check bytes/plain --repeat 0", 2, "--repeat: want a whole number from 1"},
		{"no time", "--to " + good + " --settle 0s", 2, "--settle: want 1ms to 720h"},
		{"late behind the budget", "--to " + good + " --late 30m --budget 5m --check accept-valid", 0, "warning: --late 30m does not fit into --budget 5m: the last duplicates come after 4m45s at the latest; pass --budget 1h\n"},
		{"a header that may be secret", "--to " + good + " --header A:1 --header B:2 --check accept-valid", 0, "$HEADER_2 in place of the value of"},
		{"no budget", "--to " + good + " --budget none", 2, "--budget: want a time such as"},
		{"a wrong start", "--to " + good + " --start yesterday", 2, "--start: want a time such as"},
		{"a profile with a problem", "--to " + good + " --profile " + fileOf(t, "p.yaml", "versions: [v2]\n"), 2, `p.yaml:1:12: "v2" is no version of events`},
		{"a missing profile", "--to " + good + " --profile " + missing, 2, "--profile: "},
		{"a waiver with a problem", "--to " + good + " --waive " + fileOf(t, "w.txt", "count-one=later until 2030-01-01\n"), 2, `did you mean "count-once"?`},
		{"a baseline that is none", "--to " + good + " --baseline " + fileOf(t, "b.json", "{}"), 2, "write one with --report FILE.json"},
		{"no process", "--to " + good + " --pid 999999999", 2, "--pid: "},
		{"a strange process", "--to " + good + " --pid 1", 2, "--pid: the process 1 is not a consumer"},
		{"a file without a process", "--to " + good + " --pid " + fileOf(t, "pid", "none\n"), 2, `want the number of a process, got "none"`},
		{"a restart that is not there", "--to " + good + " --restart /no/such", 2, "--restart: "},
		{"an unknown language", "--state-stub ruby", 2, "ringback: --state-stub: want node, go, python or csharp"},
		{"a stub", "--state-stub python", 0, "def channels_of(conversation_id):"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := call(t, "", append([]string{"examine", "--budget", "5m"}, strings.Fields(c.args)...)...)
			if status != c.status || !strings.Contains(stdout+stderr, c.says) {
				t.Errorf("status %d, want %d with %q\n%s%s", status, c.status, c.says, stdout, stderr)
			}
		})
	}
}

// notFound is a URL at which there is nothing.
func notFound(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return server.URL
}

// examined is what tests read of the JSON form.
type examined struct {
	SchemaVersion int `json:"schema_version"`
	Seed          uint64
	Passed        bool
	Cause         string
	Reproduce     string
	Findings      []struct{ Rule, Trial, Reproduce, Waived string }
	Rules         []struct{ Rule, Verdict string }
}

func examineAsJSON(t *testing.T, args ...string) (status int, got examined) {
	t.Helper()
	status, stdout, stderr := call(t, "", append([]string{"examine", "--output", "json", "--budget", "2m"}, args...)...)
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}
	return status, got
}

func TestExamineAsJSON(t *testing.T) {
	status, got := examineAsJSON(t, "--to", reference(t), "--seed", "7", "--check", "verify-signature")
	if status != 0 || got.SchemaVersion != 2 || got.Seed != 7 || !got.Passed || len(got.Rules) != len(rulebook.Rules()) {
		t.Errorf("status %d, %+v; want 0 and all rules", status, got)
	}
}

// The command of a finding finds it again, though the consumer has seen the notifications.
func TestTheCommandOfAFindingReproducesIt(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	to := believing(t)
	_, got := examineAsJSON(t, "--to", to, "--check", "verify-signature", "--header", "X-Tenant: a")
	if len(got.Findings) != 1 || got.Findings[0].Rule != "verify-signature" {
		t.Fatalf("%+v", got)
	}
	words := strings.Fields(got.Findings[0].Reproduce)
	if words[0] != "ringback" || !strings.Contains(got.Findings[0].Reproduce, ` --header "$HEADER" `) {
		t.Errorf("%q; want the header as a variable", got.Findings[0].Reproduce)
	}
	var args []string
	for i := 2; i < len(words); i++ {
		if words[i] == "--header" || words[i] == "--output" {
			i++
			continue
		}
		args = append(args, strings.Trim(words[i], "'"))
	}
	for range 2 {
		if status, again := examineAsJSON(t, args...); status != 1 || len(again.Findings) != 1 || again.Findings[0].Rule != "verify-signature" {
			t.Errorf("%q: status %d, %+v", args, status, again)
		}
	}
}

// What may hold a password is a variable in commands, and each has a name of its own, which is explained.
func TestCommandsShowNoSecrets(t *testing.T) {
	cmd := (&program{}).examineCommand()
	args := []string{"--state-sql", "postgres://u:s3cret@h/d", "--query", "q.sql", "--header", "X-A: s3cret1", "--secret", "s3cret", "--next-secret", "@file"}
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	words, variables := commandLine(cmd)
	const want = "examine --state-sql $STATE_SQL --query q.sql --header $HEADER --secret $SECRET --next-secret @file"
	if got := strings.Join(words, " "); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	text := (&examination{secretive: variables}).notes()[0]
	for _, name := range []string{"$HEADER in place of the value of --header", "$SECRET in", "$STATE_SQL in place of the value of --state-sql"} {
		if !strings.Contains(text, name) {
			t.Errorf("%q does not explain %s", text, name)
		}
	}
}

// Waivers and baselines let known findings pass, and fail when these are gone.
func TestExaminePassesWithWhatIsKnown(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	good, bad := reference(t), believing(t)
	dir := t.TempDir()
	baseline := filepath.Join(dir, "last.json")
	waivers := filepath.Join(dir, "waivers.txt")
	if err := os.WriteFile(waivers, []byte("# known\nverify-signature=TEAM-7 until 2999-12-31\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, args string
		status     int
		says       string
	}{
		{"first", "--to " + bad + " --report " + baseline, 1, "verify-signature"},
		{"with a baseline", "--to " + bad + " --baseline " + baseline, 0, "known: the baseline has it"},
		{"with a waiver", "--to " + bad + " --waive " + waivers, 0, "until 2999-12-31: TEAM-7"},
		{"mended, with a baseline", "--to " + good + " --baseline " + baseline, 1, "the entry verify-signature of the baseline is not needed any more"},
		{"mended, with a waiver", "--to " + good + " --waive " + waivers, 1, "waivers.txt:2: the waiver of verify-signature is not needed any more"},
	} {
		status, stdout, stderr := call(t, "", append([]string{"examine", "--check", "verify-signature"}, strings.Fields(c.args)...)...)
		if status != c.status || !strings.Contains(stdout, c.says) {
			t.Errorf("%s: status %d, want %d with %q\n%s%s", c.name, status, c.status, c.says, stdout, stderr)
		}
	}
}

// Every format is written, to the summary of the step as well, and the cause is annotated.
func TestExamineWritesReports(t *testing.T) {
	dir := t.TempDir()
	step := filepath.Join(dir, "step.md")
	t.Setenv("GITHUB_ACTIONS", "true")
	t.Setenv("GITHUB_STEP_SUMMARY", step)
	args := []string{"examine", "--check", "require-token,verify-signature", "--to", believing(t)}
	want := map[string]string{"e.json": `"schema_version": 2`, "e.xml": "<testsuites", "e.md": "## ringback: failed: the consumer does not verify", "e.html": "<!doctype html>", "e.sarif": `"2.1.0"`}
	for name := range want {
		args = append(args, "--report", filepath.Join(dir, name))
	}
	status, stdout, stderr := call(t, "", args...)
	if status != 1 || !strings.Contains(stderr, "::error title=ringback::the consumer does not verify the signature") {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	}
	want["step.md"] = want["e.md"]
	for name, begin := range want {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(text[:min(len(text), 600)]), begin) {
			t.Errorf("%s: %v, %.300s", name, err, text)
		}
	}
}

// Quiet means nothing, or one line with the cause and what repeats it.
func TestAQuietExaminationSaysWhatIsWrong(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	status, stdout, stderr := call(t, "", "examine", "--to", reference(t), "--quiet", "--check", "verify-signature")
	if status != 0 || stdout+stderr != "" {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	status, stdout, stderr = call(t, "", "examine", "--to", believing(t), "--quiet", "--check", "verify-signature", "--seed", "7", "--start", "2025-03-03T09:00:00Z")
	const want = "ringback: the consumer does not verify the signature: anybody can send it anything (verify-signature) (seed 7, start 2025-03-03T09:00:00Z)\n"
	if status != 1 || stdout != "" || stderr != want {
		t.Errorf("status %d, want 1 and %q\n%s%s", status, want, stdout, stderr)
	}
}

// Where nothing was judged, no report of an earlier time is left to be taken for this one's.
func TestReportsOfAPreflightThatFails(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GITHUB_ACTIONS", "true")
	t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(dir, "step.md"))
	status, stdout, stderr := call(t, "", "examine", "--to", notFound(t), "--report", filepath.Join(dir, "e.xml"), "--report", filepath.Join(dir, "e.json"))
	if status != 2 || stdout != "" || strings.Count(stderr, "::error ") != 1 {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	for name, part := range map[string]string{"step.md": "## ringback: failed: ", "e.xml": `failures="1" errors="0"`, "e.json": `"passed": false`} {
		if text := readFile(t, filepath.Join(dir, name)); !strings.Contains(text, part) || !strings.Contains(text, "404") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// What is known is told after an interrupt.
func TestExamineIsInterrupted(t *testing.T) {
	signals := make(chan os.Signal, 1)
	var came atomic.Int64
	consumer := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if came.Add(1) == 100 { // of thousands
			signals <- os.Interrupt
		}
	}))
	defer consumer.Close()
	var out, errs strings.Builder
	status := run(t.Context(), []string{"examine", "--to", consumer.URL}, stdio{strings.NewReader(""), &out, &errs}, signals)
	if status != exitInterrupted || !strings.Contains(errs.String(), "the examination was interrupted before its end") || !strings.Contains(out.String(), "not tested:") {
		t.Errorf("status %d\n%s%s", status, out.String(), errs.String())
	}
}

// What is assumed about requests holds for those of an examination as well.
func TestExamineSendsAsAssumed(t *testing.T) {
	got := make(chan http.Header, 1)
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case got <- r.Header:
		default:
		}
	}))
	defer consumer.Close()
	status, stdout, stderr := call(t, "", "examine", "--to", consumer.URL, "--check", "bytes/plain",
		"--assume", "content-type=application/cloudevents+json; charset=utf-8", "--assume", "signature-prefix=Bearer")
	header := <-got
	if status != 0 || header.Get("Content-Type") != "application/cloudevents+json; charset=utf-8" || !strings.HasPrefix(header.Get(signature.HeaderName), "Bearer ey") {
		t.Errorf("status %d with the header %v\n%s%s", status, header, stdout, stderr)
	}
}
