package main

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"
)

// tally counts what has arrived since the last reset. The loop has it alone; the TLS server
// shares it and takes mu.
type tally struct {
	mu     sync.Mutex
	secret []byte
	sample uint64
	counts counts
	ids    *idSet
	keep   bool
	kept   []arrival
}

// counts is the report. Moments are Unix times in ns.
type counts struct {
	Now         int64  `json:"now_ns"`
	Requests    uint64 `json:"requests"`
	Unique      int    `json:"unique"`
	Duplicates  uint64 `json:"duplicates"`
	WithoutID   uint64 `json:"without_id"`
	Signed      uint64 `json:"signed"`
	Checked     uint64 `json:"checked"`
	Wrong       uint64 `json:"wrong_signatures"` // of those checked
	Malformed   uint64 `json:"malformed"`        // streams that are no requests
	Torn        uint64 `json:"torn"`             // connections that ended inside a request
	Connections uint64 `json:"connections"`      // accepted
	BodyBytes   uint64 `json:"body_bytes"`
	First       int64  `json:"first_ns"`
	Last        int64  `json:"last_ns"`
}

// arrival is when a notification was read whole.
type arrival struct {
	at int64
	id slot
}

func newFigures(secret []byte, sample uint64) *tally {
	return &tally{secret: secret, sample: sample, ids: newIDSet()}
}

// add counts a request that was read whole at now.
func (t *tally) add(r *request, now int64) {
	c := &t.counts
	if c.Requests == 0 {
		c.First = now
	}
	c.Last = now
	id := idOf(r.body)
	switch {
	case id == nil:
		c.WithoutID++
	case !t.ids.add(id):
		c.Duplicates++
	}
	if len(r.token) > 0 && len(t.secret) > 0 {
		if c.Signed%t.sample == 0 {
			c.Checked++
			if !genuine(t.secret, r.token, r.body, now/1e9) {
				c.Wrong++
			}
		}
		c.Signed++
	}
	c.Requests++
	c.BodyBytes += uint64(len(r.body))
	if t.keep {
		a := arrival{at: now}
		a.id[0] = byte(copy(a.id[1:], id))
		t.kept = append(t.kept, a)
	}
}

// report is the counts as JSON, on one line.
func (t *tally) report(now int64) []byte {
	t.counts.Now, t.counts.Unique = now, t.ids.len()
	text, _ := json.Marshal(&t.counts) // numbers only: never fails
	return append(text, '\n')
}

// reset begins anew, and keeps the moments of arrival from now on if it is told to.
func (t *tally) reset(keep bool) {
	t.counts, t.ids, t.keep, t.kept = counts{}, newIDSet(), keep, nil
	if keep {
		t.kept = make([]arrival, 0, 1<<20)
	}
}

// arrivals is a line for each arrival: when, and the first 31 bytes of the id.
func (t *tally) arrivals() []byte {
	text := make([]byte, 0, 48*len(t.kept))
	for i := range t.kept {
		a := &t.kept[i]
		text = strconv.AppendInt(text, a.at, 10)
		text = append(text, ' ')
		text = append(text, a.id[1:1+a.id[0]]...)
		text = append(text, '\n')
	}
	return text
}

// control answers a GET, which is never counted.
func (t *tally) control(path []byte, now int64) []byte {
	var body []byte
	switch {
	case bytes.Equal(path, []byte("/report")):
		body = t.report(now)
	case bytes.Equal(path, []byte("/reset")):
		t.reset(false)
	case bytes.Equal(path, []byte("/reset?arrivals=1")):
		t.reset(true)
	case bytes.Equal(path, []byte("/arrivals")):
		body = t.arrivals()
	}
	text := strconv.AppendInt([]byte("HTTP/1.1 200 OK\r\nContent-Length: "), int64(len(body)), 10)
	return append(append(text, "\r\n\r\n"...), body...)
}
