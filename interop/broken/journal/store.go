package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Store keeps notifications. Add returns nil also for what it has already.
type Store interface {
	Add(n *Notification, conn *connection) error
	Conversation(id string) []*Channel
}

var errDuplicate = errors.New("seen before")

type record struct {
	Arrived int64  `json:"a"`
	Body    []byte `json:"b"`
}

// journal appends notifications to a file, and has an index of them in memory.
type journal struct {
	mu        sync.Mutex
	dir       string
	file      *os.File
	marks     *os.File
	counters  *os.File
	out       io.Writer
	buffer    bytes.Buffer
	seen      memory
	byConv    map[string][]*Notification
	presences []*Notification
	counts    map[string]int // by channel
	sessions  map[string]string
	upserted  map[string]string
	held      map[string][][]byte // lines of open channels
	over      map[string]bool
	files     map[string]*os.File
	commits   chan commit
}

type commit struct {
	n    *Notification
	done chan error
}

func open(dir string) (Store, error) {
	if does("sqlite-serializable", "sqlite-aggregate") || is("rmw-conversation", "version-conflict-ignored", "check-then-insert", "create-race") {
		return openSQL(dir)
	}
	j := &journal{dir: dir, byConv: map[string][]*Notification{}, counts: map[string]int{}, sessions: map[string]string{},
		upserted: map[string]string{}, held: map[string][][]byte{}, over: map[string]bool{}, files: map[string]*os.File{}}
	j.seen = newMemory()
	path := filepath.Join(dir, "events.jsonl")
	if err := j.replay(path); err != nil {
		return nil, err
	}
	var err error
	for _, f := range []struct {
		name string
		to   **os.File
	}{{"events.jsonl", &j.file}, {"seen.log", &j.marks}, {"counters.log", &j.counters}} {
		if *f.to, err = os.OpenFile(filepath.Join(dir, f.name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err != nil {
			return nil, err
		}
	}
	j.out = j.file
	switch {
	case is("flush-each-second"):
		j.out = &j.buffer
		go func() {
			for range time.Tick(time.Second) {
				j.mu.Lock()
				j.file.Write(j.buffer.Bytes())
				j.buffer.Reset()
				j.mu.Unlock()
			}
		}()
	case is("buffered-writer"):
		j.out = bufio.NewWriterSize(j.file, 64<<10)
	case is("file-per-conversation"):
		os.MkdirAll(filepath.Join(dir, "conversations"), 0o755)
	case does("group-commit"):
		j.commits = make(chan commit, 1024)
		go j.group()
	}
	return j, nil
}

// replay reads what was stored before, and cuts off a line that a crash left unfinished.
func (j *journal) replay(path string) error {
	if marks, err := os.ReadFile(filepath.Join(j.dir, "seen.log")); err == nil {
		for _, line := range strings.Split(string(marks), "\n") {
			if line != "" {
				j.seen.add(strings.ReplaceAll(line, "|", "\x00"))
			}
		}
	}
	if lines, err := os.ReadFile(filepath.Join(j.dir, "counters.log")); err == nil {
		for _, line := range strings.Split(string(lines), "\n") {
			if line != "" {
				j.counts[line]++
			}
		}
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if end := bytes.LastIndexByte(raw, '\n') + 1; end < len(raw) {
		if err := os.Truncate(path, int64(end)); err != nil {
			return err
		}
		raw = raw[:end]
	}
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '\n')
		var r record
		if json.Unmarshal(raw[:i], &r) == nil {
			if n, err := read(r.Body); err == nil {
				n.Arrived = r.Arrived
				if !is("seen-in-memory") {
					j.seen.add(key(n))
				}
				j.index(n)
				if is("deliveries-counted") {
					j.counts[n.Channel]++
				}
			}
		}
		raw = raw[i+1:]
	}
	return nil
}
