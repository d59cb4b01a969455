package recording_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ringback/ringback/internal/recording"
)

const body = `{"specversion":"1.0","type":"channel.held.v0","id":"2tnerXuBTa78DnnkXqLVRIDsZpr"}`

func TestARowReadsAsItWasWritten(t *testing.T) {
	tests := []struct{ name, body string }{
		{"a body", body},
		{"an empty body", ""},
		{"a body that is no JSON", `{"a":`},
		{"a body with line ends", "{\n}\r\n"},
		{"a body with angle brackets", `{"specversion":"<&>"}`},
		{"a body that is not UTF-8", "\xff\xfe{"},
	}
	at := time.Date(2025, 3, 3, 9, 0, 0, 123456789, time.UTC)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			row := recording.Row{Received: at, Method: "POST", Path: "/events", Status: 401, Answer: []byte("no JSON")}
			row.SetBody([]byte(tt.body))
			text, err := row.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Count(text, []byte("\n")) != 1 || text[len(text)-1] != '\n' {
				t.Errorf("row = %q, want one line", text)
			}
			n := 0
			for got, err := range recording.Records(bytes.NewReader(text), "got.ndjson") {
				n++
				if err != nil {
					t.Fatal(err)
				}
				if string(got.Body) != tt.body || !got.Received.Equal(at) || got.Status != 401 || !got.Row || got.Line != 1 || got.Accepted() {
					t.Errorf("read %+v with body %q, want body %q, status 401 at %s", got, got.Body, tt.body, at)
				}
			}
			if n != 1 {
				t.Errorf("read %d rows, want 1", n)
			}
		})
	}
}

func TestWhatIsDamagedIsNamedWithItsLine(t *testing.T) {
	const row = `{"received":"2025-03-03T09:00:00Z","status":200,"body":"{}"}`
	tests := []struct{ name, text, says string }{
		{"a line that was cut off", row + "\n\n" + row[:40] + "\n", "got.ndjson:3:41: not JSON: the line ends within a string"},
		{"a line of something else", row + "\n{}\n", `got.ndjson:2: want a row of "receive --log"`},
		{"an array of numbers", "[1]\n", "got.ndjson:1:2: not JSON: want a JSON object, got 1"},
		{"a plan", `{"seed":1,"plan_hash":"96ec","params":[{"name":"hold","value":"2m","from":"--set"}],"notifications":[]}`, `got.ndjson:1: this is a plan or a report; "plan --format ndjson" makes a recording, with the same seed, start and params`},
		{"a row of an attempt log", `{"run":"r1","seed":1,"outcome":"accepted","status":200}`, `got.ndjson:1: this is an attempt log`},
		{"a moment that is none", strings.Replace(row, "2025", "noon", 1), `got.ndjson:1: "received": want a time`},
		{"no moment", strings.Replace(row, "received", "sent", 1), `"received" is missing`},
		{"no status", strings.Replace(row, "status", "code", 1), `"status" is missing`},
		{"a status that is a text", strings.Replace(row, "200", `"200"`, 1), `got.ndjson:1: want a row of "receive --log": "status": want a whole number, got a JSON string`},
		{"a body that is an object", strings.Replace(row, `"{}"`, `{}`, 1), `got.ndjson:1: want a row of "receive --log": "body": want a string, got a JSON object`},
		{"a body in broken Base64", `{"received":"2025-03-03T09:00:00Z","status":200,"body_base64":"?"}`, `"body_base64": `},
		{"a value without end", row + "\n{\"body\":\"" + strings.Repeat("x", recording.MaxDocument), "got.ndjson:2: the JSON value that begins here has more than 8 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			for _, err = range recording.Records(strings.NewReader(tt.text), "got.ndjson") {
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error = %v, want one that says %q", err, tt.says)
			}
			if _, err := recording.NewReplay("got.ndjson", opener(tt.text), recording.Options{All: true}); err == nil {
				t.Error("a replay of it = no error, want one before anything is sent")
			}
		})
	}
}

func TestAReaderThatFailsIsAnError(t *testing.T) {
	failing := io.MultiReader(strings.NewReader(body+"\n"), iotest.ErrReader(errors.New("the disk is gone")))
	var last error
	for _, last = range recording.Records(failing, "got.ndjson") {
	}
	if last == nil || !strings.Contains(last.Error(), "got.ndjson:2: the disk is gone") {
		t.Errorf("error = %v, want the reason with its place", last)
	}
}

func TestSecretsAreNotRecorded(t *testing.T) {
	h := http.Header{}
	for _, name := range []string{"Vonage-Signature", "Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key", "X-Auth-Token", "X-Client-Secret"} {
		h.Set(name, "do-not-show-me")
	}
	h.Set("X-Odd", "Bearer do-not-show-me")
	h.Set("X-Other", "eyJhbGciOiJIUzI1NiJ9.do-not-show-me.x")
	h.Add("X-Tenant", "42")
	h.Add("X-Tenant", "43")
	row := recording.Row{Headers: recording.PublicHeaders(h)}
	text, err := row.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "do-not-show-me") {
		t.Errorf("row = %s, want no secret", text)
	}
	if !strings.Contains(string(text), `"X-Tenant":["42","43"]`) || strings.Count(string(text), recording.NotRecorded) != 9 {
		t.Errorf("row = %s, want the tenant, and a mark for each of 9 secrets", text)
	}
}
