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
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/signature"
)

// of makes an examination of a consumer, which tells its state beside the path of its events.
func of(t *testing.T, target emitter.Target) *examine.Examination {
	t.Helper()
	target.Secret = signature.GenerateSecret()
	state, err := ask.OverHTTP(&target, strings.TrimSuffix(target.URL, "events")+"calls/"+ask.Placeholder, 500*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { state.Close() })
	return &examine.Examination{Sending: transport.Options{Target: target, Timeout: 300 * time.Millisecond}, State: state, Settle: 300 * time.Millisecond,
		Budget: 5 * time.Second, Seed: seed, Start: start}
}

// at is a consumer at a real socket.
func at(url string) emitter.Target { return emitter.Target{URL: url + "/events"} }

// bare is a consumer in a bubble that speaks whatever it likes.
func bare(t *testing.T, speak func(net.Conn)) emitter.Target {
	t.Helper()
	l := memnet.Listen()
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
	return emitter.Target{URL: "http://consumer.test/events", Dial: l.DialContext}
}

// speaking is a consumer in a bubble that speaks HTTP, with TLS or without, and is taken for one of a scheme.
func speaking(t *testing.T, start func(*httptest.Server), scheme string) emitter.Target {
	t.Helper()
	l := memnet.Listen()
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: answering(204), ErrorLog: log.New(io.Discard, "", 0)}}
	start(s)
	t.Cleanup(s.Close)
	return emitter.Target{URL: scheme + "://consumer.test/events", Dial: l.DialContext}
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

// cannotBeExamined checks what is said of a consumer, and that nothing is judged.
func cannotBeExamined(t *testing.T, x *examine.Examination, want, setting string) {
	t.Helper()
	report, err := x.Run(t.Context())
	preflight, is := errors.AsType[*examine.Preflight](err)
	if !is || len(report.Missing(rulebook.Receives)) == 0 || report.Level() != 0 || !strings.Contains(preflight.Text, want) || preflight.Setting != setting || strings.Contains(preflight.Text, "\n") {
		t.Errorf("level %d, %v; want %q", report.Level(), err, want)
	}
	t.Log(err)
}

// Who cannot be reached is told of in one sentence.
func TestPreflightOfNobody(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"http://127.0.0.1:9":       "connection refused by 127.0.0.1:9; is it running, and on this port?",
		"http://nobody.invalid:80": "is the host name right?",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			x := of(t, at(url))
			x.Sending.Timeout = 3 * time.Second // a busy machine answers late
			cannotBeExamined(t, x, want, "")
		})
	}
}

// Where nobody speaks HTTP as it was meant, that is said in one sentence.
func TestPreflightOfOtherProtocols(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		serve func(*testing.T) emitter.Target
		want  string
	}{
		{"garbage", func(t *testing.T) emitter.Target {
			return bare(t, func(c net.Conn) { io.WriteString(c, "220 smtp.example.com\r\n"); c.Close() })
		}, ""},
		{"ends", func(t *testing.T) emitter.Target { return bare(t, func(c net.Conn) { c.Close() }) }, "does it crash, or speak something else than HTTP?"},
		{"TLS where plain was meant", func(t *testing.T) emitter.Target { return speaking(t, (*httptest.Server).StartTLS, "http") }, "speaks TLS at this port: write https://"},
		{"a certificate of nobody", func(t *testing.T) emitter.Target { return speaking(t, (*httptest.Server).StartTLS, "https") }, "trust its authority (ca)"},
		{"plain where TLS was meant", func(t *testing.T) emitter.Target { return speaking(t, (*httptest.Server).Start, "https") }, "use http://"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { cannotBeExamined(t, of(t, c.serve(t)), c.want, "") })
		})
	}
}

// What cannot be examined is said in one sentence, within the budget, and nothing is judged.
func TestPreflight(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	told := func(text string) http.Handler {
		return telling(func(w http.ResponseWriter, _ string) { io.WriteString(w, text) })
	}
	for _, c := range []struct {
		name    string
		handler http.Handler
		want    string
		set     string // the setting that may be wrong
	}{
		{"another path", answering(404), "is the path of the URL right", ""},
		{"another secret", answering(401), "has the consumer the secret", "secret"},
		{"no state", telling(func(w http.ResponseWriter, _ string) { w.WriteHeader(404) }), "does not know the conversation (404 Not Found): is it the state of this consumer, at the right path", "state"},
		{"a web site", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "\n<!DOCTYPE html><p>Hello") }), "answers everything with a web page", ""},
		{"a page", told("<!doctype html>"), "web page", "state"},
		{"a list", told("[]"), "is an array; want an object", "state"},
		{"another object", told(`{"calls":[]}`), "with the member channels", "state"},
		{"nothing told", told(`{"channels":[{"channelId":"0b0cd79e-2d8b-4b45-9d0c-1d8a1c6f6a10"}]}`), "tells nothing that can be compared", "state"},
		{"a misspelt member", told(`{"channels":[{"channelId":"0b0cd79e-2d8b-4b45-9d0c-1d8a1c6f6a10","notification":7}]}`), `none of a state's: channels[].notification (did you mean "notifications"?)`, "state"},
		{"a state that hangs", telling(func(http.ResponseWriter, string) { time.Sleep(time.Second) }), "no complete response in time", "state"},
		{"a state that never settles", telling(func(w http.ResponseWriter, _ string) {
			fmt.Fprintf(w, `{"channels":[{"channelId":"0b0cd79e-2d8b-4b45-9d0c-1d8a1c6f6a10","notifications":%d}]}`, asked.Add(1))
		}), "never settles", "state"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				x, begun := served(t, c.handler), time.Now()
				cannotBeExamined(t, x, c.want, c.set)
				if took := time.Since(begun); took > x.Budget+time.Second {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

// Who never answers is there, and shows what is wrong with it.
func TestWhoNeverAnswersIsExamined(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := served(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}))
		report, err := x.Run(t.Context())
		if err != nil || len(report.Findings) != 1 || report.Findings[0].Rule.ID != rulebook.AnswerInTime || report.Took > x.Budget+time.Second {
			t.Errorf("%+v, %v", report, err)
		}
	})
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
		x := of(t, at(consumer.URL))
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
		var report *examine.Report
		var err error
		synctest.Test(t, func(t *testing.T) {
			x := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body)
				if sent.Add(1) > after {
					<-r.Context().Done()
					return
				}
				w.WriteHeader(http.StatusNoContent)
			}))
			x.State, x.Budget, x.Sending.Timeout = nil, 20*time.Second, 100*time.Millisecond
			report, err = x.Run(t.Context())
		})
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
	synctest.Test(t, func(t *testing.T) {
		x := served(t, telling(func(w http.ResponseWriter, _ string) { w.WriteHeader(404) }))
		x.Profile.Types = []string{"agent.*"}
		_, err := x.Run(t.Context())
		if p, is := errors.AsType[*examine.Preflight](err); !is || !strings.Contains(p.Text, "claims no event of a channel") {
			t.Errorf("%v; want that there is no state to compare", err)
		}
	})
}
