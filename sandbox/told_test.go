package sandbox

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// told is what a teller says while messages come in virtual time.
type told struct {
	*teller
	messages chan engine.Message
	number   int64
	lines    []string
}

func newTold() *told {
	w := &told{messages: make(chan engine.Message)}
	w.teller = &teller{names: map[string]string{}, more: map[store.DeliveryState]uint64{},
		say:  func(line string) { w.lines = append(w.lines, line) },
		name: func(id string) (string, bool) { return "consumer " + id, true }}
	go w.hear(w.messages)
	return w
}

func (w *told) send(kind string, data any) {
	w.number++
	w.messages <- engine.Message{Number: w.number, Kind: kind, Data: data}
}

func attempt(state store.DeliveryState, attempts, status int, failure string, due time.Duration) store.DeliveryDetail {
	d := store.DeliveryDetail{Delivery: store.Delivery{Number: 1, Subscription: "a", State: state, Attempts: attempts, Status: status, LatencyUS: 3210, Failure: failure},
		Detail: store.Notification{Type: "channel.alerted.v0", Conversation: "f5d13c55-f33b-41b3-8c19-85ec2fd3daa3"}}
	switch {
	case state == store.Delivered:
		d.Outcome = store.OutcomeAccepted
	case attempts > 0:
		d.Outcome = store.OutcomeFailed
	}
	if due > 0 {
		d.Due = time.Now().Add(due)
	}
	return d
}

func TestEachAttemptIsALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := time.Now().Format(time.TimeOnly)
		w := newTold()
		w.send("notification", store.Notification{})
		w.send("delivery", attempt(store.Waiting, 0, 0, "", 0)) // a resend that is asked for
		w.send("delivery", attempt(store.Delivered, 1, 204, "", 0))
		w.send("delivery", attempt(store.Waiting, 1, 503, "status: 503", 5*time.Second))
		w.send("delivery", attempt(store.Delivered, 2, 200, "", 0))
		w.send("delivery", attempt(store.Failed, 9, 0, "reset: read \x1b[31m\u202etcp\n127.0.0.1", 0))
		w.send("delivery", attempt(store.Dropped, 0, 0, "dropped on purpose", 0))
		forged := attempt(store.CorrectlyRefused, 1, 401, "", 0)
		forged.Fault, forged.Outcome = "wrong-key", store.OutcomeCorrectlyRefused
		w.send("delivery", forged)
		forged.State = store.Waiting // the event itself follows
		w.send("delivery", forged)
		forged.State, forged.Status, forged.Outcome, forged.Failure = store.WronglyAccepted, 204, store.OutcomeWronglyAccepted, "wrongly-accepted: a correct consumer would refuse"
		w.send("delivery", forged)
		slow := attempt(store.Delivered, 1, 200, "", 0)
		slow.Fault = "slow-body"
		w.send("delivery", slow)
		presence := attempt(store.Delivered, 1, 200, "", 0)
		presence.Detail.Conversation, presence.Detail.Agent, presence.Detail.Type = "", "1544", "agent.presencechanged.v0"
		w.send("delivery", presence)
		close(w.messages)
		synctest.Wait()
		begin := at + "  consumer a    channel.alerted.v0          f5d13c55  "
		want := []string{
			begin + "204 delivered in 3.21 ms",
			begin + "503 after 3.21 ms, attempt 1; again in 5 s",
			begin + "200 delivered in 3.21 ms, attempt 2",
			begin + "read  [31m tcp 127.0.0.1 after 3.21 ms, attempt 9; failed",
			begin + "dropped on purpose",
			begin + "401 correctly refused in 3.21 ms  [wrong-key]",
			begin + "401 correctly refused in 3.21 ms  [wrong-key]",
			begin + "204 wrongly accepted in 3.21 ms  [wrong-key]",
			begin + "200 delivered in 3.21 ms  [slow-body]",
			at + "  consumer a    agent.presencechanged.v0    1544      200 delivered in 3.21 ms",
		}
		if got := strings.Join(w.lines, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
	})
}

func TestManyAttemptsOfASecondAreSummedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTold()
		for range 1000 {
			w.send("delivery", attempt(store.Delivered, 1, 200, "", 0))
			w.send("delivery", attempt(store.Waiting, 1, 503, "", time.Second))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if last := w.lines[len(w.lines)-1]; len(w.lines) != mostLines+1 || last != time.Now().Format(time.TimeOnly)+"  and 1,980 attempts more: 990 delivered, 990 to be repeated, 0 failed" {
			t.Errorf("%d lines, the last one %q", len(w.lines), last)
		}
		w.number += 50 // messages that the listener missed
		for range mostLines {
			w.send("delivery", attempt(store.Delivered, 1, 200, "", 0))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if last := w.lines[len(w.lines)-1]; len(w.lines) != 2*mostLines+2 || !strings.HasSuffix(last, "  and more, too fast to be counted") {
			t.Errorf("%d lines, the last one %q", len(w.lines), last)
		}
		w.send("delivery", attempt(store.Delivered, 1, 200, "", 0))
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(w.lines) != 2*mostLines+3 {
			t.Errorf("%d lines, want one more for one attempt", len(w.lines))
		}
		close(w.messages)
	})
}
