package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
)

// consumer accepts everything.
func consumer(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// ask sends a request to a port of the program and returns the status and the answer.
func ask(t *testing.T, method, url, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return resp.StatusCode, got
}

func TestARunIsSteeredOverHTTP(t *testing.T) {
	t.Parallel()
	errs := newHeard()
	var out bytes.Buffer
	status := make(chan int, 1)
	path := filepath.Join(t.TempDir(), "report.json")
	go func() {
		defer errs.end()
		status <- run(t.Context(), []string{"run", "-", "--to", consumer(t), "--speed", "20", "--control", "127.0.0.1:0", "--report", path},
			stdio{strings.NewReader(strings.Replace(goodStory, "talk: 2s", "talk: 24h", 1)), &out, errs}, nil)
	}()
	found, _ := errs.find(t, `control at (http://127\.0\.0\.1:[0-9]+)\n`, 0)
	url := found[1]
	// The run begins at about the same time as the port.
	for {
		if code, _ := ask(t, "PUT", url+"/speed", `{"speed": 20}`); code == http.StatusOK {
			break
		}
	}
	for _, tt := range []struct {
		method, path, body string
		status             int
		key                string
		want               any
	}{
		{"GET", "/", "", 200, "state", "running"},
		{"GET", "/", "", 200, "speed", 20.0},
		{"PUT", "/speed", `{"speed": 2.5}`, 200, "speed", 2.5},
		{"POST", "/pause", "", 200, "state", "paused"},
		{"POST", "/pause", "", 200, "state", "paused"},
		{"GET", "/", "", 200, "state", "paused"},
		{"POST", "/resume", "", 200, "state", "running"},
		{"PUT", "/speed", `{"speed": 0}`, 400, "error", "want a speed from 0.001 to 1000000, got 0"},
		{"PUT", "/speed", `{"sped": 2}`, 400, "error", `want a body such as {"speed": 2}: json: unknown field "sped"`},
		{"PUT", "/speed", `{}`, 400, "error", `want a body such as {"speed": 2}: there is no speed in it`},
		{"PUT", "/speed", `{"speed": 2} {}`, 400, "error", `want a body such as {"speed": 2}: more follows behind it`},
		{"PUT", "/speed", `{"speed": ` + strings.Repeat(" ", 2000) + `2}`, 400, "error", `want a body such as {"speed": 2}: http: request body too large`},
	} {
		code, got := ask(t, tt.method, url+tt.path, tt.body)
		if code != tt.status || got[tt.key] != tt.want {
			t.Errorf("%s %s %.40s: %d, %v; want %d and %s %v", tt.method, tt.path, tt.body, code, got, tt.status, tt.key, tt.want)
		}
	}
	ask(t, "POST", url+"/stop", "")
	if got := <-status; got != exitInterrupted {
		t.Errorf("status = %d, want %d", got, exitInterrupted)
	}
	s := readReport(t, path)
	forms := []string{"^speed 2.5 instead of speed 20 after ", "^paused after ", "^resumed after "}
	if len(s.Notes) != len(forms) {
		t.Fatalf("notes of the report = %q, want one like each of %q", s.Notes, forms)
	}
	for i, form := range forms {
		if !regexp.MustCompile(form).MatchString(s.Notes[i]) {
			t.Errorf("note %q, want one like %q", s.Notes[i], form)
		}
	}
	if s.Stop != emitter.StopDrained || s.Total.Matched != s.Total.Accepted+s.Total.Undelivered {
		t.Errorf("report: stop %q, %d wanted, %d accepted, %d undelivered; want a drained run, all accounted for",
			s.Stop, s.Total.Matched, s.Total.Accepted, s.Total.Undelivered)
	}
}

func readReport(t *testing.T, path string) *report.Summary {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var s report.Summary
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("the report is not whole: %v\n%s", err, text)
	}
	return &s
}

func TestTraceparentIsSentOnRequest(t *testing.T) {
	form := regexp.MustCompile("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$")
	var with, without atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
		switch header := req.Header.Get("Traceparent"); {
		case form.MatchString(header):
			with.Add(1)
		case header == "":
			without.Add(1)
		}
	}))
	defer server.Close()
	call(t, goodStory, "run", "-", "--speed", "max", "--to", server.URL)
	if with.Load() != 0 || without.Load() != 9 {
		t.Errorf("%d with, %d without a header, want none of 9", with.Load(), without.Load())
	}
	call(t, goodStory, "run", "-", "--speed", "max", "--to", server.URL, "--traceparent")
	if with.Load() != 9 {
		t.Errorf("%d with a header, want 9", with.Load())
	}
}
