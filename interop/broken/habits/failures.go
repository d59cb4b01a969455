package habits

import (
	"net/http"
	"sync/atomic"
	"time"
)

// failures are habits of not answering well at once: whoever tries again succeeds.
var failures = []Row{
	row("cold-start", "answers 503 to its first five requests", func(c *consumer) {
		c.each(func(n int64) *answer { return when(n <= 5, answer{status: 503}) })
	}),
	row("cold-after-crash", "answers 503 for 300 ms after it was started again", func(c *consumer) {
		var until atomic.Int64
		c.crashed = func() { until.Store(time.Now().Add(300 * time.Millisecond).UnixNano()) }
		c.each(func(int64) *answer { return when(time.Now().UnixNano() < until.Load(), answer{status: 503}) })
	}),
	row("503-every-7th", "answers 503 to each seventh request, before it stores", func(c *consumer) {
		c.each(func(n int64) *answer { return when(n%7 == 0, answer{status: 503, body: "busy\n"}) })
	}),
	row("429-retry-after", "answers 429 with Retry-After: 1 to each hundredth request", func(c *consumer) {
		c.each(func(n int64) *answer { return when(n%100 == 40, answer{status: 429}.with("Retry-After", "1")) })
	}),
	row("503-retry-after-date", "answers 503 with a date in Retry-After to each hundredth request", func(c *consumer) {
		c.each(func(n int64) *answer {
			return when(n%100 == 40, answer{status: 503}.with("Retry-After", time.Now().Add(time.Second).UTC().Format(http.TimeFormat)))
		})
	}),
	row("500-now-and-then", "answers 500 to each eleventh request, before it stores", func(c *consumer) {
		c.each(func(n int64) *answer { return when(n%11 == 0, object(500, `{"error":"deadlock"}`)) })
	}),
	row("one-failure-after-the-other", "answers each ninth request with another status that asks to try again", func(c *consumer) {
		c.each(func(n int64) *answer {
			return when(n%9 == 0, answer{status: []int{408, 429, 500, 502, 503, 504}[n/9%6]})
		})
	}),
	row("drops-connections", "closes the connection without an answer at each thirteenth request, before it stores", func(c *consumer) {
		c.each(func(n int64) *answer {
			if n%13 == 0 {
				panic(http.ErrAbortHandler)
			}
			return nil
		})
	}),
	row("stored-and-500", "stores each twelfth notification, and answers 500 all the same: the retry is a duplicate", func(c *consumer) {
		var n atomic.Int64
		store := c.store
		c.store = func(c *consumer, note *note) answer {
			if a := store(c, note); a.status >= 300 || n.Add(1)%12 != 0 {
				return a
			}
			return answer{status: 500}
		}
	}),
	row("pauses", "answers each 500th request after 2.5 s, as during a failover", func(c *consumer) {
		c.each(func(n int64) *answer {
			if n%500 == 60 {
				time.Sleep(2500 * time.Millisecond)
			}
			return nil
		})
	}),
	row("503-while-busy", "answers 503 while another notification of the conversation is at work", func(c *consumer) {
		busy := newLocks()
		c.store = func(c *consumer, n *note) answer {
			l := busy.of(n.conversation)
			select {
			case l <- struct{}{}:
			default:
				return answer{status: 503}
			}
			defer func() { <-l }()
			time.Sleep(2 * time.Millisecond)
			return c.locked(n)
		}
	}),
}

// each may answer the n-th request, from 1, before it is read.
func (c *consumer) each(f func(n int64) *answer) {
	var n atomic.Int64
	c.around = func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if a := f(n.Add(1)); a != nil {
				c.write(w, r, *a)
				return
			}
			next(w, r)
		}
	}
}

func when(is bool, a answer) *answer {
	if is {
		return &a
	}
	return nil
}
