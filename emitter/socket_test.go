package emitter_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
)

func accept(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }

// failures runs one notification without retries and returns its failure, if any.
func failures(t *testing.T, e emitter.Emitter, target emitter.Target) string {
	t.Helper()
	var failure string
	e.Targets, e.RetryFor = []emitter.Target{target}, -1
	e.On = func(a *emitter.Attempt) error { failure = a.Failure.String(); return nil }
	play(t, &e, notes(1, 0))
	return failure
}

func TestConnectionsAreKept(t *testing.T) { eachEngine(t, testConnectionsAreKept) }

func testConnectionsAreKept(t *testing.T, engine emitter.Engine) {
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(accept))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	e := emitter.Emitter{Targets: []emitter.Target{{URL: server.URL}}, Speed: emitter.Max, Connections: 4, Engine: engine}
	result := play(t, &e, notes(1000, 0))
	got := result.Targets[0].NewConnections
	most := uint64(4)
	if engine == emitter.NetHTTP {
		most = 8 // a request that waits for its dial may get a connection that became free meanwhile, and the new one comes too much
	}
	// The server may still have to accept the last one.
	for limit := time.Now().Add(time.Minute); got > uint64(opened.Load()) && time.Now().Before(limit); {
		runtime.Gosched()
	}
	if !result.AllRight() || got > most || got != uint64(opened.Load()) {
		t.Errorf("%d connections counted, %d seen by the server, want the same and at most %d", got, opened.Load(), most)
	}
}

func TestTLS(t *testing.T) { eachEngine(t, testTLS) }

func testTLS(t *testing.T, engine emitter.Engine) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(accept))
	server.TLS = &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven}
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	defer server.Close()
	ca, key := certificateFiles(t, server.TLS.Certificates[0])
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())

	strict := httptest.NewUnstartedServer(http.HandlerFunc(accept))
	strict.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	strict.Config.ErrorLog = quiet()
	strict.StartTLS()
	defer strict.Close()

	second := secure(t, true)

	tests := []struct {
		name, url string
		tls       emitter.TLS
		want      string // part of the failure; empty for none
	}{
		{"an unknown authority is not trusted", server.URL, emitter.TLS{}, "tls: the certificate is not accepted: signed by an unknown authority"},
		{"the file of an authority makes it trusted", server.URL, emitter.TLS{CAFile: ca}, ""},
		{"any certificate will do on request", server.URL, emitter.TLS{InsecureSkipVerify: true}, ""},
		{"another name is not trusted", server.URL, emitter.TLS{CAFile: ca, ServerName: "else.test"}, "the certificate is not accepted: valid for example.com, *.example.com, not else.test"},
		{"a server that wants a certificate refuses", strict.URL, emitter.TLS{CAFile: ca}, "tls: "},
		{"a certificate is shown", strict.URL, emitter.TLS{CAFile: ca, CertFile: ca, KeyFile: key}, ""},
		{"HTTP/2 is spoken", second.URL, emitter.TLS{CAFile: ca}, ""},
		{"plain HTTP is named as such", "https" + strings.TrimPrefix(plain(t), "http"), emitter.TLS{}, "tls: target speaks plain HTTP; use http://"},
		{"another protocol is named as such", "https://" + greeting(t), emitter.TLS{}, "tls: target does not speak TLS; use http:// if it speaks plain HTTP"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := failures(t, emitter.Emitter{Engine: engine}, emitter.Target{URL: test.url, TLS: test.tls})
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("failure is %q, want %q in it", got, test.want)
			}
		})
	}
}

// greeting is the address of a server that speaks first, and no TLS.
func greeting(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = conn.Write([]byte("220 mail.example ESMTP\r\n"))
				_, _ = conn.Read(make([]byte, 1<<10)) // or the greeting may be lost in a reset
			}()
		}
	}()
	return l.Addr().String()
}

func TestFailuresOfConnections(t *testing.T) { eachEngine(t, testFailuresOfConnections) }

func testFailuresOfConnections(t *testing.T, engine emitter.Engine) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := "http://" + l.Addr().String()
	l.Close()
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hanging.Close()
	defer close(release)

	tests := []struct {
		name   string
		target emitter.Target
		want   string
	}{
		{"nobody listens", emitter.Target{URL: refusing}, "connection-refused: connection refused by 127.0.0.1:"},
		{"the server hangs", emitter.Target{URL: hanging.URL}, "timeout: no complete response within 50ms"},
		{"a name that stands for this machine is allowed", emitter.Target{URL: strings.Replace(plain(t), "127.0.0.1", "localhost", 1)}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			limit := 10 * time.Second
			if test.target.URL == hanging.URL {
				limit = 50 * time.Millisecond
			}
			got := failures(t, emitter.Emitter{Engine: engine, Timeout: limit}, test.target)
			if (test.want == "") != (got == "") || !strings.HasPrefix(got, test.want) {
				t.Errorf("failure is %q, want it to begin with %q", got, test.want)
			}
		})
	}
}

// The end of the context must not wait for a server that hangs.
func TestCuttingOffIsPrompt(t *testing.T) { eachEngine(t, testCuttingOffIsPrompt) }

func testCuttingOffIsPrompt(t *testing.T, engine emitter.Engine) {
	release := make(chan struct{})
	arrived := make(chan struct{}, 8)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived <- struct{}{}; <-release }))
	defer server.Close()
	defer close(release)
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for range 8 {
			<-arrived
		}
		cancel()
	}()
	e := emitter.Emitter{Engine: engine, Targets: []emitter.Target{{URL: server.URL}}}
	start := time.Now()
	result, err := e.Run(ctx, start, slices.Values(notes(8, 0)))
	if err == nil || result.Total().Undelivered != 8 {
		t.Errorf("error %v, %d undelivered; want one, and 8", err, result.Total().Undelivered)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("run took %v", took)
	}
	// The server has two goroutines for each connection; the emitter's must be gone.
	for deadline := time.Now().Add(2 * time.Second); runtime.NumGoroutine() > before+2*8; runtime.Gosched() {
		if time.Now().After(deadline) {
			all := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), all[:runtime.Stack(all, true)])
		}
	}
}

func plain(t *testing.T) string { return serve(t, accept) }

func serve(t *testing.T, handler http.HandlerFunc) (url string) {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// secure is a server with TLS, and with HTTP/2 on request.
func secure(t *testing.T, http2 bool) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(accept))
	server.EnableHTTP2 = http2
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// certificateFiles writes the test server's certificate, which is its own authority, and
// its key.
func certificateFiles(t *testing.T, c tls.Certificate) (cert, key string) {
	dir := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: c.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}
