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

// A change of an agent's presence stands where it happened.
func TestPresenceStandsWhereItHappened(t *testing.T) {
	of := func(kind, channel, at string) trial.Delivery {
		return trial.Delivery{Note: trial.Note{Usable: true, ID: at, Type: kind, Channel: channel, Timestamp: "2025-03-03T09:00:" + at + "Z"}}
	}
	rows, _ := rowsOf(&trial.Trial{Deliveries: []trial.Delivery{of("channel.alerted.v0", "a", "05.000"), of("channel.connected.v0", "a", "09.125"),
		of("agent.presencechanged.v0", "", "09.1253173"), of("agent.presencechanged.v0", "", "01.5")}})
	for i, want := range []int{1, 2, 3, 0} {
		if rows[i].place != want {
			t.Errorf("notification %d has place %d, want %d", i+1, rows[i].place, want)
		}
	}
}
