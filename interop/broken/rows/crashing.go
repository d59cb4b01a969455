package rows

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// crashing lists mistakes that show when the consumer dies, or fails, in the middle.
func crashing() []Row {
	return []Row{
		{"marks-first", "marks a notification as seen in a statement of its own, and stores it then",
			rulebook.RetryIsNoDuplicate, func(s *steps) {
				s.store = func(ctx context.Context, p *process, n note) int {
					if fresh, err := p.isNew(ctx, p.db, n); err != nil || !fresh {
						return failed(err)
					}
					p.hop(ctx)
					return alone(all)(ctx, p, n)
				}
			}},
		{"marks-while-cold", "answers 503 to the first notification after its start, and has marked it as seen",
			rulebook.RetryIsNoDuplicate, func(s *steps) {
				s.store = func(ctx context.Context, p *process, n note) int {
					if p.remember("warm") {
						_, err := p.isNew(ctx, p.db, n)
						if err == nil {
							return http.StatusServiceUnavailable
						}
						return failed(err)
					}
					return storeWhole(ctx, p, n)
				}
			}},
		{"sheds-after-mark", "answers 503 to more than four requests at a time, and has marked them as seen",
			rulebook.RetryIsNoDuplicate, func(s *steps) { s.store = sheds }},
		{"answers-first", "answers, and stores some 10 ms later in the background",
			rulebook.StoreBeforeAnswer, func(s *steps) {
				s.ahead = true
				s.store = func(ctx context.Context, p *process, n note) int {
					for range 3 {
						p.hop(ctx)
					}
					return storeWhole(ctx, p, n)
				}
			}},
		{"writes-behind", "collects notifications in memory, and writes them together every 200 ms",
			rulebook.StoreBeforeAnswer, func(s *steps) {
				s.store, s.background = queues, writesBehind
			}},
		{"works-through-a-queue", "answers, and has one worker that takes 8 ms for a notification",
			rulebook.StoreBeforeAnswer, func(s *steps) {
				s.store, s.background = queues, worksThrough
			}},
		{"fails-behind-mark", "answers 503 to one notification of fifty, and has marked it as seen",
			rulebook.RetryIsNoDuplicate, func(s *steps) {
				s.store = func(ctx context.Context, p *process, n note) int {
					if rand.IntN(50) > 0 {
						return storeWhole(ctx, p, n)
					}
					if fresh, err := p.isNew(ctx, p.db, n); err != nil || !fresh {
						return failed(err)
					}
					return http.StatusServiceUnavailable
				}
			}},
		{"drops-a-tenth", "answers 204 and stores nothing when its queue is full, which one of ten notifications finds",
			rulebook.StoreBeforeAnswer, func(s *steps) {
				s.store = func(ctx context.Context, p *process, n note) int {
					if rand.IntN(10) == 0 {
						return 0
					}
					return storeWhole(ctx, p, n)
				}
			}},
		{"event-before-mark", "stores a notification in one transaction, and marks it as seen in the next",
			rulebook.WholeOrNothing, func(s *steps) {
				s.store = func(ctx context.Context, p *process, n note) int {
					if !p.acquire(ctx) {
						return http.StatusServiceUnavailable
					}
					defer p.release()
					seen, err := has(ctx, p.db, "SELECT 1 FROM notifications WHERE source = :source AND id = :id", n.args(time.Now())...)
					if err != nil || seen {
						return failed(err)
					}
					if status := alone(all)(ctx, p, n); status != 0 {
						return status
					}
					p.hop(ctx)
					_, err = p.isNew(ctx, p.db, n)
					return failed(err)
				}
			}},
		{"counts-apart", "counts a notification in one transaction, and stores it in the next",
			rulebook.WholeOrNothing, func(s *steps) {
				s.store = func(ctx context.Context, p *process, n note) int {
					if !p.acquire(ctx) {
						return http.StatusServiceUnavailable
					}
					defer p.release()
					args := n.args(time.Now())
					seen, err := has(ctx, p.db, "SELECT 1 FROM notifications WHERE source = :source AND id = :id", args...)
					if err != nil || seen {
						return failed(err)
					}
					if n.channel == "" {
						return storeWhole(ctx, p, n)
					}
					if _, err := p.db.ExecContext(ctx, p.write[0], args...); err != nil {
						return failed(err)
					}
					p.hop(ctx)
					return atomically(func(ctx context.Context, p *process, on runner, n note) error {
						_, err := on.ExecContext(ctx, p.write[1], n.args(time.Now())...)
						return err
					})(ctx, p, n)
				}
			}},
		{"remembers-in-memory", "keeps what was seen in memory only",
			rulebook.RememberAcrossRestart, func(s *steps) {
				swap(&s.schema, "body BLOB NOT NULL,\n  PRIMARY KEY (source, id)", "body BLOB NOT NULL")
				swap(&s.mark, conflict, "")
				s.store = func(ctx context.Context, p *process, n note) int {
					if !p.remember(n.source + "\n" + n.id) {
						return 0
					}
					status := storeWhole(ctx, p, n)
					if status != 0 {
						p.forget(n.source + "\n" + n.id)
					}
					return status
				}
			}},
	}
}

func (p *process) forget(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.seen, text)
}

// writesBehind writes what was collected, as long as the process lives.
func writesBehind(ctx context.Context, p *process) {
	for beat := time.NewTicker(200 * time.Millisecond); ; {
		select {
		case <-ctx.Done():
			beat.Stop()
			return
		case <-beat.C:
		}
		p.mu.Lock()
		queue := p.queue
		p.queue = nil
		p.mu.Unlock()
		for _, n := range queue {
			_ = storeWhole(ctx, p, n) // it was answered long ago
		}
	}
}

// queues keeps a notification in memory, for the background.
func queues(_ context.Context, p *process, n note) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, n)
	return 0
}

// worksThrough stores what was queued, one after the other, as long as the process lives.
func worksThrough(ctx context.Context, p *process) {
	for ctx.Err() == nil {
		wait := time.NewTimer(8 * time.Millisecond)
		select {
		case <-wait.C:
		case <-ctx.Done():
		}
		wait.Stop()
		p.mu.Lock()
		var next []note
		if len(p.queue) > 0 {
			next, p.queue = p.queue[:1], p.queue[1:]
		}
		p.mu.Unlock()
		for _, n := range next {
			_ = storeWhole(ctx, p, n) // it was answered long ago
		}
	}
}

// sheds refuses more than four requests at a time, after it has marked them as seen.
func sheds(ctx context.Context, p *process, n note) int {
	if fresh, err := p.isNew(ctx, p.db, n); err != nil || !fresh {
		return failed(err)
	}
	p.mu.Lock()
	p.count++
	many := p.count > 4
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.count--
	}()
	if many {
		return http.StatusServiceUnavailable
	}
	p.hop(ctx)
	return alone(all)(ctx, p, n)
}
