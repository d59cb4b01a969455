package rows

import (
	"context"
	"net/http"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// racing lists mistakes that show when requests overlap. What they read from the database may have
// changed when they write, since the way there and back takes a while.
func racing() []Row {
	return []Row{
		{"current-conversation", "keeps the conversation it works on in a variable that all requests share",
			rulebook.ConcurrentConversations, func(s *steps) {
				s.shared = func(ctx context.Context, p *process, n note) note {
					p.setCurrent(n)
					p.hop(ctx)
					if now := p.getCurrent(); n.channel != "" && now.channel != "" {
						n.conversation = now.conversation
					}
					return n
				}
			}},
		{"current-notification", "keeps the notification it works on in a variable that all requests share",
			rulebook.ConcurrentNotifications, func(s *steps) {
				s.shared = func(ctx context.Context, p *process, n note) note {
					p.setCurrent(n)
					p.hop(ctx)
					return p.getCurrent()
				}
			}},
		{"refuses-while-busy", "answers 409 while it works on another notification",
			rulebook.ConcurrentNotifications, func(s *steps) {
				s.store = func(ctx context.Context, p *process, n note) int {
					select {
					case p.lock <- struct{}{}:
						defer p.release()
					default:
						return http.StatusConflict
					}
					p.hop(ctx)
					return storeWhole(ctx, p, n)
				}
			}},
		{"counter-read-and-written", "reads the number of notifications, adds one and writes it, without a transaction",
			rulebook.ConcurrentNotifications, func(s *steps) {
				write := "UPDATE channels SET notifications = :counted + 1 WHERE channel_id = :channel"
				swap(&s.write[0], "UPDATE SET notifications = notifications + 1", "NOTHING")
				s.store = func(ctx context.Context, p *process, n note) int {
					var counted int
					err := p.db.QueryRowContext(ctx, "SELECT COALESCE((SELECT notifications FROM channels WHERE channel_id = :channel), 0)", n.args(time.Now())...).Scan(&counted)
					if err != nil {
						return failed(err)
					}
					p.hop(ctx)
					return atomically(func(ctx context.Context, p *process, on runner, n note) error {
						if err := p.apply(ctx, on, n); err != nil || n.channel == "" {
							return err
						}
						_, err := on.ExecContext(ctx, write, append(n.args(time.Now()), named("counted", counted))...)
						return err
					})(ctx, p, n)
				}
			}},
		{"document-read-and-written", "keeps a conversation as one document, which it reads, changes and writes without a transaction",
			rulebook.ConcurrentNotifications, func(s *steps) {
				s.schema += "CREATE TABLE IF NOT EXISTS documents (conversation_id TEXT PRIMARY KEY, ids TEXT NOT NULL);"
				swap(&s.stays, "AND e.phase IS NOT NULL)", `AND e.phase IS NOT NULL AND e.id IN (
					SELECT value FROM documents d, json_each(d.ids) WHERE d.conversation_id = :conversation))`)
				s.store = func(ctx context.Context, p *process, n note) int {
					before := "[]"
					if err := p.db.QueryRowContext(ctx, "SELECT COALESCE((SELECT ids FROM documents WHERE conversation_id = :conversation), '[]')", n.args(time.Now())...).Scan(&before); err != nil {
						return failed(err)
					}
					p.hop(ctx)
					return atomically(func(ctx context.Context, p *process, on runner, n note) error {
						if _, err := on.ExecContext(ctx, "INSERT OR REPLACE INTO documents VALUES (:conversation, json_insert(:before, '$[#]', :id))",
							append(n.args(time.Now()), named("before", before))...); err != nil {
							return err
						}
						return p.apply(ctx, on, n)
					})(ctx, p, n)
				}
			}},
		{"version-unchecked", "writes only if the version is still that which it read, and does not look whether it has written",
			rulebook.ConcurrentNotifications, func(s *steps) {
				s.store = func(ctx context.Context, p *process, n note) int {
					const version = "SELECT COALESCE((SELECT notifications FROM channels WHERE channel_id = :channel), 0)"
					var read int
					if err := p.db.QueryRowContext(ctx, version, n.args(time.Now())...).Scan(&read); err != nil {
						return failed(err)
					}
					p.hop(ctx)
					return atomically(func(ctx context.Context, p *process, on runner, n note) error {
						var now int
						if err := on.QueryRowContext(ctx, version, n.args(time.Now())...).Scan(&now); err != nil || now != read {
							return err
						}
						return p.apply(ctx, on, n)
					})(ctx, p, n)
				}
			}},
		{"busy-is-logged", "logs that the database is busy, and answers 204",
			rulebook.ConcurrentNotifications, func(s *steps) {
				s.pool = 8
				s.pragmas = "&_txlock=immediate&_pragma=busy_timeout(0)"
				s.store = func(ctx context.Context, p *process, n note) int {
					_ = atomically(func(ctx context.Context, p *process, on runner, n note) error {
						p.hop(ctx)
						return p.apply(ctx, on, n)
					})(ctx, p, n) // it was logged
					return 0
				}
			}},
		{"looks-then-inserts", "looks whether a notification was seen, and inserts it then, into a table without a key",
			rulebook.ConcurrentDuplicates, func(s *steps) {
				swap(&s.schema, "body BLOB NOT NULL,\n  PRIMARY KEY (source, id)", "body BLOB NOT NULL")
				swap(&s.mark, conflict, "")
				s.store = func(ctx context.Context, p *process, n note) int {
					seen, err := has(ctx, p.db, "SELECT 1 FROM notifications WHERE source = :source AND id = :id LIMIT 1", n.args(time.Now())...)
					if err != nil || seen {
						return failed(err)
					}
					p.hop(ctx)
					return storeWhole(ctx, p, n)
				}
			}},
	}
}

func (p *process) setCurrent(n note) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = n
}

func (p *process) getCurrent() note {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current
}
