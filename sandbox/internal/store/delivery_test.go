package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

func TestWhatIsAcceptedIsThere(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, again func() *store.Store) {
		ctx := t.Context()
		subscribe(t, s, "a", "b")
		batch := []store.Accepted{accepted(0, "b", "a"), accepted(1), accepted(2, "a", "gone")}
		got := accept(t, s, batch...)
		want := []store.Delivery{
			{Number: 1, Notification: 1, Subscription: "b", State: store.Waiting, Due: noon()},
			{Number: 2, Notification: 1, Subscription: "a", State: store.Waiting, Due: noon()},
			{Number: 3, Notification: 3, Subscription: "a", State: store.Waiting, Due: noon().Add(2 * time.Second)},
			{Number: 4, Notification: 3, Subscription: "gone", State: store.Cancelled, Due: noon().Add(2 * time.Second)},
		}
		same(t, "what Accept returns", got, want)
		same(t, "numbers", []int64{batch[0].Number, batch[1].Number, batch[2].Number}, []int64{1, 2, 3})
		s = again()
		for i := range batch {
			n, err := s.Notification(ctx, batch[i].Number)
			must(t, err)
			same(t, "a notification", n, batch[i].Notification)
			n, err = s.NotificationByID(ctx, batch[i].ID)
			must(t, err)
			same(t, "a notification by its ID", n, batch[i].Notification)
		}
		for i := range want {
			d, err := s.Delivery(ctx, want[i].Number)
			must(t, err)
			same(t, "a delivery", d, want[i])
		}
		_, err := s.Notification(ctx, 4)
		fails(t, "a notification that is not there", err, store.ErrNotFound)
		_, err = s.NotificationByID(ctx, "x")
		fails(t, "an ID that is not there", err, store.ErrNotFound)
		_, err = s.Delivery(ctx, 5)
		fails(t, "a delivery that is not there", err, store.ErrNotFound)
		wantCounts(t, s, 3, map[store.DeliveryState]int64{store.Waiting: 3, store.Cancelled: 1})
		whole(t, s)
	})
}

func TestAcceptIsAllOrNothing(t *testing.T) {
	s := open(t, "", store.Options{})
	subscribe(t, s, "a")
	bad := store.Conversation{ID: "c", Actions: []store.Action{{Args: []byte("{")}}}
	if _, err := s.Accept(t.Context(), []store.Accepted{accepted(0, "a", "new")}, store.Changes{Conversations: []store.Conversation{bad}}); err == nil {
		t.Fatal("a conversation that is no JSON was kept")
	}
	wantCounts(t, s, 0, nil)
	whole(t, s)
	got := accept(t, s, accepted(0, "new", "a"))
	same(t, "the first number after it", got[0].Number, int64(1))
	whole(t, s)
}

func TestWhatIsRecordedIsThere(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, again func() *store.Store) {
		ctx := t.Context()
		subscribe(t, s, "a")
		deliveries := accept(t, s, accepted(0, "a"), accepted(1, "a"), accepted(2, "a"))
		attempts := []store.Attempt{
			{Delivery: 1, Try: 1, Sent: noon(), LatencyUS: 1234, Status: 503, Failure: "no", Outcome: store.OutcomeFailed, Fault: "slow-body", Header: store.Header{{"B", "b"}, {"A", "a"}}, Answer: "busy"},
			{Delivery: 2, Try: 1, Sent: noon(), LatencyUS: 5, Status: 200, Outcome: store.OutcomeAccepted},
			{Delivery: 3, Try: 1, Sent: noon(), Failure: "refused", Outcome: store.OutcomeFailed},
			{Delivery: 1, Try: 2, Sent: noon().Add(time.Minute), Status: 503, Outcome: store.OutcomeStale},
		}
		set := func(d *store.Delivery, state store.DeliveryState, attempts, status int, due time.Time) {
			d.State, d.Attempts, d.First, d.Due, d.Status, d.LatencyUS, d.Failure, d.Outcome, d.Fault = state, attempts, noon(), due, status, 9, "f", store.OutcomeFailed, "slow-body"
		}
		set(&deliveries[0], store.Waiting, 2, 503, noon().Add(time.Hour))
		set(&deliveries[1], store.Delivered, 1, 200, time.Time{})
		set(&deliveries[2], store.Failed, 1, 0, time.Time{})
		must(t, s.Record(ctx, attempts, deliveries))
		s = again()
		for i := range attempts {
			attempts[i].Number = int64(i + 1)
		}
		got, err := s.Attempts(ctx, 1)
		must(t, err)
		same(t, "attempts", got, []store.Attempt{attempts[0], attempts[3]})
		for _, want := range deliveries {
			d, err := s.Delivery(ctx, want.Number)
			must(t, err)
			same(t, "a delivery", d, want)
		}
		wantCounts(t, s, 3, map[store.DeliveryState]int64{store.Waiting: 1, store.Delivered: 1, store.Failed: 1})
		whole(t, s)
	})
}

func TestADeliveryThatIsDoneDoesNotWaitAgain(t *testing.T) {
	s := open(t, "", store.Options{})
	ctx := t.Context()
	subscribe(t, s, "a", "b")
	d := accept(t, s, accepted(0, "a", "b"), accepted(1, "a"))
	must(t, s.DeleteSubscription(ctx, "a"))
	wantCounts(t, s, 2, map[store.DeliveryState]int64{store.Waiting: 1, store.Cancelled: 2})
	d[0].Attempts, d[0].Status, d[0].Outcome = 1, 500, store.OutcomeFailed // and waiting
	d[2].Attempts, d[2].State = 1, store.Delivered
	must(t, s.Record(ctx, []store.Attempt{{Delivery: 1, Try: 1}, {Delivery: 3, Try: 1}}, []store.Delivery{d[0], d[2]}))
	got, err := s.Delivery(ctx, 1)
	must(t, err)
	same(t, "a delivery on its way when it was cancelled", got, store.Delivery{Number: 1, Notification: 1, Subscription: "a", State: store.Cancelled, Attempts: 1, Status: 500, Outcome: store.OutcomeFailed})
	got, err = s.Delivery(ctx, 3)
	must(t, err)
	same(t, "one that arrived all the same", got.State, store.Delivered)
	wantCounts(t, s, 2, map[store.DeliveryState]int64{store.Waiting: 1, store.Cancelled: 1, store.Delivered: 1})
	whole(t, s)
}

func TestDueGoesByMomentAndNumber(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, again func() *store.Store) {
		ctx := t.Context()
		subscribe(t, s, "a", "b")
		var batch []store.Accepted
		for _, second := range []int{5, 3, 5, 1, 3, 3} {
			a := accepted(second, "a", "b")
			a.Accepted = noon()
			batch = append(batch, a)
		}
		accept(t, s, batch...)
		_, err := s.Redeliver(ctx, onceMore(1, "a"), "resend", noon().Add(4*time.Second))
		must(t, err)
		must(t, s.Record(ctx, nil, []store.Delivery{{Number: 9, State: store.Delivered}}))
		s = again()
		var got []int64
		after, number := time.Time{}, int64(0)
		for range 4 {
			deliveries, err := s.Due(ctx, "a", after, number, 2)
			must(t, err)
			for _, d := range deliveries {
				got = append(got, d.Number)
				if d.Notification != d.Detail.Number || len(d.Detail.Body) == 0 || d.Subscription != "a" {
					t.Errorf("delivery %+v comes with %+v", d.Delivery, d.Detail)
				}
				after, number = d.Due, d.Number
			}
		}
		same(t, "what is due", got, []int64{7, 3, 11, 13, 1, 5})
	})
}

func TestRedeliver(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "f"), store.Options{})
	ctx := t.Context()
	subscribe(t, s, "a", "b")
	accept(t, s, accepted(0, "a"))
	both, err := s.Redeliver(ctx, onceMore(1, "b"), "expired", noon())
	must(t, err)
	want := store.Delivery{Number: 2, Notification: 1, Subscription: "b", State: store.Waiting, Due: noon(), Kind: "expired"}
	same(t, "the new delivery", both[0].Delivery, want)
	same(t, "its notification", string(both[0].Detail.Body), `{"number":0}`)
	d, err := s.Delivery(ctx, 2)
	must(t, err)
	same(t, "the new delivery in the file", d, want)
	_, err = s.Redeliver(ctx, onceMore(2, "b"), "resend", noon())
	fails(t, "a notification that is not there", err, store.ErrNotFound)
	_, err = s.Redeliver(ctx, onceMore(1, "c"), "resend", noon())
	fails(t, "a subscription that is not there", err, store.ErrNotFound)
	must(t, s.DeleteSubscription(ctx, "b"))
	_, err = s.Redeliver(ctx, onceMore(1, "b"), "resend", noon())
	fails(t, "a subscription that was deleted", err, store.ErrNotFound)
	whole(t, s)
}

func onceMore(notification int64, subscription string) []store.Again {
	return []store.Again{{Notification: notification, Subscription: subscription}}
}

// Where not all can be delivered again, none is: whoever asks again would get some of them twice.
func TestAllAreRedeliveredOrNone(t *testing.T) {
	s := open(t, "", store.Options{KeepMost: 2 << 20})
	subscribe(t, s, "a")
	accept(t, s, accepted(0, "a"), accepted(1, "a"))
	made, err := s.Redeliver(t.Context(), append(onceMore(2, "a"), onceMore(1, "a")...), "resend", noon())
	must(t, err)
	if len(made) != 2 || made[0].Number != 3 || made[1].Number != 4 || string(made[1].Detail.Body) != `{"number":0}` {
		t.Errorf("made %+v", made)
	}
	_, err = s.Redeliver(t.Context(), append(onceMore(1, "a"), onceMore(9, "a")...), "resend", noon())
	fails(t, "one that is not there", err, store.ErrNotFound)
	wantCounts(t, s, 2, map[store.DeliveryState]int64{store.Waiting: 4})
	var many []store.Again
	for range 400 {
		many = append(many, onceMore(1, "a")...)
	}
	waiting := int64(4)
	for err = nil; err == nil; waiting += int64(len(many)) {
		_, err = s.Redeliver(t.Context(), many, "resend", noon())
	}
	if trouble := troubleOf(t, err); trouble.Kind != store.OverLimit || waiting < 800 {
		t.Errorf("%d wait: %v", waiting, err)
	}
	wantCounts(t, s, 2, map[store.DeliveryState]int64{store.Waiting: waiting - int64(len(many))})
	whole(t, s)
}
