package emitter_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
)

// moody is a consumer with an answer of its own to each notification, and to each attempt at it.
type moody struct {
	mu       sync.Mutex
	attempts map[uint64]int
	arrived  []uint64 // first attempts
}

var numbered = regexp.MustCompile(noteID(0)[:17] + `(\d{10})`)

func (m *moody) serve(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	for fresh := true; ; fresh = false {
		request, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		body, err := io.ReadAll(request.Body)
		found := numbered.FindSubmatch(body)
		if err != nil || found == nil {
			return
		}
		seq, _ := strconv.ParseUint(string(found[1]), 10, 64)
		m.mu.Lock()
		m.attempts[seq]++
		n := m.attempts[seq]
		if n == 1 {
			m.arrived = append(m.arrived, seq)
		}
		m.mu.Unlock()
		if seq%25 == 23 && n == 1 && !fresh || !m.answer(c, seq, n) { // as if it had been idle for too long
			return
		}
	}
}

// answer reports whether another request may follow.
func (m *moody) answer(c net.Conn, seq uint64, attempt int) bool {
	const plain = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	say := func(pieces ...string) bool {
		for _, p := range pieces {
			io.WriteString(c, p)
		}
		return true
	}
	if attempt > 1 {
		return say(plain)
	}
	switch seq % 25 {
	case 1:
		return say("HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nwrong key")
	case 3:
		return say("HTTP/1.1 503 No\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
	case 5:
		return say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "2\r\nok\r\n", "0\r\n\r\n")
	case 7:
		return say("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", strings.Repeat("x", 60_000), strings.Repeat("x", 40_000))
	case 9:
		return say("HTTP/1.1 307 X\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n")
	case 11:
		say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		return false
	case 13:
		say("HTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\nhalf")
		return false
	case 15:
		return say("SSH-2.0-x\r\n")
	case 17:
		return say("HTTP/1.1 100 Continue\r\n\r\n", plain)
	case 19:
		io.Copy(io.Discard, c) // until the time limit
		return false
	case 21:
		return say(strings.Split(strings.ReplaceAll(plain, "", "|"), "|")...)
	}
	return say(plain)
}

// moods is a target of that kind, over TLS if there is a certificate.
func moods(t *testing.T, certificate ...tls.Certificate) (*moody, string) {
	m := &moody{attempts: map[uint64]int{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	scheme := "http://"
	if certificate != nil {
		l, scheme = tls.NewListener(l, &tls.Config{Certificates: certificate}), "https://"
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			serving.Go(func() { m.serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return m, scheme + l.Addr().String() + "/events"
}

// eachPacing runs a test with each way to wait for moments: where it is the kernel's, the thread that waits also sends.
func eachPacing(t *testing.T, test func(*testing.T, emitter.Pacing)) {
	for way, name := range []string{emitter.Timers: "timers", emitter.Kernel: "kernel"} {
		t.Run(name, func(t *testing.T) { test(t, emitter.Pacing(way)) })
	}
}

// Whoever sends, workers or the thread that paces, each notification has the same rows, at several targets.
func TestTheThreadThatPacesSendsAsWorkersDo(t *testing.T) {
	const n = 100
	var want map[string]string
	certificate := secure(t, false).TLS.Certificates[0]
	ca, _ := certificateFiles(t, certificate)
	eachPacing(t, func(t *testing.T, way emitter.Pacing) {
		mood, url := moods(t)
		_, overTLS := moods(t, certificate)
		got := map[string]string{}
		e := emitter.Emitter{Targets: []emitter.Target{{Name: "mood", URL: url, Secret: secret(t)}, {Name: "web", URL: plain(t)}, {Name: "mood over TLS", URL: overTLS, TLS: emitter.TLS{CAFile: ca}}},
			Pacing: way, Speed: 50, Connections: 16, Timeout: time.Minute, On: func(a *emitter.Attempt) error {
				if a.Notification.Seq%25 != 23 { // whose connection is stale, or not, depending on who is faster
					key := fmt.Sprintf("%s %d", a.Target, a.Notification.Seq)
					got[key] += fmt.Sprintf("%d %d %s %s %q; ", a.Number, a.Status, a.Outcome, ports.ReplaceAllString(a.Failure.String(), ""), a.Excerpt)
				}
				return nil
			}}
		all := notes(n, 50*time.Millisecond)
		for i := range all {
			all[i].Story = uint64(i % 24)
		}
		all = slices.DeleteFunc(all, func(n plan.Notification) bool { return n.Seq%25 == 19 }) // which hangs
		result := play(t, &e, all)
		if total := result.Total(); !result.AllRight() || total.Accepted != uint64(3*len(all)) || total.Stale == 0 {
			t.Errorf("%+v, want %d accepted, and stale connections", total, 3*len(all))
		}
		for story := range uint64(24) {
			mine := slices.DeleteFunc(slices.Clone(mood.arrived), func(seq uint64) bool { return seq%24 != story })
			if !slices.IsSorted(mine) {
				t.Errorf("story %d came as %v, want it in order", story, mine)
			}
		}
		if way == emitter.Timers {
			want = got
		} else if !maps.Equal(got, want) {
			for key, rows := range want {
				if got[key] != rows {
					t.Errorf("%s: %s\nwant %s", key, got[key], rows)
				}
			}
		}
	})
}

var ports = regexp.MustCompile(`:\d+`)

// A request whose time is over ends while others go out.
func TestTheThreadThatPacesKeepsTheTimeLimit(t *testing.T) {
	eachPacing(t, func(t *testing.T, way emitter.Pacing) {
		var got rows
		_, url := moods(t)
		all := []plan.Notification{note(18, 0, 0), note(19, 0, 20*time.Millisecond), note(20, 0, 300*time.Millisecond)}
		e := emitter.Emitter{Targets: []emitter.Target{{URL: url}}, Pacing: way, Connections: 1, Timeout: 50 * time.Millisecond, RetryFor: -1, On: got.on}
		play(t, &e, all)
		if want := "19/1 given-up timeout: no complete response within 50ms"; len(got.list) != 3 || got.list[1] != want {
			t.Errorf("%q, want %s", got.list, want)
		}
	})
}

// While requests wait for their answers, no worker does.
func TestTheThreadThatPacesNeedsNoWorkers(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOMAXPROCS(0) < 2 {
		t.Skip("there is no such thread here")
	}
	var waiting string
	for range 10 { // a machine that stands still for long enough lets both waves leave at once
		if waiting = workersThatWait(t); waiting == "" {
			return
		}
	}
	t.Errorf("workers wait, want none:\n%s", waiting)
}

// workersThatWait are those of a run whose second wave of requests waits for answers, over the connections of the first one.
func workersThatWait(t *testing.T) string {
	const together = 8
	var arrived atomic.Int64
	var stacks []byte
	open := [2]chan bool{make(chan bool), make(chan bool)}
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		n := arrived.Add(1) - 1
		if n == 2*together-1 {
			stacks = make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
		}
		if n%together == together-1 {
			close(open[n/together])
		}
		<-open[n/together]
	})
	all := notes(2*together, 0)
	for i := range all[together:] {
		all[together+i].Due = 200 * time.Millisecond
	}
	e := emitter.Emitter{Targets: []emitter.Target{{URL: url}}, Pacing: emitter.Kernel, Connections: together}
	result := play(t, &e, all)
	if !result.AllRight() || result.Targets[0].NewConnections != together {
		t.Fatalf("%+v, want all accepted over %d connections", result.Total(), together)
	}
	<-open[1] // all were accepted, so it is closed: behind what was written
	if bytes.Contains(stacks, []byte("(*worker).")) {
		return string(stacks)
	}
	return ""
}

// Whenever a run is stopped, paused or made faster, each notification ends once.
func TestTheThreadThatPacesIsSteered(t *testing.T) {
	_, url := moods(t)
	for at := range 24 {
		how := []string{"drain", "cancel", "steer"}[at%3]
		drain, control, got := make(chan struct{}), emitter.NewControl(), make(finals)
		ctx, cancel := context.WithCancel(t.Context())
		e := emitter.Emitter{Targets: []emitter.Target{{URL: url}}, Pacing: emitter.Kernel, Speed: 10, Connections: 6, Timeout: 200 * time.Millisecond,
			RetryFor: -1, Drain: drain, Control: control, On: got.on}
		stop := time.AfterFunc(time.Duration(at)*7*time.Millisecond, func() {
			switch how {
			case "drain":
				close(drain)
			case "cancel":
				cancel()
			default:
				control.Pause()
				_ = control.SetSpeed(100) // or the run is over
				control.Resume()
			}
		})
		all := notes(150, 10*time.Millisecond)
		result, _ := e.Run(ctx, time.Now(), slices.Values(all))
		stop.Stop()
		cancel()
		for key, n := range got {
			if n != 1 {
				t.Errorf("%s at step %d: %s has %d final rows", how, at, key, n)
			}
		}
		total := result.Total()
		if n := uint64(len(got)); n != result.Planned || n != total.Matched || how == "steer" && n != 150 {
			t.Errorf("%s at step %d: %d notifications ended, planned %d, counted %+v", how, at, n, result.Planned, total)
		}
	}
}

// Bursts, few sockets and a target with TLS beside are no matter for one thread alone, and lose nothing.
func TestTheThreadThatPacesBesideWorkers(t *testing.T) {
	server := secure(t, true)
	ca, _ := certificateFiles(t, server.TLS.Certificates[0])
	single := notes(300, time.Millisecond)
	for name, planned := range map[string][]plan.Notification{"single": single, "bursts": inBursts(slices.Clone(single), slices.Repeat([]int{1, 3, 2, 4}, 30)...)} {
		t.Run(name, func(t *testing.T) {
			e := emitter.Emitter{Targets: []emitter.Target{{Name: "one", URL: plain(t)}, {Name: "two", URL: plain(t)}, {Name: "tls", URL: server.URL, TLS: emitter.TLS{CAFile: ca}}},
				Pacing: emitter.Kernel, Connections: 8, Sockets: &emitter.Sockets{Most: 12}}
			result := play(t, &e, planned)
			if total := result.Total(); !result.AllRight() || total.Accepted != uint64(3*len(planned)) {
				t.Errorf("%+v, want %d accepted", total, 3*len(planned))
			}
		})
	}
}
