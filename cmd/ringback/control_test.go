package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/watch"
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

// The curl lines of the documentation do what it says.
func TestDocumentedRequestsAreAnswered(t *testing.T) {
	text, err := os.ReadFile("../../docs/watching.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^curl (?:-X (\S+) )?(?:-d '(.*)' )?http://127\.0\.0\.1:7070(/\S*)$`).FindAllStringSubmatch(string(text), -1)
	if len(lines) != 5 || strings.Count(string(text), "\ncurl ") != len(lines) {
		t.Fatalf("found %d curl lines that can be read, want 5", len(lines))
	}
	for _, l := range lines {
		method, body, path := cmp.Or(l[1], "GET"), l[2], l[3]
		_, handler := controlled(func() {})
		req := httptest.NewRequest(method, path, strings.NewReader(body))
		req.Host = "127.0.0.1:7070"
		w := httptest.NewRecorder()
		want := http.StatusOK
		if path == "/speed" { // there is no run
			want = http.StatusConflict
		}
		if handler.ServeHTTP(w, req); w.Code != want {
			t.Errorf("%s: %d %s, want %d", l[0], w.Code, w.Body, want)
		}
	}
}

// controlled is a control port without a run.
func controlled(stop func()) (*steering, http.Handler) {
	s := newSteering(&program{drain: make(chan struct{}), asked: make(chan os.Signal, 2)}, emitter.NewControl(), 1)
	if stop != nil {
		s.end = stop
	}
	return s, controlHandler(s, func() watch.Frame { return watch.Frame{} })
}

func TestOnlyThisMachineSteers(t *testing.T) {
	s, handler := controlled(nil)
	for _, tt := range []struct {
		name, method, host string
		header             map[string]string
		status             int
	}{
		{"by address", "POST", "127.0.0.1:7070", nil, 200},
		{"by another loopback address", "POST", "127.9.9.9:7070", nil, 200},
		{"by IPv6 address", "POST", "[::1]:7070", nil, 200},
		{"by IPv6 address without a port", "POST", "[::1]", nil, 200},
		{"by name", "POST", "localhost", nil, 200},
		{"by name, in upper case", "POST", "LOCALHOST:7070", nil, 200},
		{"from a page of its own", "POST", "localhost:7070", map[string]string{"Origin": "http://localhost:7070"}, 200},
		{"a name that leads here", "POST", "attacker.example:7070", nil, 403},
		{"a name that leads here, only to look", "GET", "attacker.example:7070", nil, 403},
		{"a name that looks like an address", "POST", "127.0.0.1.attacker.example", nil, 403},
		{"an address of another machine", "POST", "192.0.2.1:7070", nil, 403},
		{"no host", "POST", "", nil, 403},
		{"a form on a page", "POST", "127.0.0.1:7070", map[string]string{"Origin": "http://attacker.example"}, 403},
		{"a form on a page, in a newer browser", "POST", "127.0.0.1:7070", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"a page on another port", "POST", "localhost:7070", map[string]string{"Origin": "http://localhost:8080"}, 403},
		{"a page from a file", "POST", "localhost:7070", map[string]string{"Origin": "null"}, 403},
	} {
		s.pause(false)
		path := map[string]string{"GET": "/", "POST": "/pause"}[tt.method]
		req := httptest.NewRequest(tt.method, path, nil)
		req.Host = tt.host
		for name, value := range tt.header {
			req.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if w.Code != tt.status || s.paused != (tt.status == 200 && tt.method == "POST") {
			t.Errorf("%s: %d, paused %v; want %d", tt.name, w.Code, s.paused, tt.status)
		}
	}
}

func TestStopIsAskedForOnce(t *testing.T) {
	asked := 0
	_, handler := controlled(func() { asked++ })
	for range 3 {
		req := httptest.NewRequest("POST", "/stop", nil)
		req.Host = "localhost"
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, req); w.Code != http.StatusOK {
			t.Errorf("%d: %s", w.Code, w.Body)
		}
	}
	if asked != 1 {
		t.Errorf("stopped %d times, want once: the second time cuts off", asked)
	}
}

func TestWhatHasNoSpeedKeepsIt(t *testing.T) {
	s, handler := controlled(nil)
	req := httptest.NewRequest("PUT", "/speed", strings.NewReader(`{"speed": 2}`))
	req.Host = "localhost"
	w := httptest.NewRecorder()
	if handler.ServeHTTP(w, req); w.Code != http.StatusConflict || s.speed != 1 || len(s.notes()) > 0 {
		t.Errorf("%d %s; speed %v, notes %q; want 409 and no change", w.Code, w.Body, s.speed, s.notes())
	}
}
