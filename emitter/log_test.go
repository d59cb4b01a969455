package emitter_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// row is an attempt with everything in it.
func row() *emitter.Attempt {
	n := note(7, 1, 0)
	due := time.Date(2026, 3, 2, 10, 30, 0, 999, time.FixedZone("", 3600))
	return &emitter.Attempt{
		Target: "crm", Notification: &n, Number: 2, Due: due, Sent: due.Add(1500 * time.Microsecond),
		Lateness: 1500 * time.Microsecond, Latency: 12_345_678 * time.Nanosecond, Status: 503, Outcome: emitter.Retrying,
		Failure: emitter.Failure{Class: emitter.ClassStatus, Text: "503 Service Unavailable"}, Excerpt: []byte("not shown"),
	}
}

func line(t *testing.T, a *emitter.Attempt) string {
	t.Helper()
	var out bytes.Buffer
	l := emitter.NewLog(&out, "r1", 1<<63)
	if err := errors.Join(l.Record(a), l.Close()); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out.Bytes()) {
		t.Errorf("not JSON: %s", &out)
	}
	return out.String()
}

func TestLines(t *testing.T) {
	const ids = `"conversation":"4f27b3a1-6f02-4006-8b9d-000000000001","role":"external","party":"Ann","type":"channel.alerted.v0","id":"2oTzcHsQQWRVfSvQ00000000007"`
	closing, silent, agent, raw := row(), row(), row(), row()
	closing.Sent, closing.Number, closing.Outcome, closing.Failure = time.Time{}, 0, emitter.Undelivered, emitter.Failure{Class: emitter.ClassStopped, Text: "x"}
	silent.Status, silent.Fault = 0, fault.LateRetry
	agent.Notification = &plan.Notification{Name: "Bo", Event: event.Event{Type: event.Type{Kind: event.PresenceChanged, Version: event.V1}, ID: row().Notification.Event.ID}}
	agent.Outcome, agent.Failure, agent.Status, agent.Number = emitter.Accepted, emitter.Failure{}, 200, 1
	raw.Notification = &plan.Notification{Raw: []byte("{}"), Name: "\"\\\n\x00é\xff\u202e", RawRef: plan.RawRef{Type: "t\x1b[31m", ID: "i\u009b", ConversationID: "c"}}
	tests := []struct {
		name string
		a    *emitter.Attempt
		want string
	}{
		{"an attempt", row(), `"target":"crm",` + ids + `,"attempt":2,"due":"2026-03-02T09:30:00.000000Z","sent":"2026-03-02T09:30:00.001500Z",` +
			`"lateness_us":1500,"status":503,"latency_us":12345,"outcome":"retrying","error":"status: 503 Service Unavailable","fault":""}`},
		{"a closing row", closing, `"target":"crm",` + ids + `,"attempt":0,"due":"2026-03-02T09:30:00.000000Z","sent":null,` +
			`"lateness_us":null,"status":null,"latency_us":null,"outcome":"undelivered","error":"stopped: x","fault":""}`},
		{"no answer, with a fault", silent, `"target":"crm",` + ids + `,"attempt":2,"due":"2026-03-02T09:30:00.000000Z","sent":"2026-03-02T09:30:00.001500Z",` +
			`"lateness_us":1500,"status":null,"latency_us":12345,"outcome":"retrying","error":"status: 503 Service Unavailable","fault":"late-retry"}`},
		{"an agent's event", agent, `"target":"crm","conversation":"","role":"","party":"Bo","type":"agent.presencechanged.v1","id":"2oTzcHsQQWRVfSvQ00000000007",` +
			`"attempt":1,"due":"2026-03-02T09:30:00.000000Z","sent":"2026-03-02T09:30:00.001500Z","lateness_us":1500,"status":200,"latency_us":12345,"outcome":"accepted","error":"","fault":""}`},
		{"a raw body", raw, `"target":"crm","conversation":"c","role":"","party":"\"\\\u000a\u0000é` + "\ufffd" + `\u202e","type":"t\u001b[31m","id":"i\u009b",` +
			`"attempt":2,"due":"2026-03-02T09:30:00.000000Z","sent":"2026-03-02T09:30:00.001500Z","lateness_us":1500,"status":503,"latency_us":12345,"outcome":"retrying","error":"status: 503 Service Unavailable","fault":""}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := `{"run":"r1","seed":9223372036854775808,` + test.want + "\n"
			if got := line(t, test.a); got != want {
				t.Errorf("got  %swant %s", got, want)
			}
		})
	}
}

// The document shows the very line that the code writes.
func TestTheDocumentedLineIsReal(t *testing.T) {
	text, err := os.ReadFile("../docs/log.md")
	if err != nil {
		t.Fatal(err)
	}
	a := row()
	a.Notification.Name = "customer"
	if want := strings.TrimSpace(line(t, a)); !strings.Contains(string(text), want) {
		t.Errorf("docs/log.md does not show this line:\n%s", want)
	}
}

func TestLinesAreWrittenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var writes []int
		l := emitter.NewLog(writer(func(p []byte) (int, error) { writes = append(writes, bytes.Count(p, []byte("\n"))); return len(p), nil }), "r", 1)
		size := len(line(t, row())) - 20 // "r" and 1 are shorter than "r1" and 2⁶³
		for range 3 {
			l.Record(row()) // the first at once, the others wait
		}
		time.Sleep(200 * time.Millisecond)
		for range 1 + 32<<10/size {
			l.Record(row())
		}
		want := []int{1, 3, 32 << 10 / size}
		wantSame(t, "lines per write: the first at once, then after 200 ms, then 32 KiB", writes, want)
		l.Record(row())
		l.Close()
		l.Close()
		wantSame(t, "lines per write, at the end", writes, append(want, 1))
	})
}

func TestAPartOfALineIsCutFromAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	size := len(line(t, row()))
	l := emitter.NewLog(&shortFile{file, size + size/2}, "r1", 1<<63)
	first := l.Record(row())
	for range 9 {
		l.Record(row())
	}
	err = l.Close()
	if first != nil || err == nil || err.Error() != "attempt log: no space left; 1 rows are written" {
		t.Errorf("errors are %v and %v", first, err)
	}
	if again := l.Record(row()); !errors.Is(again, err) {
		t.Errorf("the next error is %v, want the same", again)
	}
	got, err := os.ReadFile(name)
	if err != nil || string(got) != line(t, row()) {
		t.Errorf("the file holds %q, %v; want one whole line", got, err)
	}
}

// shortFile is a file on a disk with so much room.
type shortFile struct {
	*os.File
	room int
}

func (f *shortFile) Write(p []byte) (int, error) {
	n := min(f.room, len(p))
	f.room -= n
	f.File.Write(p[:n])
	if n < len(p) {
		return n, errors.New("no space left")
	}
	return n, nil
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// What repeats the run is in every line, and without parameters no line has more than before.
func TestLinesHaveTheParameters(t *testing.T) {
	var out bytes.Buffer
	l := emitter.NewLog(&out, "r1", 7)
	err := l.Params([]map[string]string{{"name": "hold", "value": "2m \"\n"}})
	if err = errors.Join(err, l.Record(row()), l.Record(row()), l.Close()); err != nil {
		t.Fatal(err)
	}
	const want = `{"run":"r1","seed":7,"params":[{"name":"hold","value":"2m \"\n"}],"target":"crm",`
	if got := strings.Count(out.String(), want); got != 2 || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("got %s, want two lines that begin with %s", &out, want)
	}
	if plain := line(t, row()); strings.Contains(plain, "params") {
		t.Errorf("got %s", plain)
	}
}

func TestRecordDoesNotAllocate(t *testing.T) {
	l, a := emitter.NewLog(io.Discard, "r", 1), row()
	if n := testing.AllocsPerRun(1000, func() { l.Record(a) }); n != 0 {
		t.Errorf("%v allocations for a row, want 0", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	l, a := emitter.NewLog(io.Discard, "r", 1), row()
	b.ReportAllocs()
	for b.Loop() {
		l.Record(a)
	}
}
