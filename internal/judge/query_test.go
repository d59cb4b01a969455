package judge

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestPollQueriesUntilItIsRightOrTheTimeIsOver(t *testing.T) {
	for _, c := range []struct {
		name   string
		right  time.Duration // when the answer becomes right
		within time.Duration
		cancel time.Duration // when the context ends; 0: never
		want   string
		most   time.Duration // that it may take
		least  time.Duration
	}{
		{"right at once", 0, 5 * time.Second, 0, "", 0, 0},
		{"right after a while", time.Second, 5 * time.Second, 0, "", 1250 * time.Millisecond, time.Second},
		{"right in the last moment", 4999 * time.Millisecond, 5 * time.Second, 0, "", 5 * time.Second, 4999 * time.Millisecond},
		{"never right", time.Hour, 5 * time.Second, 0, "not yet", 5 * time.Second, 5 * time.Second},
		{"asked once, without time", time.Hour, 0, 0, "not yet", 0, 0},
		{"cut off", time.Hour, 5 * time.Second, time.Second, "not yet", time.Second, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if c.cancel > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.cancel)
					defer cancel()
				}
				begun := time.Now()
				got := poll(ctx, c.within, func(context.Context) string {
					if time.Since(begun) >= c.right {
						return ""
					}
					return "not yet"
				})
				if took := time.Since(begun); got != c.want || took > c.most || took < c.least {
					t.Errorf("got %q after %s, want %q after %s to %s", got, took, c.want, c.least, c.most)
				}
			})
		})
	}
}
