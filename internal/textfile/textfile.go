// Package textfile reads files of text that people and programs wrote.
//
// Bytes come in; UTF-8 text comes out: unpacked if it was packed with gzip, in one member or in several, and without a byte order
// mark at its beginning. Lines may end in LF or CR LF; whoever reads the text accepts both. The package promises that all that
// ringback reads has these forms, that a text in another one is an error which says what to do, and that what a packed
// file unpacks to is bounded. It knows nothing of what the text means, and an empty file is a text.
package textfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ringback/ringback/internal/show"
)

// maxUnpacked bounds what comes out of a packed file that is read piece by piece, in bytes.
const maxUnpacked = 4 << 30

// byteOrderMark begins many files that were written on Windows.
const byteOrderMark = "\xef\xbb\xbf"

// Open returns the text of a file, to be read piece by piece. An error says in which form the file is, if that is
// none that is read.
func Open(file io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(file, 64<<10)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		inner, err := gzip.NewReader(in)
		if err != nil {
			return nil, errors.New("it begins as a gzip file does, but is none")
		}
		in = bufio.NewReaderSize(&unpacking{inner, maxUnpacked}, 64<<10)
	}
	start, _ := in.Peek(512)
	for _, f := range foreign {
		if bytes.HasPrefix(start, []byte(f.start)) {
			return nil, errors.New(f.says)
		}
	}
	if len(start) > 1 && (start[0] == 0) != (start[1] == 0) {
		return nil, errors.New(inUTF16)
	}
	if bytes.HasPrefix(start, []byte(byteOrderMark)) {
		in.Discard(len(byteOrderMark))
	}
	return in, nil
}

// foreign are the beginnings of files that are in a form that is not read. The longer ones come first.
var foreign = [...]struct{ start, says string }{
	{"\xff\xfe\x00\x00", "the file is UTF-32; save it as UTF-8"}, {"\x00\x00\xfe\xff", "the file is UTF-32; save it as UTF-8"},
	{"\xff\xfe", inUTF16}, {"\xfe\xff", inUTF16},
	{"\x1f\x8b", "it is packed with gzip twice; unpack it once"},
	{"PK\x03\x04", "it is a ZIP archive; unpack it, or pack its files with gzip"},
	{"\x28\xb5\x2f\xfd", "it is packed with zstd; unpack it, or pack it with gzip"},
	{"BZh", "it is packed with bzip2; unpack it, or pack it with gzip"},
	{"\xfd7zXZ\x00", "it is packed with xz; unpack it, or pack it with gzip"},
}

const inUTF16 = "the file is UTF-16; save it as UTF-8"

// unpacking bounds what comes out of a packed file.
type unpacking struct {
	packed io.Reader
	left   int64
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.packed.Read(p)
	if u.left -= int64(n); u.left < 0 {
		return 0, fmt.Errorf("unpacked, the file has more than %d GiB; split it", maxUnpacked>>30)
	}
	if err != nil && err != io.EOF {
		err = errors.New("the file cannot be unpacked to its end (was it cut off?)")
	}
	return n, err
}

// Read returns the text of a file of at most so many bytes, unpacked. Of a longer one it returns one byte more, so that who
// knows what the file is for can refuse it.
func Read(file io.Reader, most int) ([]byte, error) {
	in, err := Open(file)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(in, int64(most)+1))
	if err != nil {
		return nil, show.FileError(err)
	}
	return text, nil
}

// ReadFile is Read of the file at a path. Its error names the path.
func ReadFile(path string, most int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, show.FileError(err)
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: is a directory; want a file", path)
	}
	text, err := Read(file, most)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return text, err
}
