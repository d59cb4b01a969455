package engine

import (
	"slices"
	"testing"
	"time"
)

// A limit that is met and left again and again is told once, and that it is over when it has stayed so; other pauses are told as they come.
func TestPausesAreToldOnce(t *testing.T) {
	limit := Storage{Status: "over-limit", Reason: "the limit", Paused: true}
	disk := Storage{Status: "disk-full", Reason: "the disk", Paused: true}
	fine, tight := Storage{Status: storageOK}, Storage{Status: storageTight, Reason: "nearly"}
	const over = "the state takes everything again; what was paused goes on"
	var p pauses
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	for i, step := range []struct {
		after time.Duration
		now   Storage
		want  []string
	}{
		{0, fine, nil},
		{time.Second, limit, []string{"paused: the limit"}},
		{time.Second, fine, nil},
		{9 * time.Second, limit, nil},
		{time.Minute, limit, nil},
		{2 * time.Second, tight, []string{"warning: nearly"}},
		{5 * time.Second, fine, nil},
		{3 * time.Second, tight, []string{over}},
		{time.Second, limit, []string{"paused: the limit"}},
		{time.Second, disk, []string{"paused: the disk"}},
		{time.Second, fine, []string{over}},
		{time.Hour, tight, nil},
	} {
		at = at.Add(step.after)
		if got := p.lines(step.now, at); !slices.Equal(got, step.want) {
			t.Errorf("step %d: told %q, want %q", i, got, step.want)
		}
	}
}

// The end of a pause is told though nothing else happens.
func TestTheEndOfAPauseIsWaitedFor(t *testing.T) {
	var p pauses
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	if left := p.left(at); left < time.Hour {
		t.Errorf("without a pause: in %s", left)
	}
	p.lines(Storage{Status: "over-limit", Paused: true}, at)
	if left := p.left(at.Add(4 * time.Second)); left != 6*time.Second {
		t.Errorf("4 s after a pause: in %s", left)
	}
}
