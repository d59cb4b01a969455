package scenarios_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/scenarios"
	"github.com/ringback/ringback/signature"
)

// A call goes from its story to a consumer that verifies it.
func Example() {
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		fmt.Println(err)
		return
	}
	consumer := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}})
	server := httptest.NewServer(consumer)
	defer server.Close()
	start := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	if err := play(context.Background(), server.URL, secret, start); err != nil {
		fmt.Println(err)
	}
	for _, life := range consumer.Lives() {
		for _, span := range life.Spans {
			if !span.To.IsZero() {
				fmt.Println(life.Role, span.Phase, span.To.Sub(span.From))
			}
		}
	}
	// Output:
	// 11 accepted; all right: true
	// external alerting 0s
	// external connected 1m4.5s
	// external held 30s
	// external connected 4m39.172s
	// agent alerting 5.639s
	// agent connected 5m54.172s
	// agent wrap 20s
}

// play is the body that README.md shows.
func play(ctx context.Context, url string, secret signature.Secret, start time.Time) error {
	sc, err := scenarios.Load("inbound-call-with-hold")
	if err != nil {
		return err
	}
	p, err := plan.New(sc, plan.Options{Seed: 7, Start: start})
	if err != nil {
		return err
	}
	e := emitter.Emitter{Targets: []emitter.Target{{URL: url, Secret: secret}}, Speed: emitter.Max}
	result, err := e.Run(ctx, time.Now(), p.Notifications())
	if err != nil {
		return err
	}
	fmt.Println(result.Total().Accepted, "accepted; all right:", result.AllRight())
	return nil
}
