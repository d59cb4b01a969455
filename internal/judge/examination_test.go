package judge_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/judge"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

func secret(t *testing.T) signature.Secret {
	t.Helper()
	s, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func examination(t *testing.T, h http.Handler) *judge.Examination {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return &judge.Examination{Target: emitter.Target{URL: server.URL, Secret: secret(t)}, Within: time.Millisecond,
		Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)}
}

// verdicts are the verdicts of an examination by check.
func verdicts(t *testing.T, x *judge.Examination) map[string]judge.Finding {
	t.Helper()
	all := map[string]judge.Finding{}
	findings, err := x.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		all[f.Check] = f
	}
	return all
}

func TestTheReferenceConsumerPassesAllThatItCanBeAsked(t *testing.T) {
	asks := map[string]bool{"duplicate": true, "disorder": true, "same-instant": true, "interaction": true, "leading-zeros": true, "survives-restart": true}
	got := verdicts(t, examination(t, receiver.New(receiver.Options{Secrets: []signature.Secret{secret(t)}})))
	for _, c := range judge.Checks() {
		want := judge.OK
		if asks[c.Name] {
			want = judge.Skipped // it tells no state
		}
		if f := got[c.Name]; f.Verdict != want {
			t.Errorf("%s is %s (%s), want %s", c.Name, f.Verdict, f.Detail, want)
		}
	}
}

func TestAnswersAloneTellMuch(t *testing.T) {
	for _, c := range []struct {
		name, fails, skips, detail string
		status                     int
	}{
		{"who believes everybody", "wrong-key", "tampered-body", "accepted with 200 OK", http.StatusOK},
		{"who refuses everybody", "agent-channel", "wrong-key", "401 Unauthorized", http.StatusUnauthorized},
		{"who always fails", "agent-channel", "unusable-body", "500 Internal Server Error", http.StatusInternalServerError},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := verdicts(t, examination(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.status) })))
			f := got[c.fails]
			if f.Verdict != judge.Failed || f.Reason == "" || !strings.Contains(f.Detail, c.detail) {
				t.Errorf("%s: got %+v, want it to fail with %q", c.fails, f, c.detail)
			}
			if f := got[c.skips]; f.Verdict != judge.Skipped {
				t.Errorf("%s: got %+v, want it skipped", c.skips, f)
			}
		})
	}
}

func TestAStateThatDoesNotFitIsTold(t *testing.T) {
	for _, c := range []struct{ name, answer, detail string }{
		{"no JSON", "<html>", "not of the documented form"},
		{"nothing of the channel", `{"channels":[]}`, "the state has no channel"},
		{"another form", `[]`, "not of the documented form"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := examination(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					_, _ = w.Write([]byte(c.answer))
				}
			}))
			x.State, x.Only = x.Target.URL+"/"+judge.Placeholder, []string{"agent-channel"}
			if f := verdicts(t, x)["agent-channel"]; f.Verdict != judge.Failed || !strings.Contains(f.Detail, c.detail) {
				t.Errorf("got %+v, want it to fail with %q", f, c.detail)
			}
		})
	}
}

func TestOnlyTheChecksThatAreNamedAreMadeAndThoseTheyNeed(t *testing.T) {
	x := examination(t, receiver.New(receiver.Options{Secrets: []signature.Secret{secret(t)}}))
	x.Only = []string{"alg-none"}
	var made []string
	x.On = func(f judge.Finding) { made = append(made, f.Check) }
	verdicts(t, x)
	if got, want := strings.Join(made, " "), "answers-in-time agent-channel wrong-key alg-none"; got != want {
		t.Errorf("made %s, want %s", got, want)
	}
}

func TestWrongSettingsAreFoundBeforeAnythingIsSent(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(*judge.Examination)
	}{
		{"an unknown check", `unknown check "algnone" (did you mean "alg-none"?)`, func(x *judge.Examination) { x.Only = []string{"algnone"} }},
		{"a state without the conversation", "the state URL has no {conversationId} in it", func(x *judge.Examination) { x.State = "http://127.0.0.1/calls" }},
		{"a public state", "192.0.2.7 is neither loopback", func(x *judge.Examination) { x.State = "http://192.0.2.7/{conversationId}" }},
		{"a public consumer", "192.0.2.7 is neither loopback", func(x *judge.Examination) { x.Target.URL = "http://192.0.2.7/" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := examination(t, http.NotFoundHandler())
			c.change(x)
			if _, err := x.Run(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestAnInterruptEndsTheExamination(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	x := examination(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	x.On = func(judge.Finding) { cancel() }
	findings, err := x.Run(ctx)
	if !errors.Is(err, context.Canceled) || len(findings) != 1 {
		t.Errorf("got %d findings and %v, want one and that it was cancelled", len(findings), err)
	}
}
