package emitter_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/signature"
)

// note is an alerted notification of a story, due at some offset.
func note(seq, story uint64, due time.Duration) plan.Notification {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(due)
	e := event.Event{
		Type: event.Type{Kind: event.Alerted, Version: event.V0},
		Time: event.Stamp{Time: at, Digits: 7}, Timestamp: event.Stamp{Time: at, Digits: 3},
	}
	copy(e.ID[:], noteID(seq))
	copy(e.Channel.ConversationID[:], fmt.Sprintf("4f27b3a1-6f02-4006-8b9d-%012d", story))
	e.Channel.InteractionID, e.Channel.ChannelID = e.Channel.ConversationID, e.Channel.ConversationID
	e.Channel.Party = event.Party{Role: event.External}
	return plan.Notification{Seq: seq, Story: story, Due: due, At: due, Name: "Ann", Event: e}
}

func noteID(seq uint64) string { return fmt.Sprintf("2oTzcHsQQWRVfSvQ0%010d", seq) }

// about reports whether a request is about the notification with a number.
func about(r *emitter.Request, seq uint64) bool { return bytes.Contains(r.Body, []byte(noteID(seq))) }

// notes are n notifications of as many stories, one every so often.
func notes(n int, every time.Duration) []plan.Notification {
	var all []plan.Notification
	for i := range n {
		all = append(all, note(uint64(i), uint64(i), time.Duration(i)*every))
	}
	return all
}

// inOneStory puts all notifications into story 0.
func inOneStory(all []plan.Notification) []plan.Notification {
	for i := range all {
		all[i].Story = 0
	}
	return all
}

// sender answers by a function and remembers when it was asked for what.
type sender struct {
	answer func(ctx context.Context, n int, r *emitter.Request) emitter.Answer // n counts from 0

	mu       sync.Mutex
	sent     []sending
	inFlight int
	most     int // in flight at once
}

type sending struct {
	at          time.Time
	body, token string
}

func (s *sender) Send(ctx context.Context, r *emitter.Request) emitter.Answer {
	s.mu.Lock()
	n := len(s.sent)
	s.sent = append(s.sent, sending{time.Now(), string(r.Body), string(r.Signature)})
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	s.mu.Unlock()
	defer func() { s.mu.Lock(); s.inFlight--; s.mu.Unlock() }()
	return s.answer(ctx, n, r)
}

// moments are the offsets from start at which requests came.
func (s *sender) moments(start time.Time) []time.Duration {
	var all []time.Duration
	for _, x := range s.sent {
		all = append(all, x.at.Sub(start))
	}
	return all
}

// always answers with one status at once.
func always(status int) *sender { return slowly(status, 0) }

// slowly answers with one status after some time, or fails when it is cut off.
func slowly(status int, after time.Duration) *sender {
	return &sender{answer: func(ctx context.Context, _ int, _ *emitter.Request) emitter.Answer {
		return answerAfter(ctx, after, emitter.Answer{Status: status})
	}}
}

func answerAfter(ctx context.Context, d time.Duration, a emitter.Answer) emitter.Answer {
	if d == 0 {
		return a
	}
	select {
	case <-time.After(d):
		return a
	case <-ctx.Done():
		return emitter.Answer{Failure: emitter.Failure{Class: emitter.ClassStopped, Text: "cut off"}}
	}
}

// dead never answers: nobody listens there.
func dead() *sender {
	return &sender{answer: func(context.Context, int, *emitter.Request) emitter.Answer {
		return emitter.Answer{Failure: emitter.Failure{Class: emitter.ClassRefused, Text: "connection refused"}}
	}}
}

func secret(t testing.TB) signature.Secret {
	s, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rows collects what happened, in words.
type rows struct{ list []string }

func (r *rows) on(a *emitter.Attempt) error {
	r.list = append(r.list, fmt.Sprintf("%d/%d %s %s", a.Notification.Seq, a.Number, a.Outcome, a.Failure))
	return nil
}

// finals counts the final rows of each notification at each target.
type finals map[string]int

func (f finals) on(a *emitter.Attempt) error {
	if a.Outcome != emitter.Retrying {
		f[fmt.Sprintf("%s %d", a.Target, a.Notification.Seq)]++
	}
	return nil
}

func play(t *testing.T, e *emitter.Emitter, all []plan.Notification) emitter.Result {
	t.Helper()
	return playSeq(t, e, slices.Values(all))
}

func playSeq(t *testing.T, e *emitter.Emitter, all iter.Seq[plan.Notification]) emitter.Result {
	t.Helper()
	result, err := e.Run(t.Context(), time.Now(), all)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	return result
}

func to(s emitter.Sender) []emitter.Target { return []emitter.Target{{Name: "t", Sender: s}} }

func wantSame[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}
