//go:build unix

package report_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ringback/ringback/internal/report"
)

// A pipe is neither opened to be checked, which its reader would take for the end, nor waited for.
func TestAPipeIsWrittenOnce(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "report.json")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skipf("there are no pipes here: %v", err)
	}
	text := strings.Repeat("more than a pipe holds\n", 10_000)
	p := report.Place{Path: pipe}
	write := func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
	if err := p.Check(); err != nil {
		t.Errorf("Check = %v", err)
	}
	if err := p.Write(write); err == nil || !strings.Contains(err.Error(), "nobody reads") {
		t.Errorf("without a reader: %v", err)
	}
	reader, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	written := make(chan error, 1)
	go func() { written <- errors.Join(p.Check(), p.Write(write)) }()
	got := make([]byte, len(text))
	for n := 0; n < len(text); {
		k, err := reader.Read(got[n:])
		if n += k; err != nil && err != io.EOF { // as long as nobody has opened it to write
			t.Fatal(err)
		}
	}
	if err := <-written; err != nil || string(got) != text {
		t.Errorf("read %d bytes, %v; want %d", len(got), err, len(text))
	}
}
