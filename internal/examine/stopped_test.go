package examine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

// stopping verifies what comes, and accepts nothing more once stops says so, until it is started again.
func stopping(t *testing.T, stops func(requests int64, useless bool) bool) *examine.Examination {
	t.Helper()
	var secret []byte
	var requests atomic.Int64
	var stopped atomic.Bool
	x := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		right := err == nil && (verifier{}).accepts(r, secret)
		if stops(requests.Add(1), right && !json.Valid(body)) {
			stopped.Store(true)
		}
		switch {
		case stopped.Load():
			w.WriteHeader(http.StatusBadRequest)
		case !right:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	x.State, x.Budget, x.Sending.Timeout, secret = nil, 20*time.Second, 5*time.Second, x.Sending.Target.Secret
	x.Sending.Kill = func(context.Context) error {
		requests.Store(0)
		stopped.Store(false)
		return nil
	}
	return x
}

// afterAsMany stops after as many requests as it had when something came for the first time that it cannot use.
func afterAsMany() func(requests int64, useless bool) bool {
	var many atomic.Int64
	return func(requests int64, useless bool) bool {
		if useless {
			many.CompareAndSwap(0, requests)
		}
		return many.Load() > 0 && requests >= many.Load()
	}
}

// Whether a consumer stops for what it refuses or cannot use shows when it is started again and sent nothing of that kind.
func TestWhyAConsumerStops(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		stops func(requests int64, useless bool) bool
		rule  rulebook.ID
		want  string
	}{
		{"anyway", afterAsMany(), rulebook.Endure, "accepts nothing more after"},
		{"behind a body that it cannot use", func(_ int64, useless bool) bool { return useless }, rulebook.KeepAnswering, "stops answering after what it refuses or cannot use"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				report, err := stopping(t, c.stops).Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if len(report.Findings) != 1 || report.Findings[0].Rule.ID != c.rule || !strings.HasPrefix(report.Findings[0].Text, c.want) {
					t.Errorf("found %+v, want %s: %s …", report.Findings, c.rule, c.want)
				}
			})
		})
	}
}

// Where there was no time for all rules, and nothing is wrong, nothing is decided.
func TestABudgetThatIsOverDecidesNothing(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := stopping(t, func(int64, bool) bool { return false })
		x.Budget, x.Sending.Kill = 300*time.Millisecond, nil
		report, err := x.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Findings) > 0 || len(report.Undone) == 0 || report.Passed() {
			t.Errorf("found %+v, undone %d, passed %t; want nothing, some and false", report.Findings, len(report.Undone), report.Passed())
		}
	})
}
