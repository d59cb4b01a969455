package store

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
)

// Sizes in bytes of what begins the file ending in -shm, https://sqlite.org/walformat.html: two equal copies of its header, and what
// readers and checkpoints share.
const (
	indexHeaderSize = 48
	indexBeginSize  = 2*indexHeaderSize + 40
)

// indexBegin is the beginning of the file ending in -shm, nil where there is none. SQLite makes that file anew whenever the first program
// opens the state.
type indexBegin []byte

// readIndex reads it. This process must not have the state open: closing the file drops its locks on it.
func readIndex(path string) indexBegin {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	begin := make(indexBegin, indexBeginSize)
	if _, err := io.ReadFull(f, begin); err != nil {
		return nil
	}
	return begin
}

// frames is how many frames of the WAL with these salts were committed and on the disk: the header is written behind them. It is 0 where
// all of them are in the file, or nothing is known, such as after a loss of power.
func (i indexBegin) frames() (frames int64, salts string) {
	const version, frameCount, saltsAt, sumAt = 3007000, 16, 32, 40
	order := binary.NativeEndian
	if i == nil {
		return 0, ""
	}
	head := i[:indexHeaderSize]
	if !bytes.Equal(head, i[indexHeaderSize:2*indexHeaderSize]) || order.Uint32(head) != version {
		return 0, ""
	}
	w := wal{order: order}
	if w.count(head[:sumAt]); w.sum != [2]uint32{order.Uint32(head[sumAt:]), order.Uint32(head[sumAt+4:])} {
		return 0, ""
	}
	if frames = int64(order.Uint32(head[frameCount:])); frames <= int64(order.Uint32(i[2*indexHeaderSize:])) {
		frames = 0
	}
	return frames, string(head[saltsAt:sumAt])
}
