package lifecycle

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ringback/ringback/event"
)

// lawful is the lifecycle as the documentation of the API tells it, written down apart
// from the table: what a verb does to a channel in a phase, for each role that is named
// (e external, a agent, m monitor, v voicemail). Whatever is not here is unlawful.
var lawful = []struct {
	from, verb, roles string
	to                string
	events            []string
}{
	{"new", "alert", "eamv", "alerting", []string{"alerted"}},
	{"alerting", "answer", "eamv", "connected", []string{"connected"}},
	{"alerting", "fail", "eamv", "unexpected", []string{"connectionfailed"}},
	{"unexpected", "close", "eamv", "ended", []string{"ended"}},
	{"alerting", "give up", "eamv", "ended", []string{"ended"}},

	{"connected", "hold", "ea", "held", []string{"held"}},
	{"held", "retrieve", "ea", "connected", []string{"retrieved"}},
	{"connected", "park", "ea", "parked", []string{"parked"}},
	{"parked", "unpark", "ea", "connected", []string{"unparked"}},
	{"connected", "interrupt", "ea", "interrupted", []string{"interrupted"}},
	{"interrupted", "resume", "ea", "connected", []string{"resumed"}},

	{"connected", "leave", "a", "wrap", []string{"disconnected", "wrapstarted"}},
	{"connected", "leave", "emv", "ended", []string{"disconnected", "ended"}},
	{"connected", "leave without wrap", "a", "ended", []string{"disconnected", "ended"}},
	{"wrap", "finish", "a", "ended", []string{"ended"}},

	{"held", "leave", "a", "wrap", []string{"disconnected", "wrapstarted"}},
	{"parked", "leave", "a", "wrap", []string{"disconnected", "wrapstarted"}},
	{"interrupted", "leave", "a", "wrap", []string{"disconnected", "wrapstarted"}},
	{"held", "leave", "e", "ended", []string{"disconnected", "ended"}},
	{"parked", "leave", "e", "ended", []string{"disconnected", "ended"}},
	{"interrupted", "leave", "e", "ended", []string{"disconnected", "ended"}},
	{"held", "leave without wrap", "a", "ended", []string{"disconnected", "ended"}},
	{"parked", "leave without wrap", "a", "ended", []string{"disconnected", "ended"}},
	{"interrupted", "leave without wrap", "a", "ended", []string{"disconnected", "ended"}},
}

func TestEachPhaseVerbAndRole(t *testing.T) {
	letters := map[byte]event.Role{'e': event.External, 'a': event.Agent, 'm': event.Monitor, 'v': event.Voicemail}
	expected := map[string]string{}
	for _, l := range lawful {
		for i := range len(l.roles) {
			name := fmt.Sprintf("%s, %s, %s", l.from, l.verb, letters[l.roles[i]])
			if expected[name] != "" {
				t.Fatalf("%s is written down twice", name)
			}
			expected[name] = fmt.Sprintf("%s after %v", l.to, l.events)
		}
	}
	checked := 0
	for from := New; from <= Ended; from++ {
		for verb := Alert; verb <= Finish; verb++ {
			for _, role := range event.Roles() {
				name := fmt.Sprintf("%s, %s, %s", from, verb, role)
				got := ""
				if e, ok := Next(from, verb, role); ok {
					var kinds []string
					for _, k := range e.Events {
						kinds = append(kinds, k.String()[len("channel."):])
					}
					got = fmt.Sprintf("%s after %v", e.To, kinds)
				}
				if want := expected[name]; got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
				delete(expected, name)
				checked++
			}
		}
	}
	if checked != 9*14*4 || len(expected) > 0 {
		t.Errorf("%d cases checked, %v left; want 504 and none", checked, expected)
	}
}

func TestTheWayBackIsTheOneOutReversed(t *testing.T) {
	for from := New; from <= Ended; from++ {
		verb, away := Back(from)
		e, ok := Next(from, verb, event.Agent)
		if want := from == Held || from == Parked || from == Interrupted; away != want {
			t.Errorf("%s: away is %t, want %t", from, away, want)
		} else if away && (!ok || e.To != Connected) {
			t.Errorf("%s leads back to %v", from, e)
		}
	}
}

func TestTheTableHasNoIdleRows(t *testing.T) {
	for i, e := range Edges() {
		if len(e.Events) == 0 || e.Roles == 0 {
			t.Errorf("row %d has no events or no roles", i)
		}
		for _, other := range Edges()[:i] {
			if e.From == other.From && e.Verb == other.Verb && e.Roles&other.Roles != 0 {
				t.Errorf("row %d repeats one before it: %s, %s", i, e.From, e.Verb)
			}
		}
	}
}

func TestEdgesAreACopy(t *testing.T) {
	Edges()[0].To = Ended
	if e, _ := Next(New, Alert, event.Agent); e.To != Alerting {
		t.Error("a caller can change the table")
	}
}

func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		Wrap.String(): "wrap", Phase(99).String(): "lifecycle.Phase(99)",
		LeaveUnwrapped.String(): "leave without wrap", Verb(99).String(): "lifecycle.Verb(99)",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	both := Of(event.Agent, event.Monitor)
	got := slices.DeleteFunc(event.Roles(), func(r event.Role) bool { return !both.Has(r) })
	if want := []event.Role{event.Agent, event.Monitor}; !slices.Equal(got, want) {
		t.Errorf("the set has %v, want %v", got, want)
	}
}
