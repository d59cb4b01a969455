package main

import (
	"context"
	"database/sql"
	"sync"

	_ "modernc.org/sqlite"
)

const schema = `
CREATE TABLE IF NOT EXISTS notification (       -- what was accepted: the key that tells duplicates, and the body as it came
	source TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
	PRIMARY KEY (source, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS channel (
	no INTEGER PRIMARY KEY, conversation TEXT NOT NULL, channel TEXT NOT NULL,
	interaction TEXT NOT NULL, role TEXT NOT NULL, agent TEXT, notifications INTEGER NOT NULL DEFAULT 0,
	UNIQUE (conversation, channel)
);
CREATE TABLE IF NOT EXISTS happening (          -- what happened to a channel, one row for each notification
	channel INTEGER NOT NULL REFERENCES channel, ticks INTEGER NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS happening_channel ON happening (channel, ticks);
CREATE TABLE IF NOT EXISTS stay (               -- the phases of a channel, worked out again from happening each time
	channel INTEGER NOT NULL REFERENCES channel, ordinal INTEGER NOT NULL,
	phase TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER, -- NULL while it lasts
	PRIMARY KEY (channel, ordinal)
) WITHOUT ROWID;
`

type store struct {
	writing sync.Mutex // one writer at a time; SQLite would make them wait for each other anyway
	write   *sql.DB
	read    *sql.DB
}

func open(file string) (*store, error) {
	dsn := "file:" + file + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(normal)"
	write, err := sql.Open("sqlite", dsn+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	if _, err := write.Exec(schema); err != nil {
		return nil, err
	}
	read, err := sql.Open("sqlite", dsn+"&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	read.SetMaxOpenConns(4)
	read.SetMaxIdleConns(4)
	return &store{write: write, read: read}, nil
}

// add stores a notification and all that follows from it, or nothing. It changes nothing if it was stored before.
func (s *store) add(n *notification, body []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	tx, err := s.write.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()

	result, err := tx.Exec(`INSERT INTO notification VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, n.source, n.id, body)
	if err != nil {
		return err
	}
	if rows, err := result.RowsAffected(); err != nil || rows == 0 {
		return err
	}
	if n.channel != nil {
		if err := apply(tx, n); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func apply(tx *sql.Tx, n *notification) error {
	var no int64
	c := n.channel
	if err := tx.QueryRow(`
		INSERT INTO channel (conversation, channel, interaction, role, agent, notifications) VALUES (?, ?, ?, ?, ?, 1)
		ON CONFLICT (conversation, channel) DO UPDATE SET notifications = notifications + 1, agent = coalesce(agent, excluded.agent)
		RETURNING no`, c.conversation, c.channel, c.interaction, c.role, c.agent).Scan(&no); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO happening VALUES (?, ?, ?, ?)`, no, n.ticks, n.kind, n.version); err != nil {
		return err
	}
	events, err := happenings(tx, no)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM stay WHERE channel = ?`, no); err != nil {
		return err
	}
	for i, stay := range intervals(events) {
		if _, err := tx.Exec(`INSERT INTO stay VALUES (?, ?, ?, ?, ?)`, no, i, stay.phase, stay.from, stay.until); err != nil {
			return err
		}
	}
	return nil
}

func happenings(tx *sql.Tx, no int64) ([]happening, error) {
	rows, err := tx.Query(`SELECT kind, version, ticks FROM happening WHERE channel = ? ORDER BY ticks`, no)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var events []happening
	for rows.Next() {
		var e happening
		if err := rows.Scan(&e.kind, &e.version, &e.ticks); err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, rows.Err()
}

type channelState struct {
	ChannelID     string             `json:"channelId"`
	InteractionID string             `json:"interactionId"`
	AgentID       *string            `json:"agentId,omitempty"`
	Role          string             `json:"role"`
	Phase         string             `json:"phase,omitempty"`
	Seconds       map[string]float64 `json:"seconds"`
	Notifications int                `json:"notifications"`
}

type callState struct {
	Channels        []*channelState `json:"channels"`
	Answered        bool            `json:"answered"`
	Abandoned       bool            `json:"abandoned"`
	SecondsToAnswer *float64        `json:"seconds_to_answer"`
	Talk            float64         `json:"talk"`
	Hold            float64         `json:"hold"`
	Wrap            float64         `json:"wrap"`
	Agents          int             `json:"agents"`
	Transfers       int             `json:"transfers"`
}

// call tells the state of a conversation as of one moment, or nil if it is not known.
func (s *store) call(ctx context.Context, conversation string) (*callState, error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	call := &callState{}
	if call.Channels, err = channels(tx, conversation); err != nil || len(call.Channels) == 0 {
		return nil, err
	}
	err = tx.QueryRow(figures, sql.Named("conversation", conversation)).Scan(&call.SecondsToAnswer, &call.Abandoned,
		&call.Talk, &call.Hold, &call.Wrap, &call.Agents, &call.Transfers)
	call.Answered = call.SecondsToAnswer != nil
	return call, err
}

func channels(tx *sql.Tx, conversation string) ([]*channelState, error) {
	rows, err := tx.Query(`
		SELECT c.no, c.channel, c.interaction, c.agent, c.role, c.notifications, s.phase, s.ended - s.began
		FROM channel c LEFT JOIN stay s ON s.channel = c.no
		WHERE c.conversation = ? ORDER BY c.no, s.ordinal`, conversation)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*channelState
	ticks := map[string]int64{}
	last := int64(0)
	for rows.Next() {
		var no int64
		var phase sql.NullString
		var length sql.NullInt64
		c := &channelState{Seconds: map[string]float64{}}
		if err := rows.Scan(&no, &c.ChannelID, &c.InteractionID, &c.AgentID, &c.Role, &c.Notifications, &phase, &length); err != nil {
			return nil, err
		}
		if no != last {
			last = no
			all = append(all, c)
			clear(ticks)
		}
		c = all[len(all)-1]
		c.Phase = phase.String
		if length.Valid {
			ticks[phase.String] += length.Int64
			c.Seconds[phase.String] = float64(ticks[phase.String]) / 1e7
		}
	}
	return all, rows.Err()
}
