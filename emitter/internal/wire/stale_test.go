package wire

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/memnet"
)

// firm is a request with a body of some size.
func firm(size int, fresh bool) *Request {
	return &Request{Body: make([]byte, size), Timeout: 10 * time.Second, Fresh: fresh}
}

// A connection that ends between two requests is told from all that a consumer may do wrong.
func TestAConnectionThatEndedWhileItWasUsedAgainIsStale(t *testing.T) {
	closes := func(c socket, n int) bool { return says(ok200+length)(c, n) && n == 0 }
	for _, test := range []struct {
		name string
		do   script
		size int
		want [3]Class // of the first request, the second one, and the second one over a new connection
	}{
		{"closed", once(ok200+length, ""), 700, [3]Class{"", ClassStale, ""}},
		{"reset", func(c socket, n int) bool { return once(ok200+length, "")(c, n) || resets(c, n) }, 700, [3]Class{"", ClassStale, ""}},
		{"more than a lane carries", once(ok200+length, ""), maxFast + 1, [3]Class{"", ClassStale, ""}},
		{"each connection at its first request", func(socket, int) bool { return false }, 700, [3]Class{ClassReset, ClassReset, ClassReset}},
		{"behind the beginning of an answer", once(ok200+length, ok200), 700, [3]Class{"", ClassReset, ""}},
		{"behind the answer", closes, 700, [3]Class{"", "", ""}},
	} {
		for _, engine := range []Engine{FastLane, NetHTTP} {
			t.Run(engineNames[engine]+"/"+test.name, func(t *testing.T) {
				s, _, end := open(t, scripted(t, test.do), engine)
				defer end()
				for i, want := range test.want {
					a := s.Send(t.Context(), firm(test.size, i == 2))
					if a.Failure.Class != want || (a.Status == 200) != (want == "") {
						t.Errorf("request %d: %d %s, want %q", i, a.Status, a.Failure, want)
					}
					if want == ClassStale && !strings.HasPrefix(a.Failure.Text, "the kept connection, idle for ") {
						t.Errorf("request %d: %s", i, a.Failure.Text)
					}
				}
			})
		}
	}
}

// A fresh request takes none of the connections that wait, and leaves none behind.
func TestAFreshRequestHasAConnectionOfItsOwn(t *testing.T) {
	for _, engine := range []Engine{FastLane, NetHTTP} {
		s, dials, end := open(t, scripted(t, says(ok200+length)), engine)
		for i, fresh := range []bool{false, false, true, true, false} {
			if a := s.Send(t.Context(), firm(2, fresh)); a.Status != 200 {
				t.Errorf("request %d: %+v", i, a)
			}
		}
		if dials() != 3 {
			t.Errorf("engine %d: %d connections, want 3", engine, dials())
		}
		end()
	}
}

// over is a target over TLS that closes each connection when the second request has come.
func over(t *testing.T, protocol string) Options {
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS()
	certificates := certified.TLS.Certificates
	certified.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificates, NextProtos: []string{protocol}})
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			serving.Go(func() {
				defer c.Close()
				if r := bufio.NewReader(c); readRequest(r) {
					io.WriteString(c, ok200+length)
					readRequest(r)
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return Options{URL: "https://" + l.Addr().String(), TLS: TLS{InsecureSkipVerify: true}}
}

func TestAStaleConnectionOverTLS(t *testing.T) {
	target := over(t, "http/1.1")
	for _, engine := range []Engine{AutoEngine, FastLane, NetHTTP} {
		s, dials, end := open(t, target, engine)
		for i, want := range []Class{"", ClassStale, ""} {
			if a := s.Send(t.Context(), firm(700, i == 2)); a.Failure.Class != want || (a.Status == 200) != (want == "") {
				t.Errorf("engine %d, request %d: %d %s, want %q", engine, i, a.Status, a.Failure, want)
			}
		}
		if dials() != 2 {
			t.Errorf("engine %d: %d connections, want 2", engine, dials())
		}
		end()
	}
}

// Over HTTP/2 many requests share a connection: only one that was idle may be stale, and only if nothing was said over it.
func TestAStaleConnectionOverHTTP2(t *testing.T) {
	for _, test := range []struct {
		name   string
		second func(net.Conn) // the second request
		want   Class
	}{
		{"closed", func(c net.Conn) { c.Close() }, ClassStale},
		{"refused by a frame", func(net.Conn) { panic(http.ErrAbortHandler) }, ClassReset},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := memnet.Listen()
				var requests atomic.Int64
				var last atomic.Pointer[net.Conn]
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if io.Copy(io.Discard, r.Body); requests.Add(1) == 2 {
						test.second(*last.Load())
					}
				}))
				server.Listener.Close()
				server.Listener, server.EnableHTTP2 = l, true
				server.Config.ConnState = func(c net.Conn, _ http.ConnState) {
					c = c.(*tls.Conn).NetConn()
					last.Store(&c)
				}
				server.StartTLS()
				defer server.Close()
				target := Options{URL: "https://consumer", TLS: TLS{InsecureSkipVerify: true}, Dial: l.DialContext}
				s, dials, end := open(t, target, NetHTTP)
				defer end()
				for i, want := range []Class{"", test.want, "", ""} {
					if a := s.Send(t.Context(), firm(700, i == 2)); a.Failure.Class != want || (a.Status == 200) != (want == "") {
						t.Errorf("request %d: %d %s, want %q", i, a.Status, a.Failure, want)
					}
					synctest.Wait()
				}
				if want := map[Class]uint64{ClassStale: 3, ClassReset: 2}[test.want]; dials() != want {
					t.Errorf("%d connections, want %d: the fresh one is no other request's", dials(), want)
				}
			})
		})
	}
}

// The time limit and the end of the run are told as such, also on a kept connection.
func TestAKeptConnectionThatIsSilentIsNotStale(t *testing.T) {
	for _, engine := range []Engine{FastLane, NetHTTP} {
		synctest.Test(t, func(t *testing.T) {
			target := pipes(t, func(c net.Conn) {
				if r := bufio.NewReader(c); readRequest(r) {
					io.WriteString(c, ok200+length)
					io.Copy(io.Discard, r)
				}
			})
			s, _, end := open(t, target, engine)
			defer end()
			for _, want := range []string{"200 ", "0 timeout: no complete response within 10s", "200 "} {
				if got := post(t, s); got != want {
					t.Errorf("engine %d: got %s, want %s", engine, got, want)
				}
				synctest.Wait()
			}
		})
	}
}

// Whoever has a request for longer than StaleWithin has read it, whatever the connection had carried before.
func TestAKeptConnectionThatEndsLateIsNotStale(t *testing.T) {
	for _, engine := range []Engine{FastLane, NetHTTP} {
		for held, want := range map[time.Duration]Class{0: ClassStale, StaleWithin: ClassStale, StaleWithin + time.Millisecond: ClassReset, 5 * time.Second: ClassReset} {
			for _, header := range []http.Header{nil, {"Idempotency-Key": {"1"}}, {"X-Idempotency-Key": {"1"}}} {
				synctest.Test(t, func(t *testing.T) {
					requests := 0
					target := pipes(t, func(c net.Conn) {
						r := bufio.NewReader(c)
						for n := 0; readRequest(r); n++ {
							if requests++; n == 1 {
								time.Sleep(held)
								return
							}
							io.WriteString(c, ok200+length)
						}
					})
					target.Header = header
					s, _, end := open(t, target, engine)
					defer end()
					for i, want := range []Class{"", want, ""} {
						if a := s.Send(t.Context(), firm(700, i == 2)); a.Failure.Class != want || (a.Status == 200) != (want == "") {
							t.Errorf("engine %d, held for %v, %v, request %d: %d %s, want %q", engine, held, header, i, a.Status, a.Failure, want)
						}
					}
					if requests != 3 {
						t.Errorf("engine %d, held for %v, %v: the consumer saw %d requests, want 3", engine, held, header, requests)
					}
				})
			}
		}
	}
}
