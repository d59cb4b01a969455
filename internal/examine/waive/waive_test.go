package waive_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/waive"
	"github.com/ringback/ringback/internal/source"
)

func TestReadWaivers(t *testing.T) {
	all, err := waive.Read("w.txt", []byte("\uFEFF# known\r\n\r\n  count-once = duplicates until they are gone, TEAM-1  until 2026-12-31\r\norder-by-timestamp=x=y until 2027-01-01"))
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	w := all[0]
	if w.Rule != "count-once" || w.Reason != "duplicates until they are gone, TEAM-1" || w.Place != "w.txt:3" || w.Until.Format(time.DateOnly) != "2026-12-31" {
		t.Errorf("%+v", w)
	}
	if all[1].Reason != "x=y" {
		t.Errorf("%+v", all[1])
	}
	last := time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)
	if w.Expired(last) || !w.Expired(last.Add(time.Second)) {
		t.Error("a waiver holds to the end of its last day, in UTC, and no longer")
	}
}

func TestProblemsOfWaivers(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"count-once", `w.txt:1:1: a waiver has the rule, an equals sign, a reason and a date`},
		{"\n\tcount-one=x until 2026-12-31", `w.txt:2:2: no rule is called "count-one" (did you mean "count-once"?)`},
		{"count-once=x", `w.txt:1:13: the waiver of count-once has no end`},
		{"count-once= until 2026-12-31", `w.txt:1:12: the waiver of count-once has no reason`},
		{"count-once=x until tomorrow", `w.txt:1:20: "tomorrow" is no date; want one like 2026-12-31`},
		{"count-once=x until 2026-02-30", `"2026-02-30" is no date`},
		{"count-once=x until 2026-12-31\ncount-once=y until 2026-12-31", `w.txt:2:1: count-once has a waiver already`},
		{"one\ntwo", "w.txt:2:1"},
		{"\xff", "the file is no text"},
		{strings.Repeat("#", source.MaxSize+1), "the file is no text of at most 1 MiB"},
	} {
		_, err := waive.Read("w.txt", []byte(c.text))
		problems, is := errors.AsType[source.Problems](err)
		if !is || !strings.Contains(problems.Error(), c.want) {
			t.Errorf("%.40q: %v; want %s", c.text, err, c.want)
		}
	}
}

func FuzzReadWaivers(f *testing.F) {
	f.Add("count-once=x until 2026-12-31\n# comment")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := waive.Read("w", []byte(text))
		for _, w := range all {
			if err != nil || w.Rule == "" || w.Reason == "" || w.Until.IsZero() {
				t.Errorf("%q: %+v, %v", text, w, err)
			}
		}
	})
}
