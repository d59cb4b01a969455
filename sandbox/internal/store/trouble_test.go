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
