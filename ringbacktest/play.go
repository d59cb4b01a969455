package ringbacktest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/signature"
)

// errSlow ends a run whose consumer takes too long.
var errSlow = errors.New("a response took too long")

// playing is a run whose settings make sense.
type playing struct {
	title   string          // the scenarios, for people
	emitter emitter.Emitter // all but the target's URL
	result  Result
	params  []show.Given
}

// prepare checks everything before anything is sent, and logs what repeats the run.
func (r Run) prepare(t testing.TB, names []string) *playing {
	t.Helper()
	scs, err1 := r.load(names)
	options, err2 := r.options()
	secret, err3 := orDevelopment(r.Secret, signature.DevelopmentSecret)
	next, err4 := orDevelopment(r.NextSecret, signature.DevelopmentNextSecret)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatalf("ringbacktest: %v", err)
	}
	traffic := settings.Traffic{Scenarios: scs}
	sending, err := traffic.Sending(options.Assume)
	if err != nil {
		t.Fatalf("ringbacktest: %v", err)
	}
	planned, err := traffic.Plan(options, 1)
	if err != nil {
		t.Fatalf("ringbacktest: %v", err)
	}
	p := &playing{
		title:  strings.Join(traffic.Names(), ", "),
		params: traffic.Given(),
		emitter: emitter.Emitter{
			Targets:  []emitter.Target{{Name: "consumer", Header: r.Header, Allow: r.Allow, Secret: secret, NextSecret: next}},
			Speed:    emitter.Max,
			Timeout:  cmp.Or(r.Timeout, DefaultTimeout),
			RetryFor: cmp.Or(r.RetryFor, DefaultRetryFor),
		},
		result: Result{
			Seed:          r.Seed,
			Start:         options.Start,
			PlanHash:      planned.Hash(),
			Notifications: slices.Collect(planned.Notifications()),
		},
	}
	p.result.Channels = channels(p.result.Notifications)
	p.emitter.On = p.took
	settings.ApplySending(&p.emitter, sending)
	t.Logf("ringbacktest: playing %s: %s", p.title, p.identity())
	return p
}

// identity is what a run needs to be repeated.
func (p *playing) identity() string {
	return fmt.Sprintf("Seed %d, Start %s, plan %.12s, %d notifications%s",
		p.result.Seed, p.result.Start.Format(time.RFC3339), p.result.PlanHash, len(p.result.Notifications), show.With(p.params))
}

func orDevelopment(given signature.Secret, development string) (signature.Secret, error) {
	if len(given) > 0 {
		return given, nil
	}
	return signature.ParseSecret(development)
}

// play sends everything, and fails the test if the consumer answered wrongly.
func (p *playing) play(t testing.TB, url string) *Result {
	t.Helper()
	p.emitter.Targets[0].URL = url
	if err := p.emitter.Check(); err != nil {
		t.Fatalf("ringbacktest: %v", err)
	}
	ctx, cancel := withDeadline(t)
	defer cancel()
	result, err := p.emitter.Run(ctx, time.Now(), slices.Values(p.result.Notifications))
	p.result.Total = result.Total()
	p.result.allRight = err == nil && result.AllRight()
	if !p.result.allRight {
		t.Error(p.complaint(err))
	}
	return &p.result
}

// took notes what became of an attempt.
func (p *playing) took(a *emitter.Attempt) error {
	slow := a.Failure.Class == emitter.ClassTimeout
	if a.Outcome == emitter.Retrying && !slow {
		return nil
	}
	var err error
	outcome := a.Outcome
	if slow { // there will be no other attempt
		outcome, err = emitter.GivenUp, errSlow
	}
	p.result.Deliveries = append(p.result.Deliveries, Delivery{
		Notification: *a.Notification,
		Attempts:     a.Number,
		Status:       a.Status,
		Outcome:      outcome,
		Failure:      a.Failure,
		Answer:       readable(a.Excerpt),
	})
	return err
}

// withDeadline is the test's context, ended a little before the test itself would be, so
// that there is time to say what happened.
func withDeadline(t testing.TB) (context.Context, context.CancelFunc) {
	if d, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		if end, ok := d.Deadline(); ok {
			end = end.Add(-min(2*grace+time.Second, time.Until(end)/2))
			return context.WithDeadlineCause(t.Context(), end,
				errors.New("the time for the tests is nearly over; see go test -timeout"))
		}
	}
	return context.WithCancel(t.Context())
}

// load finds and checks the scenarios that a test names.
func (r Run) load(names []string) ([]*scenario.Scenario, error) {
	if len(names) == 0 {
		return nil, errors.New(`no scenario: name at least one, such as "inbound-call-with-hold"`)
	}
	loader := settings.Loader{In: strings.NewReader("")}
	for _, name := range slices.Sorted(maps.Keys(r.Set)) {
		loader.Set = append(loader.Set, scenario.Param{Name: name, Value: r.Set[name], From: "Run.Set"})
	}
	var all []*scenario.Scenario
	var errs []error
	for _, name := range names {
		var doc scenario.Document
		var err error
		if strings.Contains(name, "\n") {
			doc, err = loader.Parse("scenario text", []byte(name))
		} else {
			doc, err = loader.Document(name)
		}
		if err == nil && doc.Scenario == nil {
			err = fmt.Errorf("%s is a workload; a test names the scenarios of its mix, and a Count", name)
		}
		all, errs = append(all, doc.Scenario), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return all, loader.Check(all...)
}

// options are those of the plan.
func (r Run) options() (plan.Options, error) {
	text := settings.Text{Count: r.Count, Faults: r.Faults}
	for _, name := range slices.Sorted(maps.Keys(r.Assume)) {
		text.Assume = append(text.Assume, name+"="+r.Assume[name])
	}
	o, err := text.Options()
	o.Seed, o.Start, o.Versions, o.Unordered = r.Seed, r.Start, r.Versions, r.Unordered
	if o.Start.IsZero() {
		o.Start = DefaultStart()
	}
	return o, err
}
