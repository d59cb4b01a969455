package rows

import (
	"context"
	"net/http"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// enduring lists mistakes after which a consumer answers no more, or ever slower.
func enduring() []Row {
	return []Row{
		{"claims-before-body", "takes the hash in the token for a duplicate before it has read the body: after a cut it drops the next attempt",
			rulebook.RecoverFromCutOff, func(s *steps) {
				s.early = func(p *process, token string) bool {
					c, err := p.opened(token)
					if err != nil || c.Hash == nil || !p.alive(c, time.Now()) {
						return true
					}
					return p.remember(*c.Hash)
				}
			}},
		{"lock-lost-on-cut-off", "returns without unlocking when a body cannot be read to its end",
			rulebook.RecoverFromCutOff, locked(func(s *steps) { s.cut = forgetsLock })},
		{"leaks-on-refusal", "takes one of four connections for each request, and does not give it back when it refuses",
			rulebook.KeepAnswering, func(s *steps) {
				s.pool = 4
				s.refused = leaks
			}},
		{"lock-lost-on-bad-body", "returns without unlocking when a body is no JSON",
			rulebook.KeepAnswering, locked(func(s *steps) { s.unusable = http.StatusBadRequest; s.unread = forgetsLock })},
		{"bans-after-refusals", "answers 403 to everything from an address after ten refusals",
			rulebook.KeepAnswering, func(s *steps) {
				s.refused = func(p *process, _ *http.Request) {
					p.mu.Lock()
					defer p.mu.Unlock()
					p.count++
				}
				s.admit = func(p *process, _ *http.Request) (func(), int) {
					p.mu.Lock()
					defer p.mu.Unlock()
					if p.count >= 10 {
						return nil, http.StatusForbidden
					}
					return func() {}, 0
				}
			}},
		{"scans-for-duplicates", "compares every notification with all that came before, and takes 20 µs for each",
			rulebook.Endure, func(s *steps) {
				s.store = func(ctx context.Context, p *process, n note) int {
					var before int
					if err := p.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM notifications").Scan(&before); err != nil {
						return failed(err)
					}
					scan := time.NewTimer(time.Duration(before) * 20 * time.Microsecond)
					defer scan.Stop()
					select {
					case <-scan.C:
					case <-ctx.Done():
					}
					return storeWhole(ctx, p, n)
				}
			}},
		{"fills-its-disk", "keeps all bodies on a disk that has room for some 2,000, and answers 503 from then on",
			rulebook.Endure, func(s *steps) { s.pragmas += "&_pragma=max_page_count(620)" }},
		{"leaks-on-duplicate", "does not give back one of 32 connections when a notification was seen before",
			rulebook.Endure, func(s *steps) {
				s.pool = 32
				s.store = func(ctx context.Context, p *process, n note) int {
					seen, err := has(ctx, p.db, "SELECT 1 FROM notifications WHERE source = :source AND id = :id", n.args(time.Now())...)
					if err == nil && seen {
						leaks(p, nil)
					}
					return storeWhole(ctx, p, n)
				}
			}},
	}
}

// leaks takes a connection and does not give it back.
func leaks(p *process, _ *http.Request) {
	p.later(func(ctx context.Context) {
		conn, err := p.db.Conn(ctx)
		if err != nil {
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.open = append(p.open, conn)
	})
}

// locked lets one request at a time be worked on, and makes another change.
func locked(change func(*steps)) func(*steps) {
	return func(s *steps) {
		s.admit = func(p *process, r *http.Request) (func(), int) {
			if !p.acquire(r.Context()) {
				return nil, http.StatusServiceUnavailable
			}
			return func() {
				p.mu.Lock()
				lost := p.count > 0
				p.mu.Unlock()
				if !lost {
					p.release()
				}
			}, 0
		}
		change(s)
	}
}

func forgetsLock(p *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
}

// remember reports whether a text is new in this process.
func (p *process) remember(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, seen := p.seen[text]; seen {
		return false
	}
	p.seen[text] = time.Now()
	return true
}
