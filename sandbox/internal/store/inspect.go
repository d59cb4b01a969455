package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// header is the beginning of an SQLite file, https://sqlite.org/fileformat.html.
type header []byte

const (
	headerSize   = 100
	headerBegins = "SQLite format 3\x00"
)

func (h header) number(offset int) uint32 { return binary.BigEndian.Uint32(h[offset:]) }

// pageSize is the size of a page in bytes.
func (h header) pageSize() int64 {
	if n := int64(binary.BigEndian.Uint16(h[16:])); n != 1 {
		return n
	}
	return 1 << 16
}

// parts are the endings of the files of a state, which are all beside its first one.
var parts = []string{"", "-wal", "-shm", "-journal", "-lock", "-lock-wal", "-lock-shm", "-lock-journal"}

// onlyFiles refuses a state of which a part is no file, before any of them is opened: opening a pipe waits for whoever writes into it, and
// a device may be anything.
func onlyFiles(path string) error {
	for _, end := range parts {
		what := "it"
		if end != "" {
			what = filepath.Base(path) + end + " beside it"
		}
		info, err := os.Stat(path + end)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if _, err := os.Lstat(path + end); err == nil {
				return &Trouble{Kind: Foreign, Cause: what + " is a symbolic link to a file that is not there"}
			}
		case err != nil:
			return fileTrouble(err)
		case !info.Mode().IsRegular():
			return &Trouble{Kind: Foreign, Cause: what + " is not a file but " + kindOf(info.Mode())}
		}
		// SQLite would write into what it leads to, and delete the link.
		if named, err := os.Lstat(path + end); end != "" && err == nil && named.Mode()&fs.ModeSymlink != 0 {
			return &Trouble{Kind: Foreign, Cause: what + " is not a file but a symbolic link"}
		}
	}
	return nil
}

// kindOf says what is not a regular file.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// needsNoWAL reports whether the file is one that SQLite keeps without a WAL, such as a copy made by VACUUM INTO: a state is never.
func needsNoWAL(path string) bool {
	const writtenBy, withoutWAL = 18, 1
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, writtenBy+1)
	_, err = io.ReadFull(f, head)
	return err == nil && head[writtenBy] == withoutWAL
}

// inspect looks at the file at path, so that one that is not ours, or cannot be, is left as it
// is: SQLite would write into it. Who calls it has the lock, because closing the file drops the
// locks of this process on it.
func inspect(path string) error {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return orphaned(path)
	case err != nil:
		return fileTrouble(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fileTrouble(err)
	}
	h := header(make([]byte, headerSize))
	n, err := io.ReadFull(f, h)
	switch {
	case n == 0: // such as one that was made with nothing in it
		return orphaned(path)
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return fileTrouble(err)
	case n < headerSize || !strings.HasPrefix(string(h), headerBegins):
		return &Trouble{Kind: Foreign, Cause: "it is no SQLite file, or its beginning is damaged"}
	}
	return h.check(info.Size(), sizeOf(path+"-wal"), sizeOf(path+"-shm"))
}

// orphaned refuses to begin anew where changes of a state lie whose file is not there: SQLite would delete them.
func orphaned(path string) error {
	left := "-wal"
	switch wal, shm := sizeOf(path+"-wal"), sizeOf(path+"-shm"); {
	case wal > 0:
	case wal < 0 && shm > 0: // SQLite deletes the latter first
		left = "-shm"
	default:
		return nil
	}
	return &Trouble{Kind: Damaged, Cause: fmt.Sprintf("%s is missing or empty, and the file ending in %s beside it is of a state that has changes: put it back, with those ending in -wal and -shm; or move these away, to begin anew", filepath.Base(path), left)}
}

// check looks at a header. Sizes are those of the files in bytes, -1 for one that is not there.
func (h header) check(file, wal, shm int64) error {
	const schemaCookie, version, mark, changed, validFor, pages = 40, 60, 68, 24, 92, 28
	// In a new file that was not closed, all that is ours is in the WAL.
	if m := h.number(mark); m != application && (m != 0 || h.number(version) != 0 || h.number(schemaCookie) != 0) {
		return &Trouble{Kind: Foreign, Cause: "it is a database of another program"}
	}
	if err := checkVersion(int(int32(h.number(version))), len(migrations())); err != nil {
		return err
	}
	if wal <= 0 && h.number(changed) == h.number(validFor) && file < int64(h.number(pages))*h.pageSize() {
		return &Trouble{Kind: Damaged, Cause: fmt.Sprintf("it was cut off: it has %d bytes of %d", file, int64(h.number(pages))*h.pageSize())}
	}
	if wal < 0 && shm > 0 { // SQLite deletes the latter first
		return missingWAL()
	}
	return nil
}

// missingWAL is the trouble that changes are lost, unless they come back. What another process left in the WAL, is not seen by who opens
// the file without it.
func missingWAL() *Trouble {
	return &Trouble{Kind: Damaged, Cause: "the file ending in -wal is missing, which has the last changes: put it back; or " + goOnWithout + ". Nothing is lost then if another program had the state open and has put them into the file, or if this is a copy that a tool has made"}
}

// checkVersion refuses a version of the schema that a program does not know which knows up to most.
func checkVersion(version, most int) error {
	switch {
	case version < 0:
		return &Trouble{Kind: Damaged, Cause: fmt.Sprintf("its version is %d, which no ringback writes", version)}
	case version > most:
		return &Trouble{Kind: Newer, Cause: fmt.Sprintf("it has version %d, and this one knows versions up to %d", version, most)}
	}
	return nil
}

// fileTrouble is an error of the system about a file as a Trouble.
func fileTrouble(err error) error {
	if t, ok := errors.AsType[*Trouble](err); ok {
		return t
	}
	kind := Unwritable
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		kind = ReadOnly
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		kind = DiskFull
	}
	cause := err.Error()
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		cause = p.Err.Error()
	}
	return &Trouble{Kind: kind, Cause: cause, err: err}
}
