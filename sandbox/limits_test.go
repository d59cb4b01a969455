package sandbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/sandbox/internal/console"
)

// front is the whole front of a sandbox on loopback, with inner behind it. A limit replaces
// those of time.
func front(t *testing.T, o Options, inner http.Handler, limit ...time.Duration) (server *httptest.Server, closing context.CancelFunc) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Sandbox{options: o, listener: listener, guesses: &netguard.Guesses{}, credentials: Credentials{ID: clientID, Secret: clientSecret}}
	s.closing, s.close = context.WithCancel(t.Context())
	server = &httptest.Server{Listener: listener, Config: s.newServer(s.handler([]byte("key"), inner))}
	for _, d := range limit {
		server.Config.ReadTimeout, server.Config.WriteTimeout = d, d
	}
	server.Start()
	t.Cleanup(server.Close)
	return server, s.close
}

func TestBodiesAreBounded(t *testing.T) {
	server, _ := front(t, Options{}, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, err := io.Copy(io.Discard, req.Body)
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}))
	for _, test := range []struct {
		name string
		body io.Reader
		want int
	}{
		{"all that is allowed", strings.NewReader(strings.Repeat("x", maxBody)), 200},
		{"one byte more", strings.NewReader(strings.Repeat("x", maxBody+1)), 413},
		{"one byte more, of unknown length", io.MultiReader(strings.NewReader(strings.Repeat("x", maxBody+1))), 413},
	} {
		resp, err := http.Post(server.URL+"/sandbox/v1/runs", "application/json", test.body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != test.want {
			t.Errorf("%s: %d, want %d", test.name, resp.StatusCode, test.want)
		}
	}
}

func TestServersHaveLimitsOfTime(t *testing.T) {
	s := (&Sandbox{}).newServer(nil)
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 {
		t.Errorf("a limit is missing: %+v", s)
	}
}

func TestPanicsTellNothing(t *testing.T) {
	var lines []string
	o := Options{Log: func(line string) { lines = append(lines, line) }}
	server, _ := front(t, o, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/late" {
			_, _ = w.Write([]byte("half"))
		}
		panic("the key is " + req.Header.Get("Authorization"))
	}))
	req, _ := http.NewRequest("GET", server.URL+"/boom?token=hush", nil)
	req.Header.Set("Authorization", "Bearer hush")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 500 || !strings.Contains(string(body), "internal error") || strings.Contains(string(body), "key") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if len(lines) != 1 || !strings.Contains(lines[0], `"/boom"`) || !strings.Contains(lines[0], "limits_test.go") || strings.Contains(lines[0], "hush") {
		t.Errorf("logged %q; want one entry with the place and without the secret", lines)
	}
}

func TestEveryAnswerHasTheHeadersOfSafety(t *testing.T) {
	server, _ := front(t, Options{}, console.New())
	for _, host := range []string{"", "evil.example"} {
		req, _ := http.NewRequest("GET", server.URL+"/", nil)
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("host %q: headers %v", host, resp.Header)
		}
		for _, name := range []string{"X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy", "Cache-Control", "Cross-Origin-Resource-Policy"} {
			if resp.Header.Get(name) == "" {
				t.Errorf("host %q: no header %s", host, name)
			}
		}
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("other pages may read: %s", got)
		}
	}
}

func TestTheAccessLogHasNoSecrets(t *testing.T) {
	lines := make(chan string, 10)
	server, _ := front(t, Options{AccessLog: true, Log: func(line string) { lines <- line }}, http.NotFoundHandler())
	req, _ := http.NewRequest("GET", server.URL+"/sandbox/v1/state?secret=hush", nil)
	req.SetBasicAuth("id", "hush")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if line := <-lines; !strings.HasPrefix(line, `GET "/sandbox/v1/state" 404 `) || strings.Contains(line, "hush") {
		t.Errorf("logged %q", line)
	}
}

func TestTheAccessLogHasTheStatusOfAPanic(t *testing.T) {
	lines := make(chan string, 10)
	server, _ := front(t, Options{AccessLog: true, Log: func(line string) { lines <- line }}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	resp, err := http.Get(server.URL + "/boom")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	<-lines // about the panic
	if line := <-lines; !strings.HasPrefix(line, `GET "/boom" 500 `) {
		t.Errorf("logged %q, want the status 500", line)
	}
}

// The event stream outlives the limits of time, and ends when the server does.
func TestStreamsEndWithTheServer(t *testing.T) {
	ended := make(chan struct{})
	server, closing := front(t, Options{}, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		defer close(ended)
		fmt.Fprint(w, "event: hello\n\n")
		w.(http.Flusher).Flush()
		<-req.Context().Done()
	}))
	resp, err := http.Get(server.URL + streamPath)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if line, err := bufio.NewReader(resp.Body).ReadString('\n'); line != "event: hello\n" {
		t.Fatalf("read %q, %v", line, err)
	}
	closing()
	select {
	case <-ended:
	case <-time.After(2 * time.Minute):
		t.Error("the stream goes on")
	}
}

func TestStreamsAreNotCutOffByTheLimitsOfTime(t *testing.T) {
	long := 200 * time.Millisecond
	server, _ := front(t, Options{}, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.(http.Flusher).Flush()
		select {
		case <-req.Context().Done():
			fmt.Fprint(w, "cut off")
		case <-time.After(2 * long):
			fmt.Fprint(w, "whole")
		}
	}), long)
	resp, err := http.Get(server.URL + streamPath)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); string(body) != "whole" {
		t.Errorf("read %q, %v", body, err)
	}
}
