package store

import (
	"bytes"
	"encoding/binary"
	"os"
)

// Sizes in bytes of what begins the file ending in -shm, https://sqlite.org/walformat.html: two equal copies of its header, and what
// readers and checkpoints share.
const (
	indexHeaderSize = 48
	indexBeginSize  = 2*indexHeaderSize + 40
)

// indexFile is the file ending in -shm as it was found, which SQLite makes anew whenever the first program opens the state. It is nil where
// there is none, or one that is larger than any of ours.
type indexFile []byte

// mostIndex is the size of the largest one: 32 KiB for each 4096 frames of a WAL.
const mostIndex = 1 << 20

// readIndex reads it. Nobody may have the state open: closing the file drops this process's locks on it.
func readIndex(path string) indexFile {
	if size := sizeOf(path); size < indexBeginSize || size > mostIndex {
		return nil
	}
	text, _ := os.ReadFile(path)
	return text
}

// restore brings it back as it was, so that the next start finds it as this one did.
func (i indexFile) restore(path string) {
	if f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, ownerFile); err == nil { // else the next start knows less
		_, _ = f.Write(i)
		_ = f.Close()
	}
}

// frames is how many frames of the WAL with these salts were committed and on the disk: the header is written behind them. It is 0 where
// all of them are in the file, or nothing is known, such as after a loss of power.
func (i indexFile) frames() (frames int64, salts string) {
	const version, frameCount, saltsAt, sumAt = 3007000, 16, 32, 40
	order := binary.NativeEndian
	if len(i) < indexBeginSize {
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
