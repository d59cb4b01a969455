package emitter_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

// withFault is one notification with a fault.
func withFault(k fault.Kind) []plan.Notification {
	n := note(0, 0, 0)
	n.Fault = k
	return []plan.Notification{n}
}

func TestASlowBodyComesInPieces(t *testing.T) { eachEngine(t, testASlowBodyComesInPieces) }

func testASlowBodyComesInPieces(t *testing.T, engine emitter.Engine) {
	synctest.Test(t, func(t *testing.T) {
		var moments []time.Duration
		var body []byte
		target := inMemory(t, func(c net.Conn) {
			r := bufio.NewReader(c)
			request, err := http.ReadRequest(r)
			if err != nil {
				t.Error(err)
				return
			}
			start, piece := time.Now(), make([]byte, 4096)
			for {
				n, err := request.Body.Read(piece)
				if n > 0 && (len(moments) == 0 || time.Since(start) > moments[len(moments)-1]) {
					moments = append(moments, time.Since(start))
				}
				body = append(body, piece[:n]...)
				if err != nil {
					break
				}
			}
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			io.Copy(io.Discard, r)
		})
		all := withFault(fault.SlowBody)
		e := emitter.Emitter{Targets: []emitter.Target{target}, Engine: engine}
		if result := play(t, &e, all); !result.AllRight() {
			t.Errorf("got %+v, want it accepted", result.Total())
		}
		wantSame(t, "body", body, all[0].AppendBody(nil))
		var want []time.Duration
		for i := range 8 {
			want = append(want, time.Duration(i)*50*time.Millisecond)
		}
		wantSame(t, "moments", moments, want)
	})
}

func TestASlowBodyEndsWithTheRun(t *testing.T) { eachEngine(t, testASlowBodyEndsWithTheRun) }

func testASlowBodyEndsWithTheRun(t *testing.T, engine emitter.Engine) {
	synctest.Test(t, func(t *testing.T) {
		target := inMemory(t, answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
		e := emitter.Emitter{Targets: []emitter.Target{target}, Engine: engine, Timeout: 100 * time.Millisecond, RetryFor: -1}
		result := play(t, &e, withFault(fault.SlowBody))
		if got := result.Total(); got.GivenUp != 1 || got.Failures[emitter.ClassTimeout].Count != 1 || got.Faults[fault.SlowBody].Wrong != 1 {
			t.Errorf("got %+v, want a timeout", got)
		}
	})
}

// Over a real socket the consumer has the head and half of the body when the connection
// ends, and the whole notification at the second attempt.
func TestAConnectionIsCutInTheMiddleOfTheBody(t *testing.T) {
	eachEngine(t, testAConnectionIsCutInTheMiddleOfTheBody)
}

func testAConnectionIsCutInTheMiddleOfTheBody(t *testing.T, engine emitter.Engine) {
	requests := make(chan string, 2)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		requests <- fmt.Sprintf("%d of %d bytes, %v", len(body), r.ContentLength, err)
	}))
	defer server.Close()
	all := withFault(fault.Reset)
	var said rows
	e := emitter.Emitter{Targets: []emitter.Target{{URL: server.URL, Secret: secret(t)}}, Engine: engine, Speed: emitter.Max, On: said.on}
	result := play(t, &e, all)
	got := []string{<-requests, <-requests}
	size := len(all[0].AppendBody(nil))
	slices.Sort(got)
	want := []string{fmt.Sprintf("%d of %d bytes, unexpected EOF", size/2, size), fmt.Sprintf("%d of %d bytes, <nil>", size, size)}
	slices.Sort(want)
	wantSame(t, "requests", got, want)
	wantSame(t, "rows", said.list, []string{"0/1 retrying cut: the connection was cut on purpose", "0/2 accepted "})
	if f := result.Total().Faults[fault.Reset]; !result.AllRight() || f.Right != 1 {
		t.Errorf("got %+v, want one that is right", f)
	}
}

// A consumer that answers before it has the body must not get away with half of it.
func TestAnAnswerToHalfABodyIsNone(t *testing.T) { eachEngine(t, testAnAnswerToHalfABodyIsNone) }

func testAnAnswerToHalfABodyIsNone(t *testing.T, engine emitter.Engine) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		target := inMemory(t, func(c net.Conn) {
			r := bufio.NewReader(c)
			if _, err := http.ReadRequest(r); err == nil {
				requests++
				io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				io.Copy(io.Discard, r)
			}
		})
		e := emitter.Emitter{Targets: []emitter.Target{target}, Engine: engine}
		if result := play(t, &e, withFault(fault.Reset)); !result.AllRight() || requests != 2 || result.Total().Attempts != 2 {
			t.Errorf("%d requests, %+v; want 2, the second accepted", requests, result.Total())
		}
	})
}

func TestTheFirstAttemptOfALateRetryIsLost(t *testing.T) {
	var said rows
	e := emitter.Emitter{Targets: to(always(200)), Speed: emitter.Max, On: said.on}
	result := play(t, &e, withFault(fault.LateRetry))
	wantSame(t, "rows", said.list, []string{"0/2 accepted "})
	if got := result.Total(); got.Retries != 1 || got.Retried != 1 || got.Attempts != 1 {
		t.Errorf("%d attempts, %d retries of %d; want 1 each", got.Attempts, got.Retries, got.Retried)
	}
}

func TestWhatIsDroppedIsNeverSent(t *testing.T) {
	s, said := always(200), rows{}
	e := emitter.Emitter{Targets: to(s), Speed: emitter.Max, On: said.on}
	result := play(t, &e, withFault(fault.Drop))
	wantSame(t, "rows", said.list, []string{"0/0 dropped "})
	if len(s.sent) != 0 || !result.AllRight() || result.Total().Dropped != 1 {
		t.Errorf("%d sent, %+v; want none, and that to be right", len(s.sent), result.Total())
	}
}

// What a stopped run leaves open says nothing about the consumer.
func TestAnInterruptedFaultIsNeitherRightNorWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drain := make(chan struct{})
		time.AfterFunc(time.Minute, func() { close(drain) })
		n := note(0, 0, time.Hour)
		n.Fault = fault.Duplicate
		e := emitter.Emitter{Targets: to(always(200)), Drain: drain}
		result := play(t, &e, []plan.Notification{n})
		if f := result.Total().Faults[fault.Duplicate]; f != (emitter.FaultsOfKind{Open: 1}) {
			t.Errorf("got %+v, want one that is open", f)
		}
	})
}

// rotated are three notifications, the key being rotated before the second and the third.
func rotated() []plan.Notification {
	all := inOneStory(notes(3, 0))
	for i := range all {
		if all[i].Keys = uint32(i); i > 0 {
			all[i].Fault = fault.RotateKey
		}
	}
	return all
}

func TestEveryTargetRotatesItsOwnKeys(t *testing.T) {
	one, two := signature.GenerateSecret(), signature.GenerateSecret()
	pairs := [][2]signature.Secret{{secret(t), next(t)}, {one, two}}
	var senders []*sender
	var e emitter.Emitter
	for i, p := range pairs {
		s := always(200)
		senders = append(senders, s)
		e.Targets = append(e.Targets, emitter.Target{Name: fmt.Sprint(i), Sender: s, Secret: p[0], NextSecret: p[1]})
	}
	unsigned := always(200)
	e.Targets = append(e.Targets, emitter.Target{Name: "unsigned", Sender: unsigned})
	e.Speed = emitter.Max
	if result := play(t, &e, rotated()); !result.AllRight() {
		t.Errorf("got %+v, want all accepted", result.Total())
	}
	for i, s := range senders {
		for j, x := range s.sent {
			if err := signature.Verify(pairs[i][j%2], x.token, []byte(x.body), x.at); err != nil {
				t.Errorf("target %d, notification %d: %v; want it signed with key %d", i, j, err, j%2)
			}
		}
	}
	if len(unsigned.sent) != 3 || unsigned.sent[1].token != "" {
		t.Errorf("a target without a secret got %d notifications, the second with token %q", len(unsigned.sent), unsigned.sent[1].token)
	}
}

func TestARotationWithoutANextSecretEndsTheRun(t *testing.T) {
	s := always(200)
	e := emitter.Emitter{Targets: to(s), Speed: emitter.Max}
	e.Targets[0].Secret = secret(t)
	result, err := e.Run(t.Context(), time.Now(), slices.Values(rotated()))
	if err == nil || !strings.Contains(err.Error(), "target t: the plan rotates the key, but there is no next secret") {
		t.Errorf("got %v, want an error that names the target", err)
	}
	if result.Stop != emitter.StopFailed || result.AllRight() || len(s.sent) > 1 {
		t.Errorf("stop %q after %d requests, want %q after one at most", result.Stop, len(s.sent), emitter.StopFailed)
	}
}
