package source

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"strings"
	"unicode/utf8"
)

// Cell is one value of a CSV file, without blanks around it.
type Cell struct {
	Pos
	Text string
}

// Table reads the text of a CSV file of at most so many bytes: values with commas between
// them, in double quotes where they hold a comma. Empty lines and lines that begin with #
// are left out. The rows, numbered from 0, may be walked once; a row is valid until the next one. What is
// wrong is in File.Err, and there are no rows behind it.
func Table(name string, text []byte, most int) (*File, iter.Seq2[int, []Cell]) {
	f := &File{name: name}
	if len(text) > most {
		f.Errorf(Pos{1, 1}, "the file is too large; at most %d bytes are read", most)
		return f, func(func(int, []Cell) bool) {}
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	f.lines = strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	if !f.readable() {
		return f, func(func(int, []Cell) bool) {}
	}
	return f, func(yield func(int, []Cell) bool) { f.rows(text, yield) }
}

func (f *File) rows(text []byte, yield func(int, []Cell) bool) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.ReuseRecord, r.TrimLeadingSpace, r.Comment = -1, true, true, '#'
	var row []Cell
	for number := 0; ; number++ {
		fields, err := r.Read()
		var wrong *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.As(err, &wrong):
			f.Errorf(f.character(wrong.Line, wrong.Column), "%v", wrong.Err)
			return
		case err != nil: // never: the text is in memory
			f.Errorf(Pos{1, 1}, "%v", err)
			return
		}
		row = row[:0]
		for i, field := range fields {
			row = append(row, Cell{f.character(r.FieldPos(i)), strings.TrimSpace(field)})
		}
		if !yield(number, row) {
			return
		}
	}
}

// character turns the column of a byte into that of a character.
func (f *File) character(line, column int) Pos {
	if line > len(f.lines) {
		return Pos{len(f.lines), 1}
	}
	text := f.lines[line-1]
	return Pos{line, utf8.RuneCountInString(text[:min(max(column-1, 0), len(text))]) + 1}
}

// Copy is a file with the same text and no problems, to be examined once more.
func (f *File) Copy() *File { return &File{name: f.name, lines: f.lines} }
