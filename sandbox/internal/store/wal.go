package store

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Sizes in bytes of the WAL's parts, https://sqlite.org/fileformat.html#the_write_ahead_log.
const (
	walHeaderSize   = 32
	frameHeaderSize = 24
)

// checkWAL refuses a WAL that is damaged before its last transaction, or has less than the file ending in -shm knows of. SQLite would go on
// without what is missing, and say nothing: it cannot know that there was more. A transaction is on the disk before the next one begins, so
// that at most the last one of a WAL is not whole, and was not promised to anybody.
//
// It returns what is known of the WAL, with no frames where there is none.
func checkWAL(path string, index indexBegin) (w wal, err error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return w, nil
	case err != nil:
		return w, fileTrouble(err)
	}
	defer f.Close()
	w, err = readWAL(bufio.NewReaderSize(f, 1<<20))
	known, salts := index.frames()
	switch {
	case err != nil:
		return w, fileTrouble(err)
	case w.damagedAt >= 0:
		return w, damagedWAL(fmt.Sprintf("is damaged at byte %d", w.damagedAt))
	case known > w.committed && salts == string(w.salts):
		return w, damagedWAL(fmt.Sprintf("was cut off or overwritten: of %d pages it has %d", known, w.committed))
	}
	return w, nil
}

// damagedWAL is the trouble that the WAL has not all that it had.
func damagedWAL(how string) *Trouble {
	return &Trouble{Kind: Damaged, Cause: "the file ending in -wal, which has the last changes, " + how + ": put it back as it was at the end of the sandbox; or " + goOnWithout}
}

// otherWAL is the trouble that the WAL is not that of the file.
func otherWAL(of string) *Trouble {
	return &Trouble{Kind: Damaged, Cause: "the file ending in -wal beside it belongs to " + of + ", or is one that another program has changed: put both back as they were at the end of the sandbox; or " + goOnWithout}
}

// goOnWithout is how to start without the changes of a WAL that cannot be had: an empty WAL is as good as none for SQLite, and says to us
// that somebody knows. The file ending in -shm knows what the WAL had.
const goOnWithout = "copy all files of the state, and go on without those changes: put an empty file in its place, and delete the one ending in -shm"

// hasFrames reports whether a WAL has as many frames at least, by its size, its header, and the header of the last of them.
func hasFrames(path string, frames int64) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head, last := make([]byte, walHeaderSize), make([]byte, frameHeaderSize)
	var w wal
	if _, err := io.ReadFull(f, head); err != nil || !w.begin(head) {
		return false
	}
	size := int64(frameHeaderSize + w.page)
	if info, err := f.Stat(); err != nil || info.Size() < walHeaderSize+frames*size {
		return false
	}
	_, err = f.ReadAt(last, walHeaderSize+(frames-1)*size)
	return err == nil && string(last[8:16]) == string(w.salts)
}

// wal is what is known of a WAL while it is read.
type wal struct {
	order  binary.ByteOrder // of the words that are summed
	sum    [2]uint32        // of the header and of all frames so far
	salts  []byte           // which each frame bears that belongs to the header
	page   int              // bytes of a page
	broken int64            // where the first frame is that does not fit those before; -1: there is none
	behind int              // transactions that end there or later
	frames int64            // before it

	committed int64 // frames up to the end of the last transaction before it

	damagedAt int64 // where what does not fit begins, with more than one transaction from there on; -1: it is in order
}

// readWAL reads a whole WAL. Frames of an earlier use of the file, which bear other salts, may follow the last one.
func readWAL(from io.Reader) (w wal, err error) {
	w = wal{broken: -1, damagedAt: -1}
	head := make([]byte, walHeaderSize)
	if n, err := io.ReadFull(from, head); n < walHeaderSize {
		return w, unlessEnd(err)
	}
	known := w.begin(head)
	if !known {
		w.page = 0 // so that a part of a frame is enough
	}
	frame := make([]byte, frameHeaderSize+w.page)
	for at := int64(walHeaderSize); ; at += int64(len(frame)) {
		if _, err := io.ReadFull(from, frame); err != nil {
			return w, unlessEnd(err)
		}
		if !known { // the header is on the disk before the first frame is written
			w.damagedAt = 0
			return w, nil
		}
		if w.add(frame, at); w.behind > 1 {
			w.damagedAt = w.broken
			return w, nil
		}
	}
}

// unlessEnd is an error of reading, nil for the end of what is read.
func unlessEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// begin reads the header; false: it is no header of a WAL.
func (w *wal) begin(head []byte) bool {
	const magic, version = 0x377f0682, 3007000 // the last bit of the magic number says how words are read
	switch binary.BigEndian.Uint32(head) {
	case magic:
		w.order = binary.LittleEndian
	case magic | 1:
		w.order = binary.BigEndian
	default:
		return false
	}
	page := binary.BigEndian.Uint32(head[8:])
	w.page, w.salts = int(page), head[16:24]
	w.count(head[:24])
	return binary.BigEndian.Uint32(head[4:]) == version && page >= 512 && page <= 1<<16 && page&(page-1) == 0 && w.isSum(head[24:])
}

// add reads the frame at an offset.
func (w *wal) add(frame []byte, at int64) {
	own := bytes.Equal(frame[8:16], w.salts)
	if w.broken < 0 {
		if w.count(frame[:8]); own {
			w.count(frame[frameHeaderSize:])
		}
		if own && w.isSum(frame[16:]) {
			if w.frames++; endsTransaction(frame) {
				w.committed = w.frames
			}
			return
		}
		w.broken = at
	}
	if own && endsTransaction(frame) {
		w.behind++
	}
}

func endsTransaction(frame []byte) bool { return binary.BigEndian.Uint32(frame[4:]) > 0 }

// count adds an even number of words to the sum.
func (w *wal) count(words []byte) {
	for ; len(words) > 0; words = words[8:] {
		w.sum[0] += w.order.Uint32(words) + w.sum[1]
		w.sum[1] += w.order.Uint32(words[4:]) + w.sum[0]
	}
}

// isSum reports whether the sum is as it was written.
func (w *wal) isSum(written []byte) bool {
	return binary.BigEndian.Uint32(written) == w.sum[0] && binary.BigEndian.Uint32(written[4:]) == w.sum[1]
}
