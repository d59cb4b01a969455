package store

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
)

// Kind is what is wrong with the file.
type Kind string

// The kinds of Trouble. Open alone finds Foreign and Newer.
const (
	OverLimit  Kind = "over-limit" // Options.KeepMost is reached by what must not be deleted
	DiskFull   Kind = "disk-full"
	ReadOnly   Kind = "read-only"  // the file, its folder or its file system
	Moved      Kind = "moved"      // or deleted, while it was open
	Locked     Kind = "locked"     // by another program
	Unwritable Kind = "unwritable" // another error of the system
	Damaged    Kind = "damaged"
	BadRow     Kind = "bad-row" // a row that does not hold what the store writes; the others can be used
	Foreign    Kind = "foreign"
	Newer      Kind = "newer"
)

// Trouble is why the file cannot be used, or takes nothing more. It is an error of every method
// that needs the file, and holds no secret.
type Trouble struct {
	Kind  Kind
	Cause string // more exactly; empty: nothing more is known

	err    error
	kept   int64 // bytes that a reset keeps, where they are most of what is over the limit
	volume bool  // the limit is that of the volume
	need   int64 // bytes that a transaction lacks the space for, which may be made; 0: it cannot be
}

// What a start may have for a limit to be higher.
const (
	higherLimit  = "with a higher limit"
	largerVolume = "again with more space on its volume, which each start measures, or with a folder on a larger one"
)

// kinds says what is wrong, with %s for the cause, and what to do about it while the store is
// open, and when it cannot be opened.
var kinds = map[Kind]struct{ what, open, closed string }{
	OverLimit: {"the state has reached its limit: %s",
		"new work is accepted again when there is space: let consumers answer, delete subscriptions or scenarios, reset the sandbox, or start it " + higherLimit + "; nothing that was accepted is lost",
		"start " + higherLimit},
	DiskFull: {"the disk with the state is full (%s)",
		"free some space, or enlarge the volume; what waits goes on by itself then, and nothing that was accepted is lost. Or stop the sandbox, move the folder with the state to a larger volume, and start it there",
		"free some space, enlarge the volume, or move the folder with the state to a larger one, and start again; nothing that was accepted is lost"},
	ReadOnly: {"the state cannot be written (%s)",
		"make its file, its folder and its file system writable for this user; what waits goes on by itself then, and nothing that was accepted is lost",
		"make its file, its folder and its file system writable for this user, or choose another folder"},
	Moved: {"the file with the state was moved or deleted while it was open",
		"put it back, with the one ending in -wal, and what waits goes on by itself; or stop the sandbox, move the one ending in -wal to where the file is now, and start it there",
		"start again"},
	Locked: {"another program has locked the state (%s)",
		"end what has the file open, such as a tool for databases or a backup; what waits goes on by itself then, and nothing that was accepted is lost",
		"end what has the file open, such as a tool for databases or a backup, and start again"},
	Unwritable: {"the system cannot read or write the state (%s)",
		"look at the disk, its quota and the system's log; what waits goes on by itself then, and nothing that was accepted is lost",
		"look at the disk, its permissions and the system's log, and start again"},
	Damaged: {"the state is damaged (%s)",
		"stop the sandbox, which accepts nothing more: the file keeps what can still be read. To begin anew, move it away together with those ending in -wal and -shm; to go on with a backup, move all three away, and put the backup in their place",
		"nothing was deleted: the file keeps what can still be read. To begin anew, move it away together with those ending in -wal and -shm, or choose another folder; to go on with a backup, move all three away, and put the backup in their place"},
	BadRow: {"a row of the state cannot be read (%s)",
		"another program has changed it, or it is damaged; the others can be used. To get rid of it, stop the sandbox, and move the file away together with those ending in -wal and -shm, to begin anew; to go on with a backup, move all three away, and put the backup in their place",
		"another program has changed it, or it is damaged. Nothing was deleted: to begin anew, move the file away together with those ending in -wal and -shm, or choose another folder; to go on with a backup, move all three away, and put the backup in their place"},
	Foreign: {"this is no state of a sandbox: %s", "", "the file was left as it is: choose another folder, or move it away together with those ending in -wal and -shm"},
	Newer:   {"the state is of a newer ringback: %s", "", "the file was left as it is: use that ringback, or choose another folder"},
}

// Error says what is wrong.
func (t *Trouble) Error() string {
	what := kinds[t.Kind].what
	switch {
	case !strings.Contains(what, "%s"):
		return what
	case t.Cause == "":
		return strings.TrimSuffix(strings.TrimSuffix(what, " (%s)"), ": %s")
	}
	return fmt.Sprintf(what, t.Cause)
}

// Advice says what to do while the store is open.
func (t *Trouble) Advice() string {
	advice := kinds[t.Kind].open
	if t.kept > 0 {
		advice = "new work is accepted again when there is space: delete scenarios or subscriptions, which a reset keeps, or start the sandbox " + higherLimit + "; nothing that was accepted is lost"
	}
	if t.volume {
		advice = strings.Replace(advice, higherLimit, largerVolume, 1)
	}
	return advice
}

// AdviceToOpen says what to do before the store is opened again.
func (t *Trouble) AdviceToOpen() string { return kinds[t.Kind].closed }

// Lasts reports whether the store must be opened anew.
func (t *Trouble) Lasts() bool { return t.Kind == Damaged }

// Records reports whether the store still takes what becomes of deliveries that it has.
func (t *Trouble) Records() bool { return t.Kind == OverLimit }

// Unwrap is the error of SQLite, or nil.
func (t *Trouble) Unwrap() error { return t.err }

// unreadable is a row whose columns do not hold what the store writes.
type unreadable struct{ err error }

func (u unreadable) Error() string { return "unreadable row: " + u.err.Error() }

func (u unreadable) Unwrap() error { return u.err }

// Primary result codes of SQLite.
const (
	sqliteError    = 1 // such as a table that is not there
	sqlitePerm     = 3
	sqliteBusy     = 5
	sqliteLocked   = 6
	sqliteReadOnly = 8
	sqliteIO       = 10
	sqliteCorrupt  = 11
	sqliteFull     = 13
	sqliteCantOpen = 14
	sqliteAuth     = 23
	sqliteNotADB   = 26
)

// sqliteIndexSize is the extended code for the file ending in -shm that cannot grow.
const sqliteIndexSize = 4874

var kindOfCode = map[int]Kind{
	sqlitePerm: ReadOnly, sqliteReadOnly: ReadOnly, sqliteAuth: ReadOnly, sqliteBusy: Locked, sqliteLocked: Locked,
	sqliteIO: Unwritable, sqliteCantOpen: Unwritable, sqliteFull: DiskFull, sqliteCorrupt: Damaged, sqliteNotADB: Damaged,
}

// troubleOf is what an error says of the file; nil if it is about something else.
func troubleOf(err error) *Trouble {
	if t, ok := errors.AsType[*Trouble](err); ok {
		return t
	}
	if bad, ok := errors.AsType[unreadable](err); ok {
		// The text behind the column's name may hold its value.
		text := strings.TrimPrefix(bad.err.Error(), "sql: Scan error on ")
		if i := strings.Index(text, `": `); i >= 0 {
			text = text[:i+1]
		}
		return &Trouble{Kind: BadRow, Cause: text, err: err}
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return nil
	}
	kind, known := kindOfCode[e.Code()&0xff]
	if !known {
		return nil
	}
	if e.Code() == sqliteIndexSize {
		kind = DiskFull
	}
	return &Trouble{Kind: kind, Cause: e.Error(), err: err}
}

// Trouble is what is wrong with the file, nil if nothing is. It lasts until Recover.
func (s *Store) Trouble() *Trouble { return s.present(s.trouble.Load()) }

// Woken gets a value when there is something for Recover or Forget to do.
func (s *Store) Woken() <-chan struct{} { return s.woken }

func (s *Store) wake() {
	select {
	case s.woken <- struct{}{}:
	default: // it is about to be looked at
	}
}

// begin notes that there is trouble, unless there is some that lasts, or in which less is possible.
func (s *Store) begin(t *Trouble) {
	for {
		before := s.trouble.Load()
		if before != nil && (before.Lasts() || before.Kind == t.Kind || !before.Records() && t.Records()) {
			return
		}
		if s.trouble.CompareAndSwap(before, t) {
			s.wake()
			return
		}
	}
}

// failed is an error of a method. What it says of the file is noted, except of one row.
func (s *Store) failed(err error, what string) error {
	switch t := troubleOf(err); {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		err = ErrNotFound
	case t == nil:
	default:
		if t.Kind == Unwritable {
			t = s.because(t)
		}
		if t.Kind != BadRow {
			s.begin(t)
		}
		err = t
	}
	return fmt.Errorf("%s: %w", what, err)
}

// because is why the system could not read or write the file, where another program has moved or damaged it.
func (s *Store) because(t *Trouble) *Trouble {
	if s.isMoved() {
		return &Trouble{Kind: Moved, err: t.err}
	}
	if !s.mu.TryLock() { // else somebody writes, who finds it
		return t
	}
	defer s.mu.Unlock()
	if damage := cmp.Or(s.changed(), s.changedWAL()); damage != nil {
		damage.err = t.err
		return damage
	}
	return t
}
