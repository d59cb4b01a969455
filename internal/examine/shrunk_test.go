package examine

import (
	"reflect"
	"testing"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
)

// What a trial shows that was played under new identifiers is told with those of the trial that is drawn.
func TestDifferencesAreToldUnderTheIdentifiersOfTheirDrawing(t *testing.T) {
	t.Parallel()
	trialOf := func(conversation, channel, interaction string) *trial.Trial {
		return &trial.Trial{Deliveries: []trial.Delivery{{Note: trial.Note{Conversation: conversation, Channel: channel, Interaction: interaction}}}}
	}
	played := []mistake.Difference{
		{Conversation: "c1", Channel: "ch1", Member: "phase", Told: "held", Want: "ended"},
		{Conversation: "c1", Channel: "", Member: "agents", Told: 1.0, Want: 2.0},
		{Conversation: "c1", Channel: "ch1", Member: "interactionId", Told: "other", Want: "i1"},
	}
	want := []mistake.Difference{
		{Conversation: "c0", Channel: "ch0", Member: "phase", Told: "held", Want: "ended"},
		{Conversation: "c0", Channel: "", Member: "agents", Told: 1.0, Want: 2.0},
		{Conversation: "c0", Channel: "ch0", Member: "interactionId", Told: "other", Want: "i0"},
	}
	if got := under(played, trialOf("C1", "ch1", "i1"), trialOf("C0", "ch0", "i0")); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
