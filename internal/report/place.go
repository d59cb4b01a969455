package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/show"
)

// Place is where a report goes.
type Place struct {
	Path   string
	Format string // as the ending of a name, such as .md
	Append bool   // behind what is there
}

// ParsePlace reads FILE, whose ending says the format, FORMAT:FILE, for a file of any name, or FORMAT:>>FILE, which
// appends. Endings are the formats that there are.
func ParsePlace(text string, endings ...string) (Place, error) {
	if several(text, endings) {
		return Place{}, fmt.Errorf("%q looks like several files; give each of them by itself", text)
	}
	name, path, said := strings.Cut(text, ":")
	ending := "." + strings.ToLower(strings.TrimSpace(name))
	if said && slices.Contains(endings, ending) {
		path, appends := strings.CutPrefix(strings.TrimSpace(path), ">>")
		switch path = strings.TrimSpace(path); {
		case path == "":
			return Place{}, fmt.Errorf("%q names no file", text)
		case appends && ending != string(Markdown):
			return Place{}, fmt.Errorf("%q would append: two reports in one file are none, but for Markdown", text)
		}
		if err := CheckName(path); err != nil {
			return Place{}, err
		}
		return Place{path, ending, appends}, nil
	}
	if ending = strings.ToLower(filepath.Ext(text)); slices.Contains(endings, ending) {
		if err := CheckName(text); err != nil {
			if ending == string(Markdown) {
				err = fmt.Errorf("%w, or %q to append", err, "md:>>"+strings.TrimLeft(text, "> "))
			}
			return Place{}, err
		}
		return Place{Path: text, Format: ending}, nil
	}
	last := len(endings) - 1
	return Place{}, fmt.Errorf("the name of the file decides its format: want %s or %s, got %q%s; or say the format, as in md:FILE",
		strings.Replace(strings.Join(endings[:last], ", "), ".xml", ".xml (JUnit)", 1), endings[last], text, meantFormat(text, endings))
}

// several reports whether a text looks like more than one place, with commas, semicolons or blanks between.
func several(text string, endings []string) bool {
	places := 0
	for _, part := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) }) {
		format, _, said := strings.Cut(part, ":")
		if said && slices.Contains(endings, "."+format) || slices.Contains(endings, filepath.Ext(part)) {
			places++
		}
	}
	return places > 1
}

// meantFormat suggests a format where the one that was named, in front of the file or behind it, is nearly one.
func meantFormat(text string, endings []string) string {
	before, _, said := strings.Cut(text, ":")
	typed := filepath.Ext(text)
	if said && !strings.ContainsAny(before, `/\.`) {
		typed = "." + before
	}
	near := nearest.Word(typed, endings)
	switch {
	case near == "" || typed == ".":
		return ""
	case said:
		return fmt.Sprintf(" (did you mean %q?)", near[1:]+text[len(before):])
	}
	return fmt.Sprintf(" (did you mean %q?)", strings.TrimSuffix(text, typed)+near)
}

// Check returns an error if nothing can be written there.
func (p Place) Check() error {
	path, inPlace, err := p.look()
	if err != nil || inPlace {
		return err
	}
	file, err := beside(path)
	if err != nil {
		return err
	}
	return show.FileError(errors.Join(file.Close(), os.Remove(file.Name())))
}

// Write writes a file whole, or not at all: beside it first, unless it can only be written where it is.
func (p Place) Write(write func(io.Writer) error) error {
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	path, inPlace, err := p.look()
	if err != nil {
		return err
	}
	if inPlace {
		return p.over(path, text.Bytes())
	}
	file, err := beside(path)
	if err != nil {
		return err
	}
	_, err = file.Write(text.Bytes())
	if err = errors.Join(err, file.Chmod(0o644), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	if errors.Is(err, syscall.EBUSY) { // it was mounted meanwhile
		return p.over(path, text.Bytes())
	}
	if failed, ok := errors.AsType[*os.PathError](err); ok { // of a name that nobody has given
		return fmt.Errorf("%s: %w", p.Path, failed.Err)
	}
	return show.FileError(err)
}

// look finds the file that a path leads to, and whether it has to be written where it is: to append, as a device or pipe, where
// it is mounted by itself, as in containers, or where its folder takes no other file.
func (p Place) look() (path string, inPlace bool, err error) {
	path = p.Path
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		path = landing(path) // a link stays one, also where its file is not there yet
		return path, p.Append && fileIn(filepath.Dir(path)), nil
	}
	if err != nil {
		return path, false, show.FileError(err)
	}
	if info.IsDir() {
		return path, false, fmt.Errorf("%s is a folder", path)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil && !isDevice(path) {
		path = real // a link stays one
	}
	if !p.Append && info.Mode().IsRegular() && !isDevice(path) && !isMounted(path) && fileIn(filepath.Dir(path)) {
		return path, false, nil
	}
	if isPipe(info) { // whoever reads it would take closing it for the end
		return path, true, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return path, true, show.FileError(err)
	}
	return path, true, show.FileError(file.Close())
}

// over writes a file where it is.
func (p Place) over(path string, text []byte) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if p.Append {
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	if info, err := os.Stat(path); err == nil && isPipe(info) {
		flags |= syscall.O_NONBLOCK // else it waits for a reader, for ever if there is none
	}
	file, err := os.OpenFile(path, flags, 0o644)
	if errors.Is(err, syscall.ENXIO) {
		return fmt.Errorf("%s: nobody reads from this pipe", path)
	}
	if err != nil {
		return show.FileError(err)
	}
	_, err = file.Write(text)
	return show.FileError(errors.Join(err, file.Close()))
}

func isPipe(info os.FileInfo) bool { return info.Mode()&os.ModeNamedPipe != 0 }

// beside makes a temporary file in the folder of another one.
func beside(path string) (*os.File, error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".ringback-report-*")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Unwrap(err))
	}
	return file, nil
}

// fileIn reports whether a file can be made in a folder.
func fileIn(folder string) bool {
	file, err := beside(filepath.Join(folder, "report"))
	return err == nil && errors.Join(file.Close(), os.Remove(file.Name())) == nil
}

// isDevice reports whether a path is a device, or an open file by its number.
func isDevice(path string) bool {
	path = filepath.ToSlash(filepath.Clean(path))
	return strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/")
}

// mostMounts is how much is read of the list of mounted files, in bytes.
const mostMounts = 4 << 20

// isMounted reports whether Linux has something mounted at a path: no other file can take its name.
func isMounted(path string) bool {
	path, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	list, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return false
	}
	defer list.Close()
	escaped := strings.NewReplacer(`\`, `\134`, " ", `\040`, "\t", `\011`, "\n", `\012`).Replace(path)
	for lines := bufio.NewScanner(io.LimitReader(list, mostMounts)); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) > 4 && words[4] == escaped {
			return true
		}
	}
	return false
}
