package emitter_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
)

func TestReachAsksOnceAndDeliversNothing(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		got = append(got, strings.Join([]string{r.Method, r.RequestURI, user, r.Header.Get("X-Team"), r.Header.Get("Vonage-Signature"), r.Header.Get("Content-Type")}, " "))
		w.WriteHeader(http.StatusTeapot)
	}))
	target := emitter.Target{URL: strings.Replace(server.URL, "http://", "http://ann:pass@", 1) + "/events?key=1",
		Secret: secret(t), Header: http.Header{"X-Team": {"blue"}}}
	status, failure, err := target.Reach(t.Context(), time.Minute)
	if status != http.StatusTeapot || failure != (emitter.Failure{}) || err != nil {
		t.Errorf("reached %d, %v, %v; want 418", status, failure, err)
	}
	wantSame(t, "requests", got, []string{"HEAD /events?key=1 ann blue  "})
	server.Close()
	if status, failure, err = target.Reach(t.Context(), time.Minute); status != 0 || failure.Class != emitter.ClassRefused || err != nil {
		t.Errorf("reached %d, %v, %v; want a refused connection", status, failure, err)
	}
	target.URL = "http://192.0.2.7/"
	if _, _, err = target.Reach(t.Context(), time.Minute); err == nil || !strings.Contains(err.Error(), "192.0.2.7 is neither loopback") {
		t.Errorf("error is %v, want the rule of addresses", err)
	}
}

func TestANameOfThisMachineIsNotRefused(t *testing.T) {
	if err := (&emitter.Target{URL: "http://localhost:1/"}).Look(t.Context()); err != nil {
		t.Errorf("Look at localhost = %v, want nil", err)
	}
}

// A server with TLS ends the connection of who speaks plain HTTP, or answers 400: in both cases nobody has responded.
func TestReachTellsWhoSpeaksTLS(t *testing.T) {
	secure := httptest.NewTLSServer(nil) // of Go, which answers 400
	defer secure.Close()
	ends := listening(t, func(c net.Conn) { // as that of Node.js
		if first := make([]byte, 1); reads(c, first) && first[0] == 0x16 {
			tls.Server(&begun{c, first}, secure.TLS).Handshake()
		} else {
			io.CopyN(io.Discard, c, 50) // else it is reset
		}
	})
	crashes := listening(t, func(net.Conn) {})
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	defer bad.Close()
	for url, want := range map[string]string{
		"http" + strings.TrimPrefix(secure.URL, "https"): "0 tls: target speaks TLS; use https://",
		ends:    "0 tls: target speaks TLS; use https://",
		crashes: "0 reset: ",
		bad.URL: "400 ",
	} {
		target := emitter.Target{URL: url}
		status, failure, err := target.Reach(t.Context(), time.Minute)
		if got := fmt.Sprintf("%d %v", status, failure); !strings.HasPrefix(got, want) || err != nil {
			t.Errorf("%s: %s, %v; want %s", url, got, err, want)
		}
	}
}

func reads(c net.Conn, first []byte) bool { _, err := io.ReadFull(c, first); return err == nil }

// begun is a connection of which something was read.
type begun struct {
	net.Conn
	first []byte
}

func (b *begun) Read(p []byte) (int, error) {
	if n := copy(p, b.first); n > 0 {
		b.first = b.first[n:]
		return n, nil
	}
	return b.Conn.Read(p)
}

// listening serves connections, and ends each where serve returns.
func listening(t *testing.T, serve func(net.Conn)) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			serving.Go(func() { defer c.Close(); serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return "http://" + l.Addr().String()
}
