package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
)

// The settings of a mark.
const (
	openMark = "open"
	walMark  = "wal"
)

// mark tells which WAL belongs to a file. There is one in the file, and a later one perhaps among the changes in the WAL, which names all those
// that the file may have by then: mostly one, since a mark is written when all of the WAL is in the file.
type mark struct {
	open   bool     // after a crash: the WAL has the last changes
	itself string   // empty: there is none
	before []string // the marks that the file may have while this one is in the WAL
	boot   string   // of the system that wrote it
	salts  string   // of the WAL that it was written into, where this process did
}

// mostBefore is how many marks one names. More would come of many starts and ends in a row while another program reads.
const mostBefore = 16

// text is the setting walMark.
func (m mark) text() string { return m.itself + " " + strings.Join(m.before, ",") + " " + m.boot }

// readMark reads it, nothing from a file that has no such table yet.
func readMark(ctx context.Context, from querier) (m mark, err error) {
	var tables int
	if err := oneOf(ctx, from, []any{&tables}, "SELECT count(*) FROM sqlite_schema WHERE name = 'setting'"); err != nil || tables == 0 {
		return m, err
	}
	err = each(ctx, from, func(rows *sql.Rows) error {
		var name, value string
		err := scan(rows, &name, &value)
		if name == openMark {
			m.open = value != ""
		} else if parts := strings.Split(value, " "); len(parts) == 3 {
			m.itself, m.before, m.boot = parts[0], strings.Split(parts[1], ","), parts[2]
		}
		return err
	}, "SELECT name, value FROM setting WHERE name IN (?, ?)", openMark, walMark)
	return m, err
}

// following is the mark behind this one. Whole tells that all of the WAL is in the file, or was when the present WAL began.
func (m mark) following(open, whole bool) mark {
	next := mark{open: open, itself: strconv.FormatUint(rand.Uint64(), 36), before: []string{m.itself}, boot: bootID(), salts: m.salts}
	if !whole {
		next.before = append(next.before, m.before...)
	}
	if len(next.before) > mostBefore {
		next.itself, next.before = m.itself, m.before
	}
	return next
}

// bootID tells one start of the system from another, where the system does. It is empty elsewhere.
func bootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id))
}

// leadsTo refuses a WAL whose mark is neither that of the file nor one that may follow it.
func (m mark) leadsTo(inWAL mark) error {
	if m.itself == "" || m.itself == inWAL.itself || slices.Contains(inWAL.before, m.itself) { // the first: of an older version, or unreadable
		return nil
	}
	return otherWAL("another state, or of another time of this one")
}

// isWhole refuses a file that was open when its process ended, and whose WAL has been lost since, or holds nothing any more.
func (s *Store) isWhole(m mark, index indexBegin) error {
	frames, _ := index.frames()
	switch {
	case needsNoWAL(s.path):
	case s.walThere && frames > 0 && m.boot != "" && m.boot == bootID():
		return damagedWAL(fmt.Sprintf("was cut off or overwritten: of %d pages it has none", frames))
	case m.open && !s.walThere:
		return missingWAL()
	}
	return nil
}

// markOpen marks the file itself as open, unless it has done so. Where it cannot, Recover tries it again.
func (s *Store) markOpen(ctx context.Context) error {
	if s.path == "" || s.marked {
		return nil
	}
	var now mark
	if err := s.read(func(q querier) (err error) {
		now, err = readMark(ctx, q)
		return err
	}); err != nil {
		return s.failed(err, "read the mark")
	}
	s.mu.Lock()
	s.mark = now // which an end names, also one before another could be written
	s.mu.Unlock()
	whole, err := s.checkpoint(ctx)
	if err != nil {
		return err
	}
	next := now.following(true, whole)
	if err := s.setMark(ctx, next); err != nil {
		return err
	}
	next.salts = saltsAt(s.path + "-wal")
	s.mu.Lock()
	s.mark = next
	s.mu.Unlock()
	whole, err = s.checkpoint(ctx)
	switch {
	case err != nil:
		return err
	case !whole: // a WAL that is lost after a crash would not be missed
		return s.failed(&Trouble{Kind: Locked, Cause: "it reads it all the time, so that it cannot be noted that the sandbox has it open"}, "mark the file as open")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.marked = true
	s.seen(true)
	return nil
}

func (s *Store) setMark(ctx context.Context, m mark) error {
	open := ""
	if m.open {
		open = "1"
	}
	return s.write(ctx, "mark the file as open", func(t *tx) error { return cmp.Or(t.set(openMark, open), t.set(walMark, m.text())) })
}

// checkpoint puts the WAL into the file, and reports whether all of it is there now: another program that reads can prevent it, and is not
// waited for.
func (s *Store) checkpoint(ctx context.Context) (whole bool, err error) {
	err = cmp.Or(s.pragma(ctx, "busy_timeout(100)", unread), s.pragma(ctx, "wal_checkpoint(TRUNCATE)", func(rows *sql.Rows) error {
		var busy, frames, done int
		err := scan(rows, &busy, &frames, &done)
		whole = frames == done // also if it could not be made empty
		return err
	}))
	return whole, cmp.Or(err, s.pragma(ctx, waitForLocks, unread))
}

// markWAL writes a mark into the first transaction of a WAL; into the second one where another program has put the WAL into the file since the
// first one began: then its salts alone tell.
func (t *tx) markWAL() error {
	if !t.marked || !t.first && saltsAt(t.path+"-wal") == t.mark.salts {
		return nil
	}
	next := t.mark.following(true, true)
	t.marks = &next
	return t.set(walMark, next.text())
}

// hasMarked notes that a mark was committed, into a WAL that may have begun with that.
func (s *Store) hasMarked(m mark) {
	m.salts = saltsAt(s.path + "-wal")
	s.mark = m
}

// saltsAt are the salts of the WAL at a path, empty where there are none.
func saltsAt(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	head := make([]byte, walHeaderSize)
	if _, err := io.ReadFull(f, head); err != nil {
		return ""
	}
	return string(head[16:24])
}

// wantsWAL clears the mark, and reports whether the next start wants the WAL all the same. The mark may be there without markOpen:
// a process that was killed has left it, and it could not be written since.
func (s *Store) wantsWAL() bool {
	switch {
	case s.path == "":
		return false
	case s.wal == nil: // nothing was read: what was found stays
		return s.walThere
	}
	s.mu.Lock()
	closed := s.mark.following(false, false)
	s.marked = false // this is the last one
	s.mu.Unlock()
	return s.setMark(context.Background(), closed) != nil
}
