package rows

import (
	"context"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

const (
	lifeOrder = "ORDER BY at, place, number"
	nowPhase  = "(SELECT phase FROM stays s WHERE s.channel_id = c.channel_id AND until IS NULL)"
)

// ordering lists mistakes in what comes after what.
func ordering() []Row {
	by := func(order string) func(*steps) {
		return func(s *steps) { swap(&s.stays, lifeOrder, "ORDER BY "+order) }
	}
	return []Row{
		{"last-row-is-now", "takes the row inserted last for the present phase",
			rulebook.OrderByTimestamp, func(s *steps) {
				swap(&s.channels, nowPhase, `(SELECT phase FROM events e WHERE e.channel_id = c.channel_id AND phase IS NOT NULL
					ORDER BY number DESC LIMIT 1)`)
			}},
		{"stays-by-row", "takes rows in the order in which they were inserted",
			rulebook.OrderByTimestamp, by("number")},
		{"phase-sticks-at-ended", "overwrites the phase by whatever comes, unless it is ended",
			rulebook.OrderByTimestamp, func(s *steps) {
				swap(&s.channels, nowPhase, `COALESCE((SELECT phase FROM events e WHERE e.channel_id = c.channel_id AND phase = 'ended'),
					(SELECT phase FROM events e WHERE e.channel_id = c.channel_id AND phase IS NOT NULL ORDER BY number DESC LIMIT 1))`)
			}},
		{"orders-by-time", "orders by time, which v0 has from the moment of sending",
			rulebook.OrderNotByTime, by("sent, place, number")},
		{"orders-by-time-and-mends", "orders by time, stably, and puts into the right order what then stands side by side and happened in one instant",
			rulebook.OrderNotByTime, mended("sent, number")},
		{"orders-by-id", "orders by id, since a KSUID begins with a time",
			rulebook.OrderNotByTime, by("id")},
		{"ties-by-row", "orders by timestamp, and by insertion where timestamps are equal",
			rulebook.OrderSameInstant, by("at, number")},
		{"ties-by-type", "orders by timestamp, and by the alphabet where timestamps are equal",
			rulebook.OrderSameInstant, by("at, kind, number")},
		{"ties-by-time", "orders by timestamp, and by time where timestamps are equal",
			rulebook.OrderSameInstant, by("at, sent, number")},
		{"one-event-an-instant", "has a unique key of channel and timestamp, and ignores the second event of an instant",
			rulebook.OrderSameInstant, func(s *steps) {
				s.schema += "CREATE UNIQUE INDEX IF NOT EXISTS one_event ON events (channel_id, at) WHERE phase IS NOT NULL;"
				swap(&s.write[1], "INSERT INTO", "INSERT OR IGNORE INTO")
			}},
		{"stamps-as-text", "compares timestamps as texts",
			rulebook.CompareInstants, by("stamp, place, number")},
		{"orders-by-second", "orders by whole seconds, as strftime('%s') gives them",
			rulebook.CompareInstants, by("at / 10000000, place, number")},
		{"alerted-creates", "updates channels that alerted has inserted, and ignores that an update changed nothing",
			rulebook.StoreBeforeAlerted, func(s *steps) {
				s.store = atomically(func(ctx context.Context, p *process, on runner, n note) error {
					if n.channel != "" && n.base != "channel.alerted" {
						known, err := has(ctx, on, "SELECT 1 FROM channels WHERE channel_id = :channel", n.args(time.Now())...)
						if err != nil || !known {
							return err
						}
					}
					return p.apply(ctx, on, n)
				})
			}},
		{"drops-after-ended", "ignores what comes for a channel that has ended",
			rulebook.NeverReopen, func(s *steps) {
				s.store = atomically(func(ctx context.Context, p *process, on runner, n note) error {
					over, err := has(ctx, on, "SELECT 1 FROM events WHERE channel_id = :channel AND phase = 'ended' AND :phase IS NOT 'ended' LIMIT 1",
						n.args(time.Now())...)
					if err != nil || over {
						return err
					}
					return p.apply(ctx, on, n)
				})
			}},
		{"late-reopens", "takes a channel for open again when something comes after ended",
			rulebook.NeverReopen, func(s *steps) {
				swap(&s.channels, nowPhase, `(SELECT phase FROM stays s WHERE s.channel_id = c.channel_id AND (phase <> 'ended' OR NOT EXISTS (
						SELECT 1 FROM events e, events l WHERE e.channel_id = c.channel_id AND l.channel_id = c.channel_id
							AND e.phase = 'ended' AND l.phase <> 'ended' AND l.number > e.number))
					ORDER BY at DESC, until IS NULL DESC LIMIT 1)`)
			}},
	}
}

// mended orders wrongly, and then the neighbours of one instant rightly.
func mended(order string) func(*steps) {
	return func(s *steps) {
		s.parse = alike(s.parse)
		wrongly := "OVER (PARTITION BY channel_id ORDER BY " + order + ")"
		swap(&s.stays, "\nstays AS (", `
beside AS (SELECT *, at IS NOT LAG(at) `+wrongly+` AS later FROM placed),
instants AS (SELECT *, SUM(later) `+wrongly+` AS instant FROM beside),
stays AS (`)
		swap(&s.stays, "FROM placed\n", "FROM instants\n")
		swap(&s.stays, lifeOrder, "ORDER BY instant, place, number")
	}
}

// alike has time written with all its digits: texts of different lengths compare wrongly, which is a mistake of its own.
func alike(read func(*process, []byte) (note, error)) func(*process, []byte) (note, error) {
	return func(p *process, body []byte) (note, error) {
		n, err := read(p, body)
		if at, wrong := time.Parse(time.RFC3339Nano, n.sent); wrong == nil {
			n.sent = at.UTC().Format("2006-01-02T15:04:05.0000000Z")
		}
		return n, err
	}
}
