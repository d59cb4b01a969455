package interop

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"github.com/ringback/ringback/scenario/assume"
)

// read parses a body as the CloudEvents SDK does it for a request in structured mode.
func read(t *testing.T, body []byte) (*event.Event, error) {
	t.Helper()
	req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/cloudevents+json")
	message := cehttp.NewMessageFromHttpRequest(req)
	defer message.Finish(nil)
	if got := message.ReadEncoding(); got != binding.EncodingStructured {
		t.Fatalf("the SDK reads the request in %v mode, want structured", got)
	}
	e, err := binding.ToEvent(t.Context(), message)
	if err != nil {
		return nil, err
	}
	return e, e.Validate()
}

// envelope is a body read without any library for CloudEvents.
type envelope struct {
	SpecVersion     string          `json:"specversion"`
	Type            string          `json:"type"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Subject         string          `json:"subject"`
	DataContentType string          `json:"datacontenttype"`
	Data            json.RawMessage `json:"data"`
}

func TestTheCloudEventsSDKReadsEveryScenario(t *testing.T) {
	for _, s := range stories(t) {
		t.Run(s.name, func(t *testing.T) {
			for _, n := range s.notifications(t, assume.Set{}) {
				body := n.AppendBody(nil)
				e, err := read(t, body)
				if err != nil {
					t.Fatalf("notification %d: %v\n%s", n.Seq, err, body)
				}
				compare(t, e, body)
				// What a send step wrote may carry attributes of its own.
				if n.Raw == nil && len(e.Extensions()) != 0 {
					t.Errorf("extension attributes %v, want none\n%s", e.Extensions(), body)
				}
			}
		})
	}
}

// compare holds what the SDK understood against the body itself.
func compare(t *testing.T, e *event.Event, body []byte) {
	t.Helper()
	var want envelope
	if err := json.Unmarshal(body, &want); err != nil {
		t.Fatal(err)
	}
	got := envelope{e.SpecVersion(), e.Type(), e.ID(), e.Source(), e.Subject(), e.DataContentType(), e.Data()}
	if !bytes.Equal(got.Data, want.Data) {
		t.Errorf("data = %s, want %s", got.Data, want.Data)
	}
	got.Data, want.Data = nil, nil
	gotText, _ := json.Marshal(got)
	wantText, _ := json.Marshal(want)
	if !bytes.Equal(gotText, wantText) {
		t.Errorf("attributes = %s, want %s", gotText, wantText)
	}
	if e.Time().IsZero() {
		t.Errorf("no time in %s", body)
	}
}

func TestTheCloudEventsSDKRefusesWhatIsNoCloudEvent(t *testing.T) {
	tests := []struct{ name, old, with string }{
		{"no id", `"id":`, `"ix":`},
		{"no source", `"source":"/channel",`, ``},
		{"no type", `"type":"channel.held.v0",`, ``},
		{"a time that is none", `"2022-08-30T`, `"2022-08-32T`},
		{"a version that does not exist", `"1.0"`, `"7.0"`},
		{"a body cut short", `}}}}`, `}}}`},
	}
	if _, err := read(t, []byte(sound)); err != nil {
		t.Fatalf("the sound notification: %v", err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := strings.Replace(sound, tt.old, tt.with, 1)
			if e, err := read(t, []byte(body)); err == nil {
				t.Errorf("read without an error: %v", e)
			}
		})
	}
}
