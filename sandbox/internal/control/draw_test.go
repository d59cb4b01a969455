package control

import (
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/scenario"
)

// What a fault sends beside the story is not drawn.
func TestATimelineIsTheStoryAlone(t *testing.T) {
	sound, err := scenario.Parse("sound.yaml", []byte(story))
	if err != nil {
		t.Fatal(err)
	}
	forged, err := scenario.Parse("faulty.yaml", []byte(strings.Replace(story, "call: customer", "{call: customer, fault: wrong-key}", 1)))
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := draw(sound)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := draw(forged); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, want %v, %v", got, want, err)
	}
}
