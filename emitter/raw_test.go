package emitter_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
)

func TestRawRequestsAreThoseOfARun(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		got = append(got, strings.Join([]string{r.Method, r.RequestURI, user, r.Header.Get("X-Team"), r.Header.Get("Content-Type"), r.UserAgent(), string(body)}, " "))
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	target := emitter.Target{URL: strings.Replace(server.URL, "http://", "http://ann:pass@", 1) + "/events?key=1", Header: http.Header{"X-Team": {"blue"}}}
	raw, err := target.Raw(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	c, err := raw.Open(t.Context(), time.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if i > 0 && !c.Begin(t.Context(), time.Now().Add(time.Minute)) {
			t.Fatal("the connection has ended")
		}
		for _, piece := range []string{string(raw.Head()), "Content-Length: 5\r\n\r\n", "hel", "lo"} {
			if _, err := c.Write([]byte(piece)); err != nil {
				t.Fatal(err)
			}
		}
		a, again, heard, err := c.Answer()
		if a.Status != 503 || a.RetryAfter != 7*time.Second || !again || !heard || err != nil {
			t.Errorf("answer is %+v, %t, %t, %v", a, again, heard, err)
		}
	}
	want := "POST /events?key=1 ann blue application/cloudevents+json ringback hello"
	wantSame(t, "requests", got, []string{want, want, want})
	server.CloseClientConnections()
	for began := time.Now(); c.Begin(t.Context(), time.Now().Add(time.Minute)); {
		if time.Since(began) > 5*time.Second {
			t.Fatal("a connection that has ended is taken for one")
		}
	}
	c.Close()
}

// Each request has a context of its own, which ends before the next one begins.
func TestRawConnectionsOutliveARequest(t *testing.T) {
	from := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { from[r.RemoteAddr]++ }))
	defer server.Close()
	target := emitter.Target{URL: server.URL}
	raw, err := target.Raw(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var c *emitter.RawConn
	for i := range 300 {
		ctx, cancel := context.WithCancel(t.Context())
		if i == 0 {
			if c, err = raw.Open(ctx, time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
		} else if !c.Begin(ctx, time.Now().Add(time.Minute)) {
			t.Fatalf("the connection has ended before request %d", i)
		}
		c.Write(append(raw.Head(), "Content-Length: 0\r\n\r\n"...))
		if _, again, _, err := c.Answer(); !again || err != nil || !c.Rest() {
			t.Fatalf("request %d: %t, %v", i, again, err)
		}
		cancel()
	}
	if len(from) != 1 {
		t.Errorf("%d connections, want 1", len(from))
	}
	ctx, cancel := context.WithCancel(t.Context())
	if !c.Begin(ctx, time.Now().Add(time.Minute)) {
		t.Error("the connection has ended")
	}
	cancel()
	if c.Rest() {
		t.Error("a connection rests whose context ended while it was in use")
	}
}

func TestRawConnectionsEnd(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	target := emitter.Target{URL: silent.URL}
	raw, err := target.Raw(50 * time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	begin := func(ctx context.Context, due time.Time) (failed emitter.Failure) {
		c, err := raw.Open(ctx, due)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Write(append(raw.Head(), "Content-Length: 0\r\n\r\n"...))
		_, _, heard, err := c.Answer()
		if heard {
			t.Error("something was heard")
		}
		return raw.Failure(ctx, err, !time.Now().Before(due))
	}
	if f := begin(t.Context(), time.Now().Add(50*time.Millisecond)); f.String() != "timeout: no complete response within 50ms" {
		t.Errorf("failure is %v", f)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if f := begin(ctx, time.Now().Add(time.Minute)); f.Class != emitter.ClassStopped {
		t.Errorf("failure is %v", f)
	}
	if _, err := raw.Open(ctx, time.Now().Add(time.Minute)); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestRawKnowsWhomItMayDial(t *testing.T) {
	for url, want := range map[string]string{"http://192.0.2.7/": "192.0.2.7 is neither loopback", "": "no URL", "http://exämple/": "xn--"} {
		if _, err := (&emitter.Target{URL: url}).Raw(time.Second); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
	if _, err := (&emitter.Target{Name: "here", Sender: inProcess{}}).Raw(time.Second); err == nil || !strings.Contains(err.Error(), "target here: it is in this process") {
		t.Errorf("error is %v", err)
	}
}

// inProcess is a Sender without a connection.
type inProcess struct{}

func (inProcess) Send(context.Context, *emitter.Request) emitter.Answer { return emitter.Answer{} }

// A connection ends with the context in which it was used, though that may take a moment: it is not used in another one.
func TestARawConnectionEndsWithItsContext(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	target := emitter.Target{URL: server.URL}
	raw, err := target.Raw(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		c, err := raw.Open(ctx, time.Now().Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if cancel(); c.Begin(t.Context(), time.Now().Add(time.Minute)) {
			t.Fatal("it is taken for one that goes on")
		}
		c.Close()
	}
}
