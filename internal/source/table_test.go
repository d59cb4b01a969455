package source_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/source"
)

// Cells have the place at which an editor shows them, counted in characters.
func TestCellsKnowTheirPlace(t *testing.T) {
	for _, c := range []struct{ text, want, wrong string }{
		{"a,b\nc, d \n", "1:1 a|1:3 b|2:1 c|2:4 d|", ""},
		{"\uFEFFä,b\r\n\r\n# no, row\r\n\"x, y\",ö,z", "1:1 ä|1:3 b|4:1 x, y|4:8 ö|4:10 z|", ""},
		{"a\nb,\"c", "1:1 a|", `t.csv:2:5: extraneous or missing " in quoted-field`},
		{"öö\"a", "", `t.csv:1:3: bare " in non-quoted-field`},
		{"a\x00", "", "t.csv:1:2: the control character U+0000 is not allowed"},
		{strings.Repeat("a", 41), "", "t.csv:1:1: the file is too large; at most 40 bytes are read"},
	} {
		f, rows := source.Table("t.csv", []byte(c.text), 40)
		got := ""
		for _, row := range rows {
			for _, cell := range row {
				got += fmt.Sprintf("%d:%d %s|", cell.Line, cell.Column, cell.Text)
			}
		}
		wrong := ""
		if err := f.Err(); err != nil {
			wrong = err.Error()
		}
		if got != c.want || wrong != c.wrong {
			t.Errorf("%q:\ngot  %s %s\nwant %s %s", c.text, got, wrong, c.want, c.wrong)
		}
		if f.Copy().Err() != nil {
			t.Errorf("%q: the copy has problems", c.text)
		}
	}
}
