package recording_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/plan"
)

func TestFilters(t *testing.T) {
	all := bodies(t, plan.Options{Seed: 7}, "inbound-call-with-hold", "presence-over-a-shift")
	subject := recording.HeadOf([]byte(all[0])).Subject
	moment := func(h recording.Head) time.Time { return h.Moment() }
	from, until := moment(recording.HeadOf([]byte(all[3]))), moment(recording.HeadOf([]byte(all[len(all)/2])))
	tests := []struct {
		name string
		o    recording.Options
		want func(recording.Head) bool
	}{
		{"by type", recording.Options{Types: []string{"channel.held.*", "agent.*"}},
			func(h recording.Head) bool { return h.Type == "channel.held.v0" || h.Source == "/agent" }},
		{"by subject", recording.Options{Subjects: []string{subject}}, func(h recording.Head) bool { return h.Subject == subject }},
		{"from a moment", recording.Options{From: from}, func(h recording.Head) bool { return !moment(h).Before(from) }},
		{"until a moment", recording.Options{Until: until}, func(h recording.Head) bool { return moment(h).Before(until) }},
		{"by all at once", recording.Options{Types: []string{"channel.*"}, Subjects: []string{subject}, From: from, Until: until},
			func(h recording.Head) bool {
				return h.Subject == subject && !moment(h).Before(from) && moment(h).Before(until)
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var want []string
			for _, b := range all {
				if tt.want(recording.HeadOf([]byte(b))) {
					want = append(want, b)
				}
			}
			r, sent := replayed(t, lines(all), tt.o)
			if got := sentBodies(sent); !slices.Equal(got, want) || len(want) == 0 || len(want) == len(all) {
				t.Errorf("sent %d of %d, want %d", len(got), len(all), len(want))
			}
			if r.Rest() != uint64(len(all)-len(want)) || sent[0].Due != 0 {
				t.Errorf("rest = %d, first due at %s; want %d and 0", r.Rest(), sent[0].Due, len(all)-len(want))
			}
		})
	}
}

func TestOnlyAcceptedRowsAreSentUnlessAllAreWanted(t *testing.T) {
	text := rows(t, time.Second, bodies(t, plan.Options{Seed: 7}, "inbound-call")[:3]...)
	text = strings.Replace(text, `"status":200`, `"status":503`, 1)
	r, sent := replayed(t, text, recording.Options{})
	if len(sent) != 2 || r.Unaccepted() != 1 {
		t.Errorf("sent %d, left out %d; want 2 and 1", len(sent), r.Unaccepted())
	}
	if _, sent = replayed(t, text, recording.Options{All: true}); len(sent) != 3 {
		t.Errorf("sent %d of all, want 3", len(sent))
	}
}
