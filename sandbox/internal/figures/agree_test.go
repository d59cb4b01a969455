package figures_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/figures"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/scenarios"
	"github.com/ringback/ringback/signature"
)

const seed = 7

// start is of the plan: the IDs of events depend on it.
func start() time.Time { return time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC) }

// moody is a consumer that answers with 500 to the first request of some events, always the same ones, and accepts unsigned ones.
func moody(t *testing.T, key signature.Secret) string {
	t.Helper()
	r := receiver.New(receiver.Options{Secrets: []signature.Secret{key}})
	var mu sync.Mutex
	seen := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return // it was cut on purpose
		}
		_, rest, _ := strings.Cut(string(body), `"id":"`)
		id, _, _ := strings.Cut(rest, `"`)
		mu.Lock()
		first := !seen[id]
		seen[id] = true
		mu.Unlock()
		switch {
		case first && id != "" && strings.Contains("0123456789ABCDEFGHIJ", id[len(id)-1:]):
			w.WriteHeader(http.StatusInternalServerError)
			return
		case req.Header.Get(signature.HeaderName) == "":
			w.WriteHeader(http.StatusNoContent)
			return
		}
		req.Body = io.NopCloser(strings.NewReader(string(body)))
		r.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/events"
}

// sent is what the emitter counts of a scenario.
func sent(t *testing.T, name string, key signature.Secret) emitter.Figures {
	t.Helper()
	text, err := scenarios.Source(name)
	if err != nil {
		t.Fatal(err)
	}
	sc, err := scenario.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&settings.Traffic{Scenarios: []*scenario.Scenario{sc}}).Plan(plan.Options{Seed: seed, Start: start()}, emitter.Max)
	if err != nil {
		t.Fatal(err)
	}
	e := emitter.Emitter{Targets: []emitter.Target{{Name: "consumer", URL: moody(t, key), Secret: key}}, Speed: emitter.Max}
	r, err := e.Run(t.Context(), time.Now(), p.Notifications())
	if err != nil {
		t.Fatal(err)
	}
	return r.Total()
}

// playedHere plays the same in the sandbox, and returns its report and its figures once nothing waits any more.
func playedHere(t *testing.T, name string, key signature.Secret) (*report.Summary, *figures.Figures) {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "state"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Open(t.Context(), s, engine.Options{Speed: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	now := time.Now()
	if err := s.CreateSubscription(t.Context(), store.Subscription{ID: "s", Name: "consumer", URL: moody(t, key), Events: []string{"*"}, Enabled: true, Secret: key, Created: now, Changed: now}); err != nil {
		t.Fatal(err)
	}
	e.SubscriptionsChanged()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	heard := e.Listen(ctx)
	from := uint64(seed)
	run, err := e.StartRun(ctx, engine.Play{Name: name, Speed: emitter.Max, Seed: &from, Start: start()})
	if err != nil {
		t.Fatal(err)
	}
	for {
		if run, err = s.Run(ctx, run.ID); err != nil {
			t.Fatal(err)
		}
		if _, states := s.Counts(); run.State == store.RunEnded && states[store.Waiting] == 0 {
			break
		}
		select {
		case <-heard:
		case <-ctx.Done():
			t.Fatal("the run does not settle")
		}
	}
	reader := &figures.Reader{Store: s, Version: "test", Text: func(context.Context, *store.Run) (figures.Text, error) { return figures.Text{}, nil }}
	sum, _, err := reader.Report(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	f, err := reader.Figures(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	return sum, f
}

// The same story, played by the emitter and in the sandbox to consumers that behave alike, has the same figures.
func TestTheFiguresOfTheSandboxAreThoseOfTheEmitter(t *testing.T) {
	key := signature.Secret(strings.Repeat("k", 32))
	for _, name := range []string{"inbound-call-with-hold", "forgeries", "bad-day"} {
		t.Run(name, func(t *testing.T) {
			want := sent(t, name, key)
			sum, f := playedHere(t, name, key)
			got := sum.Total
			if want.Retries == 0 {
				t.Error("nothing was retried, so the test says little")
			}
			for _, figure := range []string{"matched", "accepted", "given up", "undelivered", "refused", "wrongly accepted", "dropped", "attempts", "retries", "retried"} {
				a, _ := got.Named(figure)
				if b, _ := want.Named(figure); a != b {
					t.Errorf("%s: %d, want %d", figure, a, b)
				}
			}
			if fmt.Sprint(got.Statuses) != fmt.Sprint(want.Statuses) {
				t.Errorf("statuses %v, want %v", got.Statuses, want.Statuses)
			}
			for _, kind := range fault.Kinds() {
				a, b := got.Faults[kind], want.Faults[kind]
				if a.Right != b.Right || a.Wrong != b.Wrong || a.Accepted != b.Accepted || a.WronglyAccepted != b.WronglyAccepted || a.Open != b.Open {
					t.Errorf("%s: %+v, want %+v", kind, a, b)
				}
				i := slices.IndexFunc(f.Faults, func(f figures.Fault) bool { return f.Kind == kind.String() })
				if i < 0 != (b.Right+b.Wrong == 0) {
					t.Errorf("%s: listed at %d, though it happened %d times", kind, i, b.Right+b.Wrong)
				}
			}
			states := emitter.Counts{Accepted: f.Deliveries[store.Delivered], Refused: f.Deliveries[store.CorrectlyRefused], WronglyAccepted: f.Deliveries[store.WronglyAccepted], GivenUp: f.Deliveries[store.Failed]}
			if states.Accepted != want.Accepted || states.Refused != want.Refused || states.WronglyAccepted != want.WronglyAccepted || states.GivenUp != want.GivenUp {
				t.Errorf("states %v", f.Deliveries)
			}
			if !f.Settled || f.Verdict != sum.Verdict || f.Verdict == "" {
				t.Errorf("settled %t, verdict %q, and %q in the report", f.Settled, f.Verdict, sum.Verdict)
			}
		})
	}
}
