package transport

import (
	"bufio"
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/signature"
)

var (
	secret = signature.Secret("0123456789abcdef0123456789abcdef")
	next   = signature.Secret("fedcba9876543210fedcba9876543210")
)

// delivery is one with a body of about so many bytes.
func delivery(way trial.Way, at, size int) trial.Delivery {
	body := fmt.Appendf(nil, `{"id":"x","type":"channel.alerted.v1","data":{"pad":"%s"}}`, strings.Repeat("x", size))
	return trial.Delivery{Note: trial.ReadNote(body), Body: body, Wire: trial.Wire{Way: way, At: at}}
}

// open returns a transport that is closed with the test.
func open(t *testing.T, o Options) *Transport {
	t.Helper()
	tr, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

// inMemory serves a handler in a bubble.
func inMemory(t *testing.T, o Options, handler http.HandlerFunc) *Transport {
	t.Helper()
	listener := memnet.Listen()
	server := &http.Server{Handler: handler}
	var served sync.WaitGroup
	served.Go(func() { server.Serve(listener) })
	o.Target.URL, o.Target.Dial = "http://consumer.test/events?x=1", listener.DialContext
	tr := open(t, o)
	t.Cleanup(func() {
		tr.Close()
		server.Close()
		served.Wait()
	})
	return tr
}

// checked answers 204 if the token is right for the body and with the secret, and 401 otherwise.
func checked(s signature.Secret) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if err := signature.Verify(s, r.Header.Get(signature.HeaderName), body, time.Now()); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

var allWays = []trial.Way{trial.Whole, trial.Chunked, trial.Slow, trial.Split, trial.LowerCase, trial.NewClose, trial.CutOff}

func TestEveryWayArrivesWholeOverPlainAndSecureConnections(t *testing.T) {
	secure := httptest.NewTLSServer(checked(secret))
	defer secure.Close()
	plain := httptest.NewServer(checked(secret))
	defer plain.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, target := range []emitter.Target{{URL: plain.URL}, {URL: secure.URL, TLS: emitter.TLS{CAFile: file}}} {
		target.Secret = secret
		tr := open(t, Options{Target: target})
		for _, way := range allWays {
			for _, size := range []int{0, 300_000} {
				for _, at := range []int{-1, 0, 10, size + 1000} {
					if way != trial.Split && way != trial.CutOff && at >= 0 {
						continue
					}
					d := delivery(way, at, size)
					answers, _, err := tr.Send(t.Context(), []trial.Delivery{d})
					attempts := 1
					if way == trial.CutOff {
						attempts = 2
					}
					if a := answers[0]; err != nil || a.Status != 204 || a.Attempts != attempts {
						t.Errorf("%v at %d of %d bytes: %+v, %v; want 204 after %d", way, at, size, a, err, attempts)
					}
				}
			}
		}
	}
}

func TestTokensAreMadeAsTheDeliverySays(t *testing.T) {
	server := httptest.NewServer(checked(secret))
	defer server.Close()
	tr := open(t, Options{Target: emitter.Target{URL: server.URL, Secret: secret, NextSecret: next}})
	var all []trial.Delivery
	for _, token := range append(trial.Forged(), trial.Right, trial.Next) {
		d := delivery(trial.Whole, 0, 0)
		d.Token = token
		all = append(all, d)
	}
	answers, _, err := tr.Send(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range answers {
		if want := all[i].Token == trial.Right; (a.Status == 204) != want || a.Attempts != 1 {
			t.Errorf("%v: %+v", all[i].Token, a)
		}
	}
	server.Config.Handler = checked(next)
	if answers, _, _ = tr.Send(t.Context(), all[len(all)-1:]); answers[0].Status != 204 {
		t.Errorf("after the rotation: %+v", answers[0])
	}
}

// pieces is a server that notes what each read of each connection brings, and answers each request
// with 204.
func pieces(t *testing.T) (url string, seen func() [][]string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all [][]string
	var served sync.WaitGroup
	served.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			i := len(all)
			all = append(all, nil)
			mu.Unlock()
			served.Go(func() {
				defer c.Close()
				var got []byte
				for buffer := make([]byte, 1<<16); ; {
					n, err := c.Read(buffer)
					mu.Lock()
					if n > 0 {
						all[i] = append(all[i], string(buffer[:n]))
					}
					mu.Unlock()
					got = append(got, buffer[:n]...)
					if r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(got))); err == nil {
						if _, err := io.ReadAll(r.Body); err == nil {
							io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
							got = nil
						}
					}
					if err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() { listener.Close(); served.Wait() })
	return "http://ann:pass@" + listener.Addr().String() + "/events", func() [][]string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

func TestTheBytesOfEachWay(t *testing.T) {
	url, seen := pieces(t)
	tr, err := New(Options{Target: emitter.Target{URL: url, Secret: secret, Header: http.Header{"X-Team": {"blue"}}}, Prefix: "Bearer "})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	var all []trial.Delivery
	for _, way := range []trial.Way{trial.Whole, trial.LowerCase, trial.Chunked, trial.Slow, trial.Split, trial.NewClose, trial.CutOff} {
		all = append(all, delivery(way, 10, 0))
	}
	all[1].Media = "application/json; charset=utf-8"
	if _, _, err := tr.Send(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	tr.Close()
	got := seen()
	if len(got) != 4 { // kept, closed, cut off, kept behind that
		t.Fatalf("%d connections, want 4", len(got))
	}
	retried := got[3][0]
	body := string(all[0].Body)
	whole := got[0][0]
	for _, want := range []string{"POST /events HTTP/1.1\r\nHost: 127.0.0.1", "\r\nAuthorization: Basic YW5uOnBhc3M=\r\n", "\r\nX-Team: blue\r\n",
		"\r\nContent-Type: application/cloudevents+json\r\n", "\r\nVonage-Signature: Bearer ey", "\r\n\r\n" + body} {
		if !strings.Contains(whole, want) {
			t.Errorf("%q is not in %s", want, whole)
		}
	}
	lower := got[0][1]
	head, _, _ := strings.Cut(lower, "\r\n\r\n")
	for _, line := range strings.Split(head, "\r\n")[1:] {
		if name, _, _ := strings.Cut(line, ":"); name != strings.ToLower(name) {
			t.Errorf("%s is not in lower case", line)
		}
	}
	if !strings.Contains(lower, "\r\ncontent-type: application/json; charset=utf-8\r\n") {
		t.Errorf("the type of the delivery is not in %s", lower)
	}
	rest := strings.Join(got[0][2:], "")
	if want := "\r\nTransfer-Encoding: chunked\r\n"; !strings.Contains(rest, want) || strings.Count(rest, "\r\ne\r\n") < 4 || !strings.Contains(rest, "\r\n0\r\n\r\n") {
		t.Errorf("not in chunks: %q", rest)
	}
	if n := len(got[0]); got[0][n-1] != body[10:] || !strings.HasSuffix(got[0][n-2], "\r\n\r\n"+body[:10]) {
		t.Errorf("split into %q", got[0][n-2:])
	}
	if n := len(got[0]); n < 2+1+9+2 {
		t.Errorf("%d pieces on the first connection", n)
	}
	if !strings.Contains(got[1][0], "\r\nConnection: close\r\n") || len(got[1]) != 1 {
		t.Errorf("own connection: %q", got[1])
	}
	if !strings.HasSuffix(strings.Join(got[2], ""), "\r\n\r\n"+body[:10]) || !strings.HasSuffix(retried, "\r\n\r\n"+body) {
		t.Errorf("cut off: %q, then %q", got[2], retried)
	}
}

func TestASlowBodyTakes400Milliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var took time.Duration
		tr := inMemory(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			begin := time.Now()
			io.Copy(io.Discard, r.Body)
			took = time.Since(begin)
		})
		if answers, _, err := tr.Send(t.Context(), []trial.Delivery{delivery(trial.Slow, 0, 500)}); err != nil || answers[0].Status != 200 || answers[0].Took != 0 {
			t.Errorf("%+v, %v", answers[0], err)
		}
		if took != 400*time.Millisecond {
			t.Errorf("took %v, want 400 ms", took)
		}
	})
}

func TestAnswersOfEveryKind(t *testing.T) {
	tests := map[string]struct {
		raw     string
		status  int
		failure string
	}{
		"continue":  {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, ""},
		"hints":     {"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok", 202, ""},
		"chunked":   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, ""},
		"1.0":       {"HTTP/1.0 200 OK\r\n\r\nok until the end", 200, ""},
		"delimited": {"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\nno", 401, ""},
		"large":     {"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + strings.Repeat("x", 3_000_000), 200, ""},
		"no phrase": {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, ""},
		"garbage":   {"hello there\r\n\r\n", 0, `answer: malformed HTTP status code "there"`},
		"nothing":   {"", 0, "reset: EOF"},
		"half":      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok", 0, "reset: unexpected EOF"},
		"endless":   {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20), 0, "answer: server response headers exceeded 65536 bytes; aborted"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var served sync.WaitGroup
			served.Go(func() {
				for {
					c, err := listener.Accept()
					if err != nil {
						return
					}
					if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
						io.Copy(io.Discard, r.Body)
						io.WriteString(c, test.raw)
					}
					c.Close()
				}
			})
			tr := open(t, Options{Target: emitter.Target{URL: "http://" + listener.Addr().String()}})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			a := tr.once(ctx, new(delivery(trial.Whole, 0, 0)), trial.Whole, nil, nil, false)
			if a.Status != test.status || a.Failure.String() != test.failure {
				t.Errorf("%d, %v; want %d, %s", a.Status, a.Failure, test.status, test.failure)
			}
			listener.Close()
			served.Wait()
		})
	}
}

func TestAConsumerThatHangsIsAskedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		tr := inMemory(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		})
		answers, _, err := tr.Send(t.Context(), []trial.Delivery{delivery(trial.Whole, 0, 0)})
		a := answers[0]
		if err != nil || a.Status != 0 || a.Failure != "timeout: no complete response within 10s" || a.Attempts != 2 || a.Took != 10*time.Second {
			t.Errorf("%+v, %v", a, err)
		}
		if took := time.Since(begin); took != 20*time.Second+firstPause {
			t.Errorf("took %v", took)
		}
	})
}

func TestAConsumerThatHangsForEverIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var hang atomic.Bool
		tr := inMemory(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if hang.Load() {
				<-r.Context().Done()
			}
		})
		hang.Store(true)
		if answers, _, err := tr.Send(t.Context(), burst(20)); err != nil || answers[19].Attempts != 2 || time.Since(begin) > 21*time.Second {
			t.Errorf("a burst: %+v after %v, %v", answers[19], time.Since(begin), err)
		}
		hang.Store(false)
		if answers, _, err := tr.Send(t.Context(), burst(1)); err != nil || answers[0].Status != 200 {
			t.Errorf("afterwards: %+v, %v", answers[0], err)
		}
		hang.Store(true)
		begin = time.Now()
		answers, _, err := tr.Send(t.Context(), slices.Repeat([]trial.Delivery{delivery(trial.Whole, 0, 0)}, 1000))
		if took := time.Since(begin); !errors.Is(err, ErrSilent) || took > 38*time.Second || answers[0].Attempts != 2 || answers[5].Attempts != 1 || answers[20].Attempts != 0 {
			t.Errorf("%v after %v", err, took)
		}
		if got := answers[5].Failure; got != "timeout: no complete response any more" {
			t.Errorf("failure is %s", got)
		}
	})
}

func TestAConsumerThatAlwaysFailsIsNotTriedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fails atomic.Bool
		tr := inMemory(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if fails.Load() {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		all := slices.Repeat([]trial.Delivery{delivery(trial.Whole, 0, 0)}, 1000)
		for _, attempts := range [][3]int{{13, 13, 4}, {4, 4, 4}} { // what is accepted in between begins a new row
			fails.Store(true)
			begin := time.Now()
			answers, _, err := tr.Send(t.Context(), all)
			if took := time.Since(begin); err != nil || took > 26*time.Second || [3]int{answers[0].Attempts, answers[2].Attempts, answers[3].Attempts} != attempts || answers[999].Attempts != 1 || answers[999].Status != 500 {
				t.Errorf("%+v, %+v, %+v, %+v after %v, %v", answers[0], answers[2], answers[3], answers[999], took, err)
			}
			fails.Store(false)
			if answers, _, err := tr.Send(t.Context(), all[:1]); err != nil || answers[0].Status != 200 {
				t.Errorf("%+v, %v", answers[0], err)
			}
		}
	})
}

// Who asks for time gets it, a while at least; other attempts go on meanwhile.
func TestAConsumerThatIsLimitedByTime(t *testing.T) {
	for _, test := range []struct{ asked, limited, took time.Duration }{
		{time.Second, 900 * time.Millisecond, 1270 * time.Millisecond},
		{5 * time.Second, 5 * time.Second, 5110 * time.Millisecond},
		{time.Hour, time.Hour, 5750 * time.Millisecond}, // in vain
	} {
		synctest.Test(t, func(t *testing.T) {
			var until time.Time
			tr := inMemory(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
				if time.Now().Before(until) {
					w.Header().Set("Retry-After", strconv.Itoa(int(test.asked.Seconds())))
					w.WriteHeader(http.StatusTooManyRequests)
				}
			})
			all := []trial.Delivery{delivery(trial.Whole, 0, 0)}
			if _, _, err := tr.Send(t.Context(), all); err != nil { // it is warm
				t.Fatal(err)
			}
			begun := time.Now()
			until = begun.Add(test.limited)
			answers, _, err := tr.Send(t.Context(), all)
			if a, took := answers[0], time.Since(begun); err != nil || a.Accepted() != (test.limited < time.Hour) || took != test.took {
				t.Errorf("%+v after %s, %v; want it after %s", a, took, err, test.took)
			}
		})
	}
}

func TestTheLadder(t *testing.T) {
	tests := map[string]struct {
		status   int
		after    string
		good     int // the attempt that is answered with 200
		attempts int
		took     time.Duration
	}{
		"accepted":        {200, "", 1, 1, 0},
		"refused":         {400, "", 9, 1, 0},
		"redirected":      {302, "", 9, 1, 0},
		"once":            {503, "", 2, 2, 10 * time.Millisecond},
		"never":           {500, "", 99, 13, 63*10*time.Millisecond + 6*640*time.Millisecond},
		"timed out there": {408, "", 3, 3, 30 * time.Millisecond},
		"limited":         {429, "1", 2, 2, 10 * time.Millisecond},
		"cold":            {503, "1", 41, 41, 150*time.Millisecond + 36*160*time.Millisecond},
		"cold for ever":   {503, "", 99, 67, 150*time.Millisecond + 62*160*time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				var tokens []string
				tr := inMemory(t, Options{Target: emitter.Target{Secret: secret}}, func(w http.ResponseWriter, r *http.Request) {
					tokens = append(tokens, r.Header.Get(signature.HeaderName))
					if n++; n < test.good {
						w.Header().Set("Retry-After", test.after)
						w.WriteHeader(test.status)
					}
				})
				begin := time.Now()
				answers, _, err := tr.Send(t.Context(), []trial.Delivery{delivery(trial.Whole, 0, 0)})
				a, took := answers[0], time.Since(begin)
				want := test.status
				if n >= test.good {
					want = 200
				}
				if err != nil || a.Attempts != test.attempts || n != test.attempts || took != test.took || a.Status != want {
					t.Errorf("%+v after %v, %v; want %d after %d attempts and %v", a, took, err, want, test.attempts, test.took)
				}
				first := test.status
				if test.good == 1 {
					first = 200
				}
				if a.First != first {
					t.Errorf("first is %d, want %d", a.First, first)
				}
				slices.Sort(tokens)
				if len(slices.Compact(tokens)) != n {
					t.Error("a token was used twice")
				}
			})
		})
	}
}

func TestAConnectionThatEndedMeanwhileIsNoAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		listener := memnet.Listen()
		server := &http.Server{IdleTimeout: time.Second, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) })}
		var served sync.WaitGroup
		served.Go(func() { server.Serve(listener) })
		defer func() { server.Close(); served.Wait() }()
		dials := 0
		tr := open(t, Options{Target: emitter.Target{URL: "http://consumer.test", Dial: func(ctx context.Context, n, a string) (net.Conn, error) {
			dials++
			return listener.DialContext(ctx, n, a)
		}}})
		defer tr.Close()
		for _, pause := range []time.Duration{0, 2 * time.Second, 0, 100 * time.Second} {
			time.Sleep(pause)
			answers, _, err := tr.Send(t.Context(), []trial.Delivery{delivery(trial.Whole, 0, 0)})
			if a := answers[0]; err != nil || a.Status != 200 || a.Attempts != 1 {
				t.Errorf("after %v: %+v, %v", pause, a, err)
			}
		}
		if dials != 3 || requests.Load() != 4 {
			t.Errorf("%d dials and %d requests, want 3 and 4", dials, requests.Load())
		}
	})
}

// A consumer that has worked on a request for a while had read it: its crash is one, over a kept connection, too.
func TestAKeptConnectionThatEndsLateIsAFailedAttempt(t *testing.T) {
	for held, want := range map[time.Duration]int{0: 1, emitter.StaleWithin: 1, emitter.StaleWithin + time.Millisecond: 2} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			tr := inMemory(t, Options{Timeout: 5 * time.Second}, func(http.ResponseWriter, *http.Request) {
				if requests++; requests == 2 {
					time.Sleep(held)
					panic(http.ErrAbortHandler)
				}
			})
			for i, want := range []int{1, want} {
				answers, _, err := tr.Send(t.Context(), []trial.Delivery{delivery(trial.Whole, 0, 0)})
				if a := answers[0]; err != nil || a.Status != 200 || a.Attempts != want {
					t.Errorf("held for %v, request %d: %+v, %v; want %d attempts", held, i, a, err, want)
				}
			}
		})
	}
}

func TestAnAnswerBeforeTheEndOfTheRequest(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	}))
	defer server.Close()
	tr := open(t, Options{Target: emitter.Target{URL: server.URL}})
	all := []trial.Delivery{delivery(trial.Whole, 0, 200_000), delivery(trial.Slow, 0, 1000), delivery(trial.Whole, 0, 0)}
	answers, _, err := tr.Send(t.Context(), all)
	for i, a := range answers {
		if err != nil || a.Status != 413 || a.Attempts != 1 {
			t.Errorf("%d: %+v, %v", i, a, err)
		}
	}
}

func TestAnEndedContextEndsEverything(t *testing.T) {
	hang := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if strings.Contains(r.URL.RawQuery, "x") {
			<-r.Context().Done()
		}
	}
	for name, burst := range map[string]int{"alone": 0, "together": 1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := inMemory(t, Options{}, hang)
				all := []trial.Delivery{delivery(trial.Whole, 0, 0), delivery(trial.Whole, 0, 0)}
				all[0].Burst, all[1].Burst = burst, burst
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				begin := time.Now()
				answers, _, err := tr.Send(ctx, all)
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 3*time.Second || answers[0].Attempts != 0 || answers[1].Attempts != 0 {
					t.Errorf("%+v, %v after %v", answers, err, time.Since(begin))
				}
			})
		})
	}
}

func TestSettingsThatCannotWork(t *testing.T) {
	for _, test := range []struct {
		o    Options
		want string
	}{
		{Options{Target: emitter.Target{URL: "127.0.0.1:80"}}, "missing http://"},
		{Options{Target: emitter.Target{URL: "http://192.0.2.7/"}}, "192.0.2.7 is neither loopback"},
		{Options{Target: emitter.Target{URL: "http://x", Header: http.Header{"Content-Length": {"1"}}}}, "reserved"},
		{Options{Target: emitter.Target{URL: "http://x"}, Timeout: -1}, "not positive"},
	} {
		if _, err := New(test.o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error is %v, want %q", err, test.want)
		}
	}
}

func TestAConsumerThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}
		tr := open(t, Options{Target: emitter.Target{URL: "http://127.0.0.1:1", Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: address, Err: syscall.ECONNREFUSED}
		}}})
		for n := range 3 { // alone, and in a burst
			all := burst(n + 1)
			answers, _, err := tr.Send(t.Context(), all)
			want := 13
			if n > 0 {
				want = 4 // nobody has listened for a whole ladder
			}
			for _, a := range answers {
				if err != nil || a.Attempts != want || a.Failure != "connection-refused: connection refused by 127.0.0.1:1" {
					t.Errorf("%+v, %v", a, err)
				}
			}
		}
		begin := time.Now()
		if _, _, err := tr.Send(t.Context(), slices.Repeat([]trial.Delivery{delivery(trial.Whole, 0, 0)}, 1000)); !errors.Is(err, ErrSilent) || time.Since(begin) > time.Second {
			t.Errorf("error is %v after %v, want %v", err, time.Since(begin), ErrSilent)
		}
	})
}

// A trial has a context of its own. Its end must not take a connection away from the next one: what had been read would
// come twice.
func TestTheEndOfATrialRepeatsNothing(t *testing.T) {
	var got atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		got.Add(1)
	}))
	defer server.Close()
	tr := open(t, Options{Target: emitter.Target{URL: server.URL}})
	const rounds = 300
	for range rounds {
		ctx, cancel := context.WithCancel(t.Context())
		if answers, _, err := tr.Send(ctx, []trial.Delivery{delivery(trial.Whole, 0, 0)}); err != nil || answers[0].Status != 200 {
			t.Fatalf("%+v, %v", answers, err)
		}
		cancel()
	}
	if n := got.Load(); n != rounds {
		t.Errorf("%d requests came, want %d", n, rounds)
	}
}
