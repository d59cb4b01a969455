package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
)

// fewestPacked is how many deliveries of a notification are kept as a pack: fewer have rows of their own at once.
const fewestPacked = 3

// The states of a delivery in a pack.
const (
	packWaiting   = 0 // for its first attempt, due when the pack is
	packDelivered = 1 // by its first attempt, which is in a chunk
	packApart     = 2 // it has a row of its own, as all that are retried, failed or cancelled
	packForgotten = 3
)

// pack is the deliveries of one notification to many subscriptions. Accepting them writes one row, and recording some of them
// another one: without it, each delivery takes three rows and seven entries of indexes, on as many pages as there are
// subscriptions. A delivery leaves it for a row of its own once there is more to say of it.
type pack struct {
	notification, first, fan, kind, due int64
	waiting, delivered                  int64
	states                              []byte

	chunk   []byte // entries that are not written yet
	changed bool
}

const packColumns = "p.notification, p.first, p.fan, p.type, p.due, p.waiting, p.delivered, p.states"

func (p *pack) fields() []any {
	return []any{&p.notification, &p.first, &p.fan, &p.kind, &p.due, &p.waiting, &p.delivered, &p.states}
}

// insert adds a new pack.
func (p *pack) insert(t *tx) error {
	t.known[p.notification] = p
	return t.exec("INSERT INTO pack (notification, first, fan, type, due, waiting, delivered, states) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		p.notification, p.first, p.fan, p.kind, p.due, p.waiting, p.delivered, p.states)
}

// has reports whether a delivery belongs to the pack, and where in it.
func (p *pack) has(number int64) (position int, yes bool) {
	at := number - p.first
	return int(at), at >= 0 && at < int64(len(p.states))
}

// A chunk has the number of its notification, times this, and how many were before.
const chunksOfPack = 1 << 20

// save writes what has changed of a pack.
func (p *pack) save(t *tx) error {
	if len(p.chunk) > 0 {
		const next = `INSERT INTO chunk (number, entries) VALUES
			(coalesce((SELECT max(number) + 1 FROM chunk WHERE number BETWEEN ?1 AND ?1 + 1048575), ?1), ?2)`
		if err := t.exec(next, p.notification*chunksOfPack, p.chunk); err != nil {
			return err
		}
		t.spare = append(t.spare, p.chunk[:0])
		p.chunk = nil
	}
	return t.exec("UPDATE pack SET waiting = ?, delivered = ?, states = ? WHERE notification = ?", p.waiting, p.delivered, p.states, p.notification)
}

// touch notes that a pack changes, which savePacks writes.
func (t *tx) touch(p *pack) {
	if !p.changed {
		p.changed, t.touched = true, append(t.touched, p)
	}
}

// savePacks writes what has changed of all packs.
func (t *tx) savePacks() error {
	for _, p := range t.touched {
		if p.changed = false; p.waiting == 0 {
			delete(t.known, p.notification)
		}
		if err := p.save(t); err != nil {
			return err
		}
	}
	t.touched = nil
	return nil
}

// mostPacks is how many packs with waiting deliveries are known without a look into the file, and mostSpare how many buffers are
// used again, of at most so many bytes.
const (
	mostPacks  = 1000
	mostSpare  = 32
	spareBytes = 256 << 10
)

// packs are what is known of packs since they were accepted or read. The lock of the Store guards it.
type packs struct {
	known map[int64]*pack // by notification, as they are in the file; nil: there is none
	spare [][]byte        // buffers for chunks
}

// forgetPacks forgets what is known, because the file will have something else.
func (k *packs) forgetPacks() { clear(k.known) }

// trim bounds what is known.
func (k *packs) trim() {
	if len(k.known) > mostPacks {
		clear(k.known)
	}
	k.spare = slices.DeleteFunc(k.spare[:min(len(k.spare), mostSpare)], func(b []byte) bool { return cap(b) > spareBytes })
}

// buffer is one for a chunk.
func (k *packs) buffer() []byte {
	last := len(k.spare) - 1
	if last < 0 {
		return make([]byte, 0, 4096)
	}
	b := k.spare[last]
	k.spare = k.spare[:last]
	return b
}

const (
	selectPack        = "SELECT " + packColumns + " FROM pack p WHERE p.notification = ?"
	selectPackOf      = "SELECT " + packColumns + " FROM pack p WHERE p.first <= ? ORDER BY p.first DESC LIMIT 1"
	selectChunks      = "SELECT entries FROM chunk WHERE number BETWEEN ?1 AND ?1 + 1048575 ORDER BY number"
	selectOpen        = "SELECT " + packColumns + " FROM pack p WHERE p.waiting > 0 AND p.first > ?2 AND +p.fan IN (SELECT value FROM json_each(?1)) ORDER BY p.first LIMIT ?3"
	selectForgettable = "SELECT " + packColumns + " FROM pack p WHERE p.delivered > 0 AND p.first > ? ORDER BY p.first LIMIT ?"
)

// packOf returns the pack that a delivery belongs to, nil if there is none, and where in it. Notification may be 0: it is not known.
func (t *tx) packOf(number, notification int64) (p *pack, position int, err error) {
	p, there := t.known[notification]
	if !there {
		var read pack
		if notification != 0 {
			read, err = oneRow(t.ctx, t.conn, (*pack).fields, selectPack, notification)
		} else {
			read, err = oneRow(t.ctx, t.conn, (*pack).fields, selectPackOf, number)
		}
		switch {
		case err == nil:
			p, err = t.take(read)
		case isMissing(err):
			p, err = nil, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if notification != 0 {
			t.known[notification] = p
		}
	}
	if p == nil {
		return nil, 0, nil
	}
	position, yes := p.has(number)
	if !yes {
		return nil, 0, nil
	}
	return p, position, nil
}

// take notes a pack that was read, and returns what is known of it already.
func (t *tx) take(read pack) (*pack, error) {
	if p := t.known[read.notification]; p != nil {
		return p, nil
	}
	if list, err := t.subscribersOf(t.ctx, t.conn, read.fan); err != nil || len(list) != len(read.states) {
		return nil, cmp.Or(err, error(errPack))
	}
	t.known[read.notification] = &read
	return &read, nil
}

var errPack = unreadable{errors.New("deliveries that are kept together do not fit their subscriptions")}

// deliver notes that a delivery was accepted at its first attempt. It reports false if there is more to say than a pack can.
func (p *pack) deliver(t *tx, position int, d *Delivery, a *Attempt) (kept bool, err error) {
	if p.states[position] != packWaiting || d.State != Delivered || d.Failure != "" || d.Fault != "" || !d.Due.IsZero() || a != nil && (a.Failure != "" || a.Answer != "" || a.Fault != "") {
		return false, nil
	}
	var form int64
	var length uint64
	var token string
	if a != nil && a.Header != nil {
		if form, length, token, err = t.formOf(a.Header); err != nil || form == 0 {
			return false, err
		}
	}
	t.touch(p)
	p.states[position] = packDelivered
	p.waiting--
	p.delivered++
	if p.chunk == nil {
		p.chunk = t.buffer()
	}
	p.chunk = appendEntry(p.chunk, position, d, a, form, length, token)
	t.ended++
	return true, t.counts.move(0, 1, 1)
}

// part gives a delivery a row of its own, as it is, if it has none.
func (p *pack) part(t *tx, position int) error {
	list, err := t.subscribersOf(t.ctx, t.conn, p.fan)
	if err != nil {
		return err
	}
	number, due, state := p.first+int64(position), p.due, int64(0)
	var e entry
	switch p.states[position] {
	case packDelivered:
		if err := p.save(t); err != nil {
			return err
		}
		if e, err = t.findEntry(t.ctx, t.conn, p, position); err != nil {
			return err
		}
		due, state = 0, 1
		p.delivered--
	case packWaiting:
		p.waiting--
	default:
		return nil
	}
	t.touch(p)
	p.states[position] = packApart
	d := &e.delivery
	outcome, err := outcomeNumber(d.Outcome)
	if err != nil {
		return err
	}
	err = t.exec(`INSERT INTO delivery (number, notification, subscription, type, state, attempts, first, due, status, latency, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		number, p.notification, list[position], p.kind, state, int64(d.Attempts), ns(d.First), due, int64(d.Status), d.LatencyUS, outcome)
	if err != nil || e.attempt == nil {
		return err
	}
	e.attempt.Delivery = number
	return t.addAttempt(e.attempt)
}

// partWaiting gives rows to some deliveries of packs that wait for the first attempt to a subscriber, and reports whether there may be more. Where
// space is short, for which they are cancelled perhaps, they are forgotten, which needs none: what is done is deleted early then.
func (t *tx) partWaiting(key, most int64) (more bool, err error) {
	fans := array(t.fansWith(key))
	for after, parted := int64(0), int64(0); ; {
		open, err := allRows(t.ctx, t.conn, (*pack).fields, selectOpen, fans, after, most)
		if err != nil {
			return false, err
		}
		for _, read := range open {
			p, err := t.take(read)
			if err != nil {
				return false, err
			}
			after = p.first
			list, err := t.subscribersOf(t.ctx, t.conn, p.fan)
			if err != nil {
				return false, err
			}
			if i := slices.Index(list, key); i < 0 || p.states[i] != packWaiting {
				continue
			} else if t.isTight() {
				t.touch(p)
				p.states[i], p.waiting = packForgotten, p.waiting-1
				if err := cmp.Or(t.counts.move(0, -1, 1), t.stale(ofDeliveries, p.first+int64(i))); err != nil {
					return false, err
				}
			} else if err := p.part(t, i); err != nil {
				return false, err
			}
			if parted++; parted == most {
				return true, t.savePacks()
			}
		}
		if int64(len(open)) < most {
			return false, t.savePacks()
		}
	}
}

// findEntry returns the entry of a delivery that was delivered.
func (c *cached) findEntry(ctx context.Context, from querier, p *pack, position int) (entry, error) {
	chunks, err := allRows(ctx, from, itself[[]byte], selectChunks, p.notification*chunksOfPack)
	for _, chunk := range chunks {
		all, err := readEntries(chunk, func(key int64) (Header, error) { return c.headerOf(ctx, from, key) })
		if err != nil {
			return entry{}, err
		}
		if i := slices.IndexFunc(all, func(e entry) bool { return e.position == position }); i >= 0 {
			return all[i], nil
		}
	}
	return entry{}, cmp.Or(err, error(errEntry))
}
