package mistake_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
)

// held is a call of 5 s ringing and two holds of 10.5 s, as it is sent.
func held() *trial.Trial {
	t := &trial.Trial{ID: "held"}
	start := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	for i, e := range []struct {
		kind string
		at   float64
	}{{"alerted", 0}, {"connected", 5}, {"held", 10}, {"retrieved", 20.5}, {"held", 30}, {"retrieved", 40.5}, {"ended", 50}} {
		n := trial.Note{Usable: true, Source: "/channel", ID: string(rune('a' + i)), Type: "channel." + e.kind + ".v0", Conversation: "conv", Interaction: "i", Channel: "CHAN", Role: "agent", AgentID: "1",
			Timestamp: start.Add(time.Duration(e.at * float64(time.Second))).Format(time.RFC3339Nano)}
		t.Deliveries = append(t.Deliveries, trial.Delivery{Note: n})
	}
	return t
}

func TestCellsSumUpEveryMember(t *testing.T) {
	var all []*trial.Played
	at := time.Now()
	for _, told := range []string{
		`{"channels": [{"channelId": "chan", "phase": "ended", "seconds": {"alerting": 5, "connected": 24, "held": 21}}]}`,
		`{"channels": [{"channelId": "chan", "phase": "held", "seconds": {"alerting": 5, "connected": 24, "held": 10.5}}]}`,
		`{"channels": [{"channelId": "chan", "seconds": {"alerting": 5, "connected": 24, "held": 10}}]}`,
	} {
		p := &trial.Played{Trial: held()}
		for range p.Deliveries {
			at = at.Add(time.Millisecond)
			p.Answers = append(p.Answers, trial.Answer{Status: 204, First: 204, Attempts: 1, Sent: at})
		}
		state, err := ask.Parse([]byte(told))
		if err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Millisecond)
		p.Told, p.Asked = map[string]*trial.State{"conv": state}, at
		all = append(all, p)
	}
	got := map[string]mistake.Cell{}
	for _, c := range mistake.NewSeen(all).Cells() {
		c.Off = math.Round(c.Off*1000) / 1000
		got[c.Member] = c
	}
	for _, want := range []mistake.Cell{{"phase", 2, 1, 0}, {"seconds.held", 3, 2, -21.5}, {"seconds.alerting", 3, 0, 0}, {"seconds.connected", 3, 0, 0}} {
		if got[want.Member] != want {
			t.Errorf("%s is %+v, want %+v", want.Member, got[want.Member], want)
		}
	}
	if _, told := got["notifications"]; told {
		t.Error("notifications were never told")
	}
}

// Stays follow the timestamps, whatever the order of sending, and believe no forgery.
func TestStaysAreWhatHappened(t *testing.T) {
	tr := held()
	slices.Reverse(tr.Deliveries)
	forged := tr.Deliveries[0]
	forged.Token, forged.Note.Type = trial.OtherKey, "channel.parked.v0"
	tr.Deliveries = append(tr.Deliveries, forged)
	var phases []string
	var lengths time.Duration
	for _, s := range mistake.Stays(tr, "chan") {
		phases = append(phases, s.Phase)
		lengths += s.To.Sub(s.From)
	}
	if !slices.Equal(phases, []string{"alerting", "connected", "held", "connected", "held", "connected"}) || lengths != 50*time.Second {
		t.Errorf("%v, %s in all", phases, lengths)
	}
}
