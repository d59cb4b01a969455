// Package stories plays the ready-made stories to consumers, for tests, and compares what they tell
// with what happened.
//
// The name of a story and a handler come in; statuses and differences go out. It sends over no
// socket unless it is given one, so that tests can play in a bubble of testing/synctest.
package stories

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenarios"
	"github.com/ringback/ringback/signature"
)

// Secret is what tests sign with.
func Secret() signature.Secret {
	s, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		panic(err) // it is a constant
	}
	return s
}

// Start is when the stories begin.
func Start() time.Time { return time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC) }

// Story is one play of a scenario.
type Story struct {
	Bodies [][]byte // in the order of sending
	Truth  plan.Truth
}

// Load is Plan for a story that can be planned.
func Load(t testing.TB, name string, o plan.Options) Story {
	t.Helper()
	s, err := Plan(name, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Plan plans a story; faults of its own are left out. It fails where an assumption forbids the story.
func Plan(name string, o plan.Options) (s Story, err error) {
	loaded, err := scenarios.Load(name)
	if err != nil {
		return s, err
	}
	sc := *loaded
	sc.Faults = nil
	if o.Start.IsZero() {
		o.Start = Start()
	}
	o.Count = 1
	p, err := plan.New(&sc, o)
	if err != nil {
		return s, err
	}
	for n := range p.Notifications() {
		if !n.Extra {
			s.Bodies = append(s.Bodies, n.AppendBody(nil))
		}
	}
	s.Truth = p.Truth(0)
	return s, nil
}

// Names lists the ready-made stories.
func Names() (names []string) {
	for _, e := range scenarios.List() {
		if _, err := scenarios.Load(e.Name); err == nil { // a workload is no story
			names = append(names, e.Name)
		}
	}
	return names
}

// Orders are orders in which bodies may come.
func Orders(bodies [][]byte) map[string][][]byte {
	reversed := slices.Clone(bodies)
	slices.Reverse(reversed)
	all := map[string][][]byte{"in order": bodies, "reversed": reversed, "twice": slices.Concat(bodies, bodies)}
	for i := range uint64(3) {
		mixed := slices.Concat(bodies, bodies)
		rand.New(rand.NewPCG(1, i)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		all[fmt.Sprint("shuffled ", i)] = mixed
	}
	return all
}

// Consumer is a consumer under test.
type Consumer struct {
	Do  func(*http.Request) (*http.Response, error)
	URL string
}

// Direct calls a handler without a socket.
func Direct(h http.Handler) Consumer {
	return Consumer{URL: "http://consumer", Do: func(r *http.Request) (resp *http.Response, err error) {
		w := httptest.NewRecorder()
		defer func() {
			if v := recover(); v != nil {
				resp, err = nil, fmt.Errorf("the connection broke: %v", v)
			}
		}()
		h.ServeHTTP(w, r)
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		return w.Result(), nil
	}}
}

// Request makes a signed request. Body may be any text.
func (c Consumer) Request(t testing.TB, body []byte) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.URL+"/events", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/cloudevents+json")
	r.Header.Set(signature.HeaderName, signature.Sign(Secret(), body, time.Now()))
	return r
}

// Send sends a request once, and returns the status; 0 if there was no answer.
func (c Consumer) Send(r *http.Request) int {
	resp, err := c.Do(r)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0
	}
	return resp.StatusCode
}

// Post sends a body, and tries again as the sender does until that helps or 40 attempts were made.
func (c Consumer) Post(t testing.TB, body []byte) (status int) {
	for range 40 {
		status = c.Send(c.Request(t, body))
		if status != 0 && status != 408 && status != 429 && status < 500 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return status
}

// Play posts bodies in a row. It complains about what is not accepted.
func (c Consumer) Play(t testing.TB, bodies ...[]byte) {
	t.Helper()
	for _, b := range bodies {
		if status := c.Post(t, b); status < 200 || status > 205 {
			t.Errorf("status %d for %s", status, b)
		}
	}
}

// Crash crashes the consumer. A connection that it has just closed is tried again.
func (c Consumer) Crash(t testing.TB) {
	for range 3 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.URL+"/crash", nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.Send(r) == http.StatusNoContent {
			return
		}
	}
	t.Error("the crash failed")
}

// State asks for the state of a conversation; nil if it is not known.
func (c Consumer) State(t testing.TB, conversation string) map[string]any {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL+"/calls/"+conversation, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil && resp.StatusCode == http.StatusOK {
		t.Fatal(err)
	}
	return out
}

// Channel is the told channel, or nil.
func Channel(state map[string]any, id string) map[string]any {
	all, _ := state["channels"].([]any)
	for _, c := range all {
		if m := c.(map[string]any); strings.EqualFold(fmt.Sprint(m["channelId"]), id) {
			return m
		}
	}
	return nil
}

// Differences says where a consumer is wrong about a story. Members that are not told are not compared.
func (c Consumer) Differences(t testing.TB, truth *plan.Truth) (all []string) {
	states := map[string]map[string]any{}
	for _, id := range truth.Conversations {
		states[id] = c.State(t, id)
		if told, _ := states[id]["channels"].([]any); told != nil {
			n := len(slices.DeleteFunc(slices.Clone(truth.Channels), func(ch plan.ChannelTruth) bool { return ch.ConversationID != id }))
			if n != len(told) {
				all = append(all, fmt.Sprintf("%d channels, want %d", len(told), n))
			}
		}
	}
	for i := range truth.Channels {
		ch := &truth.Channels[i]
		m := Channel(states[ch.ConversationID], ch.ChannelID)
		if m == nil {
			all = append(all, ch.Name+" is not known")
			continue
		}
		all = append(all, differs(ch, m)...)
	}
	return all
}

func differs(ch *plan.ChannelTruth, m map[string]any) (all []string) {
	compare := func(name string, want any) {
		if got, is := m[name]; is && got != want && !(want == "" && got == nil) {
			all = append(all, fmt.Sprintf("%s: %s is %v, want %v", ch.Name, name, got, want))
		}
	}
	compare("phase", ch.Phase.String())
	compare("notifications", float64(ch.Notifications))
	compare("role", ch.Role.String())
	compare("agentId", ch.AgentID)
	if id, is := m["interactionId"].(string); is && !strings.EqualFold(id, ch.InteractionID) {
		all = append(all, ch.Name+": another interaction")
	}
	if seconds, is := m["seconds"].(map[string]any); is {
		for _, stay := range ch.Stays {
			got, _ := seconds[stay.Phase.String()].(float64)
			if want := ch.Duration(stay.Phase).Seconds(); math.Abs(got-want) > 0.0011 {
				all = append(all, fmt.Sprintf("%s: %s is %v s, want %v", ch.Name, stay.Phase, got, want))
			}
		}
		for phase, got := range seconds {
			if d, is := got.(float64); !is || d != 0 && !slices.ContainsFunc(ch.Stays, func(s plan.Stay) bool { return s.Phase.String() == phase }) {
				all = append(all, fmt.Sprintf("%s: %v s of %s that never was", ch.Name, got, phase))
			}
		}
	}
	return all
}

// ErrStopped is for tests that cut a body off.
var ErrStopped = errors.New("the sender stopped")
