package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

// The settings of a mark.
const (
	openMark = "open"
	walMark  = "wal"
)

// mark tells which WAL belongs to a file. There is one in the file, and a later one perhaps among the changes in the WAL. A mark is written
// only when the one before it is in the file, so that the mark of the WAL is that of the file or the one that follows it.
type mark struct {
	open   bool   // after a crash: the WAL has the last changes
	itself string // empty: there is none
	before string // the mark before it
	boot   string // of the system that wrote it
	salts  string // of the WAL that it was written into, where this process did
}

// text is the setting walMark.
func (m mark) text() string { return m.itself + " " + m.before + " " + m.boot }

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
			m.itself, m.before, m.boot = parts[0], parts[1], parts[2]
		}
		return err
	}, "SELECT name, value FROM setting WHERE name IN (?, ?)", openMark, walMark)
	return m, err
}

// following is the mark of an open file that follows another one.
func (m mark) following() mark {
	return mark{open: true, itself: strconv.FormatUint(rand.Uint64(), 36), before: m.itself, boot: bootID()}
}

// bootID tells one start of the system from another, where the system does. It is empty elsewhere.
func bootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id))
}

// leadsTo refuses a WAL whose mark is neither that of the file nor the one that follows.
func (m mark) leadsTo(inWAL mark) error {
	switch {
	case m.itself == "": // of an older version, or unreadable
	case inWAL.itself != m.itself && inWAL.before != m.itself:
		return otherWAL("another state, or of another time of this one")
	case inWAL.itself == m.itself && inWAL.open && !m.open:
		return otherWAL("a time before the file was closed")
	}
	return nil
}

// fitsIndex refuses a WAL that is another one than that which the file ending in -shm knows. After a new start of the system the latter may
// be older than the WAL.
func (m mark) fitsIndex(index indexBegin, w wal) error {
	frames, salts := index.frames()
	if frames == 0 || salts == string(w.salts) || m.boot == "" || m.boot != bootID() {
		return nil
	}
	return otherWAL("another state, or of another time of this one")
}

// isWhole refuses a file that was open when its process ended, and whose WAL has been lost since, or holds nothing any more.
func (s *Store) isWhole(m mark, index indexBegin) error {
	frames, _ := index.frames()
	switch {
	case !m.open, needsNoWAL(s.path):
		return nil
	case !s.walThere:
		return missingWAL()
	case frames > 0 && m.boot != "" && m.boot == bootID():
		return damagedWAL(fmt.Sprintf("was cut off or overwritten: of %d pages it has none", frames))
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
	whole, err := s.checkpoint(ctx)
	if err != nil {
		return err
	}
	next := now
	if next.open = true; whole { // so that the mark is in the file
		next = now.following()
	}
	if err := s.write(ctx, "mark the file as open", func(t *tx) error {
		return cmp.Or(t.set(openMark, "1"), t.set(walMark, next.text()))
	}); err != nil {
		return err
	}
	next.salts = saltsAt(s.path + "-wal")
	if _, err := s.checkpoint(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mark, s.marked = next, true
	s.seen(true)
	return nil
}

// checkpoint puts the WAL into the file, and reports whether all of it is there now: another program that reads can prevent it.
func (s *Store) checkpoint(ctx context.Context) (whole bool, err error) {
	err = s.pragma(ctx, "wal_checkpoint(TRUNCATE)", func(rows *sql.Rows) error {
		var busy, frames, done int
		err := scan(rows, &busy, &frames, &done)
		whole = busy == 0 && frames == done
		return err
	})
	return whole, err
}

// markWAL writes a mark into a WAL that has begun since the last one: by then, all that was before it is in the file.
func (t *tx) markWAL() error {
	if !t.marked {
		return nil
	}
	salts := saltsAt(t.path + "-wal")
	if salts == "" || salts == t.mark.salts {
		return nil
	}
	next := t.mark.following()
	next.salts = salts
	t.marks = &next
	return t.set(walMark, next.text())
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
	return s.Set(context.Background(), openMark, "") != nil
}
