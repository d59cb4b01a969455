package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// seen notes how large the file is after a change of it; false: that is not known. The lock is held.
func (s *Store) seen(known bool) {
	if s.least = 0; known && s.path != "" {
		// What the last change has given back, a checkpoint of another program may cut off.
		s.least = max(0, min(sizeOf(s.path), s.cache.Load().pages))
		s.leastWAL = max(0, sizeOf(s.path+"-wal"))
	} else {
		s.leastWAL = 0
	}
}

// changed is the trouble that another program has done something to the file, nil if none is seen. One that is
// overwritten in its place with as many bytes, or more, is not. The lock is held.
func (s *Store) changed() *Trouble {
	if s.isMoved() {
		return &Trouble{Kind: Moved}
	}
	if size := sizeOf(s.path); s.least > 0 && size >= 0 && size < s.least {
		return &Trouble{Kind: Damaged, Cause: fmt.Sprintf("it was cut off or overwritten while it was open: it has %d bytes of %d", size, s.least)}
	}
	if size := sizeOf(s.path + "-wal"); size >= 0 && size < s.leastWAL {
		return s.changedWAL() // else a checkpoint of another program made it shorter
	}
	return nil
}

// changedWAL is the trouble that another program has cut off the WAL, or overwritten its beginning or its end, nil if that is not so. The
// lock is held.
func (s *Store) changedWAL() *Trouble {
	return s.lacks(func(frames int64) bool { return hasFrames(s.path+"-wal", frames) })
}

// readsWAL is changedWAL for all of the WAL, which takes about a millisecond for a megabyte.
func (s *Store) readsWAL() *Trouble {
	return s.lacks(func(frames int64) bool {
		w, err := checkWAL(s.path+"-wal", nil)
		return err == nil && w.committed >= frames
	})
}

// lacks is the trouble that the WAL has not all the frames that SQLite wants of it.
func (s *Store) lacks(has func(frames int64) bool) *Trouble {
	for range 2 { // another program may have put them into the file meanwhile
		frames, done, err := s.frames()
		if err != nil || frames <= done || has(frames) { // whoever needs the WAL finds out why
			return nil
		}
	}
	return &Trouble{Kind: Damaged, Cause: "the file ending in -wal, which has the last changes, was cut off or overwritten while it was open"}
}

// frames is how many frames the WAL has for SQLite, and how many of them are in the file. The lock is held.
func (s *Store) frames() (all, done int64, err error) {
	if s.path == "" || s.conn == nil {
		return 0, 0, nil
	}
	p, err := s.statement(context.Background(), "PRAGMA wal_checkpoint(NOOP)")
	if err != nil {
		return 0, 0, err
	}
	var busy int64
	err = p.QueryRow().Scan(&busy, &all, &done)
	return all, done, err
}

// isInFile reports whether all of the WAL is in the file. The lock is held.
func (s *Store) isInFile() bool {
	all, done, err := s.frames()
	return err == nil && all == done
}

// isMoved reports whether another file is at the path, or none, or at that of the WAL: SQLite would write into one that
// the next start does not find.
func (s *Store) isMoved() bool {
	return s.file != nil && (isOther(s.path, s.file) || isOther(s.path+"-wal", s.wal))
}

// isOther reports whether another file than a known one is at a path, or none; nil: none is known.
func isOther(path string, known os.FileInfo) bool {
	if known == nil {
		return false
	}
	now, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(now, known)
}

// lockWait is how long another program may lock the file before that is trouble, and waitForLocks has SQLite wait so long.
const (
	lockWait     = 5 * time.Second
	waitForLocks = "busy_timeout(5000)"
)

// isLocked is the trouble that another program has locked the file for lockWait, nil if that is not so, or not known yet: it does not
// wait. The lock is held.
func (s *Store) isLocked(ctx context.Context) *Trouble {
	if s.conn == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	_, err := s.conn.ExecContext(ctx, "PRAGMA busy_timeout(0); BEGIN IMMEDIATE; ROLLBACK")
	if _, again := s.conn.ExecContext(ctx, "PRAGMA "+waitForLocks); again != nil {
		return nil // who writes next finds out
	}
	t := troubleOf(err)
	switch {
	case t == nil || t.Kind != Locked:
		s.locked = time.Time{}
	case s.locked.IsZero():
		s.locked = time.Now()
	case time.Since(s.locked) >= lockWait:
		return t
	}
	return nil
}

// Look finds out whether the file could be written, though nothing is: whether it is where it was, and whole, whether no other program
// locks it, and whether there is space. What it finds, Trouble tells.
func (s *Store) Look(ctx context.Context) {
	if s.file == nil || s.trouble.Load() != nil {
		return
	}
	if s.mu.TryLock() { // else somebody writes, who finds it
		t := s.changed()
		if t == nil {
			t = s.changedWAL()
		}
		if t == nil {
			t = s.isLocked(ctx)
		}
		if s.mu.Unlock(); t != nil {
			s.begin(t)
			return
		}
	}
	if space, known := spaceAt(s.path); known && space < little {
		_ = s.probe(ctx) // its error is noted where it belongs
	}
}

// unread is a row that nobody needs.
func unread(*sql.Rows) error { return nil }

// pragma runs a pragma that changes the file. SQLite does a part of the work with each row of its result.
func (s *Store) pragma(ctx context.Context, what string, row func(*sql.Rows) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return errClosed
	}
	s.seen(false)
	err := each(context.WithoutCancel(ctx), s.conn, row, "PRAGMA "+what)
	return s.failed(err, "make the file smaller")
}
