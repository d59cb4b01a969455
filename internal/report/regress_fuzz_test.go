package report_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
)

// Whatever two reports say that can be read, they can be compared, judged by every figure, and written.
func FuzzJudgedComparison(f *testing.F) {
	short := consumer{seconds: 24, rate: 3, median: 900, drift: 0.1, failing: 0.2}
	for _, c := range []consumer{short, short.with(func(c *consumer) { c.failing = 0 }), {}} {
		var text bytes.Buffer
		if err := c.play(1).WriteJSON(&text); err != nil {
			f.Fatal(err)
		}
		f.Add(text.Bytes(), text.Bytes())
		f.Add(text.Bytes(), bytes.ReplaceAll(text.Bytes(), []byte(`"attempts": 72`), []byte(`"attempts": 1`)))
		f.Add(bytes.ReplaceAll(text.Bytes(), []byte(`"matched": 72`), []byte(`"matched": 0`)), bytes.ReplaceAll(text.Bytes(), []byte(`"at_s": 24,`), []byte(`"at_s": 67108000,`)))
	}
	var gates []gate.Gate
	for _, row := range gate.Rows() {
		for _, statistic := range map[bool][]string{true: {" p50", " p99.9", " mean", " max"}, false: {""}}[row.Kind == gate.Spread] {
			if g, err := gate.ParseCompared(string(row.Figure) + statistic + " < 1.2x"); err == nil {
				gates = append(gates, g)
			}
		}
	}
	if len(gates) < 30 {
		f.Fatalf("only %d gates", len(gates))
	}
	f.Fuzz(func(t *testing.T, one, other []byte) {
		a, err := report.Read(bytes.NewReader(one))
		if err != nil {
			return
		}
		b, err := report.Read(bytes.NewReader(other))
		if err != nil {
			return
		}
		c := report.Compare(a, b)
		c.Judge(gates)
		for _, format := range []report.Format{report.JSON, report.Markdown, report.HTML, report.JUnit} {
			if err := c.WriteAs(io.Discard, format); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.WriteText(io.Discard); err != nil {
			t.Fatal(err)
		}
	})
}
