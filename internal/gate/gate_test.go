package gate_test

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/gate"
)

func TestGatesAreRead(t *testing.T) {
	for _, c := range []struct {
		name, text, normal string
		value              float64
	}{
		{"a share", "accepted >= 99.9%", "accepted >= 99.9%", 99.9},
		{"a count", "accepted == 11", "accepted == 11", 11},
		{"a percentile", "answer p99 < 500ms", "answer p99 < 500ms", 500e6},
		{"a percentile with digits", "lateness p99.9 <= 1m30s", "lateness p99.9 <= 1m30s", 90e9},
		{"the longest", "own lateness max < 20ms", "own lateness max < 20ms", 20e6},
		{"a figure of two words", "duplicates refused == 0", "duplicates refused == 0", 0},
		{"no blanks at all", "given up==0", "given up == 0", 0},
		{"blanks everywhere", "  forgeries   accepted  !=  3 ", "forgeries accepted != 3", 3},
		{"a rate", "throughput > 100.5/s", "throughput > 100.5/s", 100.5},
		{"the reports' word for a time", "latency p99 < 500ms", "latency p99 < 500ms", 500e6},
		{"the statistic before the figure", "p99 latency < 500ms", "p99 latency < 500ms", 500e6},
		{"a word for a statistic", "latency avg < 1.5s", "latency avg < 1.5s", 1.5e9},
		{"a log's spelling", "given-up == 0", "given up == 0", 0},
		{"a key's spelling", "wrongly_accepted <= 1%", "wrongly accepted <= 1%", 1},
		{"a rate of failures", "error rate < 0.5%", "error rate < 0.5%", 0.5},
		{"a blank before a unit", "latency max < 500 ms", "latency max < 500ms", 500e6},
		{"a blank before a percent sign", "accepted >= 99.9 %", "accepted >= 99.9%", 99.9},
		{"an exponent", "accepted >= 1e3", "accepted >= 1e3", 1000},
		{"a whole number with digits", "accepted >= 10.0", "accepted >= 10.0", 10},
		{"a rate in minutes", "throughput > 300/m", "throughput > 300/m", 5},
		{"one time", "duration < 10m", "duration < 10m", 600e9},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := gate.Parse(c.text)
			if err != nil || g.String() != c.normal || g.Value != c.value {
				t.Errorf("got %q, value %v, error %v; want %q, %v", g, g.Value, err, c.normal, c.value)
			}
		})
	}
}

func TestWhatIsWrongWithAGateIsToldWithItsPlace(t *testing.T) {
	for _, c := range []struct {
		name, text string
		column     int
		says       string
	}{
		{"nothing", "", 1, "want a comparison"},
		{"no figure", " == 0", 1, "want a figure"},
		{"a mistyped figure", "acepted >= 1%", 1, `did you mean "accepted"?`},
		{"a mistyped spread", " anwser p99 < 1s", 2, `did you mean "answer"?`},
		{"a figure that nothing is like", "happiness == 1", 1, "ringback help gates"},
		{"no comparison", "accepted 99%", 13, "want a comparison, one of >=, <="},
		{"an unknown comparison", "accepted => 99%", 10, `unknown comparison "=>"; want >=`},
		{"an assignment", "accepted = 99%", 10, `unknown comparison "="; want ==`},
		{"a mathematical comparison", "accepted ≥ 99%", 10, `unknown comparison "≥"; want >=`},
		{"a comparison of SQL", "accepted <> 9 <", 10, `unknown comparison "<>"; want !=`},
		{"a fraction", "refused < 2.5", 11, `refused is a count: want a whole number, got "2.5"; write 2 or 3, or 2.5% for a share of all notifications`},
		{"a fraction of an exponent", "attempts < 1.25e1", 12, `write 12 or 13`},
		{"a small fraction", "given up < 0.001", 12, `as a percentage it is 0.1%`},
		{"a fraction of what has no share", "violations < 1.5", 14, `write 1 or 2`},
		{"a rate without percents", "success rate >= 0.99", 17, `success rate: want a percentage, got "0.99"; write 99%`},
		{"a rate without its sign", "error rate < 5", 14, `want a percentage, got "5"; write 5%`},
		{"too large a share", "accepted >= 101%", 13, "no share is over 100%"},
		{"too large a number", "accepted >= 1e16", 13, "want a number of at most 1e+15"},
		{"a decimal comma", "accepted >= 99,9%", 13, "write it without a comma"},
		{"two conditions", "accepted > 1 and refused < 2", 14, "each condition is a gate of its own"},
		{"the reports' word without a statistic", "latency < 5ms", 8, "latency: want a statistic"},
		{"a statistic in capitals", "latency P99 < 5ms", 9, `unknown statistic "P99"`},
		{"far too much", strings.Repeat("é", 600_000), 1, "1200000 bytes are too long"},
		{"a sign before the figure", "-accepted >= 9", 1, `unknown figure "-accepted" (did you mean "accepted"?)`},
		{"a percentile in hexadecimals", "latency p0x1p3 < 5ms", 9, "unknown statistic"},
		{"a capital letter", "Accepted >= 9", 1, `did you mean "accepted"?`},
		{"no value", "accepted >=", 12, "want a value, such as 0 or 99.9%"},
		{"a word as value", "accepted >= all", 13, `got "all"`},
		{"two values", "accepted >= 1 2", 15, "want nothing behind the value"},
		{"a time where a count is", "accepted >= 5ms", 13, "want a value such as 0 or 99.9%"},
		{"a count where a time is", "answer p99 < 500", 14, `want a time such as 500ms, got "500"; with its unit it is 500ms or 500s`},
		{"a negative time", "duration < -5s", 12, "want a time"},
		{"a rate without its unit", "throughput > 5", 14, `want a value such as 100/s, got "5"; with its unit it is 5/s`},
		{"a share of nothing", "violations == 0%", 15, "share of nothing"},
		{"a spread without a statistic", "answer < 5ms", 7, "want a statistic"},
		{"an unknown statistic", "answer middle < 5ms", 8, `unknown statistic "middle"`},
		{"a percentile above 100", "answer p101 < 5ms", 8, "unknown statistic"},
		{"a percentile of a count", "accepted p99 > 5", 10, "has no statistics"},
		{"a place behind wide letters", "größe p99 > 5", 1, "unknown figure"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := gate.Parse(c.text)
			var e *gate.Error
			if !errors.As(err, &e) {
				t.Fatalf("got error %v, want a *gate.Error", err)
			}
			if e.Column != c.column || !strings.Contains(e.Problem, c.says) {
				t.Errorf("got character %d: %s\nwant %d: …%s…", e.Column, e.Problem, c.column, c.says)
			}
		})
	}
}

func TestGatesHoldOrNot(t *testing.T) {
	for _, c := range []struct {
		text   string
		value  float64
		holds  bool
		showed string
	}{
		{"accepted >= 99.9%", float64(999*100) / 1000, true, "99.9%"},
		{"accepted >= 99.9%", float64(99899*100) / 100000, false, "99.899%"},
		{"accepted > 10", 10, false, "10"},
		{"accepted < 10", 10, false, "10"},
		{"accepted <= 10", 10, true, "10"},
		{"accepted != 10", 10, false, "10"},
		{"accepted == 1234567", 1234567, true, "1234567"},
		{"answer p99 < 500ms", 612.34e6, false, "612.3ms"},
		{"answer p99 <= 500ms", 500.001e6, false, "500.001ms"},
		{"answer p99 < 2s", 1.5e9, true, "1.5s"},
		{"throughput > 5/s", 1234.5678, true, "1235/s"},
	} {
		g, err := gate.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Holds(c.value); got != c.holds {
			t.Errorf("%s with %v: holds is %t, want %t", c.text, c.value, got, c.holds)
		}
		if got := g.Show(c.value); got != c.showed {
			t.Errorf("%s shows %v as %q, want %q", c.text, c.value, got, c.showed)
		}
	}
	if (gate.Gate{}).Holds(0) {
		t.Error("a gate that is none holds")
	}
}

// Every figure of the table can be asked for, its help line tells how, and editors that
// know the pattern allow it.
func TestEveryFigureCanBeAskedFor(t *testing.T) {
	pattern := regexp.MustCompile(gate.Pattern())
	known := map[string]bool{}
	for _, r := range gate.Rows() {
		for _, name := range r.Figure.Names() {
			if known[name] {
				t.Errorf("%q is the name of two figures", name)
			}
			known[name] = true
			right := map[gate.Kind]string{gate.Count: " == 0", gate.Rate: " > 1/s", gate.Time: " < 1s", gate.Spread: " p50 < 1s"}[r.Kind]
			if strings.HasSuffix(name, " rate") {
				right = " == 0%"
			}
			for _, text := range []string{name + right, strings.ReplaceAll(name, " ", "_") + strings.ReplaceAll(right, "0%", "0 %")} {
				g, err := gate.Parse(text)
				if err != nil || g.Figure != r.Figure {
					t.Errorf("%q is about %q, %v; want %q", text, g.Figure, err, r.Figure)
				}
				if !pattern.MatchString(text) {
					t.Errorf("the pattern does not match %q", text)
				}
			}
		}
		if r.Doc == "" || !strings.Contains(gate.Help(), r.Doc) {
			t.Errorf("help does not say what %s is", r.Figure)
		}
	}
	for _, text := range []string{"p99 latency < 1s", "latency average < 1 s", "median latency < 1s"} {
		if _, err := gate.Parse(text); err != nil || !pattern.MatchString(text) {
			t.Errorf("%q: %v, and the pattern matches: %t", text, err, pattern.MatchString(text))
		}
	}
	for _, text := range []string{"acepted == 0", "accepted 0", "answer < 1s", "accepted == 0 0"} {
		if pattern.MatchString(text) {
			t.Errorf("the pattern matches %q", text)
		}
	}
}

// What is read is read again from its normal form, and editors allow it.
func TestWhatIsReadIsAllowed(t *testing.T) {
	pattern := regexp.MustCompile(gate.Pattern())
	words := [][]string{{"accepted", "latency", "given up", "given_up", "success rate", "p99", "median", "no answer", "throughput", "-", "x"},
		{"", "", "latency", "answer", "p99", "p9.", "avg", "p1e1", "_"}, {">=", "<", "=", "=="}, {"5", "2.5", "99%", "5 %", "500ms", "1 s", "3/s", "1e3"}, {"", "", "", "x", "5"}}
	r := rand.New(rand.NewPCG(1, 2))
	read := 0
	for range 20_000 {
		var b strings.Builder
		for _, of := range words {
			b.WriteString(of[r.IntN(len(of))])
			if r.IntN(3) > 0 {
				b.WriteByte(' ')
			}
		}
		g, err := gate.Parse(b.String())
		if err != nil {
			continue
		}
		read++
		again, err := gate.Parse(g.String())
		if err != nil || again != g {
			t.Fatalf("%q is read as %q, and that as %q, %v", b.String(), g, again, err)
		}
		if !pattern.MatchString(b.String()) || !pattern.MatchString(g.String()) {
			t.Fatalf("the pattern does not match %q, or %q", b.String(), g)
		}
	}
	if read < 500 {
		t.Errorf("only %d gates were read", read)
	}
}
