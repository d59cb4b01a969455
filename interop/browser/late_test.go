package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"
)

// overtaken is a fake in front of which one request after another waits: an event that says what comes after its answer is on
// its way to the page first.
type overtaken struct {
	fake   http.Handler
	path   string // of the answer
	kind   string // of the event
	data   any
	events chan string

	mu     sync.Mutex
	opened bool     // the stream of events
	before []string // requests before it
}

func (o *overtaken) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const base = "/sandbox/v1"
	switch {
	case r.URL.Path == base+"/events":
		o.stream(w, r)
		return
	case r.Method == http.MethodGet && r.URL.Path == base+o.path:
		answer := httptest.NewRecorder()
		o.fake.ServeHTTP(answer, r)
		text, _ := json.Marshal(o.data)
		o.events <- fmt.Sprintf("event: %s\ndata: %s\n\n", o.kind, text)
		time.Sleep(300 * time.Millisecond) // the network's, with an answer that is older than the event
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer.Body.Bytes())
		return
	case len(r.URL.Path) > len(base) && r.URL.Path[:len(base)] == base:
		o.mu.Lock()
		if !o.opened {
			o.before = append(o.before, r.URL.Path)
		}
		o.mu.Unlock()
	}
	o.fake.ServeHTTP(w, r)
}

func (o *overtaken) stream(w http.ResponseWriter, r *http.Request) {
	time.Sleep(200 * time.Millisecond) // a slow start, during which nothing else is to be asked
	o.mu.Lock()
	o.opened = true
	o.mu.Unlock()
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	_ = control.Flush()
	for {
		select {
		case text := <-o.events:
			fmt.Fprint(w, text)
			_ = control.Flush()
		case <-r.Context().Done():
			return
		}
	}
}

// An answer that is older than an event does not undo it.
func TestAnEventOvertakesAnAnswer(t *testing.T) {
	began := time.Now()
	held := (&fake{live: 4, began: began}).conversation(3)
	held.Channels[0].Phase, held.Channels[0].Stays[1].Phase = "interrupted", "interrupted"
	again := (&fake{deliveries: 20, began: began}).delivery(20)
	again.State, again.Attempts, again.Status = "delivered", 3, 204
	off := subscriptions(began)[0]
	off["enabled"] = false
	for _, test := range []struct {
		name, view, path, kind string
		data                   any
		seen                   string
	}{
		{"a delivery", "deliveries", "/deliveries", "delivery", again, `[...document.querySelectorAll("#d20 span")].some((s) => s.textContent === "3")`},
		{"a conversation", "conversations", "/conversations", "conversation", held, `document.querySelectorAll(".lane rect.p-interrupted").length > 0`},
		{"a run", "conversations", "/runs", "run", object{"id": "run1", "name": "steady-calls", "state": "paused", "seed": "7", "speed": 1, "position": 4711},
			`document.querySelector(".runs")?.innerText.includes("paused")`},
		{"an agent", "conversations", "/agents", "agent", object{"name": "alice", "agent_id": "1001", "presence": "lunch", "busy": false},
			`document.querySelector(".agents select")?.value === "lunch"`},
		{"a subscription", "subscriptions", "/subscriptions", "subscription", off, `document.querySelector(".card")?.innerText.includes("disabled")`},
	} {
		t.Run(test.name, func(t *testing.T) {
			behind, err := url.Parse((&fake{live: 4, deliveries: 20}).serve(t))
			if err != nil {
				t.Fatal(err)
			}
			o := &overtaken{fake: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) }},
				path: test.path, kind: test.kind, data: test.data, events: make(chan string, 100)}
			server := httptest.NewServer(o)
			t.Cleanup(func() {
				server.CloseClientConnections()
				server.Close()
			})
			p := open(t, server.URL+"/#/"+test.view, 1280, 800)
			p.until("what the event said is not seen", test.seen)
			p.run("await new Promise((r) => setTimeout(r, 400))")
			if !eval[bool](p, test.seen) {
				t.Error("an answer that is older than the event undid it")
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			if len(o.before) > 0 {
				t.Errorf("%v: asked before events arrived, so that changes in between are not seen", o.before)
			}
		})
	}
}

// What somebody has unfolded stays so when the delivery is drawn anew.
func TestAnAttemptThatIsOpenStaysOpen(t *testing.T) {
	const number = 15 // it waits, after two attempts
	made := &fake{deliveries: 20}
	behind, err := url.Parse(made.serve(t))
	if err != nil {
		t.Fatal(err)
	}
	o := &overtaken{fake: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) }}, events: make(chan string, 100)}
	server := httptest.NewServer(o)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	p := open(t, fmt.Sprintf("%s/#/deliveries/%d", server.URL, number), 1280, 800)
	p.click("Attempt 1,")
	p.click("Body")
	const states = `[...document.querySelectorAll(".pane details")].map((d) => d.open).join()`
	want := eval[string](p, states)
	p.run(`document.querySelector(".pane h2").dataset.before = "1"`)
	text, _ := json.Marshal(made.delivery(number))
	o.events <- fmt.Sprintf("event: delivery\ndata: %s\n\n", text)
	p.until("it is not drawn anew", `!!document.querySelector(".pane h2") && !document.querySelector(".pane h2").dataset.before`)
	if got := eval[string](p, states); got != want || want != "true,true,false,true" {
		t.Errorf("unfolded are %s, and were %s; want the two attempts, not the body, and the token", got, want)
	}
}
