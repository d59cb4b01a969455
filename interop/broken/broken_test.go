package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/judge"
	"github.com/ringback/ringback/signature"
)

// judged examines a consumer in this process, over real sockets.
func judged(t *testing.T, r row) []judge.Finding {
	t.Helper()
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	c := r.make()
	server := httptest.NewServer(c.handler(secret))
	defer server.Close()
	defer server.CloseClientConnections()
	server.Config.ErrorLog = quiet()
	x := judge.Examination{
		Target:  emitter.Target{URL: server.URL + "/events", Secret: secret},
		State:   server.URL + "/calls/" + judge.Placeholder,
		Timeout: time.Second,      // far above the 400 ms of a slow body, far below the 11 s of the one that blocks
		Within:  time.Millisecond, // nothing here becomes known later than it is answered
		Restart: func(ctx context.Context) error { return crashed(ctx, server.URL) },
		Seed:    7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC),
	}
	findings, err := x.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func TestEveryBrokenConsumerIsToldFromTheCorrectOne(t *testing.T) {
	names := map[string]bool{}
	for _, r := range rows() {
		names[r.fails] = true
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			var failed []string
			for _, f := range judged(t, r) {
				switch {
				case f.Verdict == judge.Failed:
					failed = append(failed, f.Check)
					if f.Reason == "" || f.Detail == "" {
						t.Errorf("%s fails with reason %q and detail %q, want both", f.Check, f.Reason, f.Detail)
					}
					t.Logf("%s: %s (%s)", f.Check, f.Reason, f.Detail)
				case r.fails == "" && f.Verdict != judge.OK:
					t.Errorf("%s is %s: %s; want ok", f.Check, f.Verdict, f.Detail)
				}
			}
			if want := want(r); !slices.Equal(failed, want) {
				t.Errorf("%s: failed %v, want %v", r.make().about, failed, want)
			}
		})
	}
	for _, c := range judge.Checks() {
		if !names[c.Name] && !slices.Contains(basic(), c.Name) {
			t.Errorf("no consumer fails %s, so that nobody knows whether the check works", c.Name)
		}
	}
}

func TestARestartThatFailsEndsTheExamination(t *testing.T) {
	secret := signature.GenerateSecret()
	server := httptest.NewServer(correct().handler(secret))
	defer server.Close()
	x := judge.Examination{
		Target: emitter.Target{URL: server.URL + "/events", Secret: secret},
		State:  server.URL + "/calls/" + judge.Placeholder, Only: []string{"survives-restart"},
		Restart: func(context.Context) error { return errors.New("no such process") },
		Start:   time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC),
	}
	findings, err := x.Run(t.Context())
	const want = "check survives-restart: the consumer was not restarted: no such process"
	if err == nil || err.Error() != want || len(findings) != 2 {
		t.Errorf("got %d findings and %v, want 2 and %s", len(findings), err, want)
	}
}

// basic are the checks that no single mistake of the consumers is about.
func basic() []string { return []string{"agent-channel", "cut-off"} }

// quiet swallows what servers say about handlers that panic.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
