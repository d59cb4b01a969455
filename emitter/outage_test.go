package emitter_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/internal/mischief"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
)

// In virtual time every moment is exact: each notification is sent when it is due, then on
// the ladder until the consumer is back, and never again.
func TestAnOutageMovesDeliveriesOnTheLadderAndLosesNone(t *testing.T) {
	const minute = time.Minute
	bad := []scenario.FaultRule{{Kind: fault.Duplicate, Rate: 0.2}, {Kind: fault.Drop, Rate: 0.1}}
	tests := []struct {
		name     string
		calls    uint64
		from, to time.Duration
		refuse   bool // connections, instead of answering 503
		faults   []scenario.FaultRule
		lost     int
	}{
		{"answering 503 for an hour", 24, 30 * minute, 90 * minute, false, nil, 0},
		{"answering 503 for an hour, with duplicates and losses that were asked for", 24, 30 * minute, 90 * minute, false, bad, 0},
		{"refusing connections for an hour", 24, 30 * minute, 90 * minute, true, nil, 0},
		{"down from one moment before a retry to the next", 2, time.Second, 16 * time.Second, false, nil, 0},
		{"down for longer than the ladder", 3, 3 * minute, 3*minute + 24*time.Hour, false, nil, 22},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, l, start := planned(t, tt.calls, 5*minute, tt.faults...), newLedger(t), time.Now()
				target := failing(t, l, tt.from, tt.to, tt.refuse)
				e := emitter.Emitter{Targets: []emitter.Target{target}, On: l.log.Record}
				result := playSeq(t, &e, p.Notifications())

				log, lost := l.deliveries(t, start), map[string]bool{}
				for n := range p.Notifications() {
					key := n.ID() + n.Fault.String()
					want, gone := climb(n.Due, tt.from, tt.to)
					if gone {
						lost[key] = true
					}
					if n.Fault == fault.Drop {
						want = nil
					}
					if got := log[key].moments; !slices.Equal(got, want) {
						t.Errorf("%s, due %v:\n got %v\nwant %v", key, n.Due, got, want)
					}
				}
				if len(lost) != tt.lost {
					t.Errorf("%d are lost, want %d", len(lost), tt.lost)
				}
				l.balance(t, p, log, lost)
				if total := result.Total(); total.Attempts != attempts(log) || total.Matched != uint64(len(log)) || result.AllRight() != (tt.lost == 0) {
					t.Errorf("the result counts %d attempts at %d, all right: %v; the log %d at %d", total.Attempts, total.Matched, result.AllRight(), attempts(log), len(log))
				}
			})
		})
	}
}

// failing is the ledger's receiver as a target in memory that is down for a while.
func failing(t *testing.T, l *ledger, from, to time.Duration, refuse bool) emitter.Target {
	listener, start := memnet.Listen(), time.Now()
	server := &http.Server{Handler: l.receiver}
	dial := listener.DialContext
	if refuse {
		server.SetKeepAlivesEnabled(false) // each attempt has to dial
		dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if past := time.Since(start); past >= from && past < to {
				return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
			}
			return listener.DialContext(ctx, network, address)
		}
	} else {
		server.Handler = mischief.New(l.receiver, mischief.Options{Down: scenario.Uniform(from, to)})
	}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return emitter.Target{Name: "t", URL: "http://consumer/events", Dial: dial, Secret: secret(t)}
}

// The same through real sockets, with an hour in three seconds, and tokens that are judged
// by the real clock.
func TestAnOutageInSecondsLosesNothing(t *testing.T) {
	t.Parallel()
	const speed, calls = 1200, 100
	p, l := planned(t, calls, time.Minute, scenario.FaultRule{Kind: fault.Duplicate, Rate: 0.05},
		scenario.FaultRule{Kind: fault.Drop, Rate: 0.02}, scenario.FaultRule{Kind: fault.LateRetry, Rate: 0.02}), newLedger(t)
	var turnedAway atomic.Uint64
	consumer := mischief.New(l.receiver, mischief.Options{Down: scenario.Uniform(10*time.Minute/speed, 70*time.Minute/speed),
		On: func(mischief.Withheld) []byte { turnedAway.Add(1); return nil }})
	server := httptest.NewServer(consumer)
	defer server.Close()
	e := emitter.Emitter{Targets: []emitter.Target{{Name: "t", URL: server.URL, Secret: secret(t)}}, Speed: speed, On: l.log.Record}
	start := time.Now()
	result := playSeq(t, &e, p.Notifications())
	took := time.Since(start)

	log := l.deliveries(t, start)
	l.balance(t, p, log, nil)
	total := result.Total()
	if !result.AllRight() || total.Attempts != attempts(log) || total.Statuses[503] != turnedAway.Load() || total.Retried < calls {
		t.Errorf("all right: %v, %d attempts counted and %d logged, %d times 503 heard and %d said, %d retried; want agreement, and at least a retry for each call",
			result.AllRight(), total.Attempts, attempts(log), total.Statuses[503], turnedAway.Load(), total.Retried)
	}
	// About five seconds on an idle machine. The limit is for a ladder that is not scaled.
	if took > time.Minute {
		t.Errorf("the run took %v, want seconds", took)
	}
	t.Logf("%d notifications, %d attempts, %d turned away, in %v", result.Planned, total.Attempts, turnedAway.Load(), took.Round(time.Millisecond))
}
