package control

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/sandbox/internal/engine"
)

// reader is somebody who reads a stream, and may stop reading.
type reader struct {
	*httptest.ResponseRecorder
	stuck bool
	limit time.Time
}

func (r *reader) SetWriteDeadline(t time.Time) error { r.limit = t; return nil }

func (r *reader) Write(p []byte) (int, error) {
	if r.stuck {
		time.Sleep(time.Until(r.limit))
		return 0, errors.New("the deadline has passed")
	}
	return r.ResponseRecorder.Write(p)
}

// streaming runs f while somebody reads the stream, in virtual time.
func streaming(t *testing.T, last string, f func(r *reader, messages chan engine.Message, ended <-chan struct{})) (text string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f0 := &fakeEngine{messages: make(chan engine.Message, 2000)}
		ctx, cancel := context.WithCancel(t.Context())
		req := httptest.NewRequestWithContext(ctx, "GET", Prefix+"/events", nil)
		if last != "" {
			req.Header.Set("Last-Event-ID", last)
		}
		w := &reader{ResponseRecorder: httptest.NewRecorder()}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			New(Options{Engine: f0}).ServeHTTP(w, req)
		}()
		synctest.Wait()
		f(w, f0.messages, ended)
		synctest.Wait()
		cancel()
		<-ended
		if got := w.Header().Get("Content-Type"); got != "text/event-stream" {
			t.Errorf("Content-Type %q", got)
		}
		text = w.Body.String()
	})
	return text
}

func TestTheStreamTellsWhatHappens(t *testing.T) {
	text := streaming(t, "", func(_ *reader, messages chan engine.Message, _ <-chan struct{}) {
		messages <- engine.Message{Number: 7, Kind: "run", Data: map[string]string{"id": "a\nb"}}
		messages <- engine.Message{Number: 8, Kind: "reset", Data: struct{}{}}
	})
	want := "id: 7\nevent: run\ndata: {\"id\":\"a\\nb\"}\n\nid: 8\nevent: reset\ndata: {}\n\n"
	if !strings.HasSuffix(text, want) || strings.Contains(text, "missed") {
		t.Errorf("got %q, want %q at its end", text, want)
	}
}

func TestTheStreamTellsWhatWasMissed(t *testing.T) {
	text := streaming(t, "", func(_ *reader, messages chan engine.Message, _ <-chan struct{}) {
		messages <- engine.Message{Number: 7, Kind: "reset"}
		messages <- engine.Message{Number: 9, Kind: "reset"}
	})
	if want := "id: 7\nevent: reset\ndata: null\n\nevent: missed\ndata: {}\n\nid: 9\n"; !strings.Contains(text, want) {
		t.Errorf("got %q, want %q in it", text, want)
	}
	text = streaming(t, "6", func(*reader, chan engine.Message, <-chan struct{}) {})
	if !strings.Contains(text, "event: missed\n") {
		t.Errorf("somebody who comes back gets %q", text)
	}
}

func TestTheStreamHasAHeartbeat(t *testing.T) {
	text := streaming(t, "", func(*reader, chan engine.Message, <-chan struct{}) { time.Sleep(4*heartbeat + time.Second) })
	if got := strings.Count(text, ": heartbeat\n\n"); got != 4 {
		t.Errorf("%d beats in %q, want 4", got, text)
	}
}

// A reader who does not read is left after a while, and holds up nobody.
func TestTheStreamLeavesAReaderWhoDoesNotRead(t *testing.T) {
	streaming(t, "", func(r *reader, messages chan engine.Message, ended <-chan struct{}) {
		r.stuck = true
		for i := range 1000 {
			messages <- engine.Message{Number: int64(i + 1), Kind: "reset"}
		}
		time.Sleep(writeTime)
		synctest.Wait()
		select {
		case <-ended:
		default:
			t.Errorf("it is still there after %s", writeTime)
		}
	})
}

func TestTheStreamEndsWithTheEngine(t *testing.T) {
	f := &fakeEngine{messages: make(chan engine.Message)}
	close(f.messages)
	w := httptest.NewRecorder()
	New(Options{Engine: f}).ServeHTTP(w, httptest.NewRequest("GET", Prefix+"/events", nil))
	if w.Code != http.StatusOK {
		t.Errorf("%d", w.Code)
	}
}

func TestStreamsAreCounted(t *testing.T) {
	f := &fakeEngine{}
	d := &handler{Options: Options{Engine: f}}
	d.streams.Store(maxStreams)
	if err := d.events(httptest.NewRecorder(), httptest.NewRequest("GET", Prefix+"/events", nil)); err == nil {
		t.Error("one stream too many is opened")
	}
	if got := d.streams.Load(); got != maxStreams {
		t.Errorf("%d streams are counted, want %d", got, maxStreams)
	}
}
