package store

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

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
	other, err := sql.Open("sqlite", source(path))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
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
