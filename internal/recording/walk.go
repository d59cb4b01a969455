package recording

import (
	"encoding/json"
	"strconv"
	"strings"
)

// visit gets a string value in a JSON text: its path, such as data.channel.channelId or
// data.languages[0], and the text between its quotes. It returns the new text.
type visit func(path, inner string) string

// rewrite copies a JSON text with the string values that see returns, and all else as it
// is, byte for byte. A text that is no JSON is returned as it is.
func rewrite(body []byte, see visit) []byte {
	if !json.Valid(body) {
		return body
	}
	w := walker{text: string(body), see: see}
	w.value("")
	return append(w.out, w.text[w.copied:]...)
}

// walker goes through a valid JSON text.
type walker struct {
	text       string
	at, copied int // next byte to read; first byte not yet copied
	out        []byte
	see        visit
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
