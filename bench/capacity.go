package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"sync"
	"time"
)

// known are consumers whose limit is known; 0: there is none that could be named.
func known() []limited {
	return []limited{
		{"a bucket of tokens, 137 a second, a second of reserve", 137, bucket(137, 137)},
		{"a queue, 8 ms each", 125, queue(func(uint64) time.Duration { return 8 * time.Millisecond })},
		{"a leak: 2 µs more with each request", 0, queue(func(n uint64) time.Duration { return time.Millisecond + time.Duration(n)*2*time.Microsecond })},
	}
}

// limited is a consumer.
type limited struct {
	name    string
	limit   float64 // notifications a second
	handler http.HandlerFunc
}

// bucket answers 429 if there is no token.
func bucket(rate, most float64) http.HandlerFunc {
	var mu sync.Mutex
	tokens, last := most, time.Now()
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		tokens, last = min(most, tokens+rate*now.Sub(last).Seconds()), now
		if tokens < 1 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		tokens--
	}
}

// queue serves one request after the other. Its clock makes up for sleeps that are too long, so that its limit is that of its times.
func queue(takes func(n uint64) time.Duration) http.HandlerFunc {
	var mu sync.Mutex
	var free time.Time
	n := uint64(0)
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		mu.Lock()
		if now := time.Now(); free.Before(now) {
			free = now
		}
		free = free.Add(takes(n))
		n++
		done := free
		mu.Unlock()
		time.Sleep(time.Until(done))
	}
}

// capacity lets ringback find the limits.
func (b *bench) capacity(ctx context.Context) error {
	for _, c := range known() {
		server := httptest.NewServer(c.handler)
		cmd := exec.CommandContext(ctx, b.ringback, "capacity", "inbound-call", "--to", server.URL, "--gate", "answer p99 < 500ms", "--output", "json", "--seed", "7")
		var out, wrong bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &wrong
		began := time.Now()
		failed := cmd.Run()
		took := time.Since(began)
		server.Close()
		var r struct {
			Named  bool    `json:"named"`
			Holds  float64 `json:"holds_per_s"`
			Breaks float64 `json:"breaks_per_s"`
			Reason string  `json:"reason"`
			Whose  string  `json:"whose"`
		}
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			return fmt.Errorf("%w: %w\n%s", err, failed, wrong.String())
		}
		b.say("   %s: named %t, %g to %g/s, %s %s, %s", c.name, r.Named, r.Holds, r.Breaks, r.Whose, r.Reason, took.Round(time.Second))
		what := "capacity of " + c.name
		if c.limit == 0 {
			off := 0.0
			if r.Named || r.Whose != "consumer" {
				off = 1
			}
			b.row(what, fmt.Sprintf("named: %t; %s; %s", r.Named, r.Reason, took.Round(time.Second)), "not named, because of the consumer", verdict(off, 0, 0, true), "bench/run capacity")
			continue
		}
		off := math.Abs(r.Holds/c.limit-1) * 100
		if !r.Named || took > 3*time.Minute+5*time.Second {
			off = 100
		}
		b.row(what, fmt.Sprintf("%g/s holds, %g/s does not (%.1f %% off); %s; %s", r.Holds, r.Breaks, off, took.Round(time.Second), r.Reason), "within 5 %, 3 minutes", verdict(off, 5, 5, true), "bench/run capacity")
	}
	return nil
}
