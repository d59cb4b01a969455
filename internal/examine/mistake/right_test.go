package mistake

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
)

func TestEveryTrialTellsWhatCanHaveHappened(t *testing.T) {
	for _, made := range examined(t, 3, dimension.Names()...) {
		if cannot := Impossible(made); len(cannot) > 0 {
			t.Errorf("%s: %s cannot have happened", made.ID, made.Deliveries[cannot[0]].Type)
		}
	}
}

func TestWhatIsMissingMakesOthersImpossible(t *testing.T) {
	for _, test := range []struct {
		kinds string
		want  []int
	}{
		{"alerted connected held retrieved held retrieved disconnected ended", nil},
		{"alerted connected retrieved", []int{2}},
		{"connected held ended", []int{0, 1, 2}},
		{"alerted held retrieved disconnected ended", []int{1, 2}},
		{"ended connected alerted", []int{0, 1}},
	} {
		made := &trial.Trial{}
		for i, kind := range strings.Fields(test.kinds) {
			made.Deliveries = append(made.Deliveries, trial.Delivery{Note: trial.Note{Usable: true, Channel: "c", Type: "channel." + kind + ".v1",
				Timestamp: start.Add(time.Duration(i) * time.Second).Format(time.RFC3339Nano)}})
		}
		got := Impossible(made)
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.kinds, got, test.want)
		}
	}
}
