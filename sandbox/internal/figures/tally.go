package figures

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

// Bounds of what is told apart. Each subscription has two histograms of 220 KB.
const (
	mostSubscriptions = 40
	mostTypes         = 100
	others            = "others"
)

// tally counts a run. Its rows go through the code that counts those of the command run.
type tally struct {
	run     store.Run
	known   map[string]store.Subscription // that are there
	course  course
	details *report.Details // nil: no report is made

	notifications uint64
	states        States
	again         uint64
	outcomes      map[string]uint64
	types         map[string]*Part
	targets       map[string]*target // by subscription
	order         []*target
	planned       map[fault.Kind]uint64
	dropped       map[string]uint64 // notifications by type that the plan drops
	last          time.Time         // when the last attempt ended
	missing       Missing
}

// target is a subscription.
type target struct {
	emitter.TargetResult
	id     string
	states States
}

// count reads a run from the store.
func count(ctx context.Context, s *store.Store, run store.Run, details *report.Details) (*tally, error) {
	t := &tally{run: run, details: details, known: map[string]store.Subscription{}, course: course{start: run.Created, step: finest}, states: States{}, outcomes: map[string]uint64{},
		types: map[string]*Part{}, targets: map[string]*target{}, planned: map[fault.Kind]uint64{}, dropped: map[string]uint64{}, last: run.Created}
	for _, state := range store.States() {
		t.states[state] = 0
	}
	subscriptions, err := s.Subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	for _, sub := range subscriptions {
		t.known[sub.ID] = sub
	}
	err = s.EachOfRun(ctx, run.ID, details != nil, func(n *store.RunNotification) error {
		t.notification(n)
		return ctx.Err()
	})
	if err == nil {
		t.missing.Notifications, err = s.ForgottenOfRun(ctx, run.ID)
	}
	t.drop()
	return t, err
}

// notification counts a notification.
func (t *tally) notification(n *store.RunNotification) {
	t.notifications++
	t.missing.Deliveries += uint64(n.Forgotten)
	planned := kindOf(n.Fault)
	if planned != fault.None {
		t.planned[planned]++
	}
	if planned == fault.Drop {
		t.dropped[n.Type]++
	}
	if n.Body == nil {
		n.Body = []byte{} // else the event would be asked
	}
	note := plan.Notification{Raw: n.Body, RawRef: plan.RawRef{Type: n.Type, ID: n.ID, ConversationID: n.Conversation}, Name: n.Party, Fault: planned}
	for i := range n.Deliveries {
		d := &n.Deliveries[i]
		t.states[d.State]++
		t.typed(n.Type).count(d.State)
		if d.Kind != "" { // of the plan it was one delivery
			t.again++
			continue
		}
		to := t.target(d.Subscription)
		to.Matched++
		to.states[d.State]++
		t.course.at(n.Accepted).Offered++
		t.delivery(to, &note, n.Accepted, d)
	}
}

func (p *Part) count(state store.DeliveryState) {
	p.All++
	p.States[state]++
}

// typed is the part of a type.
func (t *tally) typed(name string) *Part {
	if p := t.types[name]; p != nil {
		return p
	}
	if len(t.types) >= mostTypes {
		name = others
	}
	if t.types[name] == nil {
		t.types[name] = &Part{Name: name, States: States{}}
	}
	return t.types[name]
}

// target is that of a subscription.
func (t *tally) target(id string) *target {
	if to := t.targets[id]; to != nil {
		return to
	}
	if len(t.order) >= mostSubscriptions {
		id = others
	}
	if to := t.targets[id]; to != nil {
		return to
	}
	sub := t.known[id]
	to := &target{TargetResult: emitter.TargetResult{Name: cmp.Or(sub.Name, id), URL: plain(sub.URL)}, id: id, states: States{}}
	t.targets[id], t.order = to, append(t.order, to)
	return to
}

// plain is a URL without its query, as in reports of the command run.
func plain(url string) string {
	url, _, _ = strings.Cut(url, "?")
	return url
}

// record counts a row.
func (t *tally) record(to *target, row *emitter.Attempt) {
	row.Target = to.Name
	to.Record(row)
	if t.details != nil {
		t.details.Record(row)
	}
	if row.Closing() || row.Failure.Class == emitter.ClassStale {
		return
	}
	end := row.Sent.Add(row.Latency)
	if end.After(t.last) {
		t.last = end
	}
	b := t.course.at(end)
	b.Attempts++
	switch {
	case row.Outcome == emitter.Accepted:
		b.Delivered++
	case row.Failure.Class != "" && row.Failure.Class != emitter.ClassCut:
		b.Failures++
	}
	if row.Status != 0 || row.Failure.Class == emitter.ClassTimeout {
		note(&b.latency, row.Latency)
	}
	if !row.Due.IsZero() {
		note(&t.course.at(row.Sent).lateness, row.Lateness)
	}
}

// finals are the outcomes of deliveries that are done.
var finals = map[store.DeliveryState]emitter.Outcome{store.Delivered: emitter.Accepted, store.Failed: emitter.GivenUp, store.CorrectlyRefused: emitter.Refused,
	store.WronglyAccepted: emitter.WronglyAccepted}

// delivery counts a delivery, by a row for each attempt and, where no attempt was the last word, one for its end.
func (t *tally) delivery(to *target, note *plan.Notification, accepted time.Time, d *store.Tried) {
	made, end := d.Made, finals[d.State]
	if len(made) == 0 && end != "" { // of what is not kept, the delivery tells the last one
		made = []store.Attempt{{Try: max(1, d.Attempts), Sent: d.First, LatencyUS: d.LatencyUS, Status: d.Status, Failure: d.Failure, Outcome: d.Outcome, Fault: d.Fault}}
	}
	var sent, second uint64
	for i := range made {
		a := &made[i]
		t.outcomes[string(a.Outcome)]++
		row := &emitter.Attempt{Notification: note, Number: a.Try, Sent: a.Sent, Latency: time.Duration(a.LatencyUS) * time.Microsecond, Status: a.Status,
			Outcome: emitter.Retrying, Failure: failureOf(a.Failure), Fault: cmp.Or(note.Fault, kindOf(a.Fault)), Excerpt: []byte(a.Answer)}
		if a.Outcome == store.OutcomeStale {
			row.Failure.Class = emitter.ClassStale
			t.record(to, row)
			continue
		}
		if sent++; sent == 1 && a.Try <= 1 && (kindOf(a.Fault) == note.Fault || !isLate(kindOf(a.Fault))) {
			row.Due, row.Lateness = accepted, max(0, a.Sent.Sub(accepted))
		}
		if a.Try == 2 {
			second++
		}
		if i == len(made)-1 && end != "" {
			row.Outcome = end
		}
		t.record(to, row)
		if row.Outcome == emitter.Retrying && a.Outcome == store.OutcomeCorrectlyRefused { // an injected fault, which the event itself follows
			f := to.Faults[row.Fault]
			f.Right++
			to.Faults[row.Fault] = f
		}
	}
	t.lost(to, note, d, sent, second)
	if end == "" {
		t.record(to, closing(note, d))
	}
}

// lost counts the attempts that were made and are not kept.
func (t *tally) lost(to *target, note *plan.Notification, d *store.Tried, sent, second uint64) {
	planned := uint64(0) // lost on the way, on purpose
	if note.Fault == fault.LateRetry || d.Fault == fault.LateRetry.String() || len(d.Made) > 0 && d.Made[0].Try > 1 {
		planned = 1
	}
	if all := uint64(d.Attempts); all > sent+planned {
		n := all - sent - planned
		t.missing.Attempts += n
		to.Attempts += n
		to.Retries += n
	}
	if d.Attempts >= 2 && second == 0 {
		to.Retried++
	}
}

// closing is the row for the end of a delivery that no attempt brought.
func closing(note *plan.Notification, d *store.Tried) *emitter.Attempt {
	row := &emitter.Attempt{Notification: note, Number: d.Attempts, Outcome: emitter.Undelivered, Fault: note.Fault,
		Failure: emitter.Failure{Class: emitter.ClassStopped, Text: "it waits for its next attempt"}}
	switch d.State {
	case store.Dropped:
		row.Outcome, row.Fault, row.Failure = emitter.Dropped, fault.Drop, emitter.Failure{}
	case store.Cancelled:
		row.Failure.Text = "its subscription was deleted"
	}
	return row
}

// drop counts what the plan drops for each subscription that would have got it.
func (t *tally) drop() {
	for kind, n := range t.dropped {
		for _, to := range t.order {
			sub, there := t.known[to.id]
			if there && !slices.ContainsFunc(sub.Events, func(pattern string) bool { return event.Match(pattern, kind) }) {
				continue
			}
			to.Matched, to.Dropped = to.Matched+n, to.Dropped+n
			f := to.Faults[fault.Drop]
			f.Right += n
			to.Faults[fault.Drop] = f
		}
	}
}

// isLate reports whether a fault sends later on purpose. Of one of the plan, the notification was accepted later already.
func isLate(kind fault.Kind) bool {
	return kind == fault.Delay || kind == fault.Reorder || kind == fault.LateRetry
}

// kindOf is the fault of a name; none of an unknown one, as of another version.
func kindOf(name string) fault.Kind {
	kind, _ := fault.Parse(name)
	return kind
}

// class is what the texts of failures begin with.
var class = regexp.MustCompile(`^[a-z-]+$`)

// failureOf reads what the engine writes of a failure.
func failureOf(text string) emitter.Failure {
	if text == "" {
		return emitter.Failure{}
	}
	if name, rest, _ := strings.Cut(text, ": "); class.MatchString(name) {
		return emitter.Failure{Class: emitter.Class(name), Text: cmp.Or(rest, name)}
	}
	return emitter.Failure{Class: emitter.ClassOther, Text: text}
}
