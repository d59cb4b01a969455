package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTheSchedules(t *testing.T) {
	x := &sender{settings: settings{rate: 200}, conns: make([]*conn, 4), sent: 3}
	if got := time.Duration(x.due()); got != 15*time.Millisecond {
		t.Errorf("the fourth of 200 a second is due after %s, want 15ms", got)
	}
	c := &conn{first: int64(5 * time.Millisecond), count: 2}
	if got := time.Duration(x.dueBy(c)); got != 45*time.Millisecond {
		t.Errorf("the third of a connection of four, which begins at 5 ms, is due after %s, want 45ms", got)
	}
}

// posted is a body in a file.
func posted(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(file, []byte(`{"id":"a"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Each way sends the request it was told to, by all of its connections, and no more than the rate.
func TestBothWaysSend(t *testing.T) {
	for _, way := range []string{"wrk2", "moment"} {
		var mu sync.Mutex
		from, wrong := map[string]int{}, ""
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got, _ := io.ReadAll(r.Body)
			mu.Lock()
			defer mu.Unlock()
			from[r.RemoteAddr]++
			if r.Method != "POST" || r.URL.Path != "/events" || string(got) != `{"id":"a"}` || r.Header.Get("Vonage-Signature") != "t" {
				wrong = r.Method + r.URL.Path + string(got)
			}
		}))
		sent, answered, err := run(settings{to: server.URL + "/events", body: posted(t), token: "t", rate: 200, connections: 4, lasting: 250 * time.Millisecond, way: way})
		server.Close()
		if err != nil {
			t.Fatalf("%s: %v", way, err)
		}
		if len(from) != 4 || wrong != "" || sent > 54 || answered > sent || answered < sent-4 {
			t.Errorf("%s: %d sent, %d answered, by %d connections, wrong %q; want at most 54 by 4", way, sent, answered, len(from), wrong)
		}
	}
}

func TestAnAnswerThatIsNoneEndsIt(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer server.Close()
	for _, way := range []string{"wrk2", "moment"} {
		_, _, err := run(settings{to: server.URL + "/events", body: posted(t), rate: 200, connections: 1, lasting: time.Minute, way: way})
		if err == nil || !strings.Contains(err.Error(), "want an answer with status 200") {
			t.Errorf("%s: error %v", way, err)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	good := settings{to: "http://127.0.0.1:9/events", body: posted(t), rate: 1, connections: 1, lasting: time.Second, way: "wrk2"}
	for want, change := range map[string]func(*settings){
		"--to":          func(s *settings) { s.to = "http://192.0.2.1:80/events" },
		"--rate":        func(s *settings) { s.rate = mostRate + 1 },
		"--connections": func(s *settings) { s.connections = 0 },
		"--for":         func(s *settings) { s.lasting = 2 * time.Hour },
		"--way":         func(s *settings) { s.way = "wrk" },
		"--body":        func(s *settings) { s.body = "/none" },
	} {
		s := good
		change(&s)
		if _, _, err := s.prepare(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
	}
	if _, request, err := good.prepare(); err != nil || !strings.HasSuffix(string(request), "Content-Length: 10\r\n\r\n"+`{"id":"a"}`) {
		t.Errorf("good settings: %q, %v", request, err)
	}
}
