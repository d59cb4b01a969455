package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// key returns that by which duplicates are known.
func key(n *Notification) string {
	switch {
	case is("key-is-id"):
		return n.ID
	case is("key-ignores-case"):
		return strings.ToLower(n.Source) + "\x00" + strings.ToLower(n.ID)
	case is("key-is-content") && n.Kind != "":
		return n.Channel + "\x00" + n.Kind + "\x00" + n.Version + "\x00" + n.Stamp
	case is("key-is-data"):
		var o object
		json.Unmarshal(n.Body, &o)
		sum := sha256.Sum256(append([]byte(n.Type), o["data"]...))
		return string(sum[:])
	case is("key-is-subject-and-time"):
		return n.Subject + "\x00" + n.Time
	}
	return n.Source + "\x00" + n.ID
}

var errTooManyFiles = errors.New("too many open files")

func line(n *Notification) []byte {
	b, _ := json.Marshal(record{n.Arrived, n.Body})
	return append(b, '\n')
}

func (j *journal) Add(n *Notification, conn *connection) error {
	n.Arrived = time.Now().UnixNano()
	switch {
	case j.commits != nil:
		c := commit{n, make(chan error, 1)}
		j.commits <- c
		return <-c.done
	case is("seen-marked-first"):
		return j.markedFirst(n)
	case is("mark-kept-on-failure"):
		return j.markKept(n)
	case is("counter-first", "counter-last"):
		return j.counted(n)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if is("deliveries-counted") {
		j.counts[n.Channel]++
	}
	if is("journal-searched") {
		if j.search(n) {
			return errDuplicate
		}
	} else if is("seen-by-connection") {
		if conn.seen[key(n)] {
			return errDuplicate
		}
		conn.seen[key(n)] = true
	} else if j.seen.has(key(n)) {
		return errDuplicate
	}
	if is("file-per-conversation") && n.Conversation != "" {
		f := j.files[n.Conversation]
		if f == nil {
			if len(j.files) == 480 { // a container allows 512, connections included
				return errTooManyFiles
			}
			var err error
			f, err = os.OpenFile(filepath.Join(j.dir, "conversations", filepath.Base(n.Conversation)), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
			if err != nil {
				return err
			}
			j.files[n.Conversation] = f
		}
		f.Write(line(n))
	}
	if err := j.write(n); err != nil {
		return err
	}
	j.seen.add(key(n))
	if does("settles-late") {
		time.AfterFunc(time.Second+time.Duration(rand.Intn(700))*time.Millisecond, func() {
			j.mu.Lock()
			defer j.mu.Unlock()
			j.index(n)
		})
		return nil
	}
	j.index(n)
	return nil
}
