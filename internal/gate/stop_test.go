package gate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/gate"
)

func TestConditionsThatEndARunAreRead(t *testing.T) {
	for _, c := range []struct {
		text, normal string
		window       time.Duration
		value        float64
	}{
		{"refused > 5% for 30s", "refused > 5% for 30s", 30 * time.Second, 5},
		{"  answer  p99 >2s   for  1m30s ", "answer p99 > 2s for 1m30s", 90 * time.Second, 2e9},
		{"throughput < 100 /s for 10s", "throughput < 100/s for 10s", 10 * time.Second, 100},
		{"given_up >= 100", "given up >= 100", 0, 100},
		{"attempts == 0 for 10m", "attempts == 0 for 10m", 10 * time.Minute, 0},
	} {
		s, err := gate.ParseStop(c.text)
		if err != nil || s.String() != c.normal || s.For != c.window || s.Value != c.value {
			t.Errorf("%q is read as %q, for %v, %v, %v", c.text, s, s.For, s.Value, err)
		}
	}
}

func TestWhatIsWrongWithAConditionThatEndsARunIsTold(t *testing.T) {
	for _, c := range []struct {
		text   string
		column int
		says   string
	}{
		{"refused > 5%", 13, "want a window behind the value"},
		{"answer p99 > 2s", 16, "want a window behind the value"},
		{"attempts < 5", 13, "it holds when the run begins"},
		{"refused > 5% for", 17, "want a window of whole seconds from 1s to 10m"},
		{"refused > 5% for ever", 18, `got "ever"`},
		{"refused > 5% for 500ms", 18, "whole seconds"},
		{"refused > 5% for 1500ms", 18, "whole seconds"},
		{"refused > 5% for 1h", 18, "from 1s to 10m"},
		{"refused > 5% for 10s for 5s", 18, "want a window of whole seconds"},
		{"refusd > 5% for 30s", 1, `did you mean "refused"`},
		{"refused > 1.2x for 30s", 11, "compares with another run"},
		{"duration > 5m for 30s", 1, "duration ends no run"},
		{"violations > 0", 1, "known only when a run has ended"},
		{"forgeries > 5% for 30s", 1, "the plan decides it"},
		{strings.Repeat("x", 2000), 1, "too long"},
	} {
		_, err := gate.ParseStop(c.text)
		var e *gate.Error
		if !errors.As(err, &e) || e.Column != c.column || !strings.Contains(e.Problem, c.says) {
			t.Errorf("%.40q: got %v; want character %d: …%s…", c.text, err, c.column, c.says)
		}
	}
}
