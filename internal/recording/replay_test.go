package recording_test

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
)

func TestBareBodiesAreSentAsThePlanWouldSendThem(t *testing.T) {
	all := bodies(t, plan.Options{Seed: 7, Versions: plan.Both}, "call-interrupts-email", "presence-over-a-shift", "unknown-event-type")
	r, sent := replayed(t, lines(all), recording.Options{})
	if got := sentBodies(sent); !slices.Equal(got, all) {
		t.Errorf("sent %d bodies, want the %d recorded ones byte for byte", len(got), len(all))
	}
	if r.Count() != uint64(len(all)) || r.Rest() != 0 {
		t.Errorf("count %d, rest %d; want %d and 0", r.Count(), r.Rest(), len(all))
	}
	first, last := sent[0], sent[len(sent)-1]
	if first.Due != 0 || last.Due != r.Length() || last.Due < time.Hour {
		t.Errorf("due from %s to %s, length %s; want the hours of a shift", first.Due, last.Due, r.Length())
	}
}

func TestRowsAreSentAtThePaceAtWhichTheyWereReceived(t *testing.T) {
	all := bodies(t, plan.Options{Seed: 7}, "inbound-call")
	r, sent := replayed(t, rows(t, 3*time.Second, all...), recording.Options{})
	for i, n := range sent {
		if want := time.Duration(i) * 3 * time.Second; n.Due != want {
			t.Errorf("notification %d is due at %s, want %s", i, n.Due, want)
		}
	}
	if said := recording.HeadOf([]byte(all[0])).Time; !r.Start().Equal(said.Time) {
		t.Errorf("start = %s, want what the first body says, %s", r.Start(), said)
	}
	_, byBody := replayed(t, lines(all), recording.Options{})
	_, byTime := replayed(t, rows(t, 3*time.Second, all...), recording.Options{ByTime: true})
	for i := range byTime {
		if byTime[i].Due != byBody[i].Due || byTime[i].At != byBody[i].At {
			t.Errorf("notification %d by time is due at %s, want %s", i, byTime[i].Due, byBody[i].Due)
		}
	}
}

func TestARetryThatIsRecordedLaterIsSentInItsTurn(t *testing.T) {
	all := bodies(t, plan.Options{Seed: 7}, "inbound-call")
	all = append(all, all[0])
	_, sent := replayed(t, lines(all), recording.Options{})
	if n := len(sent); sent[n-1].Due != sent[n-2].Due || sent[n-1].ID() != sent[0].ID() {
		t.Errorf("the copy is due at %s, want with the line above it at %s", sent[n-1].Due, sent[n-2].Due)
	}
}

func TestWhatBelongsToOneConversationHasOneStory(t *testing.T) {
	_, sent := replayed(t, lines(bodies(t, plan.Options{Seed: 7, Count: 20}, "inbound-call", "presence-over-a-shift")), recording.Options{})
	stories := map[string]uint64{}
	threads := map[uint64]string{}
	for _, n := range sent {
		thread := n.ConversationID()
		if thread == "" {
			thread = n.Event.Subject()
		}
		if story, known := stories[thread]; known && story != n.Story {
			t.Fatalf("%s has the stories %d and %d, want one", thread, story, n.Story)
		}
		if other, known := threads[n.Story]; known && other != thread {
			t.Fatalf("story %d is of %s and %s, want one", n.Story, other, thread)
		}
		stories[thread], threads[n.Story] = n.Story, thread
	}
	if len(stories) < 20 || threads[0] == "" || threads[uint64(len(threads)-1)] == "" {
		t.Errorf("%d threads, numbered %v; want at least 20, from 0", len(stories), threads)
	}
}

func TestRenewedAndShifted(t *testing.T) {
	all := bodies(t, plan.Options{Seed: 7, Count: 6, Versions: plan.Both}, "call-interrupts-email", "transfer", "presence-over-a-shift")
	anchor := time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.UTC)
	o := recording.Options{Renew: true, Seed: 3, Shift: true, Anchor: anchor}
	r, sent := replayed(t, lines(all), o)
	if want := anchor.Truncate(time.Second); !r.Start().Truncate(time.Second).Equal(want) {
		t.Errorf("start = %s, want in the second of %s", r.Start(), want)
	}
	shift := r.Start().Sub(recording.HeadOf([]byte(all[0])).Time.Time)
	if shift != shift.Truncate(time.Second) {
		t.Errorf("shifted by %s, want whole seconds", shift)
	}
	judge := receiver.New(receiver.Options{})
	for i, b := range sentBodies(sent) {
		if j := judge.JudgeUnsigned([]byte(b)); j.Result != receiver.Accepted {
			t.Errorf("%s is %s: %s", b, j.Result, j.Reason)
		}
		was, now := recording.HeadOf([]byte(all[i])), recording.HeadOf([]byte(b))
		if !now.Time.Equal(was.Time.Add(shift)) || now.Time.Digits != was.Time.Digits || !now.Timestamp.Equal(was.Timestamp.Add(shift)) || now.Timestamp.Digits != was.Timestamp.Digits {
			t.Errorf("times %s and %s became %s and %s, want them shifted by %s", was.TimeText, was.TimestampText, now.TimeText, now.TimestampText, shift)
		}
		before, _ := seeded.Moment(was.ID)
		if at, err := seeded.Moment(now.ID); err != nil || !at.Equal(before.Add(shift)) || now.ID == was.ID {
			t.Errorf("ID %s of %s became %s of %s, want a new one, shifted", was.ID, before, now.ID, at)
		}
		if now.AgentID != was.AgentID || was.ConversationID != "" && now.ConversationID == was.ConversationID {
			t.Errorf("agent %q and conversation %q became %q and %q", was.AgentID, was.ConversationID, now.AgentID, now.ConversationID)
		}
		if e, err := event.Parse([]byte(all[i])); err == nil && sent[i].Event.Channel.Party.User != e.Channel.Party.User {
			t.Errorf("user %v became %v, want the same for ever", e.Channel.Party.User, sent[i].Event.Channel.Party.User)
		}
	}
	if v := judge.Report().Violations; len(v) > 0 {
		t.Errorf("violations: %v", v)
	}
	if got := compared(t, lines(all), lines(sentBodies(sent)), recording.Ignore{IDs: true, Time: true}); got != "" {
		t.Errorf("differs in more than identifiers and times:\n%s", got)
	}
	if again, _ := replayed(t, lines(all), o); again.Hash() != r.Hash() {
		t.Errorf("hash = %s, then %s", r.Hash(), again.Hash())
	}
	o.Seed = 4
	if other, _ := replayed(t, lines(all), o); other.Hash() == r.Hash() {
		t.Error("another seed has the same hash")
	}
}

func TestOnlyIdentifiersAndTimesOfABodyAreRewritten(t *testing.T) {
	const guid, other = "4F27b3a1-6f02-4006-8b9d-5f6e1c1a8f65", "0f27b3a1-6f02-4006-8b9d-5f6e1c1a8f65"
	body := `{"specversion" : "1.0","id":"a","time":"noon", "data":{"note":"a\"b\\","` + guid + `":[ "` + guid + `",{"userId":"` + guid +
		`"}, "` + strings.ToLower(guid) + `","` + other + `"],"timestamp":"2025-03-03T09:00:59Z","x":[],"y":{},"n":-1.0e3,"time":"2025-03-03T09:00:59Z"}}`
	_, sent := replayed(t, body, recording.Options{Renew: true, Seed: 3, Shift: true, Anchor: start})
	fresh := func(old string) string {
		id := seeded.From(3).With(1).WithText(strings.ToLower(old)).UUID()
		return string(id[:])
	}
	want := strings.Replace(body, `[ "`+guid, `[ "`+fresh(guid), 1)
	want = strings.Replace(want, strings.ToLower(guid), fresh(guid), 1)
	want = strings.Replace(want, other, fresh(other), 1)
	want = strings.Replace(want, "09:00:59Z", "09:00:00Z", 1)
	if got := string(sent[0].AppendBody(nil)); got != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
}

func TestShiftedTimesMayEndAtAMoment(t *testing.T) {
	all := bodies(t, plan.Options{Seed: 7}, "inbound-call")
	_, sent := replayed(t, lines(all), recording.Options{Shift: true, Anchor: start, AnchorLast: true})
	last := sent[len(sent)-1].Event.Time.Time
	if !last.Truncate(time.Second).Equal(start) {
		t.Errorf("the last one is of %s, want in the second of %s", last, start)
	}
}

func TestRecordingsThatCannotBeSent(t *testing.T) {
	all := bodies(t, plan.Options{Seed: 7}, "inbound-call")
	refused := strings.ReplaceAll(rows(t, time.Second, all...), `"status":200`, `"status":401`)
	tests := []struct {
		name, text string
		o          recording.Options
		says       string
	}{
		{"an empty one", "\n", recording.Options{}, "got.ndjson holds no notifications"},
		{"one of refused rows", refused, recording.Options{}, "none of its 9 notifications was accepted when it was recorded; select all rows"},
		{"one of which nothing is selected", lines(all), recording.Options{Types: []string{"chanel.*"}}, "none of its 9 notifications is selected"},
		{"rows and bodies mixed", lines(all) + rows(t, time.Second, all[0]), recording.Options{}, "got.ndjson:10: a row"},
		{"a shift out of the world", lines(all), recording.Options{Shift: true, Anchor: start.AddDate(200, 0, 0)}, "outside of what notification IDs can hold"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := recording.NewReplay("got.ndjson", opener(tt.text), tt.o); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error = %v, want one that says %q", err, tt.says)
			}
		})
	}
}

func TestAFileThatChangesIsNoticed(t *testing.T) {
	all := bodies(t, plan.Options{Seed: 7}, "inbound-call")
	for _, tt := range []struct{ name, later string }{
		{"lines are gone", lines(all[:5])},
		{"a line is damaged", lines(all[:5]) + "{\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			texts := []string{lines(all), tt.later}
			r, err := recording.NewReplay("got.ndjson", func() (io.ReadCloser, error) {
				text := texts[0]
				texts = texts[1:]
				return opener(text)()
			}, recording.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for range r.Notifications() {
			}
			if err := r.Err(); err == nil || !strings.Contains(err.Error(), "changed") {
				t.Errorf("error = %v, want one that says that the file changed", err)
			}
		})
	}
}
