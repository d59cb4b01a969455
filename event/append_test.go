package event_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/internal/published"
)

// The examples of the documentation are read as they are printed there, with indentation and tabs,
// and on one line, which is what Append writes.
func TestPublishedExamplesRoundTrip(t *testing.T) {
	for _, n := range published.Notifications(t) {
		for form, text := range n.Forms() {
			for _, read := range []func([]byte) (event.Event, error){event.Parse, event.Read} {
				e, err := read(text)
				if got := event.Append(nil, e); err != nil || !bytes.Equal(got, n.Compact) || !strings.HasPrefix(n.Name, e.Type.String()) {
					t.Errorf("%s %s: got %s, %v; want %s", n.Name, form, got, err, n.Compact)
				}
			}
		}
	}
}

func TestAppendOfEveryType(t *testing.T) {
	var all []byte
	for _, typ := range event.Types() {
		e := sample(t, typ)
		body := event.Append(nil, e)
		all = append(append(all, body...), '\n')

		if got, err := event.Parse(body); err != nil || got != e {
			t.Errorf("Parse of %s: got %+v, %v; want %+v", typ, got, err, e)
		}
	}
	golden.Check(t, "testdata/types.ndjson", all)
}

func TestAppendVariants(t *testing.T) {
	ended := func(change func(*event.Event)) event.Event {
		e := sample(t, event.Type{Kind: event.Ended})
		change(&e)
		return e
	}
	variants := []struct {
		name string
		e    event.Event
	}{
		{"an external party has no identifiers", ended(func(e *event.Event) {
			e.Channel.Party = event.Party{Role: event.External}
		})},
		{"an external party's identifiers are null where the account writes them", ended(func(e *event.Event) {
			e.Channel.Party = event.Party{Role: event.Voicemail, NullIDs: true}
		})},
		{"a time without a fraction", ended(func(e *event.Event) { e.Time.Digits = 0 })},
		{"digits are cut off, not rounded", ended(func(e *event.Event) {
			e.Timestamp = event.Stamp{Time: time.Date(1999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), Digits: 1}
		})},
		{"more digits than there are", ended(func(e *event.Event) { e.Time.Digits = 9 })},
		{"another zone", in(ended(func(*event.Event) {}), time.FixedZone("", 5*60*60+30*60))},
		{"a reason that needs escapes", ended(func(e *event.Event) { e.Reason = "\"\\/\b\n\x1f\u2028 é 𝄞 <&>" })},
		{"a reason that is not UTF-8", ended(func(e *event.Event) { e.Reason = "a\xffb" })},
	}
	var all []byte
	for _, v := range variants {
		body := event.Append(nil, v.e)
		all = append(append(append(append(all, "# "...), v.name...), '\n'), body...)
		all = append(all, '\n')
		again, err := event.Parse(body)
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if got := event.Append(nil, again); !bytes.Equal(got, body) {
			t.Errorf("%s: got again %s\nwant %s", v.name, got, body)
		}
	}
	golden.Check(t, "testdata/variants.txt", all)
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	e := sample(t, event.Type{Kind: event.Held})
	got, want := event.Append([]byte("before"), e), append([]byte("before"), event.Append(nil, e)...)
	if !bytes.Equal(got, want) {
		t.Errorf("got %s; want %s", got, want)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 1024)
	for _, typ := range event.Types() {
		e := sample(t, typ)
		if got := testing.AllocsPerRun(100, func() { buf = event.Append(buf[:0], e) }); got != 0 {
			t.Errorf("%s: got %v allocations; want 0", typ, got)
		}
	}
}

func TestTruncatedIsWhatTheDigitsShow(t *testing.T) {
	moment := time.Date(2026, 2, 28, 23, 59, 59, 123_456_789, time.UTC)
	for digits, want := range []string{"", ".1", ".12", ".123", ".1234", ".12345", ".123456", ".1234567"} {
		s := event.Stamp{Time: moment, Digits: uint8(digits)}
		want = "2026-02-28T23:59:59" + want + "Z"
		if got := s.String(); got != want {
			t.Errorf("got %s; want %s", got, want)
		}
		again := must(t, event.ParseStamp, want)
		if !again.Equal(s.Truncated()) || again.Digits != s.Digits {
			t.Errorf("ParseStamp(%s): got %v, %d digits; want %v, %d", want, again.Time, again.Digits, s.Truncated(), digits)
		}
	}
}
