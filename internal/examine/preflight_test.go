package examine_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/signature"
)

// of makes an examination of a consumer, which tells its state beside the path of its events.
func of(t *testing.T, url string) *examine.Examination {
	t.Helper()
	target := emitter.Target{URL: url + "/events", Secret: signature.GenerateSecret()}
	state, err := ask.OverHTTP(&target, url+"/calls/"+ask.Placeholder, 500*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { state.Close() })
	return &examine.Examination{Sending: transport.Options{Target: target, Timeout: 300 * time.Millisecond}, State: state, Settle: 300 * time.Millisecond,
		Budget: 5 * time.Second, Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)}
}

// bare is a server that speaks whatever it likes.
func bare(t *testing.T, speak func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go speak(c)
		}
	}()
	return "http://" + l.Addr().String()
}

// telling is a consumer that accepts everything, and tells a state.
func telling(state func(w http.ResponseWriter, conversation string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conversation, is := strings.CutPrefix(r.URL.Path, "/calls/"); is {
			state(w, conversation)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func answering(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

// What cannot be examined is said in one sentence, within the budget, and nothing is judged.
func TestPreflight(t *testing.T) {
	var asked atomic.Int64
	serve := func(h http.Handler) func(*testing.T) string {
		return func(t *testing.T) string {
			s := httptest.NewServer(h)
			t.Cleanup(s.Close)
			return s.URL
		}
	}
	secure := func(scheme string) func(*testing.T) string {
		return func(t *testing.T) string {
			s := httptest.NewUnstartedServer(answering(204))
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.StartTLS()
			t.Cleanup(s.Close)
			return scheme + strings.TrimPrefix(s.URL, "https")
		}
	}
	told := func(text string) http.Handler {
		return telling(func(w http.ResponseWriter, _ string) { io.WriteString(w, text) })
	}
	for _, c := range []struct {
		name  string
		serve func(*testing.T) string
		want  string
		set   string // the setting that may be wrong
	}{
		{"nobody", func(t *testing.T) string { return "http://127.0.0.1:9" }, "connection refused by 127.0.0.1:9; is it running, and on this port?", ""},
		{"no name", func(t *testing.T) string { return "http://nobody.invalid:80" }, "is the host name right?", ""},
		{"hangs", func(t *testing.T) string { return bare(t, func(c net.Conn) { io.Copy(io.Discard, c) }) }, "", ""},
		{"garbage", func(t *testing.T) string {
			return bare(t, func(c net.Conn) { io.WriteString(c, "220 smtp.example.com\r\n"); c.Close() })
		}, "", ""},
		{"ends", func(t *testing.T) string { return bare(t, func(c net.Conn) { c.Close() }) }, "does it crash, or speak something else than HTTP?", ""},
		{"TLS where plain was meant", secure("http"), "speaks TLS at this port: write https://", ""},
		{"a certificate of nobody", secure("https"), "is its certificate trusted here", ""},
		{"plain where TLS was meant", func(t *testing.T) string { return strings.Replace(serve(answering(204))(t), "http:", "https:", 1) }, "use http://", ""},
		{"another path", serve(answering(404)), "is the path of the URL right", ""},
		{"another secret", serve(answering(401)), "has the consumer the secret", "secret"},
		{"no state", serve(telling(func(w http.ResponseWriter, _ string) { w.WriteHeader(404) })), "does not know the conversation (404 Not Found): is it the state of this consumer, at the right path", "state"},
		{"a web site", serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "\n<!DOCTYPE html><p>Hello") })), "answers everything with a web page", ""},
		{"a page", serve(told("<!doctype html>")), "web page", "state"},
		{"a list", serve(told("[]")), "is an array; want an object", "state"},
		{"another object", serve(told(`{"calls":[]}`)), "with the member channels", "state"},
		{"nothing told", serve(told(`{"channels":[{"channelId":"0b0cd79e-2d8b-4b45-9d0c-1d8a1c6f6a10"}]}`)), "tells nothing that can be compared", "state"},
		{"a misspelt member", serve(told(`{"channels":[{"channelId":"0b0cd79e-2d8b-4b45-9d0c-1d8a1c6f6a10","notification":7}]}`)), `none of a state's: channels[].notification (did you mean "notifications"?)`, "state"},
		{"a state that hangs", serve(telling(func(http.ResponseWriter, string) { time.Sleep(time.Second) })), "no complete response in time", "state"},
		{"a state that never settles", serve(telling(func(w http.ResponseWriter, _ string) {
			fmt.Fprintf(w, `{"channels":[{"channelId":"0b0cd79e-2d8b-4b45-9d0c-1d8a1c6f6a10","notifications":%d}]}`, asked.Add(1))
		})), "never settles", "state"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := of(t, c.serve(t))
			if c.name != "hangs" {
				x.Sending.Timeout = 3 * time.Second // a busy machine answers late
			}
			begun := time.Now()
			report, err := x.Run(t.Context())
			if took := time.Since(begun); took > x.Budget+time.Second {
				t.Errorf("it took %s", took)
			}
			if c.name == "hangs" { // it is there, and shows what is wrong with it
				if err != nil || len(report.Findings) != 1 || report.Findings[0].Rule.ID != "answer-in-time" {
					t.Errorf("%+v, %v", report, err)
				}
				return
			}
			preflight, is := errors.AsType[*examine.Preflight](err)
			if !is || len(report.Missing(rulebook.Receives)) == 0 || report.Level() != 0 || !strings.Contains(preflight.Text, c.want) || preflight.Setting != c.set || strings.Contains(preflight.Text, "\n") {
				t.Errorf("level %d, %v; want %q", report.Level(), err, c.want)
			}
			t.Log(err)
		})
	}
}

// A state at the wrong scheme is said in one sentence, and so is the scheme.
func TestPreflightOfAStateAtTheWrongScheme(t *testing.T) {
	t.Parallel()
	consumer := httptest.NewServer(answering(204))
	defer consumer.Close()
	secure := httptest.NewUnstartedServer(answering(404))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	for url, want := range map[string]string{
		"http" + strings.TrimPrefix(secure.URL, "https"):   "the state cannot be read: the state's server speaks TLS at this port: write https:// in its URL",
		"https" + strings.TrimPrefix(consumer.URL, "http"): "the state cannot be read: the state's server speaks plain HTTP at this port: write http:// in its URL",
	} {
		x := of(t, consumer.URL)
		state, err := ask.OverHTTP(&x.Sending.Target, url+"/calls/"+ask.Placeholder, 3*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer state.Close()
		x.State, x.Sending.Timeout = state, 3*time.Second
		_, err = x.Run(t.Context())
		if p, is := errors.AsType[*examine.Preflight](err); !is || p.Text != want || p.Setting != "state" {
			t.Errorf("%v; want %s", err, want)
		}
	}
}

// Who stops answering in the midst is told so, with what was found before.
func TestAConsumerThatStopsAnswering(t *testing.T) {
	t.Parallel()
	for _, after := range []int64{3, 40, 300} {
		var sent atomic.Int64
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if sent.Add(1) > after {
				<-r.Context().Done()
				return
			}
			w.WriteHeader(http.StatusNoContent)
		}))
		defer server.Close()
		x := of(t, server.URL)
		x.State, x.Budget, x.Sending.Timeout = nil, 20*time.Second, 100*time.Millisecond
		report, err := x.Run(t.Context())
		if err != nil || report == nil {
			t.Fatalf("after %d: %v, %v", after, report, err)
		}
		stopped := false
		for _, f := range report.Findings {
			t.Logf("after %d: %s: %s", after, f.Rule.ID, f.Text)
			stopped = stopped || strings.Contains(f.Text, "stops answering after") || strings.Contains(f.Text, "nothing more")
		}
		if !stopped {
			t.Errorf("after %d nobody says that it stops", after)
		}
	}
}

// Who claims no event of a channel has no state to compare.
func TestAProfileWithoutChannelsHasNoState(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(telling(func(w http.ResponseWriter, _ string) { w.WriteHeader(404) }))
	defer s.Close()
	x := of(t, s.URL)
	x.Sending.Timeout, x.Profile.Types = 3*time.Second, []string{"agent.*"}
	_, err := x.Run(t.Context())
	if p, is := errors.AsType[*examine.Preflight](err); !is || !strings.Contains(p.Text, "claims no event of a channel") {
		t.Errorf("%v; want that there is no state to compare", err)
	}
}
