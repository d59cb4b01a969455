package main

import (
	"bytes"
	"os"
	"path/filepath"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/show"
)

// attemptLog is where rows go: to a file, or nowhere.
type attemptLog struct {
	file *os.File
	log  *emitter.Log
}

// openLog opens the log before anything is sent. Rows are appended, since each one names
// its run.
func (r *playing) openLog() (*attemptLog, error) {
	if r.log == "" {
		return &attemptLog{}, nil
	}
	if err := mend(r.log); err != nil {
		return nil, usage("--log: %v", err)
	}
	file, err := os.OpenFile(filepath.Clean(r.log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, usage("--log: %v", show.FileError(err))
	}
	return &attemptLog{file, emitter.NewLog(file, r.name(), r.plan.Seed())}, nil
}

// name identifies this run in a log.
func (r *playing) name() string {
	return r.plan.Hash()[:12] + "-" + time.Now().UTC().Format("20060102T150405.000Z")
}

func (l *attemptLog) Record(a *emitter.Attempt) error {
	if l.log == nil {
		return nil
	}
	return l.log.Record(a)
}

func (l *attemptLog) Close() error {
	if l.log == nil {
		return nil
	}
	err := l.log.Close()
	if closed := l.file.Close(); err == nil {
		err = show.FileError(closed)
	}
	return err
}

// longestTail is how far from the end of a log the end of its last whole row is looked for.
const longestTail = 64 << 10 // bytes

// mend takes from the end of a log the part of a row that a run which was killed while it
// wrote may have left. It touches nothing else: no whole row, and no file of another kind.
func mend(path string) error {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return nil // opening it will say what is wrong with it, if anything is
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	defer file.Close()
	end := make([]byte, min(longestTail, info.Size()))
	if _, err := file.ReadAt(end, info.Size()-int64(len(end))); err != nil {
		return show.FileError(err)
	}
	torn := end[bytes.LastIndexByte(end, '\n')+1:]
	const begin = `{"run":`
	if len(torn) == 0 || len(torn) == longestTail || string(torn[:min(len(torn), len(begin))]) != begin[:min(len(torn), len(begin))] {
		return nil
	}
	now, err := file.Stat()
	if err != nil || now.Size() != info.Size() {
		return show.FileError(err) // another run is writing to it, so nothing is torn
	}
	return show.FileError(file.Truncate(info.Size() - int64(len(torn))))
}
