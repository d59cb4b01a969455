package main

import (
	"context"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	fresh "github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/signature"
)

func TestFresh(t *testing.T) {
	secret, _ := signature.ParseSecret(signature.DevelopmentSecret)
	only := os.Getenv("ONLY")
	for _, r := range rows() {
		if only != "" && only != r.name {
			continue
		}
		c := r.make()
		server := httptest.NewServer(c.handler(secret))
		server.Config.ErrorLog = quiet()
		target := emitter.Target{URL: server.URL + "/events", Secret: secret}
		state, err := ask.OverHTTP(&target, server.URL+"/calls/"+ask.Placeholder, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		x := fresh.Examination{
			Sending: transport.Options{Target: target, Timeout: time.Second, Kill: func(ctx context.Context) error { return crashed(ctx, server.URL) }, Listens: func(context.Context) error { return nil }},
			State:   state, Settle: 20 * time.Millisecond, Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Budget: 30 * time.Second,
		}
		rep, err := x.Run(t.Context())
		if rep == nil {
			t.Logf("== %s (%s): %v", r.name, r.fails, err)
			server.Close()
			continue
		}
		t.Logf("== %s (%s): %d sent, %.1f s, %v, unreached %v, level %d", r.name, r.fails, rep.Sent, rep.Took.Seconds(), err, rep.Unreached, rep.Level())
		for _, f := range rep.Findings {
			t.Logf("     %s: %s or %v; %d trials; %s; %v unsteady %v", f.Rule.ID, f.Text, f.Or, f.Trials, f.Trial, f.Details, f.Unsteady)
		}
		server.CloseClientConnections()
		server.Close()
	}
}
