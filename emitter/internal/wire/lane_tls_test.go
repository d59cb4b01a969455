package wire

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// The connection that tells what the target speaks is the one that all requests then share.
func TestHTTP2IsFoundOutWithoutAConnectionOfItsOwn(t *testing.T) {
	var opened, spoken atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { spoken.Add(int64(r.ProtoMajor)) }))
	server.EnableHTTP2 = true
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	target := Options{URL: server.URL, TLS: TLS{InsecureSkipVerify: true}}
	shared, err := New(with(target, AutoEngine, 64))
	if err != nil {
		t.Fatal(err)
	}
	defer shared.(io.Closer).Close()
	var sending sync.WaitGroup
	send := func() {
		if got := post(t, shared.(PerWorker).ForWorker()); got != "200 " {
			t.Errorf("got %s, want 200", got)
		}
	}
	send()
	for range 19 {
		sending.Go(send)
	}
	sending.Wait()
	if opened.Load() != 1 || spoken.Load() != 2*20 {
		t.Errorf("%d connections, sum of versions %d; want 1, and HTTP/2 for all 20", opened.Load(), spoken.Load())
	}
}

// A handshake that fails says nothing of what the target speaks.
func TestAFailedHandshakeIsTriedAgain(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.EnableHTTP2 = true
	broken := true
	server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		if broken {
			broken = false
			return nil, fmt.Errorf("not now")
		}
		return nil, nil
	}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	s, _, end := open(t, Options{URL: server.URL, TLS: TLS{InsecureSkipVerify: true}}, AutoEngine)
	defer end()
	if got := post(t, s); !strings.HasPrefix(got, "0 tls: ") {
		t.Errorf("first: %s, want a failure of class tls", got)
	}
	if got := post(t, s); got != "200 " {
		t.Errorf("second: %s, want 200", got)
	}
}

// Only the first handshake is waited for: whoever waited goes on beside the others, however long their handshakes take.
func TestHandshakesBehindTheFirstGoOnSideBySide(t *testing.T) {
	const lanes = 6
	var begun atomic.Int64
	together := make(chan struct{}) // closed once all but the first have begun theirs
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	waiting := make(chan struct{})
	server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		switch n := begun.Add(1); {
		case n == 1:
			<-waiting // until others wait for what this one learns, or are about to
			return nil, nil
		case n == lanes:
			close(together)
		}
		select {
		case <-together:
			return nil, nil
		case <-t.Context().Done():
			return nil, t.Context().Err()
		}
	}}
	server.StartTLS()
	defer server.Close()
	target := Options{URL: server.URL, TLS: TLS{InsecureSkipVerify: true}}
	shared, err := New(with(target, AutoEngine, lanes))
	if err != nil {
		t.Fatal(err)
	}
	defer shared.(io.Closer).Close()
	var sending sync.WaitGroup
	for range lanes {
		sending.Go(func() {
			if got := post(t, shared.(PerWorker).ForWorker()); got != "200 " {
				t.Errorf("got %s, want 200", got)
			}
		})
	}
	close(waiting)
	sending.Wait()
}
