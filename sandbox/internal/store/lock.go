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

// Only the owner can read the files, because they hold secrets in plain text.
const (
	ownerFile   = 0o600
	ownerFolder = 0o700
)

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
		if busy(err) {
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
