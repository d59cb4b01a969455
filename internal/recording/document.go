package recording

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/textfile"
)

// MaxDocument bounds one JSON value of a file, in bytes.
const MaxDocument = 8 << 20

// Document is a JSON object of a file.
type Document struct {
	Line, Column int    // of its first character, from 1
	Text         []byte // valid until the next one is read
}

// Documents reads the JSON objects of a file, one a line, pretty-printed, one after the other
// or as the elements of arrays, with or without a byte order mark, packed with gzip or not.
// Where the file is not JSON, the error is a *jsontext.SyntaxError, once for all lines up to
// the next that begins with {; whoever goes on reading goes on there. Any other error is the
// last thing that comes.
func Documents(file io.Reader) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		in, err := opened(file)
		if err != nil {
			yield(Document{Line: 1, Column: 1}, err)
			return
		}
		r := &documents{in: in, line: 1, column: 1}
		for {
			doc, err := r.next()
			if err == io.EOF || !yield(doc, err) {
				return
			}
			if wrong, is := errors.AsType[*jsontext.SyntaxError](err); is {
				r.resume(wrong)
			} else if err != nil {
				return
			}
		}
	}
}

// opened returns what is in a file of JSON.
func opened(file io.Reader) (*bufio.Reader, error) {
	in, err := textfile.Open(file)
	if err != nil {
		return nil, err
	}
	if start, _ := in.Peek(512); bytes.IndexByte(start, 0) >= 0 {
		return nil, errors.New("it is a binary file; want JSON")
	}
	return in, nil
}

// documents is where the reading of a file stands.
type documents struct {
	in           *bufio.Reader
	line, column int // of the next byte
	text         []byte
	depth        int  // of the arrays that are open
	comma        bool // an element has ended: a comma or ] is next
	more         bool // a comma was last: an element is next
	damaged      bool // something was no JSON, and has been told: of the arrays nothing is known any more
}

// next reads the next object. Its error is io.EOF at the end of the file.
func (r *documents) next() (Document, error) {
	for {
		begin, err := r.in.Peek(1)
		if err == io.EOF && r.depth > 0 && !r.damaged {
			r.depth = 0
			return r.wrong("want the rest of the array that the file began", "the end")
		}
		if err != nil {
			return Document{Line: r.line, Column: r.column}, err
		}
		c := begin[0]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		case c == 0xef && r.mark(): // between files that were put together
		case r.depth > 0 && c == ']' && !r.more || r.damaged && (c == ']' || c == ','):
			r.depth = max(0, r.depth-1)
			r.comma = r.depth > 0
		case r.comma && c == ',':
			r.comma, r.more = false, true
		case r.comma && r.depth > 0 && !r.damaged:
			r.comma = false
			return r.wrong("want a comma or ]", r.character())
		case c == '[' && r.depth < jsontext.MaxDepth:
			r.depth, r.comma, r.more = r.depth+1, false, false
		case c == '{':
			r.comma, r.more = r.depth > 0, false
			return r.object()
		default:
			return r.wrong("want a JSON object", r.character())
		}
		r.pass(c)
	}
}

// mark passes over a byte order mark but for its last byte.
func (r *documents) mark() bool {
	mark, _ := r.in.Peek(3)
	if string(mark) != "\ufeff" {
		return false
	}
	r.in.Discard(2)
	r.column--
	return true
}

// pass moves behind a byte.
func (r *documents) pass(c byte) {
	r.column++
	if c == '\n' {
		r.line, r.column = r.line+1, 1
	}
	r.in.Discard(1)
}

// wrong is the error for what stands at the place that was reached.
func (r *documents) wrong(what, got string) (Document, error) {
	return Document{Line: r.line, Column: r.column}, &jsontext.SyntaxError{Line: r.line, Column: r.column, What: what, Got: got}
}

// character names the next character.
func (r *documents) character() string {
	text, _ := r.in.Peek(4)
	return jsontext.Character(text)
}

// object reads an object that begins here.
func (r *documents) object() (Document, error) {
	doc := Document{Line: r.line, Column: r.column}
	scan := jsontext.NewScanner(r.line, r.column)
	for r.text = r.text[:0]; !scan.Done(); {
		if _, err := r.in.Peek(1); err == io.EOF {
			wrong := scan.End()
			wrong.What += " (was the file cut off?)"
			return doc, wrong
		} else if err != nil {
			return doc, err
		}
		chunk, _ := r.in.Peek(r.in.Buffered())
		n := 0
		for n < len(chunk) && !scan.Done() {
			if wrong := scan.Step(chunk[n:]); wrong != nil {
				if scan.Within() && (chunk[n] == '\n' || chunk[n] == '\r') {
					wrong.What, wrong.Got = "the line ends within a string (was it cut off?)", ""
				}
				r.in.Discard(n)
				return doc, wrong
			}
			n++
		}
		r.text = append(r.text, chunk[:n]...)
		r.in.Discard(n)
		if len(r.text) > MaxDocument {
			return doc, fmt.Errorf("the JSON value that begins here has more than %d MiB", MaxDocument>>20)
		}
	}
	r.line, r.column = scan.Place()
	doc.Text = r.text
	return doc, nil
}

// resume goes on behind what is no JSON, at the next line that begins with {: it may be the one
// in which the value before turned out to be cut off.
func (r *documents) resume(wrong *jsontext.SyntaxError) {
	r.line, r.column, r.comma, r.damaged = wrong.Line, wrong.Column, false, true
	for {
		if begin, err := r.in.Peek(1); err != nil || r.column == 1 && begin[0] == '{' {
			return
		}
		for end := false; !end; {
			_, err := r.in.ReadSlice('\n')
			if end = err != bufio.ErrBufferFull; err != nil && end {
				return // the rest; next finds the end, or the error
			}
		}
		r.line, r.column = r.line+1, 1
	}
}
