package scenario

import (
	"errors"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/story"
)

// FuzzTables: no text of a CSV file makes a reader panic, and what is wrong has a place. The
// stretches of a curve last as long as its lines say.
func FuzzTables(f *testing.F) {
	for _, text := range []string{"time,rate\n08:00,1/m\n08:30,6/m\n09:30,9\n", "0,1\n0,2\n1,0.000001/h\n", "agentId,userId\n0150,\n", "conversationId\n11111111-2222-3333-4444-555555555555\n",
		"\"\n", "a\"b,\xff", "\uFEFF#\n,\n", "0,999999.999999\n720:00:00,1/h", "\r\n1h,1\r\n2h,2"} {
		f.Add(text)
	}
	most := Rate{Times: story.MaxRate, Per: time.Second}
	f.Fuzz(func(t *testing.T, text string) {
		points, err := parseCurve("f.csv", []byte(text))
		wantPlaces(t, err)
		if err == nil {
			length := points[len(points)-1].at - points[0].at
			for _, over := range []int64{0, int64(length)/3 + 1} {
				want := length
				if over > 0 {
					want = min(length, length/3+1)
				}
				for _, s := range curve(points, want, false) {
					if want -= s.Over; s.Over <= 0 || compareRates(s.From, most) > 0 || compareRates(s.To, most) > 0 {
						t.Errorf("%q: the stretch %+v", text, s)
					}
				}
				if want != 0 {
					t.Errorf("%q: the stretches are %s too short", text, want)
				}
			}
		}
		_, err = ReadAgents("f.csv", []byte(text))
		wantPlaces(t, err)
		_, err = ReadConversationIDs("f.csv", []byte(text))
		wantPlaces(t, err)
	})
}

func wantPlaces(t *testing.T, err error) {
	t.Helper()
	var faults Problems
	if err != nil && !errors.As(err, &faults) {
		t.Fatalf("an error without faults: %v", err)
	}
	for _, f := range faults {
		if f.Pos.Line < 1 || f.Column < 1 {
			t.Errorf("%v has no place", f)
		}
	}
	_ = faults.Detail()
}
