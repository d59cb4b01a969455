package emitter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
)

// Log writes a line of JSON for each row; docs/log.md describes the format. Use its Record
// as On of one Emitter, and Close it after the run. It is not safe for concurrent use.
type Log struct {
	w       io.Writer
	start   []byte // of every line: run, seed and params
	lines   []byte // not yet written, whole
	flushed time.Time
	written uint64 // lines
	err     error
}

// Lines go to the writer together, as soon as there are flushSize bytes of them or one comes
// flushAfter or more after the last time.
const (
	flushSize  = 32 << 10
	flushAfter = 200 * time.Millisecond
)

// NewLog returns a log for w. Run names the run, in whatever way; seed is that of the plan.
func NewLog(w io.Writer, run string, seed uint64) *Log {
	start := appendString([]byte(`{"run":`), run)
	start = strconv.AppendUint(append(start, `,"seed":`...), seed, 10)
	return &Log{w: w, start: start, lines: make([]byte, 0, flushSize+4<<10)}
}

// Params adds to every line the parameters that the run needs besides its seed, which are written
// as JSON; an error says that they cannot be. Call it before Record.
func (l *Log) Params(params any) error {
	text, err := json.Marshal(params)
	if err == nil {
		l.start = append(append(l.start, `,"params":`...), show.Visible(string(text))...)
	}
	return err
}

// Record adds a line, and does not keep a. An error says that lines could not be written; it
// is final. In a file the lines before it stay whole.
func (l *Log) Record(a *Attempt) error {
	if l.err != nil {
		return l.err
	}
	l.lines = appendRow(append(l.lines, l.start...), a)
	if len(l.lines) < flushSize && time.Since(l.flushed) < flushAfter {
		return nil
	}
	return l.flush()
}

// Close writes what is left. It does not close the writer.
func (l *Log) Close() error {
	if l.err != nil || len(l.lines) == 0 {
		return l.err
	}
	return l.flush()
}

func (l *Log) flush() error {
	n, err := l.w.Write(l.lines)
	if err == nil && n < len(l.lines) {
		err = io.ErrShortWrite
	}
	whole := bytes.LastIndexByte(l.lines[:max(0, min(n, len(l.lines)))], '\n') + 1
	l.written += uint64(bytes.Count(l.lines[:whole], []byte{'\n'}))
	if err != nil {
		err = cutBack(l.w, n-whole, err)
		l.err = fmt.Errorf("attempt log: %w; %d rows are written", err, l.written)
	}
	l.lines = l.lines[:0]
	l.flushed = time.Now()
	return l.err
}

// cutBack takes the last n bytes, a part of a line, from what was written, if w can do that.
// It returns cause, with what went wrong now if anything did.
func cutBack(w io.Writer, n int, cause error) error {
	file, ok := w.(interface {
		io.Seeker
		Truncate(size int64) error
	})
	if !ok || n <= 0 {
		return cause
	}
	end, err := file.Seek(0, io.SeekCurrent)
	if err == nil {
		err = file.Truncate(end - int64(n))
	}
	if err == nil {
		_, err = file.Seek(end-int64(n), io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("%w (and the last row is cut short: %v)", cause, err)
	}
	return cause
}

// appendRow appends the rest of a line. It allocates only when dst is too small.
func appendRow(dst []byte, a *Attempt) []byte {
	dst = appendString(append(dst, `,"target":`...), a.Target)
	dst = appendRefs(dst, a.Notification)
	dst = strconv.AppendInt(append(dst, `,"attempt":`...), int64(a.Number), 10)
	dst = appendMoment(append(dst, `,"due":`...), a.Due)
	if a.Closing() {
		dst = append(dst, `,"sent":null,"lateness_us":null,"status":null,"latency_us":null`...)
	} else {
		dst = appendMoment(append(dst, `,"sent":`...), a.Sent)
		dst = strconv.AppendInt(append(dst, `,"lateness_us":`...), a.Lateness.Microseconds(), 10)
		dst = append(dst, `,"status":`...)
		if a.Status == 0 {
			dst = append(dst, `null`...)
		} else {
			dst = strconv.AppendInt(dst, int64(a.Status), 10)
		}
		dst = strconv.AppendInt(append(dst, `,"latency_us":`...), a.Latency.Microseconds(), 10)
	}
	dst = jsontext.AppendString(append(dst, `,"outcome":`...), string(a.Outcome))
	dst = append(dst, `,"error":"`...)
	if a.Failure.Class != "" {
		dst = jsontext.AppendEscaped(dst, string(a.Failure.Class))
		dst = appendText(append(dst, ": "...), a.Failure.Text)
	}
	dst = jsontext.AppendString(append(dst, `","fault":`...), a.Fault.String())
	return append(dst, "}\n"...)
}

// appendRefs appends what a line says of the notification. Typed ones are read in place:
// the methods of Notification would make strings.
func appendRefs(dst []byte, n *plan.Notification) []byte {
	dst = append(dst, `,"conversation":"`...)
	if n.Raw != nil {
		dst = appendText(dst, n.RawRef.ConversationID)
	} else if id := &n.Event.Channel.ConversationID; !id.IsZero() {
		dst = append(dst, id[:]...)
	}
	dst = appendString(append(dst, `","role":`...), n.Role())
	dst = appendString(append(dst, `,"party":`...), n.Name)
	dst = append(dst, `,"type":"`...)
	if n.Raw != nil {
		dst = appendText(dst, n.RawRef.Type)
		dst = appendText(append(dst, `","id":"`...), n.RawRef.ID)
		return append(dst, '"')
	}
	dst = append(dst, n.Event.Type.Kind.String()...)
	dst = append(append(dst, '.'), n.Event.Type.Version.String()...)
	dst = append(append(dst, `","id":"`...), n.Event.ID[:]...)
	return append(dst, '"')
}

// appendString appends a JSON string of any text, in which nothing acts unseen on whoever looks at the file.
func appendString(dst []byte, text string) []byte {
	return append(appendText(append(dst, '"'), text), '"')
}

// appendText appends a text as it stands inside such a string.
func appendText(dst []byte, text string) []byte {
	from := len(dst)
	dst = jsontext.AppendEscaped(dst, text)
	if show.Visible(text) == text {
		return dst
	}
	return append(dst[:from], show.Visible(string(dst[from:]))...)
}

// appendMoment appends t in UTC to the microsecond, as RFC 3339 has it.
func appendMoment(dst []byte, t time.Time) []byte {
	dst = event.Stamp{Time: t, Digits: 6}.Append(append(dst, '"'))
	return append(dst, '"')
}
