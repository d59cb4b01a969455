package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/recording"
)

// recordedPlan is a file of planned bodies.
func recordedPlan(t *testing.T, flags ...string) string {
	t.Helper()
	status, out, errs := call(t, "", append([]string{"plan", "--seed", "7", "--start", "2025-03-03T09:00:00Z", "--format", "ndjson"}, flags...)...)
	if status != exitOK {
		t.Fatalf("plan: status %d: %s", status, errs)
	}
	return filed(t, "want.ndjson", out)
}

func filed(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRecordingsAndExitStatuses(t *testing.T) {
	var requests atomic.Int32
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		io.Copy(io.Discard, r.Body)
	}))
	defer consumer.Close()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer refusing.Close()
	want := recordedPlan(t, "inbound-call-with-hold")
	text, err := os.ReadFile(want)
	if err != nil {
		t.Fatal(err)
	}
	damaged := filed(t, "damaged.ndjson", string(text[:len(text)-9]))
	less := filed(t, "less.ndjson", string(text[:strings.LastIndex(strings.TrimSpace(string(text)), "\n")+1]))
	missing := filepath.Join(t.TempDir(), "missing.ndjson")
	row := recording.Row{Received: time.Now(), Status: http.StatusUnauthorized}
	row.SetBody(text[:strings.IndexByte(string(text), '\n')])
	line, err := json.Marshal(&row)
	if err != nil {
		t.Fatal(err)
	}
	refused := filed(t, "refused.ndjson", string(line)+"\n")

	tests := []struct {
		name, args string
		status     int
		says       string
		sends      int32
	}{
		{"everything is accepted", "replay WANT --speed max --to URL", 0, "11 of 11 notifications accepted", 11},
		{"something is not accepted", "replay WANT --speed max --retry-for 0 --to " + refusing.URL, 1, "401", 0},
		{"a gate that holds", "replay WANT --speed max --gate accepted==100%", 0, "11 of 11", 0},
		{"a gate that does not hold", "replay WANT --speed max --gate accepted>11", 1, "gate failed: accepted > 11", 0},
		{"a report that cannot be written", "replay WANT --speed max --to URL --report " + missing + "/x.xml", 2, "--report: ", 0},
		{"the built-in receiver judges", "replay WANT --speed max", 0, "2 channels ended, 0 open, 0 violations", 0},
		{"only some types", "replay WANT --speed max --to URL --types channel.held.*", 0, "1 of 11 notifications are selected", 1},
		{"a dry run", "replay WANT --to URL --dry-run", 0, "would send 11 notifications of 1 conversation over 6m33.787s", 0},
		{"a damaged line", "replay " + damaged + " --speed max --to URL", 2, "damaged.ndjson:11:551: not JSON: the text ends within a string", 0},
		{"a missing file", "replay " + missing + " --to URL", 2, "missing.ndjson: no such file", 0},
		{"a folder", "replay " + filepath.Dir(missing) + " --to URL", 2, "is a directory", 0},
		{"a public target", "replay WANT --to http://192.0.2.7/", 2, "--allow-target 192.0.2.7", 0},
		{"nothing selected", "replay WANT --to URL --subject nobody", 2, "none of its 11 notifications is selected", 0},
		{"no recording", "replay", 2, "replay: no recording", 0},
		{"wrong ids", "replay WANT --ids renewed", 2, `--ids: want keep or renew, got "renewed" (did you mean "renew"?)`, 0},
		{"wrong times", "replay WANT --times now", 2, "--times: want keep or shift", 0},
		{"wrong rows", "replay WANT --rows some", 2, "--rows: want accepted or all", 0},
		{"wrong pace", "replay WANT --pace slow", 2, "--pace: want received or time", 0},
		{"wrong moment", "replay WANT --from noon", 2, "--from: want a time such as", 0},
		{"an empty window", "replay WANT --from 2025-03-03T09:00:00Z --until 2025-03-03T09:00:00Z", 2, "is not after", 0},
		{"a start that moves nothing", "replay WANT --start 2025-03-03T09:00:00Z", 2, "--start needs --times shift", 0},
		{"a seed that decides nothing", "replay WANT --seed 7", 2, "--seed needs --ids renew", 0},
		{"a start out of the world", "replay WANT --times shift --start 2001-01-01T00:00:00Z", 2, "choose another start (--start)", 0},
		{"only refused rows", "replay " + refused + " --to URL", 2, "select all rows to send them (--rows all)", 0},
		{"wrong output", "replay WANT --output xml", 2, "--output: want text, json or quiet", 0},
		{"equal recordings", "diff WANT WANT", 0, "11 notifications expected, 11 found: no differences", 0},
		{"nothing to compare", "diff " + refused + " " + refused, 1, "0 found: no differences\nringback: nothing was compared: neither ", 0},
		{"one is missing", "diff WANT " + less, 1, "want.ndjson:11: missing: channel.ended.v0", 0},
		{"one is extra", "diff " + less + " WANT", 1, "want.ndjson:11: extra: channel.ended.v0", 0},
		{"a damaged line to compare", "diff WANT " + damaged, 2, "damaged.ndjson:11:551: ", 0},
		{"a missing file to compare", "diff WANT " + missing, 2, "missing.ndjson: ", 0},
		{"wrong ignore", "diff WANT WANT --ignore tiem", 2, `--ignore: want order, time or ids, got "tiem" (did you mean "time"?)`, 0},
		{"twice standard input", "diff - -", 2, "only one of the two", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := requests.Load()
			args := strings.Fields(strings.NewReplacer("WANT", want, "URL", consumer.URL).Replace(tt.args))
			status, out, errs := call(t, "", args...)
			if status != tt.status || !strings.Contains(out+errs, tt.says) {
				t.Errorf("status = %d, want %d and %q:\n%s%s", status, tt.status, tt.says, out, errs)
			}
			if got := requests.Load() - before; got != tt.sends {
				t.Errorf("%d requests, want %d", got, tt.sends)
			}
		})
	}
}

func TestDifferencesInEveryForm(t *testing.T) {
	want := recordedPlan(t, "inbound-call-with-hold")
	text, err := os.ReadFile(want)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
	lines[2] = strings.Replace(lines[2], `"role":"agent"`, `"role":"monitor"`, 1)
	got := filed(t, "got.ndjson", lines[0]+lines[2]+lines[3]+lines[1]+lines[1]+strings.Join(lines[4:], "")+"\n")
	status, out, _ := call(t, "", "diff", want, got)
	alerted, connected := recording.HeadOf([]byte(lines[2])).ID, recording.HeadOf([]byte(lines[1])).ID
	out = strings.NewReplacer(want, "want", got, "got", alerted, "ALERTED", connected, "CONNECTED").Replace(out)
	expect := `got:2: different: channel.alerted.v0 ALERTED: data.channel.party.role: want "agent", got "monitor" (want:3)
got:4: out of order: channel.connected.v0 CONNECTED is behind channel.connected.v0 of line 3 (want:2)
got:5: duplicate: channel.connected.v0 CONNECTED (want:2)
11 notifications expected, 12 found: 0 missing, 0 extra, 1 duplicate, 1 different, 1 out of order
`
	if status != exitFailed || out != expect {
		t.Errorf("status %d, want %d:\n%s\nwant:\n%s", status, exitFailed, out, expect)
	}
	_, out, _ = call(t, "", "diff", want, got, "--output", "json", "--ignore", "order")
	for _, part := range []string{`"equal": false`, `"order"`, `"duplicate": 1`, `"out-of-order": 0`, `"path": "data.channel.party.role"`, `"want": "\"agent\""`, `"got_line": 5`} {
		if !strings.Contains(out, part) {
			t.Errorf("JSON does not say %s:\n%s", part, out)
		}
	}
	if status, out, _ = call(t, "", "diff", want, got, "--output", "quiet"); status != exitFailed || out != "" {
		t.Errorf("quiet: status %d, output %q; want %d and nothing", status, out, exitFailed)
	}
}

// A connection that is cut, a part of a body and an answer that is no JSON are recorded, too.
func TestOddRequestsAreRecorded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "got.ndjson")
	record, err := openRecord(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	consumer := httptest.NewServer(record.handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		switch r.URL.Path {
		case "/cut":
			panic(http.ErrAbortHandler)
		case "/long":
			w.Write([]byte(`"` + strings.Repeat("x", 2*mostAnswer) + `"`))
		}
	})))
	defer consumer.Close()
	for _, at := range []string{"/cut", "/long", "/silent?token=do-not-show-me"} {
		answer, err := http.Post(consumer.URL+at, "text/plain", strings.NewReader("\xff"+at[:2]))
		if err == nil {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
	}
	consumer.Close()
	if err := record.close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "do-not-show-me") || strings.Count(string(text), `"answer":null`) != 3 {
		t.Errorf("recorded %s, want no query and no answer", text)
	}
	var statuses []int
	for row, err := range recording.Records(strings.NewReader(string(text)), path) {
		if err != nil {
			t.Fatal(err)
		}
		if statuses = append(statuses, row.Status); !strings.HasPrefix(string(row.Body), "\xff/") {
			t.Errorf("body = %q, want it byte for byte", row.Body)
		}
	}
	if len(statuses) != 3 || statuses[0] != 0 || statuses[1] != 200 || statuses[2] != 200 {
		t.Errorf("statuses = %v, want none, 200 and 200", statuses)
	}
}

func TestVerifyKnowsAnAttemptLog(t *testing.T) {
	log := filepath.Join(t.TempDir(), "run.jsonl")
	if status, _, errs := call(t, "", "run", "chat", "--speed", "max", "--log", log); status != exitOK {
		t.Fatalf("the run ended with %d: %s", status, errs)
	}
	if status, _, errs := call(t, "", "verify", log); status != exitUsage || !strings.Contains(errs, "line 1: this is an attempt log") {
		t.Errorf("status %d, %q", status, errs)
	}
}

// What is accepted is in the log: while that cannot be written, senders are told to come again.
func TestALogThatCannotBeWrittenAcceptsNothing(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	var said []string
	record, err := openRecord("/dev/full", func(text string) { said = append(said, text) })
	if err != nil {
		t.Fatal(err)
	}
	consumer := record.handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	deliver := func(body string) (status int, text string) {
		w := httptest.NewRecorder()
		consumer.ServeHTTP(w, httptest.NewRequest("POST", "/", strings.NewReader(body)))
		return w.Code, w.Body.String()
	}
	if status, _ := deliver("first"); status != 200 { // nobody knew
		t.Errorf("the first has status %d", status)
	}
	for range 2 {
		if status, text := deliver("second"); status != 503 || text != "log: /dev/full: no space left on device\n" {
			t.Errorf("the second: %d %q, want 503 and the reason", status, text)
		}
	}
	path := filepath.Join(t.TempDir(), "got.ndjson")
	full := record.file
	if record.file, err = os.Create(path); err != nil { // there is space again
		t.Fatal(err)
	}
	full.Close()
	if status, _ := deliver("second"); status != 200 {
		t.Errorf("when there is space again: %d", status)
	}
	if err := record.close(); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(path)
	if lines := strings.Split(strings.TrimSpace(string(text)), "\n"); err != nil || len(lines) != 2 || !strings.Contains(lines[0], `"first"`) || !strings.Contains(lines[1], `"second"`) {
		t.Errorf("the log holds %s, %v", text, err)
	}
	want := []string{"log: /dev/full: no space left on device; requests are answered with 503 until it can be written", "log: it can be written again; nothing is missing in it"}
	if !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}
