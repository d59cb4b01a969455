package transport

import (
	"testing"
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
