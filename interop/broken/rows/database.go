package rows

import (
	"context"
	"net/http"
	"time"
)

// The tables. Moments are 100 ns since 1970.
const schema = `
CREATE TABLE IF NOT EXISTS notifications (
  source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (source, id));
CREATE TABLE IF NOT EXISTS unusable (body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS channels (
  channel_id TEXT NOT NULL PRIMARY KEY, conversation_id TEXT NOT NULL, interaction_id TEXT NOT NULL,
  agent_id TEXT, role TEXT NOT NULL, notifications INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS channels_of ON channels (conversation_id);
CREATE TABLE IF NOT EXISTS events (
  number INTEGER PRIMARY KEY, channel_id TEXT NOT NULL, kind TEXT NOT NULL, phase TEXT, turn INTEGER NOT NULL,
  at INTEGER NOT NULL, stamp TEXT NOT NULL, sent TEXT NOT NULL, id TEXT NOT NULL, received INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS events_of ON events (channel_id, at);
`

const mark = `
INSERT INTO notifications (source, id, type, body) VALUES (:source, :id, :type, :body)
ON CONFLICT (source, id) DO NOTHING`

const knowChannel = `
INSERT INTO channels (channel_id, conversation_id, interaction_id, agent_id, role, notifications)
VALUES (:channel, :conversation, :interaction, :agent, :role, 1)
ON CONFLICT (channel_id) DO UPDATE SET notifications = notifications + 1`

const addEvent = `
INSERT INTO events (channel_id, kind, phase, turn, at, stamp, sent, id, received)
VALUES (:channel, :kind, :phase, :turn, :at, :stamp, :sent, :id, :received)`

// stays are the phases of all channels of a conversation, in their order. At one instant, who is
// away comes back before he goes away again.
const stays = `
WITH placed AS (
  SELECT e.*, c.role, c.agent_id, CASE WHEN turn = 4 AND (
      SELECT COUNT(DISTINCT at || kind) FILTER (WHERE turn = 3) > COUNT(DISTINCT at || kind) FILTER (WHERE turn = 4)
      FROM events b WHERE b.channel_id = e.channel_id AND b.at < e.at) THEN 2 ELSE turn END AS place
  FROM events e JOIN channels c USING (channel_id)
  WHERE c.conversation_id = :conversation AND e.phase IS NOT NULL),
stays AS (
  SELECT channel_id, role, agent_id, kind, phase, at, number, received, LEAD(at) OVER life AS until,
    LEAD(kind) OVER life AS next, LEAD(received) OVER life AS until_received
  FROM placed
  WINDOW life AS (PARTITION BY channel_id ORDER BY at, place, number))
`

const channels = `
SELECT c.channel_id, interaction_id, agent_id, role, notifications,
  (SELECT phase FROM stays s WHERE s.channel_id = c.channel_id AND until IS NULL) AS phase
FROM channels c WHERE conversation_id = :conversation ORDER BY c.channel_id`

const seconds = `
SELECT channel_id, phase, SUM(until - at) / 1e7 FROM stays
WHERE until IS NOT NULL AND phase <> 'ended' GROUP BY channel_id, phase`

const figures = `
SELECT MAX(role = 'agent' AND phase = 'connected') AS answered,
  MAX(role = 'external' AND phase = 'ended') AND NOT MAX(role IN ('agent', 'voicemail') AND phase = 'connected') AS abandoned,
  (MIN(at) FILTER (WHERE role = 'agent' AND phase = 'connected') - MIN(at)) / 1e7 AS seconds_to_answer,
  COALESCE(SUM(until - at) FILTER (WHERE role = 'agent' AND phase = 'connected'), 0) / 1e7 AS talk,
  COALESCE(SUM(until - at) FILTER (WHERE phase = 'held'), 0) / 1e7 AS hold,
  COALESCE(SUM(until - at) FILTER (WHERE phase = 'wrap'), 0) / 1e7 AS wrap,
  COUNT(DISTINCT agent_id) FILTER (WHERE role = 'agent' AND phase = 'connected') AS agents
FROM stays`

// work is what is done about a notification within a transaction.
type work func(context.Context, *process, runner, note) error

// storeWhole stores a notification in one transaction, or nothing of it. It returns a status
// other than success, or 0.
func storeWhole(ctx context.Context, p *process, n note) int {
	return atomically(all)(ctx, p, n)
}

// all makes the changes that a new notification brings.
func all(ctx context.Context, p *process, tx runner, n note) error { return p.apply(ctx, tx, n) }

// atomically marks a notification as seen, and does work if it was not, in one transaction.
func atomically(do work) func(context.Context, *process, note) int {
	return alone(func(ctx context.Context, p *process, tx runner, n note) error {
		fresh, err := p.isNew(ctx, tx, n)
		if err != nil || !fresh {
			return err
		}
		return do(ctx, p, tx, n)
	})
}

// alone does work in a transaction, and leaves the mark to others.
func alone(do work) func(context.Context, *process, note) int {
	return func(ctx context.Context, p *process, n note) int {
		tx, err := p.db.BeginTx(ctx, nil)
		if err != nil {
			return failed(err)
		}
		defer func() { _ = tx.Rollback() }() // after Commit it does nothing
		if err := do(ctx, p, tx, n); err != nil {
			return failed(err)
		}
		return failed(tx.Commit())
	}
}

func failed(err error) int {
	if err != nil {
		return http.StatusServiceUnavailable
	}
	return 0
}

// isNew marks a notification as seen, unless it is.
func (p *process) isNew(ctx context.Context, on runner, n note) (bool, error) {
	done, err := on.ExecContext(ctx, p.mark, n.args(time.Now())...)
	if err != nil {
		return false, err
	}
	changed, err := done.RowsAffected()
	return changed > 0, err
}

// apply executes the statements for a notification.
func (p *process) apply(ctx context.Context, on runner, n note) error {
	statements := p.write
	if n.base == "agent.presencechanged" {
		statements = p.presence
	} else if n.channel == "" {
		return nil // of a type that is not known
	}
	args := n.args(time.Now())
	for _, s := range statements {
		if _, err := on.ExecContext(ctx, s, args...); err != nil {
			return err
		}
	}
	return nil
}
