package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// Only the owner can read the files, because they hold secrets in plain text.
const (
	ownerFile   = 0o600
	ownerFolder = 0o700
)

// Open opens or creates the file at path, readable by its owner only. An empty path keeps
// everything in memory. Only one process at a time can have the file open. A file that cannot be
// used is left as it is; the error is a *Trouble.
func Open(path string, o Options) (*Store, error) {
	o.KeepFor = cmp.Or(o.KeepFor, 7*24*time.Hour)
	o.KeepMost = cmp.Or(o.KeepMost, 1<<30)
	s := &Store{options: o, bounds: boundsOf(o.KeepMost), fewest: fewestPacked, inBlock: usualBlocks(), prepared: map[string]*sql.Stmt{}, packs: packs{known: map[int64]*pack{}}, woken: make(chan struct{}, 1), indexable: make(chan struct{}, 1)}
	s.untrim.Store(true)
	s.inVain.Store(-1)
	if err := s.open(context.Background(), path); err != nil {
		if t := troubleOf(err); t != nil && t.Lasts() {
			s.begin(t) // so that nothing is put into the file
		}
		_ = s.Close() // the first error is reported
		if t := troubleOf(err); t != nil {
			err = t
		}
		return nil, fmt.Errorf("open %s: %w", cmp.Or(path, "the store in memory"), err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	writer, reader := ":memory:", ""
	if path != "" && path != writer {
		if writer, reader, err = s.openFile(ctx, path); err != nil {
			return err
		}
	}
	db, err := s.openDB(writer, 1)
	if err != nil {
		return err
	}
	if s.conn, err = db.Conn(ctx); err != nil {
		return err
	}
	s.opened = append(s.opened, s.conn)
	if reader != "" {
		if s.readers, err = s.openDB(reader, max(2, min(4, runtime.GOMAXPROCS(0)))); err != nil {
			return err
		}
		if s.file, err = os.Stat(s.path); err != nil {
			return fileTrouble(err)
		}
		if s.last, err = s.openLast(ctx); err != nil {
			return err
		}
	}
	if err := migrate(ctx, s.conn, migrations()); err != nil {
		return err
	}
	if err := cmp.Or(s.fill(ctx), s.fillIndex(ctx)); err != nil {
		return err
	}
	if s.path != "" {
		s.wal, _ = os.Stat(s.path + "-wal") // which is there once something was read
	}
	if err := s.limit(ctx); err != nil {
		return err
	}
	if err := cmp.Or(s.markOpen(ctx), s.renameStates(ctx), s.cancelLeft(ctx)); err != nil {
		if t := troubleOf(err); t == nil || t.Lasts() {
			return err
		}
	}
	s.checkLimit()
	return nil
}

// openFile locks the file at path, and looks at it. It returns its names for the driver: for the
// connection that writes, and for those that read.
func (s *Store) openFile(ctx context.Context, path string) (writer, reader string, err error) {
	if path, err = resolve(path); err != nil {
		return "", "", err
	}
	s.path = path
	if err := onlyFiles(path); err != nil {
		return "", "", err
	}
	held, err := lock(ctx, path)
	if err != nil {
		return "", "", err
	}
	s.opened = append(s.opened, held)
	s.walThere = sizeOf(path+"-wal") >= 0
	s.bounds = boundsOf(s.withinVolume())
	if err := inspect(path); err != nil {
		return "", "", err
	}
	if err := s.readFirst(ctx); err != nil {
		return "", "", err
	}
	if err := private(path); err != nil {
		return "", "", fileTrouble(err)
	}
	// auto_vacuum comes first: it works for an empty file only, and changing to WAL writes the
	// first page. In a file with something in it, it would only write. Old secrets are overwritten
	// where that costs no further write. A full commit is on the disk. A checkpoint follows after
	// up to 16 MiB of WAL, so that pages that change often are copied once. What SQLite puts aside during
	// a statement stays in memory: in a container there may be no folder for temporary files.
	pragmas := []string{waitForLocks, "journal_mode(WAL)", "synchronous(FULL)", fmt.Sprintf("wal_autocheckpoint(%d)", s.bounds.wal/4096),
		fmt.Sprintf("journal_size_limit(%d)", s.bounds.wal), "cache_size(-32000)", "secure_delete(FAST)", "temp_store(MEMORY)"}
	if sizeOf(path) == 0 {
		pragmas = slices.Insert(pragmas, 1, "auto_vacuum(INCREMENTAL)")
	}
	return source(path, pragmas...), source(path, waitForLocks, "query_only(ON)", "cache_size(-8000)", "temp_store(MEMORY)"), nil
}

// resolve is the file that a path leads to, by symbolic links perhaps: each file has one lock.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return path, nil // what is wrong with it, or with its folder, shows later
	}
	to, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", &Trouble{Kind: Foreign, Cause: "it is a symbolic link to a file that is not there", err: err}
	}
	return to, nil
}

func (s *Store) openDB(name string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", name)
	if err == nil {
		s.opened = append(s.opened, db)
		db.SetMaxOpenConns(connections)
		db.SetMaxIdleConns(connections)
	}
	return db, err
}

// source is the name of a file for the driver, with the settings of each connection. None of them makes the file: where it is moved away
// while it is open, a further connection would begin an empty one in its place, and SQLite delete the WAL beside that.
func source(path string, pragmas ...string) string { return sourceIn("rw", path, pragmas...) }

// sourceIn is source with a mode of SQLite: rw, or ro for a connection that writes nothing.
func sourceIn(mode, path string, pragmas ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + url.Values{"mode": {mode}, "_pragma": pragmas}.Encode()
}

// lock keeps other processes from opening the file at path until the lock is closed. It is an
// open transaction on an empty SQLite file beside it: the system drops the lock with the
// process, however that ends, and SQLite can lock files on every system.
func lock(ctx context.Context, path string) (*sql.DB, error) {
	path += "-lock"
	if err := private(path); err != nil {
		return nil, fileTrouble(err)
	}
	db, err := sql.Open("sqlite", source(path, "journal_mode(OFF)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // which is never closed for being idle
	if _, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		_ = db.Close() // the first error is reported
		if t := troubleOf(err); t != nil && t.Kind == Locked {
			return nil, errors.New("another sandbox is working with this file: stop it, or choose another folder")
		}
		if t := troubleOf(err); t != nil && t.Kind == Damaged {
			return nil, errors.New("the file ending in -lock beside it is damaged, and holds nothing: delete that one, and start again")
		}
		return nil, fmt.Errorf("lock it: %w", err)
	}
	return db, nil
}

// private makes sure that there is a file at path that only its owner can read. SQLite gives
// its other files the same mode.
//
// It does not open an existing file: closing it would drop all locks of this process on it.
func private(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), ownerFolder); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, ownerFile)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, part := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Chmod(part, ownerFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// hurry has what follows wait for the locks of other programs for a moment only: a file that could not be closed in order is as after a
// crash.
func (s *Store) hurry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		_, _ = s.conn.ExecContext(context.Background(), "PRAGMA busy_timeout(1000)") // else it takes longer
	}
}

// openLast opens a connection that cannot write, and so cannot put the WAL into the file when it is closed.
func (s *Store) openLast(ctx context.Context) (io.Closer, error) {
	db, err := sql.Open("sqlite", sourceIn("ro", s.path, waitForLocks, "query_only(ON)", "temp_store(MEMORY)", "cache_size(-64)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	var version int // reading once is what has it take part
	if err := oneOf(ctx, db, []any{&version}, "PRAGMA user_version"); err != nil {
		_ = db.Close() // the first error is reported
		return nil, err
	}
	return db, nil
}

// damage is the trouble that the state was damaged, or moved, while it was open, nil if that is not so. The lock is held.
func (s *Store) damage() *Trouble {
	if s.last == nil { // it was not opened, or is in memory
		return nil
	}
	if t := s.trouble.Load(); t != nil && t.Lasts() {
		return t
	}
	return cmp.Or(s.changed(), s.readsWAL())
}

// Close closes the file. Everything accepted and recorded is in it already. A state that was damaged while it was open stays as it is, and
// keeps its WAL: the next start tells.
func (s *Store) Close() error {
	s.hurry()
	s.mu.Lock()
	damage := s.damage()
	s.mu.Unlock()
	keep := damage != nil || s.wantsWAL()
	s.mu.Lock()
	defer s.mu.Unlock()
	if keep && s.conn != nil { // else SQLite deletes it
		_ = s.conn.Raw(func(driver any) error {
			if c, is := driver.(sqlite.FileControl); is {
				_, err := c.FileControlPersistWAL("main", 1)
				return err
			}
			return nil
		})
	}
	s.conn = nil
	var all []error
	closed := slices.Clone(s.opened)
	if s.last != nil {
		after := len(closed) // closed first
		if damage != nil {
			after = 1 // but for the lock
		}
		closed = slices.Insert(closed, after, s.last)
	}
	for _, c := range slices.Backward(closed) {
		all = append(all, c.Close())
	}
	if damage != nil {
		all = append(all, damage)
	}
	s.opened, s.last = nil, nil
	return errors.Join(all...)
}
