package recording_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ringback/ringback/internal/recording"
)

// packed is text as gzip packs it.
func packed(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// documents lists what is in a file, each object and each error with its place.
func documents(file io.Reader) (all []string) {
	for doc, err := range recording.Documents(file) {
		if err != nil {
			all = append(all, fmt.Sprint("error: ", err))
			continue
		}
		all = append(all, fmt.Sprintf("%d:%d %s", doc.Line, doc.Column, doc.Text))
	}
	return all
}

func TestDocumentsInEveryForm(t *testing.T) {
	pretty := "{\n\t\"a\": [1, {\"]\": \"}\\\"\"}]\n}"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"blanks", " \r\n\t", nil},
		{"lines", "{}\n\n{\"a\":1}", []string{"1:1 {}", "3:1 {\"a\":1}"}},
		{"lines that end as on Windows", "{}\r\n{}\r\n", []string{"1:1 {}", "2:1 {}"}},
		{"one after the other", "{} {}{}", []string{"1:1 {}", "1:4 {}", "1:6 {}"}},
		{"pretty-printed", pretty + "\n" + pretty, []string{"1:1 " + pretty, "4:1 " + pretty}},
		{"an array", "[{},\n " + pretty + " , {}]\n", []string{"1:2 {}", "2:2 " + pretty, "4:5 {}"}},
		{"an empty array", "[ ]", nil},
		{"an array, then a line", "[{}]\n{}", []string{"1:2 {}", "2:1 {}"}},
		{"arrays within an array", "[[{}, {}],\n[], [{}]] [{}]", []string{"1:3 {}", "1:7 {}", "2:6 {}", "2:12 {}"}},
		{"files with byte order marks, put together", "\ufeff{}\n\ufeff{}\ufeff[\ufeff{}]", []string{"1:1 {}", "2:1 {}", "2:4 {}"}},
		{"a byte order mark", "\ufeff{}", []string{"1:1 {}"}},
		{"columns are characters", `{"é":1} {}`, []string{`1:1 {"é":1}`, "1:9 {}"}},
		{"packed", packed(t, "\ufeff{}\n{}"), []string{"1:1 {}", "2:1 {}"}},

		{"a text", "hello\nworld\n", []string{"error: line 1, column 1: want a JSON object, got h"}},
		{"a number", "12", []string{"error: line 1, column 1: want a JSON object, got 1"}},
		{"a line of something else", "{}\nhello\n{}\n", []string{"1:1 {}", "error: line 2, column 1: want a JSON object, got h", "3:1 {}"}},
		{"a line that is cut off", "{\"a\":1,\n{}\n", []string{"error: line 2, column 1: want a member's name in double quotes, got {", "2:1 {}"}},
		{"a line that is cut off within a text", "{\"a\n{}\n",
			[]string{`error: line 1, column 4: the line ends within a string (was it cut off?)`, "2:1 {}"}},
		{"the last line is cut off", "{}\n{\"a\"", []string{"1:1 {}", "error: line 2, column 5: want a colon, but the text ends here (was the file cut off?)"}},
		{"broken in the middle", "{\n \"a\": 1\n \"b\": 2\n}\n{}", []string{`error: line 3, column 2: want a comma or }, got "`, "5:1 {}"}},
		{"an array of numbers", "[1,2]\n", []string{"error: line 1, column 2: want a JSON object, got 1"}},
		{"an array without its end", "[{}", []string{"1:2 {}", "error: line 1, column 4: want the rest of the array that the file began, got the end"}},
		{"an array without a comma", "[{} {}]", []string{"1:2 {}", "error: line 1, column 5: want a comma or ], got {"}},
		{"a comma between lines", "{},\n{}", []string{"1:1 {}", "error: line 1, column 3: want a JSON object, got ,", "2:1 {}"}},
		{"commas between lines are named once", "{},\n{},\n{},\n", []string{"1:1 {}", "error: line 1, column 3: want a JSON object, got ,", "2:1 {}", "3:1 {}"}},
		{"an array that is broken is named once", "[\n{},\n{\"a\n{},\n{}\n{}\n]\n", []string{"2:1 {}",
			`error: line 3, column 4: the line ends within a string (was it cut off?)`, "4:1 {}", "5:1 {}", "6:1 {}"}},
		{"a comma at the end", "[{},]", []string{"1:2 {}", "error: line 1, column 5: want a JSON object, got ]"}},
		{"a comma at the beginning", "[,{}]", []string{"error: line 1, column 2: want a JSON object, got ,"}},
		{"too many arrays", strings.Repeat("[", 10_001), []string{"error: line 1, column 10001: want a JSON object, got ["}},
		{"UTF-16 without a mark", "{\x00\"\x00", []string{"error: the file is UTF-16; save it as UTF-8"}},
		{"a ZIP archive", "PK\x03\x04", []string{"error: it is a ZIP archive; unpack it, or pack its files with gzip"}},
		{"packed with zstd", "\x28\xb5\x2f\xfd", []string{"error: it is packed with zstd; unpack it, or pack it with gzip"}},
		{"a program", "\x7fELF\x02\x01\x01\x00 {}\n{}", []string{"error: it is a binary file; want JSON"}},
		{"packed twice", packed(t, packed(t, "{}")), []string{"error: it is packed with gzip twice; unpack it once"}},
		{"UTF-16", "\xff\xfe{\x00}\x00", []string{"error: the file is UTF-16; save it as UTF-8"}},
		{"a packed file that is cut off", packed(t, "{}")[:20], []string{"1:1 {}", "error: the file cannot be unpacked to its end (was it cut off?)"}},
		{"a packed file in name only", "\x1f\x8b no", []string{"error: it begins as a gzip file does, but is none"}},
		{"too deep", strings.Repeat(`{"a":`, 10_001), []string{"error: line 1, column 50001: want a value, got {"}},
	} {
		for _, file := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
			got := documents(file)
			for i := range got { // these two end the reading, without a character
				got[i] = strings.Replace(got[i], "objects and arrays are nested too deep", "want a value, got {", 1)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s:\ngot  %q\nwant %q", c.name, got, c.want)
			}
		}
	}
}

// However much rubbish a file holds, one place of it is named.
func TestAFileOfSomethingElseIsNamedOnce(t *testing.T) {
	if got := documents(strings.NewReader(strings.Repeat("level=info msg={\"a\":1}\n", 10_000))); len(got) != 1 {
		t.Errorf("got %d of them; want 1", len(got))
	}
}

func FuzzDocuments(f *testing.F) {
	f.Add("[{},\n{\"a\":\"\\u00e9\"}]")
	f.Add("{\"a\":1,\n{}\nx\n[")
	f.Fuzz(func(t *testing.T, text string) {
		n := 0
		for doc, err := range recording.Documents(strings.NewReader(text)) {
			if n++; n > len(text)+2 {
				t.Fatal("more than there are bytes")
			}
			if err == nil && (len(doc.Text) == 0 || doc.Text[0] != '{' || !strings.Contains(text, string(doc.Text)) && text[:2] != "\x1f\x8b") {
				t.Fatalf("got %q of %q", doc.Text, text)
			}
		}
	})
}
