package scenario_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
)

func TestRulesOfFaultsAreRead(t *testing.T) {
	var by scenario.Span
	by, err := scenario.ParseSpan("1s..90s")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		want scenario.FaultRule
	}{
		{"duplicate 2% of channel.held.*", scenario.FaultRule{Kind: fault.Duplicate, Rate: 0.02, Of: "channel.held.*"}},
		{"delay 2% by 1s..90s of channel.held.*", scenario.FaultRule{Kind: fault.Delay, Rate: 0.02, Of: "channel.held.*", By: by}},
		{"wrong-key every 10 count 3", scenario.FaultRule{Kind: fault.WrongKey, Every: 10, Count: 3}},
		{"unsigned 100% count 1", scenario.FaultRule{Kind: fault.Unsigned, Rate: 1, Count: 1}},
		{"  drop\tcount 1   of agent.*  0.5% ", scenario.FaultRule{Kind: fault.Drop, Rate: 0.005, Count: 1, Of: "agent.*"}},
		{"reset 0%", scenario.FaultRule{Kind: fault.Reset}},
	} {
		t.Run(c.text, func(t *testing.T) {
			got, err := scenario.ParseFault(c.text)
			if err != nil {
				t.Fatal(err)
			}
			gotBy, wantBy := got.By.String(), c.want.By.String()
			got.By, c.want.By = scenario.Span{}, scenario.Span{}
			if gotBy != wantBy || got.Kind != c.want.Kind || got.Rate != c.want.Rate || got.Every != c.want.Every ||
				got.Count != c.want.Count || got.Of != c.want.Of {
				t.Errorf("got %+v by %s, want %+v by %s", got, gotBy, c.want, wantBy)
			}
		})
	}
}

func TestEveryKindHasARule(t *testing.T) {
	for _, k := range fault.Kinds() {
		text := k.String() + " every 2"
		if k == fault.Delay {
			text += " by 1s"
		}
		r, err := scenario.ParseFault(text)
		if err != nil || r.Kind != k || r.Every != 2 {
			t.Errorf("%q: got %+v, %v; want kind %s every 2", text, r, err, k)
		}
		if k == fault.Delay && r.By.Max() != time.Second {
			t.Errorf("%q: got by %s, want 1s", text, r.By)
		}
	}
}

func TestWhatIsWrongWithARuleIsTold(t *testing.T) {
	for _, c := range []struct{ text, at, want string }{
		{"", "1", `want a fault such as "duplicate 2%"`},
		{"  ", "3", `want a fault`},
		{"duplicat 2%", "1", `unknown fault "duplicat" (did you mean "duplicate"?)`},
		{"duplicate", "10", `want how often, such as "duplicate 1%" or "duplicate every 100"`},
		{"duplicate 2", "11", `unknown word "2": want a percentage, or one of every, of, by, count`},
		{"duplicate 2% off channel.*", "14", `unknown word "off" (did you mean "of"?)`},
		{"duplicate 101%", "11", `want a percentage from 0% to 100%, got "101%"`},
		{"duplicate -1%", "11", `got "-1%"`},
		{"duplicate 1e1%", "11", `got "1e1%"`},
		{"duplicate 1% 2%", "14", `"%" is there twice`},
		{"duplicate 1% every 2", "14", `want either a percentage or "every"`},
		{"duplicate every 2 1%", "19", `want either a percentage or "every"`},
		{"duplicate every", "16", `want something behind "every"`},
		{"duplicate every 0", "17", `want a whole number from 1, got "0"`},
		{"duplicate 1% count many", "20", `want a whole number from 1, got "many"`},
		{"duplicate 1% of channel.hold.*", "17", `"channel.hold.*" selects no event type`},
		{"duplicate 1% by 2s", "14", `"by" is for delay alone, not for duplicate`},
		{"delay 1%", "9", `want how long, such as "by 1s..90s"`},
		{"delay 1% by 2", "13", `want a time, got "2"`},
		{"delay 1% by 0s", "13", `want a time above 0`},
		{"drop 1% öf agent.*", "9", `unknown word "öf"`},
	} {
		t.Run(c.text, func(t *testing.T) {
			r, err := scenario.ParseFault(c.text)
			if err == nil {
				t.Fatalf("got %+v, want an error", r)
			}
			if got := err.Error(); !strings.Contains(got, ", character "+c.at+": ") || !strings.Contains(got, c.want) {
				t.Errorf("got %s; want character %s and %s", got, c.at, c.want)
			}
		})
	}
}

func FuzzParseFault(f *testing.F) {
	for _, text := range []string{"duplicate 2% of channel.held.*", "delay 2% by 1s..90s", "wrong-key every 10 count 3", "drop 1% öf", " ", "\xff 1%"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := scenario.ParseFault(text)
		if err == nil && (r.Kind == fault.None || r.Rate < 0 || r.Rate > 1 || r.Every < 0 || r.Count < 0) {
			t.Errorf("%q gives %+v", text, r)
		}
	})
}
