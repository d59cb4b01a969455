package event_test

import (
	"bytes"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/published"
)

// FuzzEventRoundTrip checks that whatever Parse accepts survives Append, and that Read
// accepts it as the same event. The order of members and the escapes of the first body
// may differ; the second body is final.
func FuzzEventRoundTrip(f *testing.F) {
	for _, typ := range event.Types() {
		f.Add(event.Append(nil, sample(f, typ)))
	}
	for _, n := range published.Notifications(f) {
		f.Add(n.Text)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		first, err := event.Parse(body)
		tolerant, tolerantErr := event.Read(body)
		if err != nil {
			if err.Error() == "" || first != (event.Event{}) {
				t.Fatalf("got %+v, %q; want no event and a text", first, err)
			}
			return
		}
		if tolerantErr != nil || tolerant != first {
			t.Fatalf("Read: got %+v, %v; want %+v", tolerant, tolerantErr, first)
		}
		written := event.Append(nil, first)
		second, err := event.Parse(written)
		if err != nil || second != first {
			t.Fatalf("Parse(Append(e)): got %+v, %v; want %+v, from %s", second, err, first, written)
		}
		if again := event.Append(nil, second); !bytes.Equal(again, written) {
			t.Fatalf("got %s\nwant %s", again, written)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	e := sample(b, event.Type{Kind: event.Ended})
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = event.Append(buf[:0], e)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkParse(b *testing.B) {
	body := event.Append(nil, sample(b, event.Type{Kind: event.Ended}))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := event.Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}
