package watch

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/emitter"
)

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
	s := &steering{options: &Options{Drain: make(chan struct{}), End: stop}, control: emitter.NewControl(), speed: 1}
	return s, controlHandler(s, func() Status { return Status{} })
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

func TestProfiles(t *testing.T) {
	for host, status := range map[string]int{"localhost:6060": 200, "attacker.example": 403} {
		req := httptest.NewRequest("GET", "/debug/pprof/goroutine?debug=1", nil)
		req.Host = host
		w := httptest.NewRecorder()
		if profileHandler().ServeHTTP(w, req); w.Code != status || (status == 200) != strings.Contains(w.Body.String(), "goroutine profile:") {
			t.Errorf("%s: %d %.100s; want %d", host, w.Code, w.Body, status)
		}
	}
}

// A secret may be among the arguments.
func TestTheCommandLineIsNotTold(t *testing.T) {
	before := os.Args
	defer func() { os.Args = before }()
	os.Args = []string{"/somewhere/ringback", "run", "--secret", "c2VjcmV0", "--header", "X-Key: s3cr"}
	for _, path := range []string{"cmdline", "", "goroutine?debug=2", "heap?debug=1", "cmdline?debug=1"} {
		req := httptest.NewRequest("GET", "/debug/pprof/"+path, nil)
		req.Host = "localhost:6060"
		w := httptest.NewRecorder()
		profileHandler().ServeHTTP(w, req)
		if text := w.Body.String(); w.Code != http.StatusOK || strings.Contains(text, "c2VjcmV0") || strings.Contains(text, "s3cr") {
			t.Errorf("%s: %d %.300q", path, w.Code, text)
		}
		if path == "cmdline" && w.Body.String() != "ringback" {
			t.Errorf("the name of the program is %q", w.Body)
		}
	}
}
