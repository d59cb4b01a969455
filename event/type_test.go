package event_test

import (
	"errors"
	"testing"

	"github.com/ringback/ringback/event"
)

func TestTypeNamesRoundTrip(t *testing.T) {
	types := event.Types()
	if len(types) != 26 {
		t.Fatalf("got %d types; want 26", len(types))
	}
	for _, want := range types {
		if got, err := event.ParseType(want.String()); got != want || err != nil {
			t.Errorf("ParseType(%q): got %v, %v; want it back", want, got, err)
		}
		if want.Description() == "" {
			t.Errorf("%s has no description", want)
		}
	}
}

func TestUnknownTypeNames(t *testing.T) {
	for _, name := range []string{"", "channel.held", "channel.held.v2", "channel.held.v00", "Channel.Held.v0", ".v0", "channel.activityrecord.v0", " channel.held.v0"} {
		if got, err := event.ParseType(name); got != (event.Type{}) || !errors.Is(err, event.ErrUnknownType) {
			t.Errorf("ParseType(%q): got %v, %v; want ErrUnknownType", name, got, err)
		}
	}
}

func TestNamesOfWhatDoesNotExist(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{event.Kind(0).String(), "event.Kind(0)"},
		{event.Kind(99).String(), "event.Kind(99)"},
		{event.Version(9).String(), "event.Version(9)"},
		{event.Role(0).String(), "event.Role(0)"},
		{event.GUID{}.String(), ""},
		{event.Type{}.Description(), ""},
		{string(event.DataSchema(event.Type{})), ""},
		{string(event.EnvelopeSchema(event.Type{Kind: event.Held, Version: 7})), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q; want %q", c.got, c.want)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "channel.held.v0", true},
		{"*", "", true},
		{"", "", true},
		{"", "channel.held.v0", false},
		{"channel.held.v0", "channel.held.v0", true},
		{"channel.held.v0", "channel.held.v01", false},
		{"channel.held.v0", "xchannel.held.v0", false},
		{"channel.*", "channel.held.v0", true},
		{"channel.*", "agent.presencechanged.v0", false},
		{"*.v1", "channel.held.v1", true},
		{"*.v1", "channel.held.v0", false},
		{"channel.*.v0", "channel.held.v0", true},
		{"channel.*.v0", "channel.v0", false},
		{"*held*", "channel.held.v0", true},
		{"*.*.*", "channel.held.v0", true},
		{"*.*.*.*", "channel.held.v0", false},
		{"**", "channel.held.v0", true},
		{"*ab*ab", "ab", false},
		{"*a*b*c", "xaxbxbxc", true},
		{"channel.?eld.v0", "channel.held.v0", false},
		{"CHANNEL.*", "channel.held.v0", false},
	} {
		if got := event.Match(c.pattern, c.name); got != c.want {
			t.Errorf("Match(%q, %q): got %v; want %v", c.pattern, c.name, got, c.want)
		}
	}
}
