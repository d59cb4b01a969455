package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
)

// asked answers questions one after the other, the last answer for ever, and keeps their
// moments.
type asked struct {
	statuses []int // 0 is a failure
	moments  []time.Duration
	start    time.Time
}

func (a *asked) reach(context.Context, time.Duration) (int, emitter.Failure, error) {
	n := min(len(a.moments), len(a.statuses)-1)
	a.moments = append(a.moments, time.Since(a.start).Round(time.Millisecond))
	if a.statuses[n] == 0 {
		return 0, emitter.Failure{Class: emitter.ClassRefused, Text: "nobody is there"}, nil
	}
	return a.statuses[n], emitter.Failure{}, nil
}

func TestWaitAsksWithGrowingPauses(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name     string
		statuses []int
		status   int
		err      string
		moments  []time.Duration // the first ones
	}{
		{"an answer at once", []int{200}, 200, "", []time.Duration{0}},
		{"any status is an answer", []int{404}, 404, "", []time.Duration{0}},
		{"so is that of a server without HEAD", []int{501}, 501, "", []time.Duration{0}},
		{"nobody there, then somebody", []int{0, 0, 405}, 405, "", []time.Duration{0, 20 * ms, 60 * ms}},
		{"gateways before it", []int{502, 503, 504, 204}, 204, "", []time.Duration{0, 20 * ms, 60 * ms, 140 * ms}},
		{"nobody, ever", []int{0}, 0, "connection-refused: nobody is there", []time.Duration{0, 20 * ms, 60 * ms, 140 * ms, 300 * ms, 620 * ms, 1260 * ms, 2260 * ms, 3260 * ms}},
		{"never ready", []int{503}, 0, "the last response was 503 Service Unavailable", []time.Duration{0, 20 * ms}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				a := &asked{statuses: tt.statuses, start: time.Now()}
				status, err := awaitAnswer(ctx, a.reach)
				if status != tt.status || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
					t.Errorf("status %d, error %v; want %d, %q", status, err, tt.status, tt.err)
				}
				if len(a.moments) < len(tt.moments) || !slices.Equal(a.moments[:len(tt.moments)], tt.moments) || tt.err == "" && len(a.moments) != len(tt.moments) {
					t.Errorf("asked at %v, want %v", a.moments, tt.moments)
				}
				if past := time.Since(a.start); tt.err != "" && past != 10*time.Second {
					t.Errorf("it ended after %v, want 10s", past)
				}
			})
		})
	}
}

func TestWaitTellsWhoAnswered(t *testing.T) {
	var requests atomic.Int32
	consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodHead || r.ContentLength > 0 {
			t.Errorf("got %s with %d bytes, want HEAD, which delivers nothing", r.Method, r.ContentLength)
		}
		if requests.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	defer consumer.Close()
	secretURL := strings.Replace(consumer.URL, "http://", "http://ann:pass@", 1) + "/events?key=k3y"
	status, out, errs := call(t, "", "wait", "--to", secretURL)
	if status != exitOK || errs != "" || mismatch(out, consumer.URL+"/events responded after …: 404 Not Found\n") != "" || requests.Load() != 3 {
		t.Errorf("status %d after %d requests, output %q, errors %q; want 0, one line, after 3", status, requests.Load(), out, errs)
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	status, out, errs = call(t, "", "wait", "--to", "http://"+listener.Addr().String(), "--for", "50ms")
	if want := "ringback: no response from http://" + listener.Addr().String() + " within 50ms: connection-refused: "; status != exitFailed || out != "" || !strings.HasPrefix(errs, want) {
		t.Errorf("status %d, output %q, errors %q; want 1 and %q", status, out, errs, want)
	}
}

func TestWaitSaysThatAConsumerSpeaksTLS(t *testing.T) {
	t.Parallel()
	consumer := httptest.NewTLSServer(nil) // it answers 400 to plain HTTP
	defer consumer.Close()
	status, out, errs := call(t, "", "wait", "--to", "http"+strings.TrimPrefix(consumer.URL, "https"), "--for", "8s")
	if status != exitFailed || out != "" || !strings.Contains(errs, "tls: target speaks TLS; use https://") {
		t.Errorf("status %d, output %q, errors %q", status, out, errs)
	}
}

func TestWaitRefusesWhatRunRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ args, says string }{
		"no target":      {"wait", "wait: no consumer; add --to URL"},
		"no URL":         {"wait --to 127.0.0.1:80", "missing http://"},
		"public address": {"wait --to http://192.0.2.7/", "--allow-target 192.0.2.7"},
		"no time":        {"wait --to http://127.0.0.1:1 --for 0s", "--for: want 1ms to 720h"},
		"an argument":    {"wait http://127.0.0.1:1", "write --to http://127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, errs := call(t, "", strings.Fields(tt.args)...)
			if status != exitUsage || out != "" || !strings.Contains(errs, tt.says) {
				t.Errorf("status %d, output %q, errors %q; want 2 and %q", status, out, errs, tt.says)
			}
		})
	}
}

func TestAnInterruptEndsWaiting(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no interrupts between processes here")
	}
	asked := make(chan struct{}, 1)
	consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		select {
		case asked <- struct{}{}:
		default:
		}
	}))
	defer consumer.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ringback", "wait", "--to", consumer.URL, "--for", "1h")
	cmd.Cancel = func() error { return cmd.Process.Kill() }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-asked:
	case <-ctx.Done():
		t.Fatalf("it never asked: %v", cmd.Wait())
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("it ended with %v, want exit status %d", err, exitInterrupted)
	}
}
