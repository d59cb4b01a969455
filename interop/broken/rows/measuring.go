package rows

import (
	"context"
	"errors"
	"net/http"
	"time"
	_ "time/tzdata" // for the one that counts in local time

	"github.com/ringback/ringback/internal/rulebook"
)

const (
	sum    = "SUM(until - at) / 1e7"
	closed = "WHERE until IS NOT NULL"
)

// measuring lists mistakes in how long something was.
func measuring() []Row {
	sumOf := func(by string) func(*steps) {
		return func(s *steps) { swap(&s.seconds, sum, by) }
	}
	only := func(those string) func(*steps) {
		return func(s *steps) { swap(&s.seconds, closed, closed+" AND "+those) }
	}
	return []Row{
		{"last-stay", "tells how long a phase was when it came last",
			rulebook.SumPhases, only("at = (SELECT MAX(at) FROM stays l WHERE l.channel_id = stays.channel_id AND l.phase = stays.phase)")},
		{"first-stay", "has one row for each phase of a channel, and leaves it alone when the phase comes again",
			rulebook.SumPhases, only(`NOT EXISTS (SELECT 1 FROM stays f WHERE f.channel_id = stays.channel_id
				AND f.phase = stays.phase AND f.at < stays.at)`)},
		{"first-to-last", "counts a phase from its first beginning to its last end",
			rulebook.SumPhases, sumOf("(MAX(until) - MIN(at)) / 1e7")},
		{"whole-seconds", "keeps moments in whole seconds, and so tells whole seconds",
			rulebook.KeepFractions, sumOf("SUM(until / 10000000 - at / 10000000)")},
		{"rounds-stays", "rounds each stay to seconds before it adds them up",
			rulebook.KeepFractions, sumOf("SUM(ROUND((until - at) / 1e7))")},
		{"tells-tenths", "rounds what it tells to tenths of seconds",
			rulebook.KeepFractions, sumOf("ROUND(SUM(until - at) / 1e7, 1)")},
		{"begun-minutes", "counts each begun minute as a whole one, as in billing",
			rulebook.KeepFractions, sumOf("(SUM(until - at) + 599999999) / 600000000 * 60.0")},
		{"float-of-seconds", "keeps moments as seconds since 1970 in a number of 32 bits, which knows every 128th of them",
			rulebook.KeepFractions, func(s *steps) {
				s.ticks = func(stamp string) (int64, error) {
					at, err := ticks(stamp)
					return int64(float32(float64(at)/1e7)) * 1e7, err
				}
			}},
		{"phases-of-arrival", "goes by the moment of arrival for order and durations alike",
			rulebook.DurationsFromTimestamps, func(s *steps) {
				s.ticks = func(string) (int64, error) { return time.Now().UnixNano() / 100, nil }
			}},
		{"measures-arrival", "counts from arrival to arrival, in the right order",
			rulebook.DurationsFromTimestamps, sumOf("SUM(until_received - received) / 1e7")},
		{"measures-time", "counts from time to time, which v0 has from the moment of sending, in the right order",
			rulebook.DurationsFromTimestamps, func(s *steps) {
				swap(&s.stays, "LEAD(received)", "LEAD(sent)")
				swap(&s.stays, "number, received,", "number, sent,")
				swap(&s.seconds, sum, "SUM(julianday(until_received) - julianday(sent)) * 86400")
			}},
		{"time-of-day", "has a column of type TIME for moments: the date is lost",
			rulebook.AcrossMidnight, func(s *steps) {
				s.ticks = func(stamp string) (int64, error) {
					at, err := ticks(stamp)
					return at % int64(24*time.Hour/100), err
				}
			}},
		{"local-time", "keeps moments in the local time of London, without an offset",
			rulebook.AcrossMidnight, localTime("Europe/London")},
		{"local-time-of-new-york", "keeps moments in the local time of New York, where clocks change on other days",
			rulebook.AcrossMidnight, localTime("America/New_York")},
		{"ends-at-midnight", "counts stays up to midnight and no further, for its reports are daily",
			rulebook.AcrossMidnight, sumOf("SUM(MIN(until, (at / 864000000000 + 1) * 864000000000) - at) / 1e7")},
		{"zero-means-open", "takes a stay of 0 s for one that lasts, as `until - at || now - at` does",
			rulebook.ZeroLengthPhases, sumOf("SUM(CASE WHEN until = at AND next <> kind THEN :now - at ELSE until - at END) / 1e7")},
		{"checks-lengths", "has a CHECK that stays end after they begin, and answers 500 to those of no length",
			rulebook.ZeroLengthPhases, func(s *steps) {
				store := atomically(func(ctx context.Context, p *process, on runner, n note) error {
					if err := p.apply(ctx, on, n); err != nil {
						return err
					}
					empty, err := has(ctx, on, p.stays+"SELECT 1 FROM stays WHERE channel_id = :channel AND until = at AND next <> kind LIMIT 1", n.args(time.Now())...)
					if err == nil && empty {
						err = errUnusable
					}
					return err
				})
				s.store = func(ctx context.Context, p *process, n note) int {
					if store(ctx, p, n) != 0 {
						return http.StatusInternalServerError
					}
					return 0
				}
			}},
		{"customer-ends-all", "ends all channels of a conversation when the customer's ends: no agent has wrap",
			rulebook.CloseEveryPhase, func(s *steps) {
				s.write = append(s.write, `INSERT INTO events (channel_id, kind, phase, turn, at, stamp, sent, id, received)
					SELECT channel_id, :kind, :phase, 8, :at, :stamp, :sent, :id, :received FROM channels
					WHERE :kind = 'channel.ended' AND :role = 'external' AND conversation_id = :conversation AND channel_id <> :channel`)
				swap(&s.stays, "ELSE turn END AS place", "ELSE turn END AS place, MIN(at) FILTER (WHERE phase = 'ended') OVER (PARTITION BY channel_id) AS over")
				swap(&s.stays, "FROM placed", "FROM placed WHERE at < over OR over IS NULL OR phase = 'ended' AND at = over")
			}},
		{"hold-needs-retrieved", "ends a hold when it is retrieved, and never if the channel ends on hold",
			rulebook.CloseEveryPhase, only("NOT (phase = 'held' AND next NOT IN ('channel.held', 'channel.retrieved'))")},
		{"talk-ends-with-wrap", "ends the talk when wrap begins, and never if there is no wrap",
			rulebook.CloseEveryPhase, only("NOT (phase = 'connected' AND next = 'channel.ended')")},
		{"ring-needs-answer", "ends the ringing when it is answered or has failed, and never if the other side gives up",
			rulebook.CloseEveryPhase, only("NOT (phase = 'alerting' AND next = 'channel.ended')")},
	}
}

// localTime takes the wall clock of a place for the moment.
func localTime(place string) func(*steps) {
	return func(s *steps) {
		s.ticks = func(stamp string) (int64, error) {
			at, err := ticks(stamp)
			there, missing := time.LoadLocation(place)
			if missing != nil {
				return 0, errors.Join(err, missing)
			}
			_, offset := time.Unix(0, at*100).In(there).Zone()
			return at + int64(offset)*1e7, err
		}
	}
}
