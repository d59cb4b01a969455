package transport

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A kill that goes by how long answers take goes by the last ones, and not by the slowest.
func TestUsuallyIsTheMedianOfTheLastAnswers(t *testing.T) {
	var tr Transport
	if got := tr.usually(); got != 0 {
		t.Errorf("without an answer: %v, want 0", got)
	}
	for range 2 * recent {
		tr.answered(time.Hour)
	}
	for n := range recent {
		tr.answered(time.Duration(n) * time.Millisecond)
	}
	if got, want := tr.usually(), recent/2*time.Millisecond; got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

// The time of a short wait is met: a timer alone would be late by more than the wait itself. However busy the machine is, one of many is in time.
func TestAShortWaitIsExact(t *testing.T) {
	const d = 200 * time.Microsecond
	least := time.Hour
	for range 200 {
		begun := time.Now()
		wait(t.Context(), d)
		least = min(least, time.Since(begun))
	}
	if least < d || least > 2*d {
		t.Errorf("the quickest of 200 took %v, want %v and hardly more", least, d)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	wait(over, coarse) // ends at once: a wait of an hour does, too
	wait(over, time.Hour)
}

// Virtual time stands still while somebody waits for it to pass.
func TestAShortWaitEndsInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		if wait(t.Context(), coarse); time.Since(begun) != coarse {
			t.Errorf("took %v, want %v", time.Since(begun), coarse)
		}
	})
}
