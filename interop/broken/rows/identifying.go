package rows

import (
	"context"
	"net/http"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

const conflict = "ON CONFLICT (source, id) DO NOTHING"

// identifying lists mistakes in what counts as a duplicate.
func identifying() []Row {
	return []Row{
		{"counts-before-looking", "counts a notification up before it looks whether it was seen",
			rulebook.CountOnce, func(s *steps) {
				s.store = alone(func(ctx context.Context, p *process, on runner, n note) error {
					fresh, err := p.isNew(ctx, on, n)
					switch {
					case err == nil && fresh:
						return p.apply(ctx, on, n)
					case err == nil && n.channel != "":
						_, err = on.ExecContext(ctx, p.write[0], n.args(time.Now())...)
					}
					return err
				})
			}},
		{"no-primary-key", "has no key on the table of what was seen",
			rulebook.CountOnce, func(s *steps) {
				swap(&s.schema, "body BLOB NOT NULL,\n  PRIMARY KEY (source, id)", "body BLOB NOT NULL")
				swap(&s.mark, conflict, "")
			}},
		{"key-of-attempt", "has the moment of arrival in the key",
			rulebook.CountOnce, func(s *steps) {
				swap(&s.schema, "PRIMARY KEY (source, id)", "received INTEGER NOT NULL, PRIMARY KEY (source, id, received)")
				swap(&s.mark, "id, type, body) VALUES (:source, :id, :type, :body)", "id, type, body, received) VALUES (:source, :id, :type, :body, :received)")
				swap(&s.mark, conflict, "ON CONFLICT DO NOTHING")
			}},
		{"key-is-id", "has id alone for the key",
			rulebook.KeyIsSourceAndID, func(s *steps) {
				swap(&s.schema, "PRIMARY KEY (source, id)", "PRIMARY KEY (id)")
				swap(&s.mark, conflict, "ON CONFLICT (id) DO NOTHING")
			}},
		{"nocase-ids", "has a key that does not tell upper case from lower case, as is the default of MySQL",
			rulebook.IDsAreCaseSensitive, func(s *steps) {
				swap(&s.schema, "id TEXT NOT NULL, type TEXT NOT NULL, body", "id TEXT NOT NULL COLLATE NOCASE, type TEXT NOT NULL, body")
			}},
		{"lowers-ids", "writes ids in lower case",
			rulebook.IDsAreCaseSensitive, func(s *steps) { swap(&s.mark, ":id,", "lower(:id),") }},
		{"key-of-event", "has a key of type, channel and timestamp, and ignores what that holds already",
			rulebook.NewIDIsNew, func(s *steps) {
				s.schema += "CREATE TABLE IF NOT EXISTS happened (type TEXT, channel_id TEXT, stamp TEXT, PRIMARY KEY (type, channel_id, stamp));"
				s.store = onlyOnce("INSERT INTO happened VALUES (:type, :channel, :stamp) ON CONFLICT DO NOTHING")
			}},
		{"key-of-subject-and-time", "has a key of subject and time, and ignores what that holds already",
			rulebook.NewIDIsNew, func(s *steps) {
				s.schema += "CREATE TABLE IF NOT EXISTS happened (subject TEXT, time TEXT, PRIMARY KEY (subject, time));"
				s.store = onlyOnce("INSERT INTO happened VALUES (:subject, :sent) ON CONFLICT DO NOTHING")
			}},
		{"key-of-the-second", "has a key of type, channel and second, and ignores what that holds already",
			rulebook.NewIDIsNew, func(s *steps) {
				s.schema += "CREATE TABLE IF NOT EXISTS happened (type TEXT, channel_id TEXT, second TEXT, PRIMARY KEY (type, channel_id, second));"
				s.store = onlyOnce("INSERT INTO happened VALUES (:type, :channel, substr(:stamp, 1, 19)) ON CONFLICT DO NOTHING")
			}},
		{"ids-of-16", "has room for 16 letters of an id, and cuts the rest",
			rulebook.KeyIsSourceAndID, func(s *steps) { swap(&s.mark, ":id,", "substr(:id, 1, 16),") }},
		{"remembers-256", "keeps the last 256 keys in a cache, and no others",
			rulebook.RememberLong, func(s *steps) {
				s.write = append(s.write, "DELETE FROM notifications WHERE rowid <= (SELECT MAX(rowid) FROM notifications) - 256")
			}},
		{"remembers-5000", "deletes all but the last 5,000 keys now and then",
			rulebook.RememberLong, func(s *steps) {
				s.write = append(s.write, "DELETE FROM notifications WHERE rowid <= (SELECT MAX(rowid) FROM notifications) - 5000")
			}},
		{"remembers-30s", "keeps keys for 30 s",
			rulebook.RememberLong, remembersFor(30 * time.Second)},
		{"replaces-seen", "replaces what was seen, which counts as a change, and goes on",
			rulebook.CountOnce, func(s *steps) {
				swap(&s.mark, "INSERT INTO", "INSERT OR REPLACE INTO")
				swap(&s.mark, conflict, "")
			}},
	}
}

// onlyOnce ignores what a statement does not insert.
func onlyOnce(insert string) func(context.Context, *process, note) int {
	return atomically(func(ctx context.Context, p *process, on runner, n note) error {
		if n.channel == "" {
			return p.apply(ctx, on, n)
		}
		done, err := on.ExecContext(ctx, insert, n.args(time.Now())...)
		if err != nil {
			return err
		}
		if changed, err := done.RowsAffected(); err != nil || changed == 0 {
			return err
		}
		return p.apply(ctx, on, n)
	})
}

// remembersFor forgets keys after a time.
func remembersFor(long time.Duration) func(*steps) {
	return func(s *steps) {
		swap(&s.schema, "type TEXT NOT NULL, body", "type TEXT NOT NULL, received INTEGER NOT NULL, body")
		swap(&s.mark, "id, type, body) VALUES (:source, :id, :type, :body)", "id, type, body, received) VALUES (:source, :id, :type, :body, :received)")
		s.admit = func(p *process, r *http.Request) (func(), int) {
			before := time.Now().Add(-long).UnixNano() / 100
			if _, err := p.db.ExecContext(r.Context(), "DELETE FROM notifications WHERE received < ?", before); err != nil {
				return nil, failed(err)
			}
			return func() {}, 0
		}
	}
}
