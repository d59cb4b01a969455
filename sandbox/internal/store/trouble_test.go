package store

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// anotherProgram has a file open, as a tool for databases does.
func anotherProgram(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", source(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	return db
}

// Another program that holds the file's lock is waited for, and told.
func TestALockedFileIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	if _, err := s.conn.ExecContext(ctx, "PRAGMA busy_timeout = 1"); err != nil {
		t.Fatal(err)
	}
	other := anotherProgram(t, path)
	if _, err := other.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"set": s.Set(ctx, "a", "b"), "recover": s.Recover(ctx), "trouble": s.Trouble()} {
		if trouble, ok := errors.AsType[*Trouble](err); !ok || trouble.Kind != Locked || !strings.Contains(trouble.Error(), "another program has locked the state (database is locked") || trouble.Advice() == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	select {
	case <-s.Woken():
	default:
		t.Error("nobody is woken")
	}
	if _, err := s.Setting(ctx, "a"); err != nil {
		t.Errorf("reading: %v", err)
	}
	if _, err := other.ExecContext(ctx, "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := s.Recover(ctx); err != nil || s.Trouble() != nil {
		t.Errorf("when it is unlocked: %v", err)
	}
}

// A lock is found while nothing is written, too, once it is there for long; and it does not keep the store from being closed.
func TestALockIsNoticedWithoutWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	other := anotherProgram(t, path)
	do := func(what string) {
		t.Helper()
		if _, err := other.ExecContext(ctx, what); err != nil {
			t.Fatal(err)
		}
	}
	look := func(want bool) {
		t.Helper()
		if s.Look(ctx); (s.Trouble() != nil) != want || want && s.Trouble().Kind != Locked {
			t.Errorf("trouble: %v, want some: %t", s.Trouble(), want)
		}
	}
	earlier := func() { s.locked = s.locked.Add(-lockWait) }
	do("BEGIN IMMEDIATE")
	look(false) // it may be over in a moment
	do("ROLLBACK")
	look(false)
	if !s.locked.IsZero() {
		t.Error("it remembers a lock that is gone")
	}
	do("BEGIN IMMEDIATE")
	look(false)
	earlier()
	look(true)
	do("ROLLBACK")
	if err := s.Recover(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(ctx, "a", "b"); err != nil {
		t.Fatal(err)
	}
	var wait int
	if err := oneOf(ctx, s.conn, []any{&wait}, "PRAGMA busy_timeout"); err != nil || wait != int(lockWait.Milliseconds()) {
		t.Errorf("it waits %d ms for a lock, %v", wait, err)
	}
	do("BEGIN IMMEDIATE")
	if err := s.Close(); err != nil {
		t.Errorf("closing it: %v", err)
	}
	do("ROLLBACK")
	if err := other.Close(); err != nil { // which puts the WAL into the file, and deletes it
		t.Fatal(err)
	}
	if again, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "Nothing is lost then if another program had the state open and has put them into the file") {
		t.Errorf("without a WAL: %v, %v", again, err)
	}
	if err := os.WriteFile(path+"-wal", nil, 0o600); err != nil { // as it advises
		t.Fatal(err)
	}
	again, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if value, err := again.Setting(ctx, "a"); err != nil || value != "b" {
		t.Errorf("what was kept is %q, %v", value, err)
	}
}

// Every kind of trouble has a sentence, and says what to do where somebody can be told.
func TestTroubleIsToldInSentences(t *testing.T) {
	for kind, texts := range kinds {
		trouble := &Trouble{Kind: kind, Cause: "the cause"}
		if text := trouble.Error(); strings.Contains(text, "%") || text == "" || strings.HasSuffix(text, ".") {
			t.Errorf("%s: %q", kind, text)
		}
		if text := (&Trouble{Kind: kind}).Error(); strings.ContainsAny(text, "%()") {
			t.Errorf("%s without a cause: %q", kind, text)
		}
		atStart := kind == Foreign || kind == Newer
		if texts.closed == "" || (texts.open == "") != atStart {
			t.Errorf("%s lacks an advice", kind)
		}
	}
}

// The parts of the limit fit into it, with a WAL twice as long as it should be.
func TestThePartsOfTheLimitFit(t *testing.T) {
	for _, most := range []int64{1 << 20, 30e6, 1 << 30, 1 << 50} {
		b := boundsOf(most)
		if b.target >= b.tight || b.tight >= b.accept || b.accept >= b.file || b.file+2*b.wal >= most || b.target < 400<<10 {
			t.Errorf("of %d bytes: %+v", most, b)
		}
	}
}

// A reader keeps the WAL from being copied for as long as it reads, and no longer.
func TestTheWALIsCutWhenReadersLetIt(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "f"), Options{KeepMost: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	reader, err := s.readers.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.ExecContext(ctx, "SELECT * FROM setting"); err != nil {
		t.Fatal(err)
	}
	set := func() {
		t.Helper()
		if err := s.Set(ctx, "a", strings.Repeat("x", 30_000)); err != nil {
			t.Fatal(err)
		}
	}
	for sizeOf(s.path+"-wal") <= 2*s.bounds.wal {
		set()
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	set()
	if size := sizeOf(s.path + "-wal"); size > s.bounds.wal {
		t.Errorf("the WAL has %d bytes, want at most %d", size, s.bounds.wal)
	}
	var timeout int
	if err := oneOf(ctx, s.conn, []any{&timeout}, "PRAGMA busy_timeout"); err != nil || timeout != 5000 {
		t.Errorf("the time for locks is %d ms, %v", timeout, err)
	}
}

// Deleting a subscription cancels what waits in several transactions, and the next Open what is left.
func TestWhatWaitsForADeletedSubscriptionIsCancelled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s, err := Open(path, Options{KeepMost: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	const each = 100
	for _, id := range []string{"a", "b"} {
		if err := s.CreateSubscription(ctx, Subscription{ID: id, Name: id}); err != nil {
			t.Fatal(err)
		}
	}
	for range each {
		if _, err := s.Accept(ctx, []Accepted{{To: []string{"a", "b"}}}, Changes{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DeleteSubscription(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if _, states := s.Counts(); states[Waiting] != each || states[Cancelled] != each {
		t.Errorf("after a deletion: %v", states)
	}
	if _, err := s.conn.ExecContext(ctx, "DELETE FROM subscription WHERE name = 'b'"); err != nil { // and no more
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(path, Options{KeepMost: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, states := s.Counts(); states[Waiting] != 0 || states[Cancelled] != 2*each {
		t.Errorf("after another start: %v", states)
	}
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
}

// Reading while the file is moved begins no other one in its place, which would delete the WAL.
func TestReadingAFileThatIsMovedKeepsItsWAL(t *testing.T) {
	dir := t.TempDir()
	path, away := filepath.Join(dir, "f"), filepath.Join(dir, "away")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	if err := s.Set(ctx, "a", "b"); err != nil {
		t.Fatal(err)
	}
	wal, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, away); err != nil {
		t.Fatal(err)
	}
	var held []*sql.Conn // so that each is another one
	for range s.readers.Stats().MaxOpenConnections {
		c, err := s.readers.Conn(ctx)
		if err != nil {
			if now := troubleOf(s.failed(err, "read")); now == nil || now.Kind != Moved {
				t.Errorf("opening another connection: %v", err)
			}
			continue
		}
		held = append(held, c)
		_, _ = c.ExecContext(ctx, "SELECT * FROM setting") // whether it can, or not
	}
	for _, c := range held {
		c.Close()
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("another file is in its place: %v", err)
	}
	if now, err := os.Stat(path + "-wal"); err != nil || !os.SameFile(now, wal) {
		t.Errorf("the WAL is gone: %v", err)
	}
	if err := os.Rename(away, path); err != nil {
		t.Fatal(err)
	}
	if err := s.Recover(ctx); err != nil || s.Trouble() != nil {
		t.Errorf("when it is back: %v", err)
	}
	if value, err := s.Setting(ctx, "a"); err != nil || value != "b" {
		t.Errorf("what was kept is %q, %v", value, err)
	}
}
