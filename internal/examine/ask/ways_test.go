package ask

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/netguard"
)

func way(t *testing.T, target emitter.Target, address string) Way {
	t.Helper()
	w, err := OverHTTP(&target, address, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestOverHTTP(t *testing.T) {
	type response struct {
		status     int
		kind, body string
		want       string // of the error; "": a state; "nil": it is not known
		lasting    bool
		header     string
	}
	responses := map[string]response{
		"state":        {status: 200, kind: "application/json", body: `{"channels": [{"channelId": "a"}]}`},
		"plain":        {status: 200, kind: "text/plain", body: `{"channels": [{"channelId": "a"}]}`},
		"unknown":      {status: 404, kind: "text/html", body: "<html>", want: "nil"},
		"no-content":   {status: 204, want: "nil"},
		"nothing":      {status: 200, kind: "application/json", body: `{"channels": []}`, want: "nil"},
		"page":         {status: 200, kind: "text/html; charset=utf-8", body: "hello", want: "the state URL responds with a web page (text/html), want JSON", lasting: true},
		"hidden-page":  {status: 200, kind: "application/json", body: "<html>", want: "the state is a web page or XML", lasting: true},
		"login":        {status: 302, header: "/login?token=secret", want: "the state URL redirects to http://HOST/login (302 Found); write", lasting: true},
		"moved":        {status: 301, want: "the state URL redirects (301 Moved Permanently)", lasting: true},
		"unauthorized": {status: 401, want: "the state URL demands credentials (401 Unauthorized); write them", lasting: true},
		"forbidden":    {status: 403, want: "demands credentials (403 Forbidden)", lasting: true},
		"post":         {status: 405, want: "takes no GET (405 Method Not Allowed)", lasting: true},
		"bad":          {status: 400, body: "no such\nthing", want: "responds with 400 Bad Request, want 200: no such", lasting: true},
		"accepted":     {status: 202, body: "later", want: "responds with 202 Accepted, want 200: later", lasting: true},
		"broken":       {status: 500, body: "database is locked", want: "responds with 500 Internal Server Error: database is locked"},
		"busy":         {status: 429, want: "responds with 429 Too Many Requests"},
		"large":        {status: 200, body: strings.Repeat(" ", maxBody+1), want: "the state has more than 4 MiB", lasting: true},
		"text":         {status: 200, body: "hello", want: "the state is not JSON: line 1, column 1", lasting: true},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if user != "ann" || password != "secret" || r.Header.Get("Accept") != "application/json" || r.Method != http.MethodGet || r.Header.Get("X-Team") != "" || !r.Close {
			t.Errorf("request: %s as %s with %v", r.Method, user, r.Header)
		}
		res := responses[strings.TrimPrefix(r.URL.Path, "/calls/")]
		if res.kind != "" {
			w.Header().Set("Content-Type", res.kind)
		}
		if res.header != "" {
			w.Header().Set("Location", res.header)
		}
		w.WriteHeader(res.status)
		fmt.Fprint(w, res.body)
	}))
	defer server.Close()
	w := way(t, emitter.Target{URL: "http://127.0.0.1:1", Header: http.Header{"X-Team": {"blue"}}}, strings.Replace(server.URL, "http://", "http://ann:secret@", 1)+"/calls/{conversationId}?key=1")
	for name, res := range responses {
		s, err := w.Ask(t.Context(), name)
		switch {
		case res.want == "":
			if err != nil || s == nil || s.Channels["a"] == nil {
				t.Errorf("%s: %+v, %v", name, s, err)
			}
		case res.want == "nil":
			if err != nil || s != nil {
				t.Errorf("%s: %+v, %v; want nothing", name, s, err)
			}
		default:
			problem, ok := errors.AsType[*Problem](err)
			want := strings.Replace(res.want, "HOST", strings.TrimPrefix(server.URL, "http://"), 1)
			if !ok || !strings.Contains(err.Error(), want) || problem.Lasting != res.lasting || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v, want %q, lasting %t", name, err, want, res.lasting)
			}
		}
	}
	responses["a/b ?"] = responses["state"]
	if s, err := w.Ask(t.Context(), "a/b ?"); s == nil || err != nil {
		t.Errorf("an identifier that must be escaped: %v, %v", s, err)
	}
	server.Close()
	if _, err := w.Ask(t.Context(), "state"); err == nil || !strings.Contains(err.Error(), "no state: dial tcp") || strings.Contains(err.Error(), "key=1") {
		t.Errorf("error is %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Ask(ctx, "state"); err != context.Canceled {
		t.Errorf("error is %v, want that of the context", err)
	}
}

func TestOverHTTPKnowsWhomItMayAsk(t *testing.T) {
	w := way(t, emitter.Target{}, "http://example.invalid/{conversationId}")
	if _, err := w.Ask(t.Context(), "x"); err == nil {
		t.Error("a host that does not exist has told a state")
	}
	for address, want := range map[string]string{
		"ftp://x/{conversationId}":          "the state URL begins with neither http:// nor https://; want one like http://127.0.0.1:8080/calls/{conversationId}",
		"http://127.0.0.1/calls":            "the state URL cannot be used: it has no {conversationId} in it",
		"127.0.0.1:80/{conversationId}":     "the state URL begins with neither http:// nor https://",
		"http://192.0.2.7/{conversationId}": "192.0.2.7 is neither loopback",
	} {
		_, err := OverHTTP(&emitter.Target{}, address, 0)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
		if _, ok := errors.AsType[*netguard.AddressError](err); ok != strings.Contains(want, "loopback") {
			t.Errorf("%s: %v has the wrong type", address, err)
		}
	}
}

func TestAConsumerThatDoesNotAnswerHasTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		defer there.Close()
		w := way(t, emitter.Target{Dial: func(context.Context, string, string) (net.Conn, error) { return here, nil }}, "http://consumer.test/{conversationId}")
		go func() {
			for buffer := make([]byte, 1000); ; {
				if _, err := there.Read(buffer); err != nil {
					return
				}
			}
		}()
		begin := time.Now()
		_, err := w.Ask(t.Context(), "x")
		if took := time.Since(begin); took != 10*time.Second || err == nil || err.Error() != "no state: no complete response in time" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %v", err, took)
		}
		w.Close()
	})
}

// TestMain lets the test binary be the command that is asked.
func TestMain(m *testing.M) {
	if mode := os.Getenv("ASK_MODE"); mode != "" && len(os.Args) > 1 {
		command(mode, os.Args[1])
		return
	}
	os.Exit(m.Run())
}

func command(mode, id string) {
	switch mode {
	case "state":
		fmt.Printf(`{"channels": [{"channelId": %q}]}`, id)
	case "fails":
		fmt.Fprintln(os.Stderr, "cannot open the file\nmore")
		os.Exit(3)
	case "hangs":
		time.Sleep(time.Minute)
	case "large":
		for range 5 {
			fmt.Println(strings.Repeat(" ", 1<<20))
		}
	case "text":
		fmt.Println("usage: …")
	}
}

func TestByCommand(t *testing.T) {
	for mode, want := range map[string]string{
		"state": "", "silent": "", "text": "the state is not JSON",
		"fails": "exit status 3: cannot open the file", "hangs": "did not end within 200ms", "large": "the state has more than 4 MiB",
	} {
		t.Setenv("ASK_MODE", mode)
		limit := 10 * time.Second
		if mode == "hangs" {
			limit = 200 * time.Millisecond
		}
		w, err := ByCommand([]string{os.Args[0], "{conversationId}"}, limit)
		if err != nil {
			t.Fatal(err)
		}
		s, err := w.Ask(t.Context(), "6f1c; echo")
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) || want == "" && err != nil {
			t.Errorf("%s: %v, want %q", mode, err, want)
		}
		if (s != nil) != (mode == "state") || s != nil && s.Channels["6f1c; echo"] == nil {
			t.Errorf("%s: %+v", mode, s)
		}
	}
	for _, words := range [][]string{nil, {"true"}, {"no-such-command-here", "{conversationId}"}} {
		if _, err := ByCommand(words, 0); err == nil {
			t.Errorf("%q is taken", words)
		}
	}
}
