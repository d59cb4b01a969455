package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math/rand"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite"
)

type sqlStore struct{ db *sql.DB }

const schema = `
CREATE TABLE IF NOT EXISTS events (source TEXT NOT NULL, id TEXT NOT NULL, conversation TEXT, channel TEXT, arrived INTEGER, body BLOB NOT NULL, PRIMARY KEY (source, id));
CREATE INDEX IF NOT EXISTS by_channel ON events (channel);
CREATE INDEX IF NOT EXISTS by_conversation ON events (conversation);
CREATE TABLE IF NOT EXISTS loose (source TEXT NOT NULL, id TEXT NOT NULL, conversation TEXT, channel TEXT, arrived INTEGER, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS loose_id ON loose (source, id);
CREATE INDEX IF NOT EXISTS loose_conversation ON loose (conversation);
CREATE TABLE IF NOT EXISTS channels (channel TEXT PRIMARY KEY, conversation TEXT, version INTEGER, doc TEXT);
CREATE INDEX IF NOT EXISTS of_conversation ON channels (conversation);
CREATE TABLE IF NOT EXISTS conversations (conversation TEXT PRIMARY KEY, doc TEXT);`

func openSQL(dir string) (Store, error) {
	timeout := "10000"
	if does("sqlite-serializable") {
		timeout = "20"
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "calls.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=busy_timeout("+timeout+")&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(6)
	db.SetMaxIdleConns(6)
	for i := 0; ; i++ {
		if _, err = db.Exec(schema); err == nil || i > 20 {
			return &sqlStore{db}, err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// retried runs f in a serializable transaction until it does not collide with another one.
func (s *sqlStore) retried(f func(*sql.Tx) error) error {
	var err error
	for i := 0; i < 200; i++ {
		var tx *sql.Tx
		tx, err = s.db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelSerializable})
		if err == nil {
			if err = f(tx); err == nil {
				if err = tx.Commit(); err == nil {
					return nil
				}
			}
			tx.Rollback()
		}
		if !strings.Contains(err.Error(), "locked") && !strings.Contains(err.Error(), "BUSY") {
			return err
		}
		time.Sleep(time.Duration(1+rand.Intn(5)) * time.Millisecond)
	}
	return err
}

func (s *sqlStore) Add(n *Notification, _ *connection) error {
	n.Arrived = time.Now().UnixNano()
	switch {
	case is("rmw-conversation"):
		return s.readModifyWrite(n)
	case is("version-conflict-ignored"):
		return s.optimistic(n)
	case is("check-then-insert"):
		var found int
		if err := s.db.QueryRow(`SELECT count(*) FROM loose WHERE source = ? AND id = ?`, n.Source, n.ID).Scan(&found); err != nil {
			return err
		}
		if found > 0 {
			return errDuplicate
		}
		lookUp(n)
		_, err := s.db.Exec(`INSERT INTO loose VALUES (?, ?, ?, ?, ?, ?)`, n.Source, n.ID, n.Conversation, n.Channel, n.Arrived, n.Body)
		return err
	case is("create-race"):
		return s.createRace(n)
	}
	return s.retried(func(tx *sql.Tx) error {
		res, err := tx.Exec(`INSERT INTO events VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, n.Source, n.ID, n.Conversation, n.Channel, n.Arrived, n.Body)
		if err != nil {
			return err
		}
		if k, _ := res.RowsAffected(); k == 0 || n.Channel == "" || !does("sqlite-aggregate") {
			return nil
		}
		events, err := load(tx, `SELECT arrived, body FROM events WHERE channel = ?`, n.Channel)
		if err != nil {
			return err
		}
		doc, err := json.Marshal(channel(n.Channel, events, nil))
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO channels VALUES (?, ?, 0, ?) ON CONFLICT (channel) DO UPDATE SET doc = excluded.doc`, n.Channel, n.Conversation, doc)
		return err
	})
}

type queryer interface {
	Query(string, ...any) (*sql.Rows, error)
}

func load(q queryer, query, id string) ([]*Notification, error) {
	rows, err := q.Query(query, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*Notification
	for rows.Next() {
		var arrived int64
		var body []byte
		if err := rows.Scan(&arrived, &body); err != nil {
			return nil, err
		}
		if n, err := read(body); err == nil {
			n.Arrived = arrived
			list = append(list, n)
		}
	}
	return list, rows.Err()
}

// readModifyWrite keeps one document for each conversation, as an ORM with a JSON column does.
func (s *sqlStore) readModifyWrite(n *Notification) error {
	if n.Conversation == "" {
		_, err := s.db.Exec(`INSERT INTO events VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, n.Source, n.ID, n.Conversation, n.Channel, n.Arrived, n.Body)
		return err
	}
	var doc string
	var events []record
	err := s.db.QueryRow(`SELECT doc FROM conversations WHERE conversation = ?`, n.Conversation).Scan(&doc)
	if err == nil {
		err = json.Unmarshal([]byte(doc), &events)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	for _, e := range events {
		if old, err := read(e.Body); err == nil && key(old) == key(n) {
			return errDuplicate
		}
	}
	lookUp(n)
	events = append(events, record{n.Arrived, n.Body})
	text, _ := json.Marshal(events)
	_, err = s.db.Exec(`INSERT INTO conversations VALUES (?, ?) ON CONFLICT DO UPDATE SET doc = excluded.doc`, n.Conversation, string(text))
	return err
}

// optimistic keeps a row for each channel with a version.
func (s *sqlStore) optimistic(n *Notification) error {
	if n.Channel == "" {
		return nil
	}
	if _, err := s.db.Exec(`INSERT INTO channels VALUES (?, ?, 0, '[]') ON CONFLICT DO NOTHING`, n.Channel, n.Conversation); err != nil {
		return err
	}
	var doc string
	var version int
	if err := s.db.QueryRow(`SELECT doc, version FROM channels WHERE channel = ?`, n.Channel).Scan(&doc, &version); err != nil {
		return err
	}
	var events []record
	if err := json.Unmarshal([]byte(doc), &events); err != nil {
		return err
	}
	for _, e := range events {
		if old, err := read(e.Body); err == nil && key(old) == key(n) {
			return errDuplicate
		}
	}
	lookUp(n)
	events = append(events, record{n.Arrived, n.Body})
	text, _ := json.Marshal(events)
	// no row is changed if another one was quicker; nobody looks
	_, err := s.db.Exec(`UPDATE channels SET doc = ?, version = version + 1 WHERE channel = ? AND version = ?`, string(text), n.Channel, version)
	return err
}

// createRace makes the channel with its first event.
func (s *sqlStore) createRace(n *Notification) error {
	if n.Channel != "" {
		var found int
		if err := s.db.QueryRow(`SELECT count(*) FROM channels WHERE channel = ?`, n.Channel).Scan(&found); err != nil {
			return err
		}
		if found == 0 {
			lookUp(n)
			if _, err := s.db.Exec(`INSERT INTO channels VALUES (?, ?, 0, '')`, n.Channel, n.Conversation); err != nil {
				if strings.Contains(err.Error(), "UNIQUE") || strings.Contains(err.Error(), "constraint") {
					return errDuplicate // "somebody has stored it already"
				}
				return err
			}
		}
	}
	_, err := s.db.Exec(`INSERT INTO events VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, n.Source, n.ID, n.Conversation, n.Channel, n.Arrived, n.Body)
	return err
}

func (s *sqlStore) Conversation(id string) []*Channel {
	switch {
	case is("rmw-conversation"):
		var doc string
		if s.db.QueryRow(`SELECT doc FROM conversations WHERE conversation = ?`, id).Scan(&doc) != nil {
			return nil
		}
		return channels(fromDoc(doc), nil)
	case is("version-conflict-ignored"), does("sqlite-aggregate"):
		rows, err := s.db.Query(`SELECT doc FROM channels WHERE conversation = ?`, id)
		if err != nil {
			return nil
		}
		defer rows.Close()
		var list []*Channel
		for rows.Next() {
			var doc string
			if rows.Scan(&doc) != nil {
				continue
			}
			if does("sqlite-aggregate") {
				var c *Channel
				if json.Unmarshal([]byte(doc), &c) == nil && c != nil {
					list = append(list, c)
				}
				continue
			}
			list = append(list, channels(fromDoc(doc), nil)...)
		}
		return list
	}
	table := "events"
	if is("check-then-insert") {
		table = "loose"
	}
	events, err := load(s.db, `SELECT arrived, body FROM `+table+` WHERE conversation = ? ORDER BY rowid`, id)
	if err != nil {
		return nil
	}
	return channels(events, nil)
}

func fromDoc(doc string) []*Notification {
	var events []record
	json.Unmarshal([]byte(doc), &events)
	var list []*Notification
	for _, e := range events {
		if n, err := read(e.Body); err == nil {
			n.Arrived = e.Arrived
			list = append(list, n)
		}
	}
	return list
}
