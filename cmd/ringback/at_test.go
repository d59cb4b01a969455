package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAMomentIsATimeOrADistanceFromNow(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text    string
		sharded bool
		want    time.Time
		err     string // a part of it
	}{
		{"", true, time.Time{}, ""},
		{"2026-03-02T09:01:00Z", true, now.Add(time.Minute), ""},
		{"2026-03-02T10:01:00.5+01:00", false, now.Add(time.Minute + time.Second/2), ""},
		{"2026-03-02T08:59:50Z", true, now.Add(-10 * time.Second), ""},
		{"2026-03-02T08:59:49Z", false, time.Time{}, "was 11s ago"},
		{"2026-03-02T08:00:00Z", true, time.Time{}, "was 1h0m0s ago"},
		{"+90s", false, now.Add(90 * time.Second), ""},
		{"+90s", true, time.Time{}, "a different moment in each shard; give all shards the same time, such as 2026-03-02T09:01:00Z"},
		{"+", false, time.Time{}, "or +30s from now"},
		{"+1s..2s", false, time.Time{}, "or +30s from now"},
		{"30s", false, time.Time{}, "or +30s from now"},
		{"2026-03-02 09:01", false, time.Time{}, "such as 2026-03-02T09:01:00Z"},
	} {
		got, err := parseMoment(c.text, now, c.sharded)
		if !got.Equal(c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("parseMoment(%q, sharded %v) = %v, %v; want %v, %q", c.text, c.sharded, got, err, c.want, c.err)
		}
	}
}

func TestAWaitEndsInItsMomentOrWithASignal(t *testing.T) {
	const before = 90*time.Second + time.Millisecond
	for _, c := range []struct {
		name         string
		drain, leave time.Duration // when Drain is closed and the context ends; 0: never
		want         time.Duration
		come         bool
	}{
		{"in its moment", 0, 0, before, true},
		{"with an interrupt", 3500 * time.Millisecond, 0, 3500 * time.Millisecond, false},
		{"with the context", 0, 20 * time.Second, 20 * time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				drain := make(chan struct{})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.drain > 0 {
					time.AfterFunc(c.drain, func() { close(drain) })
				}
				if c.leave > 0 {
					time.AfterFunc(c.leave, cancel)
				}
				began := time.Now()
				if come := waited(ctx, began.Add(before), drain); come != c.come || time.Since(began) != c.want {
					t.Errorf("waited = %v after %v, want %v after %v", come, time.Since(began), c.come, c.want)
				}
			})
		})
	}
}
