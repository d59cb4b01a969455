package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/watch"
	"github.com/ringback/ringback/scenario/fault"
)

// lines prints a line for each attempt. It writes through a buffer that is flushed a
// moment after a line, so that a fast run is not slowed by its own output, and a slow one
// is seen as it happens.
type lines struct {
	colours show.Colours
	shown   bool // each attempt has a line
	calls   bool // there are several conversations to tell apart
	targets bool // there are several targets to tell apart
	mu      sync.Mutex
	w       *bufio.Writer
	timer   *time.Timer // flushes; nil while there is nothing to flush
	repeats repeats
	urls    map[string]string // of the targets, by their names
}

func newLines(w io.Writer) *lines {
	return &lines{w: bufio.NewWriterSize(w, 64<<10), colours: show.ColoursFor(w)}
}

func (r *playing) newLines(watching *watch.Watcher) *lines {
	l := newLines(r.out)
	l.shown, l.urls = watching.Attempts(), targetURLs(r.emitter.Targets)
	l.calls, l.targets = l.shown && r.plan.Conversations() > 1, len(r.emitter.Targets) > 1
	return l
}

// rows is what becomes of each row: it is shown, counted and kept, and may end the run.
func (r *playing) rows(l *lines, watching *watch.Watcher, record func(*emitter.Attempt) error) func(*emitter.Attempt) error {
	return func(a *emitter.Attempt) error {
		if l.shown {
			l.attempt(a)
		} else if hint := l.first(a); hint != "" && r.output == "text" {
			r.messages.Print(hint)
		}
		watching.Record(a)
		r.reporting.record(a)
		r.judge(a)
		return record(a)
	}
}

func (l *lines) attempt(a *emitter.Attempt) {
	n := a.Notification
	l.mu.Lock()
	defer l.mu.Unlock()
	failure := l.repeats.of(a)
	if failure != nil && !failure.line() {
		if failure.round() {
			l.count(failure, " so far")
		}
		return
	}
	if l.calls {
		fmt.Fprintf(l.w, "%6d  ", n.Story+1)
	}
	fmt.Fprintf(l.w, "%s  %-12s %-26s ", show.Offset(n.At), cmp.Or(n.Name, "send"), cmp.Or(n.Type(), "(no type)"))
	if l.targets {
		fmt.Fprintf(l.w, "%s  ", a.Target)
	}
	fmt.Fprint(l.w, l.outcome(a))
	if a.Fault != fault.None {
		fmt.Fprintf(l.w, "  [%s]", a.Fault)
	}
	fmt.Fprintln(l.w)
	if failure != nil && failure.seen == 1 {
		if hint := l.repeats.hint(a, l.urls); hint != "" {
			fmt.Fprintf(l.w, "%s  hint: %s\n", l.margin(), hint)
		}
	}
	l.soon()
}

// first is what to say of a row where no lines are written: of the first failure of a kind, and what to do about it.
func (l *lines) first(a *emitter.Attempt) string {
	if !unwanted(a) {
		return ""
	}
	if k := l.repeats.of(a); k.seen > 1 || l.repeats.hint(a, l.urls) == "" {
		return ""
	}
	return fmt.Sprintf("ringback: %s: first failure: %s; %s", a.Target, a.Failure, flagged(a.Hint(l.urls[a.Target])))
}

// margin stands before lines that are about no single notification.
func (l *lines) margin() string {
	if l.calls {
		return "        "
	}
	return ""
}

// soon has the lines flushed.
func (l *lines) soon() {
	if l.timer == nil {
		l.timer = time.AfterFunc(100*time.Millisecond, l.flush)
	}
}

// count writes how many failures of a kind there have been.
func (l *lines) count(k *alike, so string) {
	fmt.Fprint(l.w, l.margin(), "  … ")
	if l.targets {
		fmt.Fprintf(l.w, "%s  ", k.target)
	}
	fmt.Fprintln(l.w, k.count(so))
	l.soon()
}

// end counts what was left out, and writes all lines.
func (l *lines) end() {
	l.mu.Lock()
	for _, k := range l.repeats.kinds {
		if l.shown && k.seen > k.told {
			l.count(k, " altogether")
		}
	}
	l.mu.Unlock()
	l.flush()
}

// outcome says what became of the attempt, and why.
func (l *lines) outcome(a *emitter.Attempt) string {
	good := func(format string, args ...any) string {
		return l.colours.Good(fmt.Sprintf(format, args...)) + fmt.Sprintf(" in %s", a.Latency.Round(10*time.Microsecond))
	}
	switch {
	case a.Outcome == emitter.Refused:
		return good("%d correctly refused", a.Status)
	case a.Outcome == emitter.Dropped:
		return "dropped"
	case a.Outcome == emitter.Accepted && a.Number > 1:
		return good("%d accepted at attempt %d", a.Status, a.Number)
	case a.Outcome == emitter.Accepted:
		return good("%d accepted", a.Status)
	case a.Failure.Class == emitter.ClassStale:
		return "sent again at once: " + a.Failure.String()
	case a.Closing():
		return l.colours.Bad(string(a.Outcome)) + ": " + a.Failure.String()
	}
	text := l.colours.Bad(string(a.Outcome)) + fmt.Sprintf(" after attempt %d: %s", a.Number, a.Failure)
	if len(a.Excerpt) > 0 {
		text += fmt.Sprintf(" %.160q", a.Excerpt)
	}
	return text
}

// flush writes the buffered lines. If the reader has gone, the run continues without lines.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer = nil
	if l.w.Flush() != nil {
		l.w.Reset(io.Discard)
	}
}

// ownerFile is the mode of recordings and logs: they hold what was said of people.
const ownerFile = 0o600

// openLog opens the log, if there is to be one, before anything is sent. Rows are appended,
// since each one names its run.
func (r *playing) openLog() (record func(*emitter.Attempt) error, end func() error, err error) {
	if r.log == "" {
		return func(*emitter.Attempt) error { return nil }, func() error { return nil }, nil
	}
	if err := mend(r.log); err != nil {
		return nil, nil, usage("--log: %v", err)
	}
	file, err := os.OpenFile(filepath.Clean(r.log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, ownerFile)
	if err != nil {
		return nil, nil, usage("--log: %v", show.FileError(err))
	}
	run := r.plan.Hash()[:12] + "-" + time.Now().UTC().Format("20060102T150405.000Z")
	log := emitter.NewLog(file, run, r.plan.Seed())
	if params := r.reporting.params; params != nil {
		if err := log.Params(params); err != nil {
			return nil, nil, errors.Join(err, file.Close())
		}
	}
	return log.Record, func() error { return cmp.Or(log.Close(), show.FileError(file.Close())) }, nil
}

// longestTail is how far from the end of a log the end of its last whole row is looked for.
const longestTail = 64 << 10 // bytes

// mend takes from the end of a log the part of a row that a run which was killed while it
// wrote may have left. It touches nothing else: no whole row, and no file of another kind.
func mend(path string) error {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return nil // opening it will say what is wrong with it, if anything is
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	defer file.Close()
	end := make([]byte, min(longestTail, info.Size()))
	if _, err := file.ReadAt(end, info.Size()-int64(len(end))); err != nil {
		return show.FileError(err)
	}
	torn := end[bytes.LastIndexByte(end, '\n')+1:]
	const begin = `{"run":`
	if len(torn) == 0 || len(torn) == longestTail || string(torn[:min(len(torn), len(begin))]) != begin[:min(len(torn), len(begin))] {
		return nil
	}
	now, err := file.Stat()
	if err != nil || now.Size() != info.Size() {
		return show.FileError(err) // another run is writing to it, so nothing is torn
	}
	return show.FileError(file.Truncate(info.Size() - int64(len(torn))))
}
