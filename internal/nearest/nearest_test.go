package nearest

import (
	"strings"
	"testing"
)

func TestTheNearestWord(t *testing.T) {
	known := []string{"call", "hold", "transfer", "talk", "ring", "v1", "figure1"}
	for _, c := range []struct{ name, typed, want string }{
		{"the word itself", "hold", "hold"},
		{"another case", "HOLD", "hold"},
		{"a letter missing", "hld", "hold"},
		{"a letter too many", "holdd", "hold"},
		{"a letter changed", "hild", "hold"},
		{"two neighbours swapped", "hodl", "hold"},
		{"two mistakes in a long word", "transver_", "transfer"},
		{"three mistakes in a long word", "tranzveer", "transfer"},
		{"four mistakes", "tronzveera", ""},
		{"a short word may have one mistake", "rng", "ring"},
		{"nothing in common", "banana", ""},
		{"one letter", "x", ""},
		{"nothing", "", ""},
		{"of two that are as close, the one that begins alike", "tall", "talk"},
		{"another first letter in a short word", "xall", ""},
		{"another first letter in a long word", "gransfer", "transfer"},
		{"the first letter missing", "ransfer", "transfer"},
		{"two mistakes in a short word", "hilt", ""},
		{"another number", "v3", ""},
		{"another number in a long word", "figure8", "figure1"},
		{"wide letters", "höld", "hold"},
		{"a very long word", string(make([]byte, 1000)), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Word(c.typed, known); got != c.want {
				t.Errorf("%q: got %q, want %q", c.typed, got, c.want)
			}
		})
	}
	if got := Word("bot", []string{"bolt", "boat"}); got != "bolt" {
		t.Errorf("of two that are as close and begin alike, got %q, want the first", got)
	}
	if got := Word("hold", nil); got != "" {
		t.Errorf("of no words got %q", got)
	}
}

// What people write who know other programs, and what is near to it among commands and flags: nothing, or what they can mean.
func TestSuggestionsAreNotFarOff(t *testing.T) {
	known := strings.Fields("run plan validate list show explain serve receive verify replay diff report examine wait demo schema version completion help " +
		"to secret next-secret targets header allow-target ca cert key insecure timeout engine traceparent calls for count events population agents " +
		"agent-patience set conversation-ids types event-version seed start lag order shard speed retry-for patience connections waiting at fault assume " +
		"progress quiet metrics control pprof gate output log dry-run listen data keep-for keep-most latency hang reset down answer expect")
	for typed, want := range map[string]string{
		"rate": "", "port": "", "host": "", "init": "", "file": "", "url": "", "rps": "", "stop": "", "test": "", "load": "", "new": "", "path": "", "body": "", "user": "", "auth": "",
		"body-size": "", "tls": "", "json": "", "debug": "", "workers": "", "threads": "", "format": "", "size": "", "duration": "", "delay": "", "name": "", "verbose": "", "config": "", "endpoint": "", "token": "", "hdr": "",
		"halp": "help", "rnu": "run", "srve": "serve", "recieve": "receive", "vaildate": "validate", "vrify": "verify", "dif": "diff", "examin": "examine", "wiat": "wait", "rerun": "run", "un": "run", "valdiate": "validate", "recive": "receive",
		"target": "targets", "headers": "header", "timeouts": "timeout", "cacert": "cert", "keys": "key", "connection": "connections", "strat": "start", "ordr": "order", "spede": "speed", "connectons": "connections", "retry-fro": "retry-for",
	} {
		if got := Word(typed, known); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

func TestOneOfSomeWords(t *testing.T) {
	known := []string{"text", "json", "quiet"}
	for typed, want := range map[string]string{"json": "", "jsno": `want text, json or quiet, got "jsno" (did you mean "json"?)`, "x": `want text, json or quiet, got "x"`} {
		got := ""
		if err := OneOf(typed, known); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", typed, got, want)
		}
	}
}

func TestThePhrase(t *testing.T) {
	if got, want := DidYouMean("cal", []string{"call"}), ` (did you mean "call"?)`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := DidYouMean("banana", []string{"call"}); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

// Distances are the same in both directions, and keep the triangle.
func TestDistancesAreDistances(t *testing.T) {
	words := []string{"", "a", "ab", "ba", "abc", "acb", "hold", "hodl", "gold", "transfer", "v1", "v2", "12", "21"}
	for _, a := range words {
		for _, b := range words {
			d := distance(a, b)
			if d != distance(b, a) || (d == 0) != (a == b) {
				t.Errorf("%q to %q is %d, and back %d", a, b, d, distance(b, a))
			}
			if least, most := max(len(a), len(b))-min(len(a), len(b)), max(len(a), len(b))+1; d < least || d > most {
				t.Errorf("%q to %q is %d, want %d to %d", a, b, d, least, most)
			}
		}
	}
}

func TestPatternsOfEventTypes(t *testing.T) {
	for pattern, want := range map[string]string{
		"*": "", "channel.*": "", "channel.held.v0": "", "*.v1": "",
		"channel.held":    `"channel.held" selects no event type (did you mean "channel.held.*"?)`,
		"chanel.held.v1":  `"chanel.held.v1" selects no event type (did you mean "channel.held.v1"?)`,
		"Channel.*":       `"Channel.*" selects no event type (did you mean "channel.*"?)`,
		"chanel.*":        `"chanel.*" selects no event type (did you mean "channel.*"?)`,
		"channel.holds.*": `"channel.holds.*" selects no event type (did you mean "channel.held.*"?)`,
		"foo":             `"foo" selects no event type`,
		"":                `"" selects no event type`,
	} {
		got := ""
		if err := EventType(pattern); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", pattern, got, want)
		}
	}
}
