package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func (j *journal) write(n *Notification) error {
	if is("open-calls-in-memory") && n.Channel != "" && !j.over[n.Channel] {
		j.held[n.Channel] = append(j.held[n.Channel], line(n))
		if n.Kind != "ended" {
			return nil
		}
		j.over[n.Channel] = true
		_, err := j.out.Write(bytes.Join(j.held[n.Channel], nil))
		delete(j.held, n.Channel)
		return err
	}
	if is("column-of-8k") && len(n.Body) > 8192 {
		n.Body = n.Body[:8192] // VARCHAR(8192), and the database cuts off silently
	}
	_, err := j.out.Write(line(n))
	return err
}

// group writes what has come in since the last write, and answers when it is written.
func (j *journal) group() {
	for first := range j.commits {
		batch := []commit{first}
		timer := time.After(3 * time.Millisecond)
	fill:
		for len(batch) < 200 {
			select {
			case c := <-j.commits:
				batch = append(batch, c)
			case <-timer:
				break fill
			}
		}
		var b bytes.Buffer
		var fresh []*Notification
		j.mu.Lock()
		taken := map[string]bool{}
		for _, c := range batch {
			if k := key(c.n); !j.seen.has(k) && !taken[k] {
				taken[k] = true
				b.Write(line(c.n))
				fresh = append(fresh, c.n)
			}
		}
		_, err := j.file.Write(b.Bytes())
		if err == nil {
			for _, n := range fresh {
				j.seen.add(key(n))
				j.index(n)
			}
		}
		j.mu.Unlock()
		for _, c := range batch {
			c.done <- err
		}
	}
}

// markedFirst marks the key in a store of its own (Redis SETNX), then does the work, then stores.
func (j *journal) markedFirst(n *Notification) error {
	j.mu.Lock()
	if j.seen.has(key(n)) {
		j.mu.Unlock()
		return errDuplicate
	}
	j.seen.add(key(n))
	j.marks.WriteString(strings.ReplaceAll(key(n), "\x00", "|") + "\n")
	j.mu.Unlock()
	lookUp(n)
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.write(n); err != nil {
		return err
	}
	j.index(n)
	return nil
}

func (j *journal) markKept(n *Notification) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.seen.has(key(n)) {
		return errDuplicate
	}
	j.seen.add(key(n))
	if rand.Intn(40) == 0 {
		return errors.New("deadlock found when trying to get lock") // the mark stays
	}
	if err := j.write(n); err != nil {
		return err
	}
	j.index(n)
	return nil
}

// counted keeps a counter for each channel beside the events.
func (j *journal) counted(n *Notification) error {
	j.mu.Lock()
	if j.seen.has(key(n)) {
		j.mu.Unlock()
		return errDuplicate
	}
	j.seen.add(key(n))
	count := func() {
		if n.Channel != "" {
			j.counts[n.Channel]++
			j.counters.WriteString(n.Channel + "\n")
		}
	}
	if is("counter-first") {
		count()
	} else {
		j.write(n)
		j.index(n)
	}
	j.mu.Unlock()
	lookUp(n)
	j.mu.Lock()
	defer j.mu.Unlock()
	if is("counter-first") {
		j.write(n)
		j.index(n)
	} else {
		count()
	}
	return nil
}

// lookUp asks another system who the agent is.
func lookUp(n *Notification) { time.Sleep(6 * time.Millisecond) }

// search looks for a notification in all that was stored.
func (j *journal) search(n *Notification) bool {
	f, err := os.Open(filepath.Join(j.dir, "events.jsonl"))
	if err != nil {
		return false
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 4<<20)
	for s.Scan() {
		var r record
		var o struct{ Source, ID string }
		if json.Unmarshal(s.Bytes(), &r) == nil && json.Unmarshal(r.Body, &o) == nil && o.Source == n.Source && o.ID == n.ID {
			return true
		}
	}
	return false
}

// index adds a notification to what is in memory; the lock is held.
func (j *journal) index(n *Notification) {
	if is("column-of-8k") {
		m, err := read(n.Body)
		if err != nil {
			return
		}
		m.Arrived = n.Arrived
		n = m
	}
	if n.Presence != "" {
		j.presences = append(j.presences, n)
	}
	if n.Conversation == "" {
		return
	}
	if is("agent-session") && n.Role == "agent" {
		if n.Kind == "alerted" {
			j.sessions[n.Agent] = n.Conversation
		} else if c := j.sessions[n.Agent]; c != "" {
			n.Conversation = c
		}
	}
	if is("channel-by-agent", "channel-by-party") && n.Kind != "" {
		k := n.Interaction + "\x00" + n.Agent
		if is("channel-by-party") {
			k = n.Conversation + "\x00" + n.Role + "\x00" + n.Agent
		}
		if is("channel-by-party") || n.Agent != "" {
			if j.upserted[k] == "" {
				j.upserted[k] = n.Channel
			}
			n.Channel = j.upserted[k]
		}
	}
	j.byConv[n.Conversation] = append(j.byConv[n.Conversation], n)
}

func (j *journal) Conversation(id string) []*Channel {
	j.mu.Lock()
	defer j.mu.Unlock()
	events := j.byConv[id]
	list := channels(events, j.presences)
	if is("deliveries-counted", "counter-first", "counter-last") {
		for _, c := range list {
			c.Notifications = j.counts[c.ID]
		}
	}
	return list
}
