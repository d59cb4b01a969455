package recording

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/seeded"
)

// change rewrites the identifiers and times of recorded bodies. The zero value changes
// nothing.
type change struct {
	renew bool
	seed  uint64
	shift time.Duration // whole seconds, so that no difference between two times changes at any number of digits
}

// Names of the random choices.
const (
	nameGUID uint64 = iota + 1
	nameKSUID
)

// apply returns the body as it is to be sent: with other string values, and all else as it is,
// byte for byte. A body that is no JSON is returned as it is.
func (c *change) apply(body []byte) []byte {
	if !c.renew && c.shift == 0 || !json.Valid(body) {
		return body
	}
	w := walker{text: string(body), see: c.value}
	w.value("")
	return append(w.out, w.text[w.copied:]...)
}

// isTime reports whether the member at a path holds a moment.
func isTime(path string) bool { return path == "time" || path == "data.timestamp" }

// value gets the text between the quotes of a string, and its path, such as data.channel.channelId
// or data.languages[0]. It returns the new text.
func (c *change) value(path, inner string) string {
	if isTime(path) {
		if s := stamp(inner); !s.IsZero() {
			return event.Stamp{Time: s.Add(c.shift), Digits: s.Digits}.String()
		}
		return inner
	}
	if !c.renew || ofAccount(path) {
		return inner
	}
	if _, err := event.ParseGUID(inner); err == nil {
		id := seeded.From(c.seed).With(nameGUID).WithText(strings.ToLower(inner)).UUID()
		return string(id[:])
	}
	if at, ok := idMoment(inner); ok {
		id := seeded.From(c.seed).With(nameKSUID).WithText(inner).KSUID(at.Add(c.shift))
		return string(id[:])
	}
	return inner
}

// ofAccount reports whether the identifier at a path belongs to the account and not to a call. A
// new one would contradict what the consumer already knows: an agent keeps its user ID.
func ofAccount(path string) bool {
	name := path[strings.LastIndexByte(path, '.')+1:]
	return name == "userId" || name == "agentId" || name == "presenceId"
}

// idMoment is the second that a notification ID embeds, if text is one.
func idMoment(text string) (time.Time, bool) {
	if _, err := event.ParseID(text); err != nil {
		return time.Time{}, false
	}
	at, err := seeded.Moment(text)
	return at, err == nil
}

// walker goes through a valid JSON text.
type walker struct {
	text       string
	at, copied int // next byte to read; first byte not yet copied
	out        []byte
	see        func(path, inner string) string
}

func (w *walker) value(path string) {
	w.blank()
	switch w.text[w.at] {
	case '"':
		from, to := w.quoted()
		if inner := w.see(path, w.text[from:to]); inner != w.text[from:to] {
			w.out = append(append(w.out, w.text[w.copied:from]...), inner...)
			w.copied = to
		}
	case '{':
		w.nest('}', func(int) { w.member(path) })
	case '[':
		w.nest(']', func(i int) { w.value(path + "[" + strconv.Itoa(i) + "]") })
	default:
		for w.at < len(w.text) && !strings.ContainsRune(",]} \t\r\n", rune(w.text[w.at])) {
			w.at++
		}
	}
}

func (w *walker) member(path string) {
	w.blank()
	from, to := w.quoted()
	name := w.text[from:to]
	if path != "" {
		name = path + "." + name
	}
	w.blank()
	w.at++ // the colon
	w.value(name)
}

// nest reads what is between brackets.
func (w *walker) nest(end byte, item func(int)) {
	w.at++
	for i := 0; ; i++ {
		w.blank()
		if w.text[w.at] == end {
			w.at++
			return
		}
		if w.text[w.at] == ',' {
			w.at++
		}
		item(i)
	}
}

// quoted passes a string and returns where its inside begins and ends.
func (w *walker) quoted() (from, to int) {
	w.at++
	from = w.at
	for w.text[w.at] != '"' {
		if w.text[w.at] == '\\' {
			w.at++
		}
		w.at++
	}
	w.at++
	return from, w.at - 1
}

func (w *walker) blank() {
	for w.at < len(w.text) && strings.ContainsRune(" \t\r\n", rune(w.text[w.at])) {
		w.at++
	}
}
