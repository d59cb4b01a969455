package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
)

// The texts of a notification that are searched, by their places in a block.
const (
	columnParty = iota
	columnAgent
	columnConversation
	columnInteraction
	columnChannel
	columnID
	columnRun
	searchedColumns
)

// notificationBlock is what is searched of notifications whose numbers follow each other. A text that several of them have is there
// once. It changes only when some of them are deleted.
type notificationBlock struct {
	first    int64  // number that has the place 0
	size     int64  // of places
	lines    []byte // the texts in their words, a line each; the first one is empty
	n        int
	places   shorts // of those that are there, increasing
	kinds    []int64
	kind     shorts // which type
	values   [searchedColumns]shorts
	accepted []byte
}

const selectSearched = `SELECT number, type, accepted, party, agent, conversation, interaction, channel, id, run FROM notification
	WHERE number BETWEEN ?1 AND ?2 ORDER BY number`

// makeNotificationBlock makes a block of the rows of the table, as the file has it.
func makeNotificationBlock(ctx context.Context, from querier, first, size int64) ([]byte, error) {
	known, kinds := map[string]int{"": 0}, map[int64]int{}
	b := notificationBlock{lines: []byte("\n\n")}
	var accepted []int64
	var columns [searchedColumns]sql.RawBytes
	err := each(ctx, from, func(rows *sql.Rows) error {
		var number, kind, at int64
		to := []any{&number, &kind, &at}
		for i := range columns {
			to = append(to, &columns[i])
		}
		if err := scan(rows, to...); err != nil {
			return err
		}
		b.places = appendShort(b.places, int(number-first))
		b.kind = appendShort(b.kind, place(&b.kinds, kinds, kind))
		accepted = append(accepted, at)
		for i, text := range columns {
			which, seen := known[string(text)]
			if !seen {
				which = len(known)
				known[string(text)] = which
				b.lines = append(appendWords(b.lines, string(text)), '\n')
			}
			b.values[i] = appendShort(b.values[i], which)
		}
		return nil
	}, selectSearched, first, first+size-1)
	if err != nil {
		return nil, err
	}
	out := append(binary.AppendUvarint(nil, uint64(len(b.lines))), b.lines...)
	out = appendKeys(out, b.kinds)
	out = binary.AppendUvarint(out, uint64(len(accepted)))
	out = append(append(out, b.places...), b.kind...)
	for _, column := range b.values {
		out = append(out, column...)
	}
	return appendMoments(out, accepted), nil
}

var errBlock = unreadable{errors.New("what is searched cannot be read")}

// openNotificationBlock reads what makeNotificationBlock has made.
func openNotificationBlock(content []byte, first, size int64) (*notificationBlock, error) {
	b := &notificationBlock{first: first, size: size}
	r := numbers{rest: content}
	b.lines = r.slice(r.count())
	b.kinds = r.keys()
	b.n = r.count()
	b.places, b.kind = r.slice(2*b.n), r.slice(2*b.n)
	for i := range b.values {
		b.values[i] = r.slice(2 * b.n)
	}
	if b.accepted = r.rest; r.failed || len(b.lines) < 2 || b.lines[0] != '\n' || b.lines[len(b.lines)-1] != '\n' {
		return nil, errBlock
	}
	return b, nil
}

// give tells what the texts give: those that have a part of a line, its bits. It returns what any of them gives.
func (b *notificationBlock) give(lines []line) (values []uint32, any uint32) {
	var ends []int
	for _, l := range lines {
		for from, i := 0, 0; from < len(b.lines); {
			at := bytes.Index(b.lines[from:], l.part)
			if at < 0 {
				break
			}
			if at += from; ends == nil {
				ends = endsOf(b.lines)
				values = make([]uint32, len(ends))
			}
			for i < len(ends) && ends[i] <= at {
				i++
			}
			if i == len(ends) { // behind the last line
				break
			}
			values[i] |= l.bits
			any |= l.bits
			from = ends[i] // where the next line begins, too
		}
	}
	return values, any
}

// endsOf are the ends of all lines behind the first line's end.
func endsOf(lines []byte) (all []int) {
	all = make([]int, 0, bytes.Count(lines, []byte{'\n'}))
	for at := 1; at < len(lines); at++ {
		next := bytes.IndexByte(lines[at:], '\n')
		if next < 0 {
			break
		}
		at += next
		all = append(all, at)
	}
	return all
}
