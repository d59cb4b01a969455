package show_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/ringback/ringback/internal/show"
)

func TestNothingActsUnseen(t *testing.T) {
	for text, want := range map[string]string{
		"plain, 日本 and\ta\nline":          "plain, 日本 and\ta\nline",
		"\x1b[2J\x07\x00":                 `\u001b[2J\u0007\u0000`,
		"a\u202egnp.exe\u2066\u2069":      `a\u202egnp.exe\u2066\u2069`,
		"\u009b31m\u0085":                 `\u009b31m\u0085`,
		"\x7f\r":                          `\u007f\u000d`,
		"zero\u200bwidth\u2060\u00ad":     `zero\u200bwidth\u2060\u00ad`,
		"\U000e0041 tag \U0001d173":       `\udb40\udc41 tag \ud834\udd73`,
		"\xff\xfe no UTF-8":               `\xff\xfe no UTF-8`,
		"\u2028\u2029":                    `\u2028\u2029`,
		"का\u200dम 👩\u200d💻 \u00a0\u3000": "का\u200dम 👩\u200d💻 \u00a0\u3000",
		"": "",
	} {
		if got := show.Visible(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsShownIsStillJSON(t *testing.T) {
	const text = "a\u202eb\u009bc\U000e0041\x7f"
	encoded, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if err := json.Unmarshal([]byte(show.Visible(string(encoded))), &got); err != nil || got != text {
		t.Errorf("%q, %v; want %q", got, err, text)
	}
}

func TestAWriterPassesOnWhatIsSeen(t *testing.T) {
	var b bytes.Buffer
	w := show.Readable(&b)
	ours := show.Colours(true)
	text := ours.Bad("bad") + " \x1b[31mred \x1b[8mhidden\x1b[0m\x1b[1A 日本\u202e\n" + show.ClearLine + "5 sent \rover\r\x1b[K" + ours.Faint("\x1b[2m") + "."
	const want = "\x1b[31mbad\x1b[0m " + `\u001b[31mred \u001b[8mhidden\u001b[0m\u001b[1A 日本\u202e` + "\n\r\x1b[K5 sent " + `\u000dover\u000d\u001b[K` + "\x1b[2m" + `\u001b[2m` + "\x1b[0m."
	for size := 1; size <= len(text); size++ { // characters and colours come in pieces
		b.Reset()
		for piece := range slices.Chunk([]byte(text), size) {
			if n, err := w.Write(piece); n != len(piece) || err != nil {
				t.Fatal(n, err)
			}
		}
		if got := b.String(); got != want {
			t.Errorf("in pieces of %d: %q, want %q", size, got, want)
		}
	}
	if _, err := show.Readable(full{}).Write([]byte("x")); err == nil {
		t.Error("an error is lost")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }
