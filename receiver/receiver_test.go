package receiver_test

import (
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

func TestManyAtOnce(t *testing.T) {
	w := &world{t: t}
	var bodies [][]byte
	for n := range 50 {
		for _, s := range histories[1].steps {
			bodies = append(bodies, event.Append(nil, w.at(w.channel(n, event.V0), s.kind, s.after)))
		}
	}
	// On runs one call at a time, so it needs no lock for these.
	heard := map[event.ID]int{}
	total := 0
	var r *receiver.Receiver
	r = receiver.New(receiver.Options{Secrets: []signature.Secret{secret}, Now: now, On: func(j receiver.Judgement) {
		if first := heard[j.Event.ID] == 0; first != (j.Result == receiver.Accepted) {
			t.Errorf("got %s; want the first of an ID accepted and the others duplicates", j.Result)
		}
		heard[j.Event.ID]++
		if total++; total%100 == 0 && r.Report().Accepted == 0 {
			t.Error("got an empty report inside On")
		}
	}})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range bodies {
				body := bodies[(i*7+worker*31)%len(bodies)]
				r.ServeHTTP(httptest.NewRecorder(), post(body, nil))
				if i%50 == 0 {
					r.Lives()
				}
			}
		})
	}
	wg.Wait()
	report := r.Report()
	if report.Accepted != len(bodies) || report.Duplicates != 7*len(bodies) || len(report.Violations) > 0 || len(report.Lives) != 50 || report.Open != 0 {
		t.Errorf("got %d accepted, %d duplicates, %v, %d lives, %d open; want %d, %d, none, 50, 0",
			report.Accepted, report.Duplicates, report.Violations, len(report.Lives), report.Open, len(bodies), 7*len(bodies))
	}
}

func TestEndedChannelsAreForgottenFirst(t *testing.T) {
	w := &world{t: t}
	r := receiver.New(receiver.Options{Remember: 6})
	call := func(n int, steps ...step) []event.Event {
		events := w.life(w.channel(n, event.V0), steps...)
		for _, e := range events {
			r.Add(e)
		}
		return events
	}
	first := call(1, step{event.Alerted, 0}, step{event.Connected, 0})                          // open, oldest
	ended := call(2, step{event.Alerted, 0}, step{event.Held, sec}, step{event.Ended, 2 * sec}) // two violations
	late := w.at(w.channel(2, event.V0), event.Connected, 0)
	call(3, step{event.Alerted, 0})

	call(4, step{event.Alerted, 0})
	report := r.Report()
	if report.Forgotten != 1 || len(report.Lives) != 3 || report.Lives[0].ChannelID != first[0].Channel.ChannelID {
		t.Fatalf("got %d forgotten, %+v; want the ended channel forgotten", report.Forgotten, report.Lives)
	}
	if report.Violated[receiver.IllegalTransition] != 2 || len(report.Violations) != 2 {
		t.Errorf("got %v; want what the forgotten channel was accused of", report.Violations)
	}
	if j := r.Add(first[0]); j.Result != receiver.Duplicate {
		t.Errorf("got %s; want a duplicate of what is remembered", j.Result)
	}
	if j := r.Add(ended[0]); j.Result != receiver.Duplicate {
		t.Errorf("got %s; want a duplicate of what is forgotten, too", j.Result)
	}
	if a, b := r.Add(late), r.Add(late); a.Result != receiver.Accepted || b.Result != receiver.Duplicate {
		t.Errorf("got %s and %s; want what comes late accepted once", a.Result, b.Result)
	}
	if after := r.Report(); len(after.Lives) != 3 || len(after.Violations) != 2 {
		t.Errorf("got %+v; want no life begun and nothing found by what comes late", after)
	}

	call(5, step{event.Alerted, 0}, step{event.Connected, 0}, step{event.Held, sec}) // no ended channel is left
	report = r.Report()
	if report.Forgotten != 2 {
		t.Fatalf("got %d forgotten; want 2", report.Forgotten)
	}
	for _, life := range report.Lives {
		if life.ChannelID == first[0].Channel.ChannelID {
			t.Error("the channel heard of least recently is still remembered")
		}
	}
	r.Add(w.at(w.channel(1, event.V0), event.Retrieved, 5*sec))
	if after := r.Report(); len(after.Violations) != len(report.Violations) || len(after.Remarks) > 0 {
		t.Errorf("got %v, %v; want nothing found that the forgotten explains", after.Violations, after.Remarks)
	}
}

// A conversation is forgotten as a whole, once all its channels have ended.
func TestConversationsThatEndedAreForgottenFirst(t *testing.T) {
	w := &world{t: t}
	r := receiver.New(receiver.Options{Remember: 8})
	going := w.channel(1, event.V0)
	for _, e := range w.life(going, step{event.Alerted, 0}, step{event.Ended, sec}) {
		r.Add(e)
	}
	other := w.channel(2, event.V0) // of the same conversation
	other.Channel.ConversationID, other.Channel.InteractionID = going.Channel.ConversationID, going.Channel.InteractionID
	r.Add(w.at(other, event.Alerted, 0))
	for _, n := range []int{3, 4} {
		for _, e := range w.life(w.channel(n, event.V0), step{event.Alerted, 0}, step{event.Ended, sec}) {
			r.Add(e)
		}
	}
	r.Add(w.presence(5, 1, 0))
	r.Add(w.presence(6, 1, 0)) // one too many
	report := r.Report()
	var left []event.GUID
	for _, life := range report.Lives {
		left = append(left, life.ChannelID)
	}
	if want := []event.GUID{going.Channel.ChannelID, other.Channel.ChannelID, w.guid(3, 4)}; report.Forgotten != 1 || !slices.Equal(left, want) {
		t.Errorf("got %d forgotten, left %v; want one, and %v", report.Forgotten, left, want)
	}
}

func TestIDsAreRememberedForADayOrAsLongAsThereIsRoom(t *testing.T) {
	w := &world{t: t}
	clock := dawn
	r := receiver.New(receiver.Options{Remember: 1, RememberIDs: 100, Now: func() time.Time { return clock }})
	var all []event.Event
	call := func(n int) {
		e := w.at(w.channel(n, event.V0), event.Alerted, 0)
		all = append(all, e)
		r.Add(e)
	}
	known := func(i int) bool {
		return r.Inspect("", nil).Code == receiver.MissingSignature && r.Add(all[i]).Result == receiver.Duplicate
	}
	call(0)
	call(1)
	clock = clock.Add(24*time.Hour + 30*time.Minute)
	call(2)
	if !known(0) || r.Report().ForgottenIDs != 0 {
		t.Error("an ID of a day ago is forgotten")
	}
	for n := range 250 {
		call(3 + n)
	}
	if report := r.Report(); known(3) || !known(len(all)-50) || report.ForgottenIDs < 100 || report.ForgottenIDs > 200 {
		t.Errorf("%d IDs forgotten, want some 150", report.ForgottenIDs)
	}
	lost := r.Report().ForgottenIDs
	for range 3 {
		clock = clock.Add(26 * time.Hour)
		call(len(all))
	}
	if now := r.Report().ForgottenIDs; now != lost {
		t.Errorf("%d IDs forgotten early, want those of before: %d", now, lost)
	}
}

// An agent is there for ever; only the last changes are judged together with what comes late.
func TestPresencesAreForgotten(t *testing.T) {
	w := &world{t: t}
	r := receiver.New(receiver.Options{})
	var first event.Event
	for n := range 5000 {
		e := w.presence(1, n/2%7, time.Duration(n)*sec) // each one repeated
		if n == 0 {
			first = e
		}
		r.Add(e)
	}
	if notifications, histories, _, _ := r.Remembered(); notifications > 1000 || histories != 1 {
		t.Errorf("%d notifications remembered, of %d agents", notifications, histories)
	}
	if j := r.Add(first); j.Result != receiver.Duplicate {
		t.Errorf("got %s, want a duplicate", j.Result)
	}
	r.Add(w.presence(1, 3, 10*sec+1)) // which says nothing any more
	if got := r.Report(); got.Violated[receiver.PresenceRepeated] != 2500 || got.Accepted != 5001 {
		t.Errorf("%d repetitions found of %d notifications, want each of 2500", got.Violated[receiver.PresenceRepeated], got.Accepted)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	w := &world{t: t}
	const limit = 100
	r := receiver.New(receiver.Options{Remember: limit, RememberIDs: limit})
	for n := range 3000 {
		r.Add(w.presence(n, 1, 0))
		for _, e := range w.life(w.channel(n, event.V0), step{event.Alerted, 0}, step{event.Held, sec}, step{event.Held, 2 * sec}, step{event.Held, 3 * sec}, step{event.Ended, 4 * sec}) {
			r.Add(e)
		}
		notifications, histories, ties, marks := r.Remembered()
		if notifications > limit || histories > limit || ties > 3*limit || marks > 3*limit {
			t.Fatalf("got %d notifications, %d histories, %d ties, %d marks remembered; want at most %d", notifications, histories, ties, marks, limit)
		}
	}
	// One channel that fills the bound alone is forgotten as a whole.
	c := w.channel(9999, event.V0)
	for range limit + 1 {
		r.Add(w.at(c, event.Alerted, 0))
	}
	if notifications, histories, ties, _ := r.Remembered(); notifications != 0 || histories != 0 || ties != 0 {
		t.Errorf("got %d notifications, %d histories, %d ties; want nothing left", notifications, histories, ties)
	}
	report := r.Report()
	if len(report.Violations) != receiver.MaxPast || report.Unlisted == 0 {
		t.Errorf("got %d violations listed, %d not; want %d listed", len(report.Violations), report.Unlisted, receiver.MaxPast)
	}
	sum := 0
	for _, n := range report.Violated {
		sum += n
	}
	if sum != len(report.Violations)+report.Unlisted {
		t.Errorf("got %d violations counted; want %d", sum, len(report.Violations)+report.Unlisted)
	}
}

func TestVersionsAreToldApart(t *testing.T) {
	w := &world{t: t}
	steps := histories[1].steps
	r := received(t, append(w.life(w.channel(1, event.V0), steps...), w.life(w.channel(1, event.V1), steps[:2]...)...)...)
	lives := r.Lives()
	if len(lives) != 2 || lives[0].Version != event.V0 || !lives[0].Ended || lives[1].Version != event.V1 || lives[1].Ended {
		t.Errorf("got %+v; want the v0 life ended and the v1 life open", lives)
	}
}

func TestSecondOfID(t *testing.T) {
	w := &world{t: t}
	for _, at := range []time.Time{
		time.Unix(1_400_000_000, 0), time.Unix(1_400_000_001, 0), dawn, time.Unix(1_400_000_000+1<<32-1, 0),
	} {
		if got := receiver.SecondOf(w.id(at)); got != at.Unix() {
			t.Errorf("got %d; want %d", got, at.Unix())
		}
	}
	// The documented example, decoded with another implementation.
	var id event.ID
	copy(id[:], "2VejGqWZPqHXHVNcfUPUO8IASAp")
	if got, want := receiver.SecondOf(id), int64(1695203346); got != want {
		t.Errorf("got %d; want %d", got, want)
	}
}

func BenchmarkJudge(b *testing.B) {
	w := &world{t: b}
	r := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}, Now: now, Remember: 1 << 16, RememberIDs: 1})
	type delivery struct {
		header string
		body   []byte
	}
	var deliveries []delivery
	for n := range 1 << 14 {
		for _, s := range histories[1].steps {
			body := event.Append(nil, w.at(w.channel(n, event.V0), s.kind, s.after))
			deliveries = append(deliveries, delivery{signature.Sign(secret, body, now()), body})
		}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		d := deliveries[i%len(deliveries)]
		if j := r.Judge(d.header, d.body); j.Status != 200 {
			b.Fatal(j.Reason)
		}
		i++
	}
}

func BenchmarkAdd(b *testing.B) {
	w := &world{t: b}
	r := receiver.New(receiver.Options{Remember: 1 << 16, RememberIDs: 1})
	var events []event.Event
	for n := range 1 << 14 {
		events = append(events, w.life(w.channel(n, event.V0), histories[1].steps...)...)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r.Add(events[i%len(events)])
		i++
	}
}

func TestInspectingTakesNothingIn(t *testing.T) {
	w := &world{t: t}
	body := event.Append(nil, w.at(w.channel(1, event.V0), event.Alerted, 0))
	heard := 0
	r := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}, Now: now, On: func(receiver.Judgement) { heard++ }})
	token := signature.Sign(secret, body, now())
	inspect := func(header string, body []byte, want receiver.Result) {
		t.Helper()
		if got := r.Inspect(header, body); got.Result != want || !got.At.Equal(now()) {
			t.Errorf("inspected as %s at %s, want %s now", got.Result, got.At, want)
		}
	}
	inspect(token, body, receiver.Accepted)
	inspect(token, body, receiver.Accepted) // the first one left no trace
	inspect("", body, receiver.Refused)
	inspect(signature.Sign(secret, []byte("{}"), now()), []byte("{}"), receiver.Refused)
	if report := r.Report(); heard != 0 || report.Accepted != 0 || len(report.Refused) != 0 || len(report.Lives) != 0 {
		t.Errorf("heard %d judgements, report %+v; want nothing taken in", heard, report)
	}
	r.Judge(token, body)
	inspect(token, body, receiver.Duplicate)
}

// Days of calls take no more memory than the first hours do.
func TestTheDefaultsAreBounds(t *testing.T) {
	w := &world{t: t}
	r := receiver.New(receiver.Options{})
	for n := range 20_000 {
		for _, e := range w.life(w.channel(n, event.V0), histories[1].steps...) {
			r.Add(e)
		}
	}
	notifications, histories, ties, marks := r.Remembered()
	if notifications > 1<<16 || histories > 1<<16/4 || ties > 3*histories || marks > 100_000+20_000 {
		t.Errorf("%d notifications, %d histories, %d ties, %d marks remembered of 100,000 notifications", notifications, histories, ties, marks)
	}
	if report := r.Report(); report.Accepted != 100_000 || len(report.Lives)+report.Forgotten != 20_000 || report.ForgottenIDs != 0 || len(report.Violations) > 0 {
		t.Errorf("%d accepted, %d lives, %d forgotten, %d IDs forgotten, %v", report.Accepted, len(report.Lives), report.Forgotten, report.ForgottenIDs, report.Violations)
	}
}
