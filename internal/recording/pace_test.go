package recording_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// consumer verifies what comes, and notes when it came.
type consumer struct {
	receiver *receiver.Receiver
	begun    time.Time
	at       []time.Duration
}

func (c *consumer) Send(_ context.Context, r *emitter.Request) emitter.Answer {
	c.at = append(c.at, time.Since(c.begun))
	return emitter.Answer{Status: c.receiver.Judge(string(r.Signature), r.Body).Status}
}

func TestARecordingIsSentAtItsPaceWithFreshSignatures(t *testing.T) {
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	all := bodies(t, plan.Options{Seed: 7}, "inbound-call")
	const hour = time.Hour // far beyond the life of a token
	tests := []struct {
		name  string
		speed float64
		gap   time.Duration
	}{
		{"at the recorded pace", 1, hour},
		{"twice as fast", 2, hour / 2},
		{"at half the pace", 0.5, 2 * hour},
		{"as fast as possible", emitter.Max, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, err := recording.NewReplay("got.ndjson", opener(rows(t, hour, all...)), recording.Options{})
				if err != nil {
					t.Fatal(err)
				}
				c := &consumer{receiver: receiver.New(receiver.Options{Secrets: []signature.Secret{secret}}), begun: time.Now()}
				e := emitter.Emitter{Targets: []emitter.Target{{Name: "consumer", Sender: c, Secret: secret}}, Speed: tt.speed}
				result, err := e.Run(t.Context(), c.begun, r.Notifications())
				if total := result.Total(); err != nil || r.Err() != nil || total.Accepted != uint64(len(all)) {
					t.Fatalf("accepted %d of %d, %v, %v", total.Accepted, len(all), err, r.Err())
				}
				var want []time.Duration
				for i := range all {
					want = append(want, time.Duration(i)*tt.gap)
				}
				if !slices.Equal(c.at, want) {
					t.Errorf("sent at %v, want at %v", c.at, want)
				}
			})
		})
	}
}
