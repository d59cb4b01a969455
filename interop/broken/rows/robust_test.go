package rows

import (
	"fmt"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// burst delivers bodies all at once, and wants success for each in the end.
func (x *running) burst(bodies ...[]byte) string {
	var all sync.WaitGroup
	released := make(chan struct{})
	said := make([]string, len(bodies))
	for i, b := range bodies {
		all.Go(func() {
			<-released
			if status := x.deliver(b); status < 200 || status > 205 {
				said[i] = fmt.Sprintf("status %d", status)
			}
		})
	}
	close(released)
	all.Wait()
	return first(func() string {
		for _, s := range said {
			if s != "" {
				return s
			}
		}
		return ""
	})
}

// crossed crashes the consumer at some moment within a request, and delivers the notification
// again, a few times.
func (x *running) crossed() string {
	for i := range 16 {
		_, agent := call(100 + i)
		body := agent.event("connected", time.Second)
		done := make(chan struct{})
		go func() { x.send(body); close(done) }()
		time.Sleep(time.Duration(i) * 300 * time.Microsecond)
		x.crash()
		<-done
		said := first(func() string { return x.play(body, body) }, func() string { return x.tells(agent, 1, "connected", nil) })
		if said != "" {
			return said
		}
	}
	return ""
}

func robust() probes {
	const s = time.Second
	rounds := func(n int, round func(x *running, i int) string) func(*running) string {
		return func(x *running) string {
			for i := range n {
				if said := round(x, i); said != "" {
					return fmt.Sprintf("round %d: %s", i, said)
				}
			}
			return ""
		}
	}
	ofOne := rounds(6, func(x *running, i int) string {
		customer, agent := call(10 + i)
		return first(func() string { return x.burst(ordinary(customer, agent)...) }, func() string { return x.knowsOrdinary(customer, agent) })
	})
	return probes{
		rulebook.ConcurrentConversations: rounds(6, func(x *running, i int) string {
			var bodies [][]byte
			for j := range 12 {
				_, agent := call(1000 + 20*i + j)
				bodies = append(bodies, agent.event("connected", s))
			}
			if said := x.burst(bodies...); said != "" {
				return said
			}
			for j := range 12 {
				_, agent := call(1000 + 20*i + j)
				if said := x.tells(agent, 1, "connected", nil); said != "" {
					return said
				}
			}
			return ""
		}),
		rulebook.ConcurrentNotifications: ofOne,
		rulebook.ConcurrentDuplicates: rounds(6, func(x *running, i int) string {
			_, agent := call(10 + i)
			body := agent.event("connected", s)
			return first(func() string { return x.burst(body, body, body, body) }, func() string { return x.tells(agent, 1, "connected", nil) })
		}),
		rulebook.RetryIsNoDuplicate: func(x *running) string {
			return first(func() string { return ofOne(x) }, x.crossed)
		},
		rulebook.StoreBeforeAnswer: rounds(3, func(x *running, i int) string {
			_, agent := call(10 + i)
			body := agent.event("connected", s)
			return first(func() string { return x.play(body) },
				func() string { x.crash(); return x.tells(agent, 1, "connected", nil) })
		}),
		rulebook.WholeOrNothing: (*running).crossed,
		rulebook.RememberAcrossRestart: func(x *running) string {
			_, agent := call(1)
			body := agent.event("connected", s)
			return first(func() string { return x.play(body) }, func() string { x.crash(); return x.play(body) },
				func() string { return x.tells(agent, 1, "connected", nil) })
		},
		rulebook.Endure: func(x *running) string {
			_, agent := call(1)
			body := agent.event("connected", s)
			x.client.Timeout = 500 * time.Millisecond
			for range 40 {
				if status := x.send(body); status != 204 {
					return fmt.Sprintf("status %d for a duplicate", status)
				}
			}
			for i := range 12 {
				if said := x.many(256); said != "" {
					return said
				}
				fastest := time.Hour
				for range 10 {
					began := time.Now()
					x.send(body)
					fastest = min(fastest, time.Since(began))
				}
				if fastest > 40*time.Millisecond {
					return fmt.Sprintf("%s after %d notifications", fastest, 256*(i+1))
				}
			}
			return ""
		},
	}
}
