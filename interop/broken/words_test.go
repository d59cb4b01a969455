package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	examination "github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/rulebook"
)

// A correct consumer that tells its state with a word of its own is told the word, and nothing that follows from it.
func TestAWordOfTheStateThatIsNone(t *testing.T) {
	t.Parallel()
	renames := func(from, to string) func(map[string]any) {
		return func(channel map[string]any) {
			if seconds, is := channel["seconds"].(map[string]any); is && seconds[from] != nil {
				seconds[to] = seconds[from]
				delete(seconds, from)
			}
		}
	}
	says := func(member, from, to string) func(map[string]any) {
		return func(channel map[string]any) {
			if channel[member] == from {
				channel[member] = to
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(channel map[string]any)
		named  string // in what is said of members, or in the only finding
		broken rulebook.ID
		lacks  []rulebook.ID // not tested for want of what the word hides
	}{
		{"hold", renames("held", "hold"), `channels[].seconds.hold (did you mean "held"?)`, "", []rulebook.ID{rulebook.CloseEveryPhase, rulebook.PhasesApart, rulebook.SumPhases, rulebook.OrderByTimestamp}},
		{"hold where there is some", func(channel map[string]any) {
			if seconds, is := channel["seconds"].(map[string]any); is && seconds["held"] != nil && seconds["held"] != 0.0 {
				renames("held", "hold")(channel)
			}
		}, `channels[].seconds.hold (did you mean "held"?)`, "", []rulebook.ID{rulebook.CloseEveryPhase, rulebook.PhasesApart, rulebook.SumPhases, rulebook.OrderByTimestamp}},
		{"talking", says("phase", "connected", "talking"), `tells phase "talking" (did you mean "connected"?)`, rulebook.PhasesApart, []rulebook.ID{rulebook.OrderByTimestamp}},
		{"customer", says("role", "external", "customer"), `tells role "customer" (did you mean "external"?)`, rulebook.RolesApart, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			all := subjects()
			s := &all[slices.IndexFunc(all, func(s subject) bool { return s.name == "correct" })]
			x := s.examination(t, 7)
			url := strings.TrimSuffix(x.Sending.Target.URL, "/events")
			between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				resp, err := http.Get(url + r.URL.Path)
				if err != nil {
					panic(http.ErrAbortHandler)
				}
				defer resp.Body.Close()
				var state struct {
					Channels []map[string]any `json:"channels"`
				}
				if text, err := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK || err != nil || json.Unmarshal(text, &state) != nil {
					w.WriteHeader(resp.StatusCode)
					return
				}
				for _, channel := range state.Channels {
					c.change(channel)
				}
				_ = json.NewEncoder(w).Encode(state)
			}))
			t.Cleanup(between.Close)
			var err error
			if x.State, err = ask.OverHTTP(&x.Sending.Target, between.URL+"/calls/"+ask.Placeholder, 5*time.Second); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { x.State.Close() })
			x.Only = []string{string(rulebook.CloseEveryPhase), string(rulebook.RolesApart), string(rulebook.OrderByTimestamp), string(rulebook.SumPhases)}
			report, err := x.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			said := strings.Join(report.Unknown, "\n")
			for _, f := range report.Findings {
				if said += f.Text; f.Rule.ID != c.broken {
					t.Errorf("accused falsely: %s: %s %v", f.Rule.ID, f.Text, f.Details)
				}
			}
			if !strings.Contains(said, c.named) {
				t.Errorf("%q does not name %s", said, c.named)
			}
			for _, result := range report.Rules {
				if slices.Contains(c.lacks, result.ID) && result.ID != c.broken && (result.Verdict != examination.Untested || !strings.Contains(result.Why, "(did you mean ")) {
					t.Errorf("%s is %s (%s); want not tested, with the word", result.ID, result.Verdict, result.Why)
				}
			}
		})
	}
}
