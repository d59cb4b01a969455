package examine

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/signature"
)

// alternating are notifications and controls that came alone, each of which took as long as the functions say.
func alternating(n int, accepted, control func() time.Duration) (all []*answered) {
	begin := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	for i := range n {
		p := &trial.Played{Trial: &trial.Trial{Deliveries: []trial.Delivery{{Note: trial.Note{Usable: true}}, {}}}}
		for j, took := range []time.Duration{accepted(), control()} {
			p.Answers = append(p.Answers, trial.Answer{Status: []int{204, 400}[j], Attempts: 1, Took: took, Sent: begin.Add(time.Duration(i) * time.Millisecond)})
			all = append(all, &answered{i, j, p, &p.Deliveries[j], &p.Answers[j]})
		}
	}
	return all
}

func TestWhoBecomesSlower(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	noisy := func(took float64) func() time.Duration { // ms, on a machine that is busy each third time
		return func() time.Duration {
			noise := random.ExpFloat64() / 4
			if random.IntN(3) == 0 {
				noise = 30 * random.ExpFloat64()
			}
			return time.Duration((took + noise*took) * float64(time.Millisecond))
		}
	}
	for name, test := range map[string]struct {
		before, control, after, controlAfter float64
		want                                 bool
	}{
		"even":                           {1, 0.5, 1, 0.5, false},
		"slow from the start":            {60, 1, 60, 1, false},
		"twice as slow":                  {3, 0.5, 6, 0.5, false},
		"a machine that has become busy": {1, 0.5, 12, 6, false},
		"a little slower, from nothing":  {0.1, 0.1, 1.2, 0.1, false},
		"reads everything each time":     {0.5, 0.4, 15, 0.4, true},
		"likewise, on a busy machine":    {0.5, 0.4, 40, 2, true},
	} {
		before, ok := paced(alternating(100, noisy(test.before), noisy(test.control)))
		after, too := paced(alternating(100, noisy(test.after), noisy(test.controlAfter)))
		if got := before.slows(after); got != test.want || !ok || !too {
			t.Errorf("%s: %t, %v and %v", name, got, before, after)
		}
	}
	if _, ok := paced(alternating(4, noisy(1), noisy(1))); ok {
		t.Error("4 notifications are too few")
	}
}

// slowing is a consumer that takes a while for each notification, and how long depends on how often it was measured: what comes after less than
// a second is of one measurement. It refuses forgeries and what it cannot use at once.
type slowing struct {
	secret signature.Secret
	takes  func(measurement int) time.Duration

	mu       sync.Mutex
	last     time.Time // when it answered last
	measured int
}

func (s *slowing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.last = time.Now() }()
	if time.Since(s.last) >= time.Second {
		s.measured++
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || signature.Verify(s.secret, r.Header.Get(signature.HeaderName), body, time.Now()) != nil || !json.Valid(body) {
		time.Sleep(time.Millisecond)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	time.Sleep(s.takes(s.measured))
	w.WriteHeader(http.StatusNoContent)
}

// measuring is an examination of such a consumer that has so much time left, and in which many notifications took a millisecond each.
func measuring(t *testing.T, s *slowing, left time.Duration) (r *run, all []*answered) {
	t.Helper()
	s.secret = signature.GenerateSecret()
	listener, server := memnet.Listen(), &http.Server{Handler: s}
	var served sync.WaitGroup
	served.Go(func() { server.Serve(listener) })
	x := &Examination{Sending: transport.Options{Target: emitter.Target{URL: "http://consumer.test/events", Secret: s.secret, Dial: listener.DialContext}},
		Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Budget: left}
	to, err := transport.New(x.Sending)
	if err != nil {
		t.Fatal(err)
	}
	r = x.prepared(to)
	r.planner = dimension.New(dimension.Options{Start: x.Start})
	t.Cleanup(func() {
		for _, release := range r.release {
			release()
		}
		to.Close()
		server.Close()
		time.Sleep(time.Second) // what is still being answered
		served.Wait()
	})
	millisecond := func() time.Duration { return time.Millisecond }
	all = alternating(fewest, millisecond, millisecond)
	for _, a := range all {
		if !slices.Contains(r.all, a.played) {
			r.all = append(r.all, a.played)
		}
	}
	return r, all
}

// A disk that is busy with something else is so for a while only: a consumer that has become slower is so three times, a second apart, or as often
// as there is time for.
func TestSlownessIsMeasuredThreeTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		slow     []int         // measurements
		left     time.Duration // 0: the usual budget
		want     bool
		measured int
	}{
		{"each time", []int{1, 2, 3, 4}, 0, true, 3},
		{"never", nil, 0, false, 1},
		{"the first time", []int{1}, 0, false, 2},
		{"twice", []int{1, 2}, 0, false, 3},
		{"time for two", []int{1, 2, 3, 4}, 4900 * time.Millisecond, true, 2},
		{"time for one", []int{1, 2, 3, 4}, 2 * time.Second, true, 1},
		{"no time", []int{1, 2, 3, 4}, 100 * time.Millisecond, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slowing{takes: func(measurement int) time.Duration {
					if slices.Contains(c.slow, measurement) {
						return 50 * time.Millisecond
					}
					return time.Millisecond
				}}
				r, all := measuring(t, s, c.left)
				if found, is := r.slower(t.Context(), all); is != c.want || s.measured != c.measured || is && found.rule != rulebook.Endure {
					t.Errorf("found %t %s, measured %d times; want %t after %d", is, found.text, s.measured, c.want, c.measured)
				}
			})
		})
	}
}
