package figures_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/sandbox/internal/figures"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/signature"
)

// book is a store in which a test writes a run by hand.
type book struct {
	t     *testing.T
	store *store.Store
	run   store.Run
	text  figures.Text
	*figures.Reader
}

func newBook(t *testing.T, subscriptions ...string) *book {
	t.Helper()
	s, err := store.Open("", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	b := &book{t: t, store: s, run: store.Run{ID: "one", Name: "a story", Source: "name: a story", State: store.RunEnded, Created: start(), Ended: start().Add(time.Second), Speed: 1, Seed: seed}}
	b.Reader = &figures.Reader{Store: s, Version: "test", Text: func(context.Context, *store.Run) (figures.Text, error) { return b.text, nil }}
	for _, id := range subscriptions {
		b.must(s.CreateSubscription(t.Context(), store.Subscription{ID: id, Name: "the " + id, URL: "http://127.0.0.1/" + id + "?token=x", Events: []string{"channel.*"}, Enabled: true,
			Secret: signature.Secret(strings.Repeat("k", 32)), Created: start(), Changed: start()}))
	}
	b.save()
	return b
}

func (b *book) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) save() { b.must(b.store.SaveRun(b.t.Context(), b.run)) }

// accept adds a notification at a moment of the run.
func (b *book) accept(at time.Duration, fault string, to ...string) []store.Delivery {
	b.t.Helper()
	b.run.Position++
	all, err := b.store.Accept(b.t.Context(), []store.Accepted{{Notification: store.Notification{ID: fmt.Sprint("e", b.run.Position), Type: "channel.held.v0", Run: b.run.ID,
		Conversation: "c", Fault: fault, Accepted: start().Add(at), Body: []byte(`{"held":true}`)}, To: to}}, store.Changes{Positions: map[string]uint64{b.run.ID: b.run.Position}})
	b.must(err)
	return all
}

// try is an attempt.
type try struct {
	at, took time.Duration
	status   int
	outcome  store.Outcome
	failure  string
	fault    string
}

// record adds attempts to a delivery, which is in a state then.
func (b *book) record(d store.Delivery, state store.DeliveryState, tries ...try) {
	b.t.Helper()
	var made []store.Attempt
	for _, a := range tries {
		if a.outcome != store.OutcomeStale {
			d.Attempts++
		}
		made = append(made, store.Attempt{Delivery: d.Number, Try: max(1, d.Attempts), Sent: start().Add(a.at), LatencyUS: a.took.Microseconds(), Status: a.status, Outcome: a.outcome,
			Failure: a.failure, Fault: a.fault, Answer: "oh"})
		if d.First.IsZero() {
			d.First = start().Add(a.at).Truncate(time.Millisecond)
		}
		d.Status, d.LatencyUS, d.Failure, d.Outcome, d.Fault = a.status, a.took.Microseconds(), a.failure, a.outcome, a.fault
	}
	if d.State = state; state != store.Waiting {
		d.Due = time.Time{}
	}
	b.must(b.store.Record(b.t.Context(), made, []store.Delivery{d}))
}

func (b *book) figures() *figures.Figures {
	b.t.Helper()
	f, err := b.Figures(b.t.Context(), b.run)
	b.must(err)
	return f
}

const ms = time.Millisecond

func accepted(at, took time.Duration) try {
	return try{at: at, took: took, status: 204, outcome: store.OutcomeAccepted}
}

// A run with all that there can be, whose figures are known.
func storied(t *testing.T) *book {
	b := newBook(t, "a", "b", "c")
	b.record(b.accept(0, "", "a")[0], store.Delivered, accepted(2*ms, 3*ms))
	again := b.accept(100*ms, "", "a")[0]
	b.record(again, store.Delivered, try{at: 101 * ms, outcome: store.OutcomeStale, failure: "stale-connection: it had ended"},
		try{at: 110 * ms, took: 5 * ms, status: 503, outcome: store.OutcomeFailed, failure: "status: 503 Service Unavailable"}, accepted(2*time.Second, 4*ms))
	b.record(b.accept(200*ms, "wrong-key", "a")[0], store.CorrectlyRefused, try{at: 201 * ms, took: ms, status: 401, outcome: store.OutcomeCorrectlyRefused, fault: "wrong-key"})
	b.record(b.accept(200*ms, "unsigned", "a")[0], store.WronglyAccepted,
		try{at: 201 * ms, took: ms, status: 204, outcome: store.OutcomeWronglyAccepted, failure: "wrongly-accepted: 204", fault: "unsigned"})
	b.accept(300*ms, "drop")
	b.record(b.accept(300*ms, "", "a")[0], store.Delivered, // a fault that a user injected, and the event itself
		try{at: 302 * ms, took: ms, status: 401, outcome: store.OutcomeCorrectlyRefused, fault: "expired-token"}, accepted(303*ms, ms))
	b.record(b.accept(400*ms, "", "a")[0], store.Failed, try{at: 401 * ms, outcome: store.OutcomeFailed, failure: "refused: nobody listens", took: ms})
	three := b.accept(400*ms, "", "a", "b", "c")
	b.record(three[0], store.Delivered, accepted(402*ms, 2*ms))
	b.record(three[1], store.Cancelled)
	made, err := b.store.Redeliver(t.Context(), []store.Again{{Notification: again.Notification, Subscription: "a"}}, "resend", start().Add(time.Hour))
	b.must(err)
	b.record(made[0].Delivery, store.Delivered, accepted(time.Hour, time.Second))
	return b
}

func TestTheFiguresOfARunAreExact(t *testing.T) {
	b := storied(t)
	b.text = figures.Text{Gates: []string{"accepted >= 4", "latency max < 4ms", "connections == 0", "latency  max <  4ms"}, Expected: true}
	f := b.figures()
	want := figures.States{store.Waiting: 1, store.Delivered: 5, store.Failed: 1, store.Cancelled: 1, store.CorrectlyRefused: 1, store.WronglyAccepted: 1, store.Dropped: 0}
	if !reflect.DeepEqual(f.Deliveries, want) || f.Again != 1 || f.Notifications != 8 {
		t.Errorf("deliveries %v, %d again, of %d notifications", f.Deliveries, f.Again, f.Notifications)
	}
	for what, pair := range map[string][2]any{
		"attempts": {f.Attempts, map[string]uint64{"accepted": 4, "failed": 2, "stale": 1, "correctly-refused": 2, "wrongly-accepted": 1}},
		"statuses": {f.Statuses, map[string]uint64{"204": 5, "401": 2, "503": 1}},
		"retries":  {[2]uint64{f.Retries, f.Retried}, [2]uint64{2, 2}},
		"latency":  {f.Latency, &figures.Times{Count: 8, P50: 1000, P90: 4001, P99: 5003, P999: 5003, Max: 5003}},
		"lateness": {f.Lateness, &figures.Times{Count: 7, P50: 2000, P90: 2000, P99: 10007, P999: 10007, Max: 10007}},
		"faults": {f.Faults, []figures.Fault{{Kind: "drop", Want: "nothing", Planned: 1, Right: 3}, {Kind: "wrong-key", Want: "refuse with 401", Planned: 1, Right: 1},
			{Kind: "expired-token", Want: "refuse with 401", Right: 1}, {Kind: "unsigned", Want: "refuse with 401", Planned: 1, Wrong: 1, WronglyAccepted: 1, Example: "wrongly-accepted: 204"}}},
		"types": {f.Types, []figures.Part{{Name: "channel.held.v0", All: 10, States: figures.States{store.Waiting: 1, store.Delivered: 5, store.Failed: 1, store.Cancelled: 1, store.CorrectlyRefused: 1, store.WronglyAccepted: 1}}}},
		"gates": {f.Gates, []report.Gate{{Text: "accepted >= 4", Passed: true, Was: "it was 4"}, {Text: "latency max < 4ms", Was: "it was 5.003ms"},
			{Text: "connections == 0", Was: "there is no data: it was not recorded"}}},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s:\n got %+v\nwant %+v", what, pair[0], pair[1])
		}
	}
	if len(f.Subscriptions) != 3 || f.Subscriptions[0].Name != "the a" || f.Subscriptions[0].All != 7 || f.Subscriptions[2].States[store.Waiting] != 1 {
		t.Errorf("subscriptions %+v", f.Subscriptions)
	}
	if f.Settled || f.Verdict != "" || len(f.Unjudged) != 1 {
		t.Errorf("one waits, and it is settled %t, verdict %q; unjudged %v", f.Settled, f.Verdict, f.Unjudged)
	}
}

func TestTheCourseOfARun(t *testing.T) {
	b := storied(t)
	f := b.figures()
	var offered, delivered, attempts, failures uint64
	for _, p := range f.Points {
		offered, delivered, attempts, failures = offered+p.Offered, delivered+p.Delivered, attempts+p.Attempts, failures+p.Failures
	}
	if offered != 9 || delivered != 4 || attempts != 9 || failures != 3 {
		t.Errorf("offered %d, delivered %d, attempts %d, failures %d", offered, delivered, attempts, failures)
	}
	first := f.Points[0]
	if f.Step != 0.125 || first.At != 0 || first.Offered != 2 || first.Attempts != 2 || first.Failures != 1 || first.Latency.Max < 5000 || first.Lateness.Count != 2 || len(f.Points) != 5 {
		t.Errorf("the step is %v, the first of %d points %+v", f.Step, len(f.Points), first)
	}
	// However long a run is, the course is short, and nothing of it is lost.
	for i := range 100 {
		b.record(b.accept(time.Duration(i)*time.Hour, "", "b")[0], store.Delivered, accepted(time.Duration(i)*time.Hour, ms))
	}
	b.run.State, b.run.Ended = store.RunGoing, time.Time{}
	f = b.figures()
	var all uint64
	for i, p := range f.Points {
		if all += p.Delivered; i > 0 && (p.At <= f.Points[i-1].At || p.At > 100*3600) {
			t.Errorf("point %d is at %v", i, p.At)
		}
	}
	if all != 104 || len(f.Points) > 240 || f.Step <= 100*3600/240.0 || f.Step > 2*100*3600/240.0 {
		t.Errorf("%d delivered in %d points of %v s", all, len(f.Points), f.Step)
	}
	s, _, err := b.Report(t.Context(), b.run)
	b.must(err)
	if back, err := report.Read(asJSON(t, s)); err != nil || len(back.Series.Points) == 0 || s.Verdict != report.Interrupted {
		t.Errorf("the report of a run that goes on: %s, %v", s.Verdict, err)
	}
}

func asJSON(t *testing.T, s *report.Summary) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteAs(&b, report.JSON, nil); err != nil {
		t.Fatal(err)
	}
	return &b
}

// What is past retention is in no figure, and the figures and the report say so.
func TestFiguresSayWhatIsPastRetention(t *testing.T) {
	b := newBook(t, "a")
	for i := range 5 {
		b.record(b.accept(time.Duration(i)*ms, "", "a")[0], store.Delivered, accepted(time.Duration(i)*ms, ms))
	}
	b.accept(0, "", "a") // waits, and stays
	b.must(b.store.Forget(t.Context(), start().Add(1000*time.Hour)))
	if f := b.figures(); f.Missing.Notifications != 5 || f.Notifications != 1 || f.Deliveries[store.Waiting] != 1 {
		t.Errorf("%+v, %d there", f.Missing, f.Notifications)
	}
	s, _, err := b.Report(t.Context(), b.run)
	b.must(err)
	if notes := strings.Join(s.Notes, "\n"); !strings.Contains(notes, "past retention, and in no figure: 5 notifications") || !strings.Contains(notes, "deliveries wait") {
		t.Errorf("notes %q", notes)
	}
}

// What is left of a run proves nothing about what is not: there is no verdict, unless something that is left went wrong.
func TestNoVerdictOfAPart(t *testing.T) {
	for state, want := range map[store.DeliveryState]report.Verdict{store.Delivered: "", store.Failed: report.Failed} {
		b := newBook(t, "a")
		b.record(b.accept(0, "", "a")[0], store.Delivered, accepted(0, ms))
		last := b.accept(0, "", "a")[0]
		b.must(b.store.Forget(t.Context(), start().Add(1000*time.Hour)))
		if state == store.Failed {
			b.record(last, state, try{at: 0, took: ms, status: 500, outcome: store.OutcomeFailed, failure: "500"})
		} else {
			b.record(last, state, accepted(0, ms))
		}
		b.run.State, b.run.Ended = store.RunEnded, start().Add(time.Minute)
		b.save()
		s, _, err := b.Report(t.Context(), b.run)
		b.must(err)
		if f := b.figures(); f.Verdict != want || s.Verdict == report.Passed || !f.Settled {
			t.Errorf("%s: verdict %q, want %q; of the report %q; %+v", state, f.Verdict, want, s.Verdict, f.Missing)
		}
	}
}

// The report is the one of the command run: it has the bodies and answers of what went wrong, and no query of a URL.
func TestTheReportShowsWhatWentWrong(t *testing.T) {
	b := storied(t)
	s, details, err := b.Report(t.Context(), b.run)
	b.must(err)
	var page bytes.Buffer
	b.must(s.WriteAs(&page, report.HTML, details))
	for _, want := range []string{"nobody listens", "held", "sent once more on request, and in no figure: 1 delivery", "a story"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if strings.Contains(page.String(), "token=x") {
		t.Error("the page has the query of a URL")
	}
	if !report.Compare(s, s).SamePlan {
		t.Error("a run does not play the same as itself")
	}
	other := b.run
	other.Seed++
	o, _, err := b.Report(t.Context(), other)
	b.must(err)
	if report.Compare(s, o).SamePlan {
		t.Error("another seed plays the same")
	}
}

// Whoever watches a run asks every second: the store is asked once.
func TestFiguresAreKeptForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := storied(t)
		first := b.figures()
		b.record(b.accept(0, "", "a")[0], store.Delivered, accepted(0, ms))
		if b.figures() != first {
			t.Error("the figures are computed anew at once")
		}
		time.Sleep(time.Second)
		if now := b.figures(); now == first || now.Notifications != first.Notifications+1 {
			t.Error("the figures are kept for longer than a moment")
		}
		now := b.figures()
		b.run.State = store.RunStopped
		if b.figures() == now {
			t.Error("the figures are still those of another state")
		}
		left, cancel := context.WithCancel(t.Context())
		cancel()
		b.run.State = store.RunEnded
		if _, err := b.Figures(left, b.run); !errors.Is(err, context.Canceled) {
			t.Errorf("a client that has left gets %v", err)
		}
	})
}

// Requests do not pile up behind a run that takes long.
func TestNotAnyNumberWaitsForFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		on := make(chan struct{})
		b.Text = func(_ context.Context, run *store.Run) (figures.Text, error) { return figures.Text{}, nil }
		hold := b.Hold()
		busy := make(chan error, 200)
		for i := range 100 {
			go func() {
				run := b.run
				run.ID = fmt.Sprint("run", i)
				_, err := b.Figures(t.Context(), run)
				<-on
				busy <- err
			}()
		}
		synctest.Wait()
		hold()
		close(on)
		refused := 0
		for range 100 {
			if err := <-busy; errors.Is(err, figures.ErrBusy) {
				refused++
			}
		}
		if refused != 50 {
			t.Errorf("%d of 100 are refused, want 50", refused)
		}
	})
}
