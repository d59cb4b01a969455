package render

import (
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/mistake"
)

func TestWhatWasLostAtOnceIsCounted(t *testing.T) {
	x := &examine.Examination{Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)}
	for _, c := range []struct {
		trial      string
		told, want int
		text       string
	}{
		{"concurrency/channel/all/1", 2, 7, "of 7 notifications of one channel at once, 5 are lost: lock the row, or append"},
		{"concurrency/id/pairs/1", 9, 7, "7 different notifications came, some at once, you tell 9: let a unique key decide what is a duplicate"},
		{"identity/duplicates/at-once", 14, 7, "7 different notifications came, you tell 14"},
	} {
		tr, err := x.Trial(c.trial)
		if err != nil {
			t.Fatal(err)
		}
		d := mistake.Difference{Channel: tr.Deliveries[0].Channel, Member: "notifications", Told: c.told, Want: c.want}
		if got := difference(&d, tr); got != c.text {
			t.Errorf("%s: %q, want %q", c.trial, got, c.text)
		}
	}
}
