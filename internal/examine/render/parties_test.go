package render

import (
	"maps"
	"testing"

	"github.com/ringback/ringback/internal/examine/trial"
)

// Channels of one party are told apart, in the order in which they began, however they are sent.
func TestChannelsOfOnePartyAreToldApart(t *testing.T) {
	of := func(channel, party, at string) trial.Delivery {
		return trial.Delivery{Party: party, Note: trial.Note{Type: "channel.alerted.v0", Channel: channel, Timestamp: "2025-03-03T09:00:" + at + "Z"}}
	}
	got := parties(&trial.Trial{Deliveries: []trial.Delivery{of("C", "alice", "20"), of("a", "alice", "10"), of("b", "customer", "00"), of("c", "alice", "21")},
		Later: []trial.Delivery{of("d", "bob", "30")}})
	want := map[string]string{"a": "alice (channel 1)", "c": "alice (channel 2)", "b": "customer", "d": "bob"}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
