package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// deliveryBlock is what is searched of deliveries whose numbers follow each other, whether they are kept in packs or not. What became of them is mostly
// the same, and is there once.
type deliveryBlock struct {
	first        int64 // number that has the place 0
	results      []result
	to           []int64 // keys of subscribers
	lowest       int64   // number of a notification
	n            int
	places       shorts // of those that are there, increasing
	target       shorts // which subscriber
	result       shorts // which result
	notification longs  // above the lowest
	at           []byte // moments of the first attempts, or of those that somebody asked for; 0: when the notification was accepted
}

// result is what became of a delivery.
type result struct {
	state  int64
	status int64
	said   string // the words of answers, or of the failure if there was none
}

// mostSaid is how much is searched of the answers to one delivery, in bytes. The newest comes first.
const mostSaid = 1024

const (
	selectPacksIn      = "SELECT " + packColumns + " FROM pack p WHERE p.first BETWEEN ?1 AND ?2 ORDER BY p.first"
	selectChunksIn     = "SELECT number / 1048576, entries FROM chunk WHERE number BETWEEN ?1 * 1048576 AND ?2 * 1048576 + 1048575 ORDER BY number"
	selectDeliveriesIn = "SELECT number, notification, subscription, state, status, failure, first, CASE WHEN kind = '' THEN 0 ELSE due END FROM delivery WHERE number BETWEEN ?1 AND ?2 ORDER BY number"
	selectAnswersIn    = "SELECT delivery, answer FROM attempt WHERE delivery BETWEEN ?1 AND ?2 AND answer <> '' ORDER BY delivery DESC, number DESC"
)

// blockReader reads what the tables have.
type blockReader struct {
	ctx         context.Context
	from        querier
	first, last int64
	rows        map[int64]readDelivery
}

type readDelivery struct {
	result
	to, notification, at int64
}

// makeDeliveryBlock makes a block of the rows of tables, as the file has it. It reads packs first, and rows then, as lists do.
func (c *cached) makeDeliveryBlock(ctx context.Context, from querier, first, size int64) ([]byte, error) {
	r := blockReader{ctx, from, first, first + size - 1, map[int64]readDelivery{}}
	if err := cmp.Or(r.readPacks(c), r.readRows(), r.readAnswers()); err != nil {
		return nil, err
	}
	b := deliveryBlock{lowest: math.MaxInt64}
	for _, d := range r.rows {
		b.lowest = min(b.lowest, d.notification)
	}
	subscribers, results := map[int64]int{}, map[result]int{}
	var at []int64
	for number := first; number <= r.last; number++ {
		d, there := r.rows[number]
		if !there {
			continue
		}
		above := d.notification - b.lowest
		if above > math.MaxUint32 {
			return nil, errBlock // a delivery of something that is four thousand million notifications old
		}
		b.places = appendShort(b.places, int(number-first))
		b.target = appendShort(b.target, place(&b.to, subscribers, d.to))
		b.result = appendShort(b.result, place(&b.results, results, d.result))
		b.notification = binary.LittleEndian.AppendUint32(b.notification, uint32(above))
		at = append(at, d.at)
	}
	out := binary.AppendUvarint(nil, uint64(len(b.results)))
	for _, v := range b.results {
		out = binary.AppendVarint(binary.AppendVarint(out, v.state), v.status)
		out = append(binary.AppendUvarint(out, uint64(len(v.said))), v.said...)
	}
	out = appendKeys(out, b.to)
	out = binary.AppendVarint(out, b.lowest)
	out = binary.AppendUvarint(out, uint64(len(at)))
	for _, column := range [][]byte{b.places, b.target, b.result, b.notification} {
		out = append(out, column...)
	}
	return appendMoments(out, at), nil
}

// openDeliveryBlock reads what makeDeliveryBlock has made.
func openDeliveryBlock(content []byte, first int64) (*deliveryBlock, error) {
	b := &deliveryBlock{first: first}
	r := numbers{rest: content}
	for range r.count() {
		v := result{state: r.signed(), status: r.signed()}
		v.said = r.bytes(r.unsigned())
		b.results = append(b.results, v)
	}
	b.to, b.lowest, b.n = r.keys(), r.signed(), r.count()
	b.places, b.target, b.result, b.notification = r.slice(2*b.n), r.slice(2*b.n), r.slice(2*b.n), r.slice(4*b.n)
	if b.at = r.rest; r.failed || b.lowest < 0 || b.lowest > math.MaxInt64-math.MaxUint32 && b.n > 0 {
		return nil, errBlock
	}
	for i := range b.n {
		if b.target.at(i) >= len(b.to) || b.result.at(i) >= len(b.results) {
			return nil, errBlock
		}
	}
	return b, nil
}

func (r *blockReader) add(number, notification, to, at int64, became result) {
	r.rows[number] = readDelivery{became, to, notification, at}
}

// readPacks reads deliveries that have no row. One that leaves its pack meanwhile is among the rows.
func (r *blockReader) readPacks(c *cached) error {
	packs, err := allRows(r.ctx, r.from, (*pack).fields, selectPackOf, r.first-1)
	if err != nil {
		return err
	}
	packs = slices.DeleteFunc(packs, func(p pack) bool { return p.first+int64(len(p.states)) <= r.first })
	if within, err := allRows(r.ctx, r.from, (*pack).fields, selectPacksIn, r.first, r.last); err != nil {
		return err
	} else if packs = append(packs, within...); len(packs) == 0 {
		return nil
	}
	byNotification := make(map[int64]*pack, len(packs))
	lists := make(map[int64][]int64, len(packs))
	for i := range packs {
		p := &packs[i]
		list, err := c.subscribersOf(r.ctx, r.from, p.fan)
		if err != nil || len(list) != len(p.states) {
			return cmp.Or(err, error(errPack))
		}
		byNotification[p.notification], lists[p.notification] = p, list
		for at, state := range p.states {
			if number := p.first + int64(at); state == packWaiting && number >= r.first && number <= r.last {
				r.add(number, p.notification, list[at], 0, result{})
			}
		}
	}
	return each(r.ctx, r.from, func(rows *sql.Rows) error {
		var notification int64
		var chunk sql.RawBytes
		if err := scan(rows, &notification, &chunk); err != nil {
			return err
		}
		p, list := byNotification[notification], lists[notification]
		if p == nil {
			return nil
		}
		return eachEntry(chunk, func(position int, first, status int64) {
			if position >= len(list) || p.states[position] != packDelivered {
				return
			}
			if number := p.first + int64(position); number >= r.first && number <= r.last {
				r.add(number, notification, list[position], first, result{state: packDelivered, status: status})
			}
		})
	}, selectChunksIn, packs[0].notification, packs[len(packs)-1].notification)
}

func (r *blockReader) readRows() error {
	return each(r.ctx, r.from, func(rows *sql.Rows) error {
		var number, notification, to, first, due int64
		var became result
		var failure string
		if err := scan(rows, &number, &notification, &to, &became.state, &became.status, &failure, &first, &due); err != nil {
			return err
		}
		if became.status == 0 {
			became.said = saidOf("", failure)
		}
		r.add(number, notification, to, cmp.Or(first, due), became)
		return nil
	}, selectDeliveriesIn, r.first, r.last)
}

func (r *blockReader) readAnswers() error {
	return each(r.ctx, r.from, func(rows *sql.Rows) error {
		var number int64
		var answer string
		if err := scan(rows, &number, &answer); err != nil {
			return err
		}
		if d, there := r.rows[number]; there {
			d.said = saidOf(d.said, answer)
			r.rows[number] = d
		}
		return nil
	}, selectAnswersIn, r.first, r.last)
}

// saidOf adds the words of an answer, unless they are there, or there are many already. A mark between two answers keeps phrases apart.
func saidOf(before, answer string) string {
	text := wordsOf(answer[:min(len(answer), 4*mostSaid)])
	if strings.Contains(before, text) {
		return before
	}
	if before != "" {
		text = before + "|" + text
	}
	if len(text) > mostSaid { // the last word may be a part of one
		text = text[:strings.LastIndexByte(text[:mostSaid], ' ')+1]
	}
	return text
}
