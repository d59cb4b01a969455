package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The files are for their owner alone: they hold secrets as they are.
const (
	ownerFile   = 0o600
	ownerFolder = 0o700
)

// lock keeps other processes away from the file at path, until it is closed. It is a
// transaction on an empty SQLite file beside it that never ends: the system drops the lock
// with the process, whatever ends that, and SQLite knows how to lock on every system.
func lock(ctx context.Context, path string) (*sql.DB, error) {
	path += "-lock"
	if err := private(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", source(path, "journal_mode(OFF)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // which never goes away by itself
	if _, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		err = errors.Join(err, db.Close())
		if busy(err) {
			return nil, errors.New("another sandbox is working with this file: stop it, or take another file")
		}
		return nil, fmt.Errorf("lock it: %w", err)
	}
	return db, nil
}

// private makes sure that there is a file at path that its owner alone can read. SQLite gives
// the files that it puts beside it the same mode.
//
// A file that is there is not opened: closing it again would drop all locks that this process
// has on it.
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
