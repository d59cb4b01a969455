package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/ringback/ringback/internal/show"
)

// recorded finds a recording: a file, which is read anew each time, or standard input or
// another pipe, which is read once and kept.
func (p *program) recorded(path string) (name string, open func() (io.ReadCloser, error)) {
	open = func() (io.ReadCloser, error) { return p.open(path) }
	if info, err := os.Stat(path); path == "-" || err == nil && !info.Mode().IsRegular() {
		open = once(open)
	}
	return inputName(path), open
}

// open opens a file, or standard input for "-".
func (p *program) open(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(p.in), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, show.FileError(err)
	}
	return file, nil
}

// inputName is what messages call what open opens.
func inputName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// mostKept is how much is kept of what can be read only once, in bytes.
const mostKept = 256 << 20

// once lets what can be read only once be read several times.
func once(open func() (io.ReadCloser, error)) func() (io.ReadCloser, error) {
	read := sync.OnceValues(func() ([]byte, error) { return keep(open) })
	return func() (io.ReadCloser, error) {
		kept, err := read()
		return io.NopCloser(bytes.NewReader(kept)), err
	}
}

func keep(open func() (io.ReadCloser, error)) ([]byte, error) {
	in, err := open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, mostKept+1))
	if err == nil && len(text) > mostKept {
		err = fmt.Errorf("standard input and pipes are limited to %d MiB; use a file instead", mostKept>>20)
	}
	return text, show.FileError(err)
}
