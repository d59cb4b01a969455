package receiver_test

import (
	"slices"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/receiver"
)

func TestReusedIDIsADuplicateAndAViolation(t *testing.T) {
	w := &world{t: t}
	c := w.channel(1, event.V0)
	first := w.at(c, event.Alerted, 0)
	other := w.at(c, event.Connected, 0)
	other.ID = first.ID
	r := received(t, first)
	if j := r.Add(first); j.Result != receiver.Duplicate {
		t.Errorf("the same again: got %s; want a duplicate", j.Result)
	}
	if got := r.Report().Violations; len(got) != 0 {
		t.Errorf("the same again: got %v; want no violation", got)
	}
	if j := r.Add(other); j.Result != receiver.Duplicate {
		t.Errorf("another with its ID: got %s; want a duplicate", j.Result)
	}
	report := r.Report()
	if len(report.Violations) != 1 || report.Violations[0].Rule != receiver.IDReused || report.Violated[receiver.IDReused] != 1 {
		t.Errorf("got %v; want one of rule %s", report.Violations, receiver.IDReused)
	}
}

// Both versions of an event with one ID are copies to a consumer, but each version tells the whole life.
func TestSharedIDsAreDeviations(t *testing.T) {
	w := &world{t: t}
	steps := []step{{event.Alerted, 0}, {event.Connected, 0}}
	v0, v1 := w.life(w.channel(1, event.V0), steps...), w.life(w.channel(1, event.V1), steps...)
	for i := range v1 {
		v1[i].ID = v0[i].ID
	}
	r := receiver.New(receiver.Options{})
	for _, e := range []event.Event{v0[0], v1[0], v1[1], v0[1], v1[0], v0[0]} {
		r.Add(e)
	}
	report := r.Report()
	if want := []receiver.Rule{receiver.IDShared, receiver.IDShared}; !slices.Equal(rulesOf(report.Remarks), want) || len(report.Violations) > 0 {
		t.Errorf("got %v, %v; want no violation, and %v", report.Violations, report.Remarks, want)
	}
	if report.Accepted != 2 || report.Duplicates != 4 || len(report.Lives) != 2 || report.Remarks[0].Class != event.Deviation {
		t.Errorf("got %+v; want 2 accepted, 4 duplicates, 2 lives and deviations", report)
	}
	again := v1[1]
	again.Channel.ChannelID = w.channel(9, event.V1).Channel.ChannelID
	r.Add(again)
	if got := rulesOf(r.Report().Violations); !slices.Equal(got, []receiver.Rule{receiver.IDReused}) {
		t.Errorf("on another channel: got %v; want it reused", got)
	}
}
