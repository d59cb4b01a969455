package memnet_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/memnet"
)

// start serves handler on a new listener and returns a client that reaches it. Both are shut
// down before the bubble ends, else the test fails for the goroutines left.
func start(t *testing.T, handler http.HandlerFunc) *http.Client {
	listener := memnet.Listen()
	server := &http.Server{Handler: handler}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	transport := &http.Transport{DialContext: listener.DialContext}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve = %v; want %v", err, http.ErrServerClosed)
		}
	})
	return &http.Client{Transport: transport}
}

func post(t *testing.T, client *http.Client) (status int) {
	t.Helper()
	answer, err := client.Post("http://consumer.test/", "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

func TestHalfAnHourBetweenTwoAttemptsIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var arrived []time.Duration
		begin := time.Now()
		client := start(t, func(w http.ResponseWriter, r *http.Request) {
			arrived = append(arrived, time.Since(begin))
			if body, err := io.ReadAll(r.Body); err != nil || string(body) != "hello" {
				t.Errorf("body = %q, %v; want hello", body, err)
			}
			time.Sleep(2 * time.Second)
			if len(arrived) == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})

		if got, want := post(t, client), http.StatusServiceUnavailable; got != want {
			t.Errorf("first status = %d, want %d", got, want)
		}
		time.Sleep(30 * time.Minute)
		if got, want := post(t, client), http.StatusOK; got != want {
			t.Errorf("second status = %d, want %d", got, want)
		}
		if got, want := time.Since(begin), 30*time.Minute+4*time.Second; got != want {
			t.Errorf("both attempts took %v, want exactly %v", got, want)
		}
		if len(arrived) != 2 || arrived[0] != 0 || arrived[1] != 30*time.Minute+2*time.Second {
			t.Errorf("arrivals at %v; want 0s and 30m2s", arrived)
		}
	})
}

func TestClientTimeoutIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := start(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		client.Timeout = 10 * time.Second
		begin := time.Now()
		_, err := client.Get("http://consumer.test/")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Get = %v; want %v", err, context.DeadlineExceeded)
		}
		if got, want := time.Since(begin), 10*time.Second; got != want {
			t.Errorf("gave up after %v, want exactly %v", got, want)
		}
	})
}

func TestTLSRunsOverIt(t *testing.T) {
	authority := httptest.NewUnstartedServer(nil)
	authority.StartTLS() // for its certificate only
	certificates, client := authority.TLS.Certificates, authority.Client()
	authority.Close()
	roots := client.Transport.(*http.Transport).TLSClientConfig.RootCAs

	listener := memnet.Listen()
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			t.Error("request came without TLS")
		}
	})}
	served := make(chan error, 1)
	go func() {
		served <- server.Serve(tls.NewListener(listener, &tls.Config{Certificates: certificates}))
	}()
	transport := &http.Transport{
		DialContext:     listener.DialContext,
		TLSClientConfig: &tls.Config{RootCAs: roots},
	}
	answer, err := (&http.Client{Transport: transport}).Get("https://example.com/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	transport.CloseIdleConnections()
	server.Close()
	<-served
}

func TestDialWaitsForAcceptNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := listener.DialContext(ctx, "tcp", "consumer.test:80")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 7*time.Second {
			t.Errorf("DialContext = %v after %v; want %v after 7s", err, time.Since(begin), context.DeadlineExceeded)
		}
	})
}

func TestDialWithAnEndedContextNeverConnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		defer listener.Close()
		go func() {
			for err := error(nil); err == nil; {
				_, err = listener.Accept()
			}
		}()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 50 {
			synctest.Wait() // until Accept waits
			if _, err := listener.DialContext(ctx, "tcp", ""); !errors.Is(err, context.Canceled) {
				t.Fatalf("DialContext = %v; want %v", err, context.Canceled)
			}
		}
	})
}

func TestCloseEndsWhatWaitsAndWhatComesLater(t *testing.T) {
	dial := func(l *memnet.Listener) error {
		_, err := l.DialContext(context.Background(), "tcp", "")
		return err
	}
	accept := func(l *memnet.Listener) error {
		_, err := l.Accept()
		return err
	}
	tests := map[string]func(*memnet.Listener) error{"dial": dial, "accept": accept}
	for name, call := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				listener, waited := memnet.Listen(), make(chan error, 1)
				go func() { waited <- call(listener) }()
				synctest.Wait()
				for range 2 { // closing again does no harm
					if err := listener.Close(); err != nil {
						t.Errorf("Close = %v; want nil", err)
					}
				}
				if err := <-waited; !errors.Is(err, net.ErrClosed) {
					t.Errorf("waiting call = %v; want %v", err, net.ErrClosed)
				}
				if err := call(listener); !errors.Is(err, net.ErrClosed) {
					t.Errorf("later call = %v; want %v", err, net.ErrClosed)
				}
			})
		})
	}
}

func TestEachDialMeetsItsOwnAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		for _, message := range []string{"one", "two"} {
			go func() {
				conn, err := listener.DialContext(t.Context(), "tcp", "")
				if err != nil {
					t.Error(err)
					return
				}
				io.WriteString(conn, message)
				conn.Close()
			}()
			conn, err := listener.Accept()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(conn); string(got) != message || err != nil {
				t.Errorf("read %q, %v; want %q", got, err, message)
			}
			conn.Close()
		}
	})
}

func TestErrorsNameTheNetwork(t *testing.T) {
	listener := memnet.Listen()
	listener.Close()
	_, err := listener.DialContext(t.Context(), "tcp", "")
	if got, want := err.Error(), "dial memory memnet: use of closed network connection"; got != want {
		t.Errorf("error = %q, want %q", got, want)
	}
	if got, want := listener.Addr().Network(), "memory"; got != want {
		t.Errorf("network = %q, want %q", got, want)
	}
}
