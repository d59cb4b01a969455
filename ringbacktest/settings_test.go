package ringbacktest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ringback/ringback/ringbacktest"
)

const story = `name: short
story: A customer calls and gives up.
steps:
  - call: customer
  - queue: 5s
  - abandon
`

func TestAScenarioIsANameAPathOrAText(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "short.yaml")
	if err := os.WriteFile(path, []byte(story), 0o600); err != nil {
		t.Fatal(err)
	}
	fromText := ringbacktest.Play(t, answer(http.StatusNoContent), story)
	fromFile := ringbacktest.Play(t, answer(http.StatusNoContent), path)
	if fromText.PlanHash != fromFile.PlanHash || len(fromText.Notifications) != 4 {
		t.Errorf("plans %s and %s of %d notifications, want one of 4", fromText.PlanHash, fromFile.PlanHash, len(fromText.Notifications))
	}
}

func TestAParameterHasTheValueOfTheRun(t *testing.T) {
	t.Parallel()
	written := strings.Replace(story, "5s", "7s", 1)
	open := strings.NewReplacer("steps:", "params: {wait: 5s}\nsteps:", "queue: 5s", "queue: $wait").Replace(story)
	want := ringbacktest.Play(t, answer(http.StatusNoContent), written).PlanHash
	if got := (ringbacktest.Run{Set: map[string]string{"wait": "7s"}}).Play(t, answer(http.StatusNoContent), open).PlanHash; got != want {
		t.Errorf("plan %s, want that of the story written out, %s", got, want)
	}
	f := watch(t, func(t testing.TB) {
		ringbacktest.Run{Set: map[string]string{"wait": "7s"}}.Play(t, answer(http.StatusTeapot), open)
	})
	f.want(t, " notifications, with wait=7s from Run.Set\n")
}

func TestWhatMakesNoSenseEndsTheTestBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	asked := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	for _, c := range []struct {
		name      string
		run       ringbacktest.Run
		scenarios []string
		want      string
	}{
		{"no scenario", ringbacktest.Run{}, nil, "no scenario: name at least one"},
		{"an unknown name, with the nearest one", ringbacktest.Run{}, []string{"inbound-cal"}, `did you mean "inbound-call"`},
		{"a path where nothing is", ringbacktest.Run{}, []string{"nowhere/short.yaml"}, "nowhere"},
		{"a text with a fault, with its place", ringbacktest.Run{}, []string{strings.Replace(story, "5s", "5", 1)}, "scenario text:5:"},
		{"a workload", ringbacktest.Run{}, []string{"monday-morning"}, "is a workload"},
		{"an unknown fault", ringbacktest.Run{Faults: []string{"duplicat 2%"}}, []string{story}, `"duplicate"`},
		{"an unknown assumption", ringbacktest.Run{Assume: map[string]string{"absent-id": "null"}}, []string{story}, `"absent-ids"`},
		{"an unknown parameter", ringbacktest.Run{Set: map[string]string{"hodl": "2m"}}, []string{"inbound-call-with-hold"}, `set: unknown parameter "hodl" (did you mean "hold"?)`},
		{"a value that does not fit", ringbacktest.Run{Set: map[string]string{"hold": "2"}}, []string{"inbound-call-with-hold"}, "$hold is from Run.Set"},
		{"a header that is the sender's own", ringbacktest.Run{Header: http.Header{"Content-Type": {"text/plain"}}}, []string{story}, "Content-Type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := watch(t, func(t testing.TB) { c.run.Play(t, asked, c.scenarios...) })
			f.want(t, c.want)
			if !f.ended {
				t.Error("the test went on")
			}
		})
	}
}

func TestAssumptionsAboutSendingHold(t *testing.T) {
	t.Parallel()
	strict := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Vonage-Signature"), "Bearer ey") {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	assume := func(name, value string) ringbacktest.Run {
		return ringbacktest.Run{Assume: map[string]string{name: value}}
	}
	assume("signature-prefix", "Bearer").Play(t, strict, story)
	ringbacktest.Play(t, strict, story+"assume: {signature-prefix: Bearer}\n")
	const charset = "application/cloudevents+json; charset=utf-8"
	literal := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") != charset {
			w.WriteHeader(http.StatusUnsupportedMediaType)
		}
	})
	assume("content-type", charset).Play(t, literal, story)
	ringbacktest.Play(t, literal, story+"assume: {content-type: "+charset+"}\n")
	const ahead = 2 * time.Minute
	early := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var claims jwt.RegisteredClaims
		_, _, err := jwt.NewParser().ParseUnverified(r.Header.Get("Vonage-Signature"), &claims)
		if err != nil || time.Until(claims.IssuedAt.Time) < ahead-5*time.Second || claims.ExpiresAt.Sub(claims.IssuedAt.Time) != 5*time.Minute {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	assume("token-clock", ahead.String()).Play(t, early, story)
	ringbacktest.Play(t, early, story+"assume: {token-clock: 2m}\n")
	assume("success", "2xx").Play(t, answer(http.StatusPartialContent), story)
	ringbacktest.Play(t, answer(http.StatusPartialContent), story+"assume: {success: 2xx}\n")

	later := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	for value, want := range map[string]int{"obey": 1, "ignore": 4} {
		f := watch(t, func(t testing.TB) {
			for _, d := range assume("retry-after", value).Play(t, later, story).Deliveries {
				if d.Attempts != want {
					t.Fatalf("retry-after=%s: %d attempts, want %d", value, d.Attempts, want)
				}
			}
		})
		if f.ended {
			t.Errorf("%v", f)
		}
	}
}
