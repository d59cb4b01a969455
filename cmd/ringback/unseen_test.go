package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ringback/ringback/internal/show"
)

// acting clears screens, turns text round, rings, hides letters and moves the cursor, unless it is escaped.
const acting = "\x1b[31m\x1b[2J\u202egnp\u2066\x07\u009b31m\x7f\u200b\r\x1b]0;title\x1b\\"

// wantReadable fails if a text would act on a terminal, an editor or a browser.
func wantReadable(t *testing.T, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		if shown := show.Visible(text); shown != text {
			i := 0
			for i < len(shown) && shown[i] == text[i] {
				i++
			}
			t.Errorf("%s acts unseen: %q", name, text[max(0, i-60):min(len(text), i+60)])
		}
	}
}

func TestNothingThatAConsumerAnswersActsUnseen(t *testing.T) {
	var n atomic.Int64
	consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		switch n.Add(1) % 4 {
		case 0:
			w.WriteHeader(http.StatusBadRequest)
		case 1:
			w.Header().Set("Location", "http://"+r.Host+"/%1b%5b2J/\u202e\u009b")
			w.WriteHeader(http.StatusFound)
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 3:
			c, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(c, acting+"\r\n\r\n")
			c.Close()
			return
		}
		io.WriteString(w, acting+"</pre><script>alert(1)</script>\xff")
	}))
	defer consumer.Close()
	dir := t.TempDir()
	t.Setenv("GITHUB_ACTIONS", "true")
	t.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(dir, "summary.md"))
	story := strings.Replace(goodStory, "A call.", `"A call.\u202e\u200b"`, 1)
	for _, name := range []string{"", "named-\u202e\x1b[2J"} {
		targets := fileOf(t, "targets.yaml", fmt.Sprintf("targets:\n  - {name: %s, url: %q}\n", mustJSON(t, name), consumer.URL))
		if name == "" {
			targets = fileOf(t, "targets.yaml", fmt.Sprintf("targets:\n  - {url: %q}\n", consumer.URL))
		}
		args := []string{"run", "-", "--targets", targets, "--speed", "max", "--retry-for", "0", "--connections", "1", "--progress", "lines", "--log", filepath.Join(dir, "log.jsonl")}
		for _, file := range []string{"r.json", "r.xml", "r.md", "r.html"} {
			args = append(args, "--report", filepath.Join(dir, file))
		}
		status, out, errs := call(t, story, args...)
		if want := map[bool]int{true: exitFailed, false: exitUsage}[name == ""]; status != want {
			t.Fatalf("status %d, want %d: %s", status, want, errs)
		}
		texts := contentOf(t, dir)
		if name == "" && !strings.Contains(texts["r.html"], `\u001b[31m\u001b[2J\u202egnp`) {
			t.Error("the page does not show the responses")
		}
		texts["standard output"], texts["standard error"] = out, errs
		wantReadable(t, texts)
	}
}

func mustJSON(t *testing.T, text string) string {
	t.Helper()
	encoded, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// What strangers wrote into bodies, headers, paths, names of files and files does not act on whoever looks at it either.
func TestNothingThatAStrangerWroteActsUnseen(t *testing.T) {
	dir := t.TempDir()
	bodies := recordedPlan(t, "inbound-call", "--seed", "7")
	hostile := strings.NewReplacer("channel.held", "channel.h\u202eeld", `"role":"agent"`, `"role":"ag\u202e`+`\u001b[31m\u001b[2J\u009bent"`, `"agentId":"`, `"agentId":"`+`\u202e\u001b[2J`, "channel.alerted", `channel.al\u001b[31merted`).Replace(readFile(t, bodies))
	file := filepath.Join(dir, "a\u202eb.ndjson")
	if err := os.WriteFile(file, []byte(hostile), 0o600); err != nil {
		t.Fatal(err)
	}
	story := filepath.Join(dir, "s\x1b[31m\x1b[2J.yaml")
	if err := os.WriteFile(story, []byte("name: \x1b[31m\x1b[2J\u202e\nwrong: \"\u202e\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "log.ndjson")
	for _, args := range [][]string{
		{"verify", file}, {"verify", file, "--output", "json"}, {"diff", bodies, file}, {"diff", bodies, file, "--output", "json"}, {"replay", file, "--speed", "max", "--output", "json"},
		{"replay", file, "--speed", "max"}, {"replay", file, "--speed", "max", "--log", log, "--report", filepath.Join(dir, "r.md")}, {"validate", story}, {"run", story}, {"run", "no\u202e\x1b[31m\x1b[2J"}, {"explain", "\u202e\x1b[2J"}, {"\u202e"}, {"run", "--\u202e"}, {"run", "--\x1b[31m"},
		{"plan", story}, {"validate", "no\x1b[31mpe.yaml"}, {"report", file},
	} {
		status, out, errs := call(t, "", args...)
		if out+errs == "" || status == exitInterrupted {
			t.Errorf("%q says nothing: %d", args, status)
		}
		wantReadable(t, map[string]string{strings.Join(args, " "): out + "\n" + errs})
	}
	wantReadable(t, map[string]string{"log": readFile(t, log), "report": readFile(t, filepath.Join(dir, "r.md"))})
}

// A recording can be read by its owner alone, and a receiver prints no character that acts.
func TestRecordingsAreForTheirOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	log, record := filepath.Join(dir, "run.jsonl"), filepath.Join(dir, "received.ndjson")
	errs, out := newHeard(), newHeard()
	status := make(chan int, 1)
	go func() {
		defer out.end()
		status <- run(t.Context(), []string{"receive", "--for", "10s", "--expect", "9", "--log", record}, stdio{strings.NewReader(""), out, errs}, nil)
	}()
	found, _ := out.find(t, `listening on (http://127\.0\.0\.1:[0-9]+)\n`, 0)
	request, err := http.NewRequest("POST", found[1]+"/x?key=s3cr", strings.NewReader(`{"id":"`+"\u202e"+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"Content-Type": {"text/\u202eplain\u009b"}, "X-Functions-Key": {"s3cr"}, "X-Original-Url": {"/x?key=s3cr"}, "X-Other": {"5f4dcc3b5aa765d61d8327deb882cf99"}}
	if resp, err := http.DefaultClient.Do(request); err != nil {
		t.Fatal(err)
	} else {
		resp.Body.Close()
	}
	if got, said, _ := call(t, goodStory, "run", "-", "--speed", "max", "--to", found[1], "--log", log); got != exitOK {
		t.Errorf("status %d: %s", got, said)
	}
	<-status
	out.mu.Lock()
	texts := map[string]string{"receive": out.text.String(), "recording": readFile(t, record), "log": readFile(t, log)}
	out.mu.Unlock()
	wantReadable(t, texts)
	for _, hidden := range []string{"s3cr", "5f4dcc3b5aa765d61d8327deb882cf99"} {
		if strings.Contains(texts["recording"], hidden) {
			t.Errorf("the recording has %q:\n%.600s", hidden, texts["recording"])
		}
	}
	for _, path := range []string{log, record} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want mode 0600", path, info.Mode(), err)
		}
	}
}
