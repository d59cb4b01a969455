package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
)

// Deliveries are searched in blocks, which Index makes some time after their rows: what is accepted and recorded waits for none of it. A
// block in the file is as its rows are, because whatever changes one of them deletes it in the same transaction. Where there is none,
// the rows are read.

// blockKind is a kind of blocks.
type blockKind int

const (
	ofNotifications blockKind = iota
	ofDeliveries
	blockKinds
)

// blockTables are the tables of the kinds.
var blockTables = [blockKinds]string{"notification_block", "delivery_block"}

// usualBlocks is how many numbers a block has. It does not change, or the blocks in a file would be others.
func usualBlocks() [blockKinds]int64 { return [blockKinds]int64{1024, 2048} }

// block is a block by its number.
type block struct {
	kind   blockKind
	number int64
}

// indexed is what is known of the blocks in the file. The lock of the Store guards it.
type indexed struct {
	there   map[block]bool
	making  block // that is being made of rows
	changed bool  // these rows changed meanwhile
}

// fillIndex reads which blocks there are.
func (s *Store) fillIndex(ctx context.Context) error {
	s.indexed = indexed{there: map[block]bool{}, making: block{number: -1}}
	for kind, table := range blockTables {
		all, err := allRows(ctx, s.conn, itself[int64], "SELECT block FROM "+table)
		if err != nil {
			return err
		}
		for _, number := range all {
			s.indexed.there[block{blockKind(kind), number}] = true
		}
	}
	s.unindexed()
	return nil
}

// Unindexed tells when Index may have something to do.
func (s *Store) Unindexed() <-chan struct{} { return s.indexable }

func (s *Store) unindexed() {
	select {
	case s.indexable <- struct{}{}:
	default: // it is told already
	}
}

// stale deletes the block of a row that changes.
func (t *tx) stale(kind blockKind, number int64) error {
	return t.staleBlock(block{kind, number / t.inBlock[kind]})
}

func (t *tx) staleBlock(b block) error {
	if b == t.indexed.making {
		t.indexed.changed = true
	}
	if !t.indexed.there[b] || t.stales[b] {
		return nil
	}
	if t.stales == nil {
		t.stales = map[block]bool{}
	}
	t.stales[b] = true
	return t.exec("DELETE FROM "+blockTables[b.kind]+" WHERE block = ?", b.number)
}

// staleAll is stale for many rows.
func (t *tx) staleAll(kind blockKind, numbers []int64) error {
	for _, number := range numbers {
		if err := t.stale(kind, number); err != nil {
			return err
		}
	}
	return nil
}

// blocksOfNotifications are those of the deliveries of some notifications.
const blocksOfNotifications = `SELECT DISTINCT d.number / ?2 FROM json_each(?1) j CROSS JOIN delivery d ON d.notification = j.value
	UNION SELECT p.first / ?2 FROM json_each(?1) j CROSS JOIN pack p ON p.notification = j.value
	UNION SELECT (p.first + length(p.states) - 1) / ?2 FROM json_each(?1) j CROSS JOIN pack p ON p.notification = j.value`

// staleNotifications is stale for notifications that are deleted, and for their deliveries.
func (t *tx) staleNotifications(numbers []int64) error {
	if err := t.staleAll(ofNotifications, numbers); err != nil {
		return err
	}
	blocks, err := allRows(t.ctx, t.conn, itself[int64], blocksOfNotifications, array(numbers), t.inBlock[ofDeliveries])
	for _, number := range blocks {
		err = cmp.Or(err, t.staleBlock(block{ofDeliveries, number}))
	}
	return err
}

// staleEverything deletes all blocks.
func (t *tx) staleEverything() error {
	t.indexed.changed = true
	t.stales = maps.Clone(t.indexed.there)
	return t.exec("DELETE FROM notification_block; DELETE FROM delivery_block")
}

// indexedNow notes what a transaction that was committed has done to blocks.
func (t *tx) indexedNow(before *cached) {
	for b := range t.stales {
		delete(t.indexed.there, b)
	}
	if t.made != nil {
		t.indexed.there[*t.made] = true
	}
	for kind, was := range before.highest() {
		if size := t.inBlock[kind]; len(t.stales) > 0 || (was+1)/size != (t.highest()[kind]+1)/size {
			t.unindexed()
			return
		}
	}
}

// highest is the highest numbers so far.
func (c *cached) highest() [blockKinds]int64 {
	return [blockKinds]int64{c.counts.notification, c.counts.delivery}
}

// selectLowest are the lowest numbers that there are; 0: there is none.
const selectLowest = `SELECT coalesce((SELECT min(number) FROM notification), 0), coalesce((SELECT min(number) FROM delivery), 0), coalesce((SELECT min(first) FROM pack), 0)`

// lowest returns the lowest numbers that there are, and the next ones where there is none.
func (s *Store) lowest(ctx context.Context, q querier) (low [blockKinds]int64, err error) {
	known := s.cache.Load().highest()
	var packed int64
	err = oneOf(ctx, q, []any{&low[ofNotifications], &low[ofDeliveries], &packed}, selectLowest)
	if packed != 0 && (low[ofDeliveries] == 0 || packed < low[ofDeliveries]) {
		low[ofDeliveries] = packed
	}
	for kind := range low {
		if low[kind] == 0 {
			low[kind] = known[kind] + 1
		}
	}
	return low, err
}

// Index makes one block that is missing, and reports whether there may be more. It makes none where space is short.
func (s *Store) Index(ctx context.Context) (more bool, err error) {
	if s.isTight() || s.trouble.Load() != nil {
		return false, nil
	}
	var b block
	var content []byte
	var orphans []block
	err = s.read(func(q querier) error {
		low, err := s.lowest(ctx, q)
		if err != nil {
			return err
		}
		if b, more = s.nextBlock(low); !more {
			orphans = s.below(low)
			return nil
		}
		content, err = s.makeBlock(ctx, q, b)
		return err
	})
	if err == nil && more {
		err = s.write(ctx, "index deliveries", func(t *tx) error { return t.saveBlock(b, content) })
	}
	if len(orphans) > 0 {
		err = s.write(ctx, "index deliveries", func(t *tx) (err error) {
			for _, b := range orphans {
				err = cmp.Or(err, t.staleBlock(b))
			}
			return err
		})
	}
	return more, s.failed(err, "index deliveries")
}

// nextBlock chooses the newest block that is missing and has all its numbers, and notes that it is being made.
func (s *Store) nextBlock(low [blockKinds]int64) (b block, missing bool) {
	defer s.unlessInMemory()()
	for kind, last := range s.cache.Load().highest() {
		size := s.inBlock[kind]
		for number := (last+1)/size - 1; number >= low[kind]/size; number-- {
			if b = (block{blockKind(kind), number}); !s.indexed.there[b] {
				s.indexed.making, s.indexed.changed = b, false
				return b, true
			}
		}
	}
	return block{}, false
}

// below lists blocks of which nothing is there any more.
func (s *Store) below(low [blockKinds]int64) (all []block) {
	defer s.unlessInMemory()()
	for b := range s.indexed.there {
		if b.number < low[b.kind]/s.inBlock[b.kind] {
			all = append(all, b)
		}
	}
	return all
}

// unlessInMemory takes the lock where read has not taken it, and returns what releases it.
func (s *Store) unlessInMemory() func() {
	if s.readers == nil {
		return func() {}
	}
	s.mu.Lock()
	return s.mu.Unlock
}

// makeBlock makes a block of its rows.
func (s *Store) makeBlock(ctx context.Context, q querier, b block) ([]byte, error) {
	size := s.inBlock[b.kind]
	if b.kind == ofNotifications {
		return makeNotificationBlock(ctx, q, b.number*size, size)
	}
	return s.cache.Load().makeDeliveryBlock(ctx, q, b.number*size, size)
}

// saveBlock writes a block, unless its rows have changed since it was begun.
func (t *tx) saveBlock(b block, content []byte) error {
	if t.indexed.making != b || t.indexed.changed {
		return nil
	}
	t.made = &b
	return t.exec("INSERT OR REPLACE INTO "+blockTables[b.kind]+" (block, content) VALUES (?, ?)", b.number, content)
}

// checkBlocks verifies that blocks are as their rows are.
func (s *Store) checkBlocks(ctx context.Context, what string) error {
	err := s.read(func(q querier) error {
		for kind, table := range blockTables {
			all, err := allRows(ctx, q, itself[int64], "SELECT block FROM "+table)
			if err != nil {
				return err
			}
			for _, number := range all {
				var content []byte
				if err := oneOf(ctx, q, []any{&content}, "SELECT content FROM "+table+" WHERE block = ?", number); err != nil {
					return err
				}
				if made, err := s.makeBlock(ctx, q, block{blockKind(kind), number}); err != nil {
					return err
				} else if !bytes.Equal(made, content) {
					return fmt.Errorf("block %d of %s is not as its rows are", number, table)
				}
			}
		}
		return nil
	})
	return s.failed(err, what)
}
