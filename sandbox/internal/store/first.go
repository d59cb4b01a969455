package store

import (
	"cmp"
	"context"
	"database/sql"
	"os"
	"strings"
	"time"
)

// readFirst reads what Open needs, before anything may be written: who has a file open for writing puts the WAL into it at the end, and
// deletes the WAL, though the file may be damaged, and both be mended by hand. A state that it refuses is as it was.
//
// Another program that puts the WAL into the file meanwhile can make the parts look odd, which were read one behind the other: so they are read
// again before they are called damaged.
func (s *Store) readFirst(ctx context.Context) (err error) {
	for try := range 3 {
		if try > 0 {
			time.Sleep(50 * time.Millisecond)
		}
		err = s.readParts(ctx)
		if t := troubleOf(err); t == nil || t.Kind != Damaged {
			return err
		}
		s.trouble.Store(nil) // of the reading
	}
	return err
}

func (s *Store) readParts(ctx context.Context) error {
	index, shm := readIndex(s.path+"-shm"), sizeOf(s.path+"-shm")
	w, err := checkWAL(s.path+"-wal", index)
	if err != nil || sizeOf(s.path) <= 0 { // or there is no file
		return err
	}
	var file mark
	read := func(found *mark) func() error {
		return func() (err error) {
			*found, err = readMark(ctx, s.conn)
			return err
		}
	}
	if w.committed == 0 {
		return s.reading(ctx, immutable, read(&file), func() error { return s.isWhole(file, index) }, func() error { return s.needed(ctx) })
	}
	if needsNoWAL(s.path) {
		return otherWAL("another state: this one is a copy without any")
	}
	// Only a part of the WAL may be in the file, so that what is read of it may not fit together: then it says nothing.
	_ = s.reading(ctx, immutable, read(&file))
	var now mark
	err = s.reading(ctx, "", read(&now), func() error { return file.leadsTo(now) }, func() error { return s.needed(ctx) })
	if err == nil {
		return nil
	}
	if shm < 0 { // nobody had the state open, and SQLite has made it
		_ = os.Remove(s.path + "-shm") // else the next start looks for the WAL that it is of
	}
	if t := troubleOf(err); t != nil && t.Kind == Damaged && !strings.Contains(t.Cause, "-wal") {
		return &Trouble{Kind: Damaged, Cause: t.Cause + "; or the file ending in -wal beside it is not the one that belongs to it", err: t.err}
	}
	return err
}

// immutable has SQLite read the file alone, without its WAL, and write nothing beside it.
const immutable = "&immutable=1"

// reading takes steps with a connection that cannot write, until one fails.
func (s *Store) reading(ctx context.Context, how string, steps ...func() error) error {
	db, err := sql.Open("sqlite", sourceIn("ro", s.path, waitForLocks, "query_only(ON)", "temp_store(MEMORY)")+how)
	if err != nil {
		return err
	}
	defer db.Close()
	if s.conn, err = db.Conn(ctx); err != nil {
		return err
	}
	defer func() {
		_ = s.conn.Close() // nothing was written
		s.conn = nil
	}()
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// needed reads what a start needs of a state with the schema of this version, and of an older one the version alone.
func (s *Store) needed(ctx context.Context) error {
	var version int
	if err := oneOf(ctx, s.conn, []any{&version}, "SELECT user_version FROM pragma_user_version"); err != nil {
		return err
	}
	if err := checkVersion(version, len(migrations())); err != nil || version < len(migrations()) {
		return err
	}
	if err := cmp.Or(s.fill(ctx), s.sound(ctx)); err != nil {
		return err
	}
	_, ofSubscriptions := s.Subscriptions(ctx)
	_, ofRuns := s.Runs(ctx, true)
	_, ofConversations := s.Conversations(ctx, true)
	return cmp.Or(ofSubscriptions, ofRuns, ofConversations, s.waitingAreReadable(ctx))
}

// readAtStart are the tables of which a start reads all, or much.
var readAtStart = []string{"counts", "setting", "subscription", "type", "subscriber", "fan", "form", "run", "conversation", "delivery", "delivery_block", "notification_block", "pack"}

// sound refuses a file of which a table is damaged that a start reads behind what is written first.
func (s *Store) sound(ctx context.Context) error {
	for _, table := range readAtStart {
		var found string
		if err := oneOf(ctx, s.conn, []any{&found}, "SELECT quick_check FROM pragma_quick_check(?)", table); err != nil {
			return err
		}
		if found != "ok" {
			return &Trouble{Kind: Damaged, Cause: strings.Join(strings.Fields(strings.TrimPrefix(found, "*** in database main ***")), " ")}
		}
	}
	return nil
}

// waitingAreReadable reads all deliveries that wait, which the sandbox goes on with.
func (s *Store) waitingAreReadable(ctx context.Context) error {
	var d Delivery
	return each(ctx, s.conn, func(rows *sql.Rows) error { return scan(rows, d.fields()...) }, "SELECT "+deliveryColumns+" FROM delivery d JOIN subscriber k ON k.key = d.subscription WHERE d.state = 0")
}
