package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// call runs a command line as main does.
func call(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = run(t.Context(), args, stdio{strings.NewReader(stdin), &out, &err}, nil)
	return status, out.String(), err.String()
}

const goodStory = `name: short
story: A call.
steps: [{call: customer}, {ring: {agent: alice, for: 1s}}, {talk: 2s}, {hangup: customer}]
`

func TestExitStatuses(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer refusing.Close()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	faulty := write("faulty.yaml", strings.Replace(goodStory, "talk: 2s", "talk: 2", 1))
	targets := write("targets.yaml", "targets: [{url: \"http://127.0.0.1:1\", secret: {env: RINGBACK_NO_SUCH_VARIABLE}}]")
	latin := write("latin.secret", "not base64!")

	tests := []struct {
		name   string
		stdin  string
		args   string
		status int
		says   string // in either output
	}{
		{"everything accepted", goodStory, "run - --speed max", 0, "9 of 9 notifications accepted"},
		{"several scenarios", "", "run transfer inbound-call --speed max", 0, "accepted"},
		{"something not accepted", goodStory, "run - --speed max --retry-for 0 --to " + refusing.URL, 1, "401"},
		{"nobody there", goodStory, "run - --speed max --retry-for 1s --to http://127.0.0.1:1", 1, "never responded"},
		{"unknown command", "", "rin", 2, `did you mean "run"?`},
		{"unknown shell", "", "completion tcsh", 2, `completion: want bash, fish, powershell or zsh, got "tcsh"`},
		{"two shells", "", "completion bash zsh", 2, `takes no arguments, got "zsh"`},
		{"help on nothing known", "", "help nix", 2, `help wants a command, got "nix"`},
		{"help on too much", "", "help run extra", 2, `got "run extra"`},
		{"a port that is none", "", "receive --listen 127.0.0.1:70000", 2, `with a port up to 65535, got "127.0.0.1:70000"`},
		{"unknown flag", "", "run chat --sped 2", 2, "unknown flag --sped (did you mean"},
		{"argument too many", "", "list all", 2, "takes no arguments"},
		{"a secret in no file", "", "run chat --secret @", 2, "ringback: --secret: the name of the file is empty; write one"},
		{"agents in no file", "", "plan chat --agents @", 2, "ringback: --agents: the name of the file is empty; write one"},
		{"a log in no folder, without sending", "", "run chat --dry-run --log no/such/a.jsonl", 2, "ringback: --log: no/such/a.jsonl: no such file or directory"},
		{"a host and port without a flag", "", "wait localhost:26001", 2, "ringback: wait: a URL needs a flag and its scheme; write --to http://localhost:26001"},
		{"a host, port and path among scenarios", "", "run chat [::1]:80/events", 2, "ringback: run: a URL needs a flag and its scheme; write --to http://[::1]:80/events"},
		{"two URLs with a bar between", "", "run chat --to http://127.0.0.1:1/|http://ann:geheim@127.0.0.1:2/", 2, "ringback: --to: this looks like several URLs; give each of them by itself"},
		{"two URLs with a semicolon between", "", "wait --to http://127.0.0.1:1/;HTTP://127.0.0.1:2/", 2, "ringback: --to: this looks like several URLs; give each of them by itself"},
		{"no scenario", "", "run", 2, "ringback: run: no scenario; `ringback list` shows the ready-made ones"},
		{"no scenario to plan", "", "plan", 2, "ringback: plan: no scenario; `ringback list` shows"},
		{"no scenario to show", "", "show", 2, "ringback: show: no scenario; `ringback list` shows"},
		{"no file to check", "", "validate", 2, "ringback: validate: no file; "},
		{"no recording to replay", "", "replay", 2, "ringback: replay: no recording; `ringback receive --log FILE` or `ringback plan … --format ndjson` makes one"},
		{"an unknown fault", "", "plan chat --fault blah", 2, `--fault: "blah", character 1: unknown fault "blah"; want one of duplicate, delay`},
		{"unknown checks", "", "examine --to http://127.0.0.1:1 --check foo,count-one", 2, `--check: there is no rule "count-one" (did you mean "count-once"?)`},
		{"a folder that cannot be", "", "serve --listen 127.0.0.1:0 --data /dev/null/x", 2, "ringback: --data: "},
		{"a flag like no other", "", "run chat --bogus", 2, "unknown flag --bogus\n    see"},
		{"the key of a certificate", "", "run chat --to https://127.0.0.1:1 --cert " + latin, 2, "ringback: --cert: the key is missing; add --key"},
		{"no recording to verify", "", "verify", 2, "ringback: verify: no recording; "},
		{"one recording to compare", "", "diff a", 2, "ringback: diff: want two recordings, got 1 argument"},
		{"how to list scenarios", "", "run inbound-cal", 2, "`ringback list` shows them all"},
		{"unknown scenario", "", "run inbound-cal", 2, `did you mean "inbound-call"?`},
		{"missing file", "", "run ./missing.yaml", 2, "missing.yaml: "},
		{"faulty scenario", "", "run " + faulty, 3, `faulty.yaml:3:67: talk: want a time, got "2" (add a unit: 2s)`},
		{"faulty scenario, only checked", "", "validate " + faulty, 3, "want a time"},
		{"a good and a faulty one", "", "validate chat " + faulty, 3, "chat: ok"},
		{"a workload beside a scenario", "", "run monday-morning chat", 2, "is played alone"},
		{"a dry run of a workload", "", "run steady-calls --dry-run --to http://127.0.0.1:1", 0, "of 120 conversations"},
		{"faults that a correct consumer survives", "faults: [{duplicate: 100%}]\n" + goodStory, "run - --speed max", 0, "9 duplicates"},
		{"wrong speed", "", "run chat --speed fast", 2, "--speed: want 0.001 to"},
		{"wrong seed", "", "plan chat --seed -1", 2, "--seed: want a whole number"},
		{"wrong start", "", "plan chat --start tomorrow", 2, "--start: want a time such as"},
		{"start before KSUIDs", "", "plan chat --start 2001-01-01T00:00:00Z", 2, "--start: the start 2001-01-01T00:00:00Z is outside of what notification IDs can hold"},
		{"start before some of an examination", "", "examine --to http://127.0.0.1:1 --start 2015-05-01T00:00:00Z", 2, "--start: the start 2015-05-01T00:00:00Z is outside of what notification IDs can hold: from 2015-05-14"},
		{"wrong version", "", "plan chat --event-version v2", 2, `want v0, v1 or both, got "v2"`},
		{"wrong rate", "", "plan chat --calls often", 2, "--calls: want a rate such as 5/s"},
		{"rate without an end", "", "plan chat --calls 5/s", 2, "needs an end; add --for"},
		{"duration without a rate", "", "plan chat --for 5m", 2, "needs a rate"},
		{"wrong lag", "", "plan chat --lag 5", 2, "--lag: want a time"},
		{"unknown assumption", "", "plan chat --assume held-chanel=agent", 2, `did you mean "held-channel"?`},
		{"unknown value of an assumption", "", "plan chat --assume held-channel=me", 2, "want customer, agent, both"},
		{"type pattern that selects nothing", "", "plan chat --types channel.hold.*", 2, "selects no event type"},
		{"type pattern of a run that selects nothing", "", "run chat --types foo.*", 2, `ringback: --types: "foo.*" selects no event type`},
		{"several flags at once", "", "plan chat --calls 5 --agents zz --agent-patience soon --types foo.*", 2, "--agents: want a whole number"},
		{"assumptions at once", "", "plan chat --assume foo=1 --assume bar=1", 2, `unknown assumption "bar"`},
		{"types beside other flags", "", "plan chat --calls 5 --types foo.*", 2, `--types: "foo.*"`},
		{"a shard without seed and start", "", "plan chat --calls 5/s --for 1m --shard 1/2", 2, "give all of them the same --start"},
		{"a CA file without certificates", "", "run chat --to https://127.0.0.1:1 --ca " + latin, 2, "ringback: --ca: " + latin + " holds no PEM certificate"},
		{"a certificate without its key", "", "run chat --to https://127.0.0.1:1 --cert " + latin, 2, "ringback: --cert: the key is missing"},
		{"unknown format", "", "plan chat --format xml", 2, "--format: want table"},
		{"a report of no known format", "", "run chat --speed max --report summary", 2, `--report: the name of the file decides its format: want .json, .xml (JUnit), .md or .html, got "summary"; or say the format, as in md:FILE`},
		{"a report to a device", "", "run chat --speed max --output quiet --report md:/dev/null", 0, ""},
		{"wrong output", "", "run chat --output xml", 2, "--output: want text, json or quiet"},
		{"URL without a scheme", "", "run chat --to 127.0.0.1:8080", 2, "missing http://"},
		{"where credentials are", "", "run chat --to http://169.254.169.254/latest", 2, "where a cloud gives out credentials, and is not allowed itself; use --allow-target 169.254.169.254"},
		{"a pattern of targets", "", "run chat --to http://192.0.2.7/ --allow-target *.example", 2, `ringback: --allow-target: "*.example" is no host: patterns are not known`},
		{"a port of a target", "", "examine --to http://192.0.2.7/ --allow-target a.example:443", 2, `--allow-target: "a.example:443" is no host: leave out the port, as in "a.example"`},
		{"a URL as a target of subscriptions", "", "serve --listen 127.0.0.1:0 --data memory --allow-target https://a.example/", 2, `--allow-target: "https://a.example/" is no host: it is a URL; name the host alone`},
		{"public target", "", "run chat --to http://192.0.2.7/", 2, "--allow-target 192.0.2.7"},
		{"a short secret", "", "run chat --dry-run --secret c2hvcnQ=", 0, "warning: --secret: it decodes to 5 bytes, and should to at least 32"},
		{"an empty secret", "", "run chat --secret @" + write("empty.secret", " \n"), 2, "ringback: --secret: secret is empty"},
		{"secret that is no clean Base64", "", "run chat --dry-run --secret @" + latin, 0, "not like the Base64 that the API shows; it decodes to 6 bytes"},
		{"secret that is no Base64", "", "run chat --secret @" + write("no.secret", "?!"), 2, "ringback: --secret: secret has no Base64 in it"},
		{"missing secret file", "", "run chat --secret @" + filepath.Join(dir, "none"), 2, "none: "},
		{"header without a colon", "", "run chat --to http://127.0.0.1:1 --header X-Key", 2, `want "Name: value"`},
		{"reserved header", "", "run chat --to http://127.0.0.1:1 --header Vonage-Signature:x", 2, "Vonage-Signature"},
		{"unset variable in a targets file", "", "run chat --targets " + targets, 2, "RINGBACK_NO_SUCH_VARIABLE is not set"},
		{"missing CA file", "", "run chat --to https://127.0.0.1:1 --ca " + filepath.Join(dir, "none"), 2, "none"},
		{"a count that is no number", "", "run chat --count many", 2, `--count: want a whole number from 1 to 10000000000, got "many"`},
		{"a time without a unit", "", "run chat --timeout 5", 2, `--timeout: want a time such as 10s, got "5"`},
		{"an unknown engine", "", "run chat --engine steam", 2, `--engine: want auto, http or lane, got "steam"`},
		{"a flag without its value", "", "run chat --to", 2, "--to: the value is missing"},
		{"log in a missing folder", "", "run chat --speed max --log " + filepath.Join(dir, "no", "log"), 2, "log: "},
		{"no connections", "", "run chat --connections 0", 2, "--connections: want 1 to 10000"},
		{"unknown event type", "", "schema event channel.hold.v0", 2, `did you mean "channel.held.v0"?`},
		{"unknown subject", "", "explain wrongkeys", 2, `did you mean "wrong-key"?`},
		{"subject without a name", "", "explain --output yaml", 2, "--output: want text or json"},
		{"unknown schema", "", "schema everything", 2, "schema wants scenario"},
		{"mistyped schema", "", "schema asnycapi", 2, `did you mean "asyncapi"?`},
		{"schema with a word too many", "", "schema asyncapi channel.held.v0", 2, "schema wants scenario"},
		{"no word to explain, but in a rule", "", "explain released", 2, "it is mentioned in data.reason"},
		{"unknown scenario to show", "", "show chatt", 2, `did you mean "chat"?`},
		{"missing recording", "", "verify missing.ndjson", 2, "missing.ndjson: "},
		{"empty recording", "", "verify -", 1, "holds no notifications"},
		{"recording of something else", "{}\n", "verify -", 1, "nothing in the file is a notification"},
		{"address in use or wrong", "", "receive --listen 127.0.0.1:99999", 2, "--listen: "},
		{"fewer received than expected", "", "receive --expect 1 --for 1ms", 1, "0 of 1 expected notifications were accepted"},
		{"dry run", "", "run chat --dry-run --to http://127.0.0.1:1", 0, "would send"},
		{"version", "", "version", 0, "ringback "},
		{"help", "", "run --help", 0, "Usage:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, out, err := call(t, tt.stdin, strings.Fields(tt.args)...)
			if status != tt.status {
				t.Errorf("status = %d, want %d", status, tt.status)
			}
			if !strings.Contains(out+err, tt.says) {
				t.Errorf("output does not say %q:\n%s%s", tt.says, out, err)
			}
			if tt.status == exitUsage && out != "" {
				t.Errorf("standard output = %q, want nothing", out)
			}
		})
	}
}

func TestInterruptEndsARunWithAReport(t *testing.T) {
	t.Parallel()
	signals := make(chan os.Signal, 2)
	var requests atomic.Int32
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if requests.Add(1) == 2 {
			signals <- os.Interrupt
		}
	}))
	defer consumer.Close()
	var out, errs bytes.Buffer
	log := filepath.Join(t.TempDir(), "log.jsonl")
	status := run(t.Context(), []string{"run", "-", "--to", consumer.URL, "--log", log},
		stdio{strings.NewReader(strings.Replace(goodStory, "for: 1s", "for: 5m", 1)), &out, &errs}, signals)
	if status != exitInterrupted {
		t.Errorf("status = %d, want %d; %s", status, exitInterrupted, errs.String())
	}
	if !strings.Contains(out.String(), "the run was interrupted") {
		t.Errorf("no report of the interrupted run:\n%s", out.String())
	}
	text, err := os.ReadFile(log)
	if err != nil || !bytes.HasSuffix(text, []byte("}\n")) {
		t.Errorf("log = %q, %v; want whole rows", text, err)
	}
}

func TestASecondInterruptCutsOff(t *testing.T) {
	t.Parallel()
	signals := make(chan os.Signal, 2)
	release := make(chan struct{})
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		signals <- os.Interrupt
		signals <- os.Interrupt
		<-release // the answer never comes in time
	}))
	defer consumer.Close()
	defer close(release)
	var out, errs bytes.Buffer
	status := run(t.Context(), []string{"run", "-", "--to", consumer.URL, "--output", "json", "--timeout", "1h"},
		stdio{strings.NewReader(goodStory), &out, &errs}, signals)
	if status != exitInterrupted || !strings.Contains(out.String(), `"stop": "cancelled"`) {
		t.Errorf("status = %d, output %s %s; want %d and a summary that says cancelled", status, out.String(), errs.String(), exitInterrupted)
	}
}

func TestEnvironmentVariablesAreFlags(t *testing.T) {
	t.Setenv("RINGBACK_SEED", "7")
	t.Setenv("RINGBACK_START", "2025-03-03T09:00:00Z")
	t.Setenv("RINGBACK_TYPES", "channel.held.*,channel.retrieved.*")
	_, fromEnv, _ := call(t, "", "plan", "inbound-call-with-hold")
	_, fromFlag, _ := call(t, "", "plan", "inbound-call-with-hold", "--seed", "8")
	if !strings.HasPrefix(fromEnv, "seed 7, start 2025-03-03T09:00:00Z") || strings.Count(fromEnv, "\n") != 4 {
		t.Errorf("plan = %s, want seed, start and types from the environment", fromEnv)
	}
	if !strings.HasPrefix(fromFlag, "seed 8,") {
		t.Errorf("plan = %s, want the flag to win over the environment", fromFlag)
	}
	t.Setenv("RINGBACK_SECRET", "do-not-show-me")
	status, out, errs := call(t, "", "run", "inbound-call-with-hold", "--dry-run")
	if status != exitOK || strings.Contains(out+errs, "do-not-show-me") || !strings.Contains(errs, "warning: RINGBACK_SECRET: it decodes to 10 bytes") {
		t.Errorf("status = %d, output %s%s; want %d, a warning and no secret", status, out, errs, exitOK)
	}
}

func TestAFullDiskEndsTheRun(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	status, _, errs := call(t, goodStory, "run", "-", "--speed", "max", "--log", "/dev/full", "--count", "1000")
	if status != exitFailed || !strings.Contains(errs, "no space left on device") {
		t.Errorf("status = %d, error %q; want %d and the reason", status, errs, exitFailed)
	}
}

// No command says that all is well when what it printed is lost.
func TestAFullDiskBehindStandardOutputIsAFailure(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full here")
	}
	defer full.Close()
	for _, line := range []string{"list", "help", "validate inbound-call", "show chat", "plan chat", "plan chat --summary", "schema scenario", "schema asyncapi", "version", "--version",
		"explain", "explain hold", "completion bash", "run --help", "help gates", "gates", "demo --speed max", "examine --list", "examine --state-stub go", "run chat --dry-run",
		"explain hold --output json", "plan chat --format ndjson", "run chat --speed max --output json", "receive --for 1ms", "serve --data memory --listen 127.0.0.1:0"} {
		t.Run(line, func(t *testing.T) {
			var errs bytes.Buffer
			status := run(t.Context(), strings.Fields(line), stdio{strings.NewReader(""), full, &errs}, nil)
			if n := strings.Count(errs.String(), "standard output could not be written: no space left on device"); status != exitFailed || n != 1 {
				t.Errorf("status = %d, %d reasons in %q; want %d, and the reason once", status, n, errs.String(), exitFailed)
			}
		})
	}
}

// What plan prints is what run delivers.
func TestRunDeliversThePlannedBodies(t *testing.T) {
	bodies := make(chan string, 1000)
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- string(body)
	}))
	defer consumer.Close()
	flags := []string{"call-interrupts-email", "presence-over-a-shift", "unknown-event-type", "--seed", "7", "--start",
		"2025-03-03T09:00:00Z", "--event-version", "both", "--count", "6", "--lag", "10ms..2s", "--assume", "absent-ids=null"}
	_, planned, _ := call(t, "", append([]string{"plan", "--format", "ndjson"}, flags...)...)
	status, _, errs := call(t, "", append([]string{"run", "--speed", "max", "--to", consumer.URL}, flags...)...)
	if status != exitOK {
		t.Fatalf("status = %d: %s", status, errs)
	}
	close(bodies)
	got := map[string]int{}
	for body := range bodies {
		got[body]++
	}
	want := strings.Split(strings.TrimSuffix(planned, "\n"), "\n")
	if len(got) != len(want) {
		t.Errorf("%d different bodies delivered, want %d", len(got), len(want))
	}
	for _, body := range want {
		if got[body] != 1 {
			t.Errorf("delivered %d times: %s", got[body], body)
		}
	}
}
