package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"

	"github.com/ringback/ringback/event"
)

// What a delivery must have, beside the terms of a search, each a bit.
const (
	hasType uint32 = 1 << (mostTerms + iota)
	hasConversation
	hasRun
	hasNotification
	hasSubscription
	hasState
	hasMoment
)

// mostUnindexed is how many blocks of deliveries one request makes of their rows at most, each of which takes about ten milliseconds.
const mostUnindexed = 64

// finder finds deliveries in blocks. What they must have is bits, and each of a delivery's notification, target and result gives some.
type finder struct {
	store *Store
	known *cached
	Filter
	from, until int64
	wanted      uint32
	terms       [searchedColumns]uint32 // those that may be in a column
	types       map[int64]uint32        // what types give
	targets     map[int64]uint32        // what subscribers give
	lines       []line
	loaded      map[int64]*giving // by numbers of blocks
	low         [blockKinds]int64
	blocks      [blockKinds]blocks
	unindexed   int
	results     []uint32 // what the results of a block give
	to          []uint32 // what its targets give

	byNotification uint32 // what notifications can give
}

// line is a part of a text that gives bits in some columns.
type line struct {
	part []byte
	bits uint32
}

// isSearch reports whether a filter asks for what only blocks tell.
func (f *Filter) isSearch() bool {
	return len(f.Search.terms) > 0 || !f.From.IsZero() || !f.Until.IsZero()
}

// finder translates a filter.
func (s *Store) finder(ctx context.Context, q querier, f Filter) (*finder, error) {
	d := &finder{store: s, known: s.cache.Load(), Filter: f, from: math.MinInt64, until: math.MaxInt64,
		types: map[int64]uint32{}, targets: map[int64]uint32{}, loaded: map[int64]*giving{}}
	for kind := range d.blocks {
		d.blocks[kind].kind = blockKind(kind)
	}
	var err error
	if d.low, err = s.lowest(ctx, q); err != nil {
		return nil, err
	}
	d.wantFilter()
	d.wantTerms()
	return d, d.wantTargets(ctx, q)
}

func (d *finder) wantFilter() {
	want := func(is bool, bit uint32) {
		if is {
			d.wanted |= bit
		}
	}
	want(d.Type != "" && d.Type != "*", hasType)
	want(d.Conversation != "", hasConversation)
	want(d.Run != "", hasRun)
	want(d.Notification != 0, hasNotification)
	want(d.Subscription != "", hasSubscription)
	want(d.State != "", hasState)
	want(!d.From.IsZero() || !d.Until.IsZero(), hasMoment)
	if !d.From.IsZero() {
		d.from = ns(d.From)
	}
	if !d.Until.IsZero() {
		d.until = ns(d.Until)
	}
	exactly := func(text string, bit uint32, column int) {
		if words := wordsOf(text); words != "" {
			d.lines = append(d.lines, line{[]byte("\n" + words + "\n"), bit})
			d.terms[column] |= bit
		}
	}
	exactly(d.Conversation, hasConversation, columnConversation)
	exactly(d.Run, hasRun, columnRun)
}

func (d *finder) wantTerms() {
	d.byNotification = hasType | hasConversation | hasRun | hasNotification | hasMoment
	fields := [searchedColumns]uint{columnParty: inParty, columnAgent: inAgent, columnConversation: inID, columnInteraction: inID, columnChannel: inID, columnID: inID, columnRun: inID}
	for i, t := range d.Search.terms {
		bit := uint32(1) << i
		d.wanted |= bit
		used := false
		for column, field := range fields {
			if t.fields&field != 0 {
				d.terms[column] |= bit
				used = true
			}
		}
		if used || t.fields&inType != 0 {
			d.byNotification |= bit
		}
		if used {
			d.lines = append(d.lines, line{[]byte(t.part), bit})
		}
	}
	for name, key := range d.known.types {
		bits := d.termsIn(inType, wordsOf(name))
		if event.Match(d.Type, name) {
			bits |= hasType
		}
		d.types[key] = bits
	}
}

// termsIn are the terms that a text in its words has, which is in a field.
func (d *finder) termsIn(field uint, text string) (bits uint32) {
	for i, t := range d.Search.terms {
		if t.fields&field != 0 && strings.Contains(text, t.part) {
			bits |= 1 << i
		}
	}
	return bits
}

// wantTargets finds what subscribers give: names of those that are there, and IDs.
func (d *finder) wantTargets(ctx context.Context, q querier) error {
	for id, key := range d.known.subscribers {
		text := wordsOf(id)
		d.targets[key] = d.termsIn(inID, text) | d.termsIn(inTarget, text)
		if id == d.Subscription {
			d.targets[key] |= hasSubscription
		}
	}
	if len(d.Search.terms) == 0 {
		return nil
	}
	return each(ctx, q, func(rows *sql.Rows) error {
		var key int64
		var name string
		err := scan(rows, &key, &name)
		d.targets[key] |= d.termsIn(inTarget, wordsOf(name))
		return err
	}, "SELECT key, name FROM subscription")
}

// each calls f for the deliveries below a number that match, the newest first, until it returns false. It returns the number at which it ended
// because many blocks were missing; 0: it did not.
func (d *finder) each(ctx context.Context, q querier, before int64, f func(number int64) bool) (ended int64, err error) {
	size := d.store.inBlock[ofDeliveries]
	for number := min(before-1, d.known.counts.delivery) / size; number >= d.low[ofDeliveries]/size; number-- {
		b, err := d.deliveries(ctx, q, number)
		switch {
		case err != nil:
			return 0, err
		case b == nil:
			return (number + 1) * size, nil
		}
		if more, err := d.inBlock(ctx, q, b, before, f); !more || err != nil {
			return 0, err
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// deliveries reads a block, or makes it where it is missing; nil: there were too many of these.
func (d *finder) deliveries(ctx context.Context, q querier, number int64) (*deliveryBlock, error) {
	size := d.store.inBlock[ofDeliveries]
	content, there, err := d.blocks[ofDeliveries].get(ctx, q, number)
	if err != nil {
		return nil, err
	}
	if there {
		if b, err := openDeliveryBlock(content, number*size); err == nil {
			return b, nil
		}
	}
	if d.unindexed++; d.unindexed > mostUnindexed {
		return nil, nil
	}
	if content, err = d.known.makeDeliveryBlock(ctx, q, number*size, size); err != nil {
		return nil, err
	}
	return openDeliveryBlock(content, number*size)
}

// inBlock is each for one block. Of notifications, it reads only those on which it depends.
func (d *finder) inBlock(ctx context.Context, q querier, b *deliveryBlock, before int64, f func(number int64) bool) (more bool, err error) {
	if !d.gives(b) {
		return true, nil
	}
	var at []int64
	if d.wanted&hasMoment != 0 {
		if at, err = moments(b.at, b.n); err != nil {
			return false, err
		}
	}
	var of *giving
	size := d.store.inBlock[ofNotifications]
	for i := b.n - 1; i >= 0; i-- {
		bits := d.to[b.target.at(i)] | d.results[b.result.at(i)]
		if at != nil && at[i] != 0 {
			if at[i] < d.from || at[i] >= d.until {
				continue
			}
			bits |= hasMoment
		}
		if (bits|d.byNotification)&d.wanted != d.wanted {
			continue
		}
		if bits&d.wanted != d.wanted {
			n := b.lowest + b.notification.at(i)
			if of == nil || of.number != n/size {
				if of, err = d.notifications(ctx, q, n/size); err != nil {
					return false, err
				}
			}
			if (bits|of.any)&d.wanted != d.wanted || (bits|d.bitsOf(of)[n%size])&d.wanted != d.wanted {
				continue
			}
		}
		if number := b.first + int64(b.places.at(i)); number < before && !f(number) {
			return false, nil
		}
	}
	return true, nil
}

// gives finds what the targets and results of a block give, and reports whether a delivery in it can match by them.
func (d *finder) gives(b *deliveryBlock) bool {
	d.results, d.to = d.results[:0], d.to[:0]
	any := d.byNotification
	for _, r := range b.results {
		bits := d.termsIn(inStatus, wordsOfResult(r)) | d.termsIn(inSaid, r.said)
		if r.state >= 0 && r.state < int64(len(states)) && states[r.state] == d.State {
			bits |= hasState
		}
		d.results = append(d.results, bits)
		any |= bits
	}
	for _, key := range b.to {
		d.to = append(d.to, d.targets[key])
		any |= d.targets[key]
	}
	return any&d.wanted == d.wanted
}

// wordsOfResult are the words of the state and the status.
func wordsOfResult(r result) string {
	var text string
	if r.state >= 0 && r.state < int64(len(states)) {
		text = string(states[r.state])
	}
	if r.status != 0 {
		text += fmt.Sprint(" ", r.status)
	}
	return wordsOf(text)
}

// giving is what the notifications of a block give.
type giving struct {
	*notificationBlock
	number int64
	values []uint32 // what the texts give; nil: nothing
	any    uint32   // what one of them may give
	bits   []uint32 // what each gives, by its place; nil: that is not known yet
}

// mostLoaded is how many blocks of notifications are kept while deliveries are looked at, which mostly follow their order.
const mostLoaded = 64

// notifications reads a block, or makes it where it is missing.
func (d *finder) notifications(ctx context.Context, q querier, number int64) (*giving, error) {
	if g := d.loaded[number]; g != nil {
		return g, nil
	}
	size := d.store.inBlock[ofNotifications]
	content, there, err := d.blocks[ofNotifications].get(ctx, q, number)
	if err != nil {
		return nil, err
	}
	var b *notificationBlock
	if there {
		b, _ = openNotificationBlock(content, number*size, size)
	}
	if b == nil {
		if content, err = makeNotificationBlock(ctx, q, number*size, size); err != nil {
			return nil, err
		}
		if b, err = openNotificationBlock(content, number*size, size); err != nil {
			return nil, err
		}
	}
	g := &giving{notificationBlock: b, number: number}
	g.values, g.any = b.give(d.lines)
	g.any |= hasNotification | hasMoment
	for _, key := range b.kinds {
		g.any |= d.types[key]
	}
	if len(d.loaded) >= mostLoaded {
		clear(d.loaded)
	}
	d.loaded[number] = g
	return g, nil
}

// bitsOf finds what each notification of a block gives.
func (d *finder) bitsOf(g *giving) []uint32 {
	if g.bits != nil {
		return g.bits
	}
	g.bits = make([]uint32, g.size)
	var at []int64
	if d.wanted&hasMoment != 0 {
		at, _ = moments(g.accepted, g.n) // those that cannot be read, are none
	}
	for i := range g.n {
		var got uint32
		if kind := g.kind.at(i); kind < len(g.kinds) {
			got = d.types[g.kinds[kind]]
		}
		if g.values != nil {
			for column := range g.notificationBlock.values {
				if which := g.notificationBlock.values[column].at(i); which < len(g.values) {
					got |= g.values[which] & d.terms[column]
				}
			}
		}
		if at != nil && at[i] >= d.from && at[i] < d.until {
			got |= hasMoment
		}
		place := int64(g.places.at(i))
		if g.first+place == d.Notification {
			got |= hasNotification
		}
		if place < g.size {
			g.bits[place] = got
		}
	}
	return g.bits
}

// blocks reads blocks that follow each other downwards.
type blocks struct {
	kind      blockKind
	read      map[int64][]byte
	low, high int64 // of what was read
}

// blocksAtOnce is how many blocks are read at once.
const blocksAtOnce = 16

// get returns the content of a block.
func (b *blocks) get(ctx context.Context, q querier, number int64) (content []byte, there bool, err error) {
	if b.read == nil || number < b.low || number > b.high {
		b.low, b.high, b.read = max(0, number-blocksAtOnce+1), number, map[int64][]byte{}
		err = each(ctx, q, func(rows *sql.Rows) error {
			var block int64
			var content []byte
			err := scan(rows, &block, &content)
			b.read[block] = content
			return err
		}, "SELECT block, content FROM "+blockTables[b.kind]+" WHERE block BETWEEN ? AND ?", b.low, b.high)
	}
	content, there = b.read[number]
	return content, there, err
}
