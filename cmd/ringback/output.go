package main

import (
	"encoding/json"
	"io"
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
		return nil, usage("log: %v", err)
	}
	file, err := os.OpenFile(filepath.Clean(r.log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, usage("log: %v", show.FileError(err))
	}
	return &attemptLog{file, emitter.NewLog(file, r.name(), r.plan.Seed())}, nil
}

// name tells this run from others in a log.
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

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
