package assume

import (
	"strings"
	"testing"
)

func TestEveryValueCanBeChosenAndTakenBack(t *testing.T) {
	for n, row := range Rows() {
		if row.Name == "" || row.Default == "" || row.Doc == "" || len(row.Others) == 0 && !row.AnyText && row.Skew == 0 {
			t.Errorf("row %d is not complete: %+v", n, row)
		}
		values := row.Others
		if row.AnyText {
			values = append(values, "anything at all")
		}
		if row.AnySpan {
			values = append(values, "1h", "2s..8s", "0s..1m30s", "1.5s..1.5s")
		}
		if row.Skew > 0 {
			values = append(values, "2m", "-30s", row.Skew.String(), (-row.Skew).String())
		}
		for _, v := range values {
			var s Set
			if err := s.Change(row.Name, v); err != nil {
				t.Errorf("%s=%s: %v", row.Name, v, err)
			}
			if got := s.Get(Name(n)); got != v && v != row.Default || !s.Is(Name(n), v) && v != row.Default {
				t.Errorf("%s=%s: got %q", row.Name, v, got)
			}
			if got, want := s.String(), row.Name+"="+v; got != want && v != row.Default {
				t.Errorf("got %q, want %q", got, want)
			}
			if err := s.Change(row.Name, row.Default); err != nil || s.Get(Name(n)) != "" {
				t.Errorf("%s=%s after %s: got %v, %v; want the default", row.Name, row.Default, v, s, err)
			}
		}
	}
}

func TestWhatIsNoValueIsRefused(t *testing.T) {
	var names []string
	for _, row := range Rows() {
		names = append(names, row.Name)
	}
	known := strings.Join(names, ", ")
	const span = `assumption unexpected-time: want 5s, 0s, any time or range up to 1h, got `
	for _, c := range []struct{ name, value, want string }{
		{"absent-id", "null", `unknown assumption "absent-id" (did you mean "absent-ids"?)`},
		{"", "", `unknown assumption ""; known are ` + known},
		{"banana", "x", `unknown assumption "banana"; known are ` + known},
		{"held-channel", "customers", `assumption held-channel: want customer, agent, both, got "customers" (did you mean "customer"?)`},
		{"held-channel", "", `assumption held-channel: want customer, agent, both, got ""`},
		{"timestamp-digits", "8", `assumption timestamp-digits: want "3 for channels, 7 for agents", 0, 1, 2, 3, 4, 5, 6, 7, got "8"`},
		{"token-clock", "soon", `assumption token-clock: want 0s, a time such as 2m or -30s, at most 24h, got "soon"`},
		{"token-clock", "24h1ns", `assumption token-clock: want 0s, a time such as 2m or -30s, at most 24h, got "24h1ns"`},
		{"token-clock", "-25h", `assumption token-clock: want 0s, a time such as 2m or -30s, at most 24h, got "-25h"`},
		{"token-clock", "", `assumption token-clock: want 0s, a time such as 2m or -30s, at most 24h, got ""`},
		{"success", "2m", `assumption success: want 200-205, 2xx, got "2m"`},
		{"disconnected-reason", "", `assumption disconnected-reason: want none, any text, got ""`},
		{"unexpected-time", "8s..2s", span + `"8s..2s"`},
		{"unexpected-time", "61m", span + `"61m"`},
		{"unexpected-time", "1us", span + `"1us"`},
		{"unexpected-time", "-1s", span + `"-1s"`},
		{"unexpected-time", "0.1ms", span + `"0.1ms"`},
		{"unexpected-time", "5", span + `"5" (did you mean "5s"?)`},
	} {
		var s Set
		err := s.Change(c.name, c.value)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s=%s: got %v, want %s", c.name, c.value, err, c.want)
		}
		if s != (Set{}) {
			t.Errorf("%s=%s: refused, and yet the set is %v", c.name, c.value, s)
		}
	}
}

func TestOneSetOverAnother(t *testing.T) {
	of := func(choices ...string) (s Set) {
		for _, c := range choices {
			name, value, _ := strings.Cut(c, "=")
			if err := s.Change(name, value); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	for _, c := range []struct {
		name             string
		under, top, want Set
	}{
		{"nothing over nothing", of(), of(), of()},
		{"nothing over a choice", of("success=2xx"), of(), of("success=2xx")},
		{"a choice over nothing", of(), of("success=2xx"), of("success=2xx")},
		{"a choice over another", of("held-channel=agent"), of("held-channel=both"), of("held-channel=both")},
		{"choices of different names", of("held-channel=agent"), of("abandon=connectionfailed"), of("held-channel=agent", "abandon=connectionfailed")},
	} {
		if got := c.under.Over(c.top); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if got, want := of("time-digits=3", "absent-ids=null").String(), "absent-ids=null,time-digits=3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
