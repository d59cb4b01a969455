package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
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

const (
	sqliteBusy   = 5  // another process has the lock
	sqliteNotADB = 26 // not an SQLite file
)

// Only the owner can read the files, because they hold secrets in plain text.
const (
	ownerFile   = 0o600
	ownerFolder = 0o700
)

// Open opens or creates the file at path, readable by its owner only. An empty path keeps
// everything in memory. Only one process at a time can have the file open.
func Open(path string, o Options) (*Store, error) {
	o.KeepFor = cmp.Or(o.KeepFor, 7*24*time.Hour)
	o.KeepMost = cmp.Or(o.KeepMost, 1<<30)
	s := &Store{options: o, prepared: map[string]*sql.Stmt{}}
	if err := s.open(context.Background(), path); err != nil {
		return nil, fmt.Errorf("open %s: %w", cmp.Or(path, "the store in memory"), errors.Join(err, s.Close()))
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	writer, reader := ":memory:", ""
	if path != "" && path != writer {
		if path, err = filepath.Abs(path); err != nil {
			return err
		}
		held, err := lock(ctx, path)
		if err != nil {
			return err
		}
		s.opened = append(s.opened, held)
		if err := private(path); err != nil {
			return err
		}
		// auto_vacuum comes first: it works for an empty file only, and changing to WAL writes the
		// first page. Old secrets are overwritten where that costs no further write. A full commit
		// is on the disk. A checkpoint follows after 16 MiB of WAL, so that pages that change often
		// are copied once; the WAL is cut back to 64 MiB. What SQLite puts aside during a statement stays in
		// memory: in a container there may be no folder for temporary files.
		writer = source(path, "busy_timeout(5000)", "auto_vacuum(INCREMENTAL)", "journal_mode(WAL)", "synchronous(FULL)",
			"wal_autocheckpoint(4000)", "journal_size_limit(67108864)", "cache_size(-32000)", "secure_delete(FAST)", "temp_store(MEMORY)")
		reader = source(path, "busy_timeout(5000)", "query_only(ON)", "cache_size(-8000)", "temp_store(MEMORY)")
	}
	db, err := s.openDB(writer, 1)
	if err != nil {
		return err
	}
	if s.conn, err = db.Conn(ctx); err != nil {
		return explain(err)
	}
	s.opened = append(s.opened, s.conn)
	if reader != "" {
		if s.readers, err = s.openDB(reader, max(2, min(4, runtime.GOMAXPROCS(0)))); err != nil {
			return err
		}
	}
	if err := migrate(ctx, s.conn, migrations()); err != nil {
		return explain(err)
	}
	return s.load(ctx)
}

func (s *Store) openDB(name string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", name)
	if err == nil {
		s.opened = append(s.opened, db)
		db.SetMaxOpenConns(connections)
	}
	return db, err
}

// source is the name of a file for the driver, with the settings of each connection.
func source(path string, pragmas ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + url.Values{"_pragma": pragmas}.Encode()
}

// code returns SQLite's primary result code, 0 for other errors.
func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// explain adds what to do about an error, where that is known.
func explain(err error) error {
	if code(err) == sqliteNotADB {
		return fmt.Errorf("this is no file of the sandbox: give it another one (%w)", err)
	}
	return err
}

// lock keeps other processes from opening the file at path until the lock is closed. It is an
// open transaction on an empty SQLite file beside it: the system drops the lock with the
// process, however that ends, and SQLite can lock files on every system.
func lock(ctx context.Context, path string) (*sql.DB, error) {
	path += "-lock"
	if err := private(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", source(path, "journal_mode(OFF)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // which is never closed for being idle
	if _, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		err = errors.Join(err, db.Close())
		if code(err) == sqliteBusy {
			return nil, errors.New("another sandbox is working with this file: stop it, or take another file")
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
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return cmp.Or(err, fmt.Errorf("%s is not a file", path))
	}
	for _, part := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Chmod(part, ownerFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Close closes the file. Everything accepted and recorded is in it already.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = nil
	var all []error
	for _, c := range slices.Backward(s.opened) {
		all = append(all, c.Close())
	}
	s.opened = nil
	return errors.Join(all...)
}
