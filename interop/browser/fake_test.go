package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/evidence"
	"github.com/ringback/ringback/sandbox"
)

// fake is a sandbox that remembers nothing but makes up all it is asked for, so that a hundred
// thousand deliveries cost no time.
type fake struct {
	live       int           // live conversations
	deliveries int64         // that are stored
	interval   time.Duration // between two events of its stream; 0: none
	burst      int           // deliveries at each interval; 0: one
	began      time.Time

	mu   sync.Mutex
	held bool // the conversation that is driven by hand
	hand bool // it exists
}

// console is the console of a real sandbox.
func console(t *testing.T) http.Handler {
	t.Helper()
	s, err := sandbox.Open(t.Context(), sandbox.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		if err := errors.Join(s.Shutdown(context.Background()), <-served); err != nil {
			t.Error(err)
		}
	})
	at, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(at)
		r.Out.Header.Del("Origin") // the fake's, which the sandbox would refuse
	}}
}

// serve starts it for the rest of the test.
func (f *fake) serve(t *testing.T) string {
	t.Helper()
	f.began = time.Now()
	mux := http.NewServeMux()
	mux.Handle("/", console(t))
	stop := make(chan struct{})
	mux.HandleFunc("GET /sandbox/v1/events", func(w http.ResponseWriter, r *http.Request) { f.stream(w, r, stop) })
	mux.HandleFunc("GET /sandbox/v1/schema", func(w http.ResponseWriter, r *http.Request) {
		text, err := os.ReadFile("../../docs/scenario.schema.json")
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(text)
	})
	answers := f.answers()
	maps.Copy(answers, f.ofRuns())
	for pattern, answer := range answers {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			text, err := json.Marshal(answer(r))
			if err != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(text) // the browser may have left, as it does at the end of a test
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		close(stop)
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

type object = map[string]any

func (f *fake) answers() map[string]func(*http.Request) any {
	const base = "/sandbox/v1"
	return map[string]func(*http.Request) any{
		"GET " + base + "/state": func(*http.Request) any {
			return object{"version": "v0", "now": time.Now(), "speed": 1, "client_id": "ringback", "token_url": "http://127.0.0.1:9/Auth/connect/token", "api_base": "http://127.0.0.1:9/webhooks"}
		},
		"GET " + base + "/agents":                     func(*http.Request) any { return object{"agents": agents(), "in_runs": object{"bob": 2}} },
		"GET " + base + "/presences":                  func(*http.Request) any { return object{"presences": []string{"ready", "away", "lunch", "logged-out"}} },
		"GET " + base + "/conversations":              func(*http.Request) any { return object{"conversations": f.conversations(), "live": f.live} },
		"POST " + base + "/conversations":             func(*http.Request) any { return f.step("begin") },
		"POST " + base + "/conversations/{id}/{step}": func(r *http.Request) any { return f.step(r.PathValue("step")) },
		"GET " + base + "/deliveries":                 f.page,
		"GET " + base + "/deliveries/count":           f.count,
		"GET " + base + "/deliveries/{number}":        f.detail,
		"GET " + base + "/faults":                     func(*http.Request) any { return object{"faults": []object{}} },
		"GET " + base + "/explain":                    explained,
		"GET " + base + "/subscriptions":              func(*http.Request) any { return object{"subscriptions": subscriptions(f.began)} },
		"GET " + base + "/scenarios": func(*http.Request) any {
			return object{"scenarios": []object{
				{"name": "inbound-call-with-hold", "story": "A customer calls, is put on hold, then the call ends.", "kind": "scenario", "origin": "ready-made"},
				{"name": "steady-calls", "story": "Two calls a second for a minute.", "kind": "workload", "origin": "ready-made"},
				{"name": "my-story", "story": "Mine.", "kind": "scenario", "origin": "stored"},
			}}
		},
		"GET " + base + "/scenarios/{name}": func(r *http.Request) any {
			return object{"name": r.PathValue("name"), "story": "A customer calls.", "kind": "scenario", "origin": "stored", "yaml": "name: my-story\nstory: A customer calls.\nsteps:\n  - call: customer\n  - hold: 30s\n"}
		},
		"POST " + base + "/scenarios/check": check,
	}
}

// explained answers what the real API does: its own types are there to be shown.
func explained(r *http.Request) any {
	entries := evidence.Shown(evidence.All())
	if group := r.FormValue("group"); group != "" {
		entries = evidence.InGroup(group)
	}
	if subject := r.FormValue("subject"); subject != "" {
		entries, _ = evidence.Find(subject)
	}
	return object{"entries": entries}
}

func agents() (all []object) {
	for i, name := range []string{"alice", "bob", "carol", "dave", "erin", "frank"} {
		all = append(all, object{"name": name, "agent_id": strconv.Itoa(1001 + i), "presence": "ready", "busy": i%2 == 0})
	}
	return all
}

func subscriptions(at time.Time) []object {
	return []object{
		{"subscription_id": "sub1", "name": "my-consumer", "url": "http://127.0.0.1:8080/events", "events": []string{"*"}, "enabled": true, "created": at, "changed": at},
		{"subscription_id": "sub2", "name": "billing", "url": "https://billing.example/hooks", "events": []string{"channel.ended.*", "agent.*"}, "enabled": false, "created": at, "changed": at},
	}
}

// check finds a fault wherever "hodl" stands.
func check(r *http.Request) any {
	var in struct{ YAML string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	for i, line := range strings.Split(in.YAML, "\n") {
		if at := strings.Index(line, "hodl"); at >= 0 {
			return object{"name": "my-story", "kind": "scenario", "problems": []object{{"line": i + 1, "column": at + 1, "text": `unknown step "hodl"`, "hint": `did you mean "hold"?`}}, "params": []object{}, "timeline": []object{}, "lanes": []object{}}
		}
	}
	return object{
		"name": "my-story", "story": "A customer calls.", "kind": "scenario", "problems": []object{}, "params": []object{{"name": "hold", "value": "30s"}},
		"timeline": []object{{"at": 0, "party": "customer", "role": "external", "type": "channel.connected.v0"}, {"at": 4000, "party": "alice", "role": "agent", "type": "channel.alerted.v0"}},
		"lanes": []object{
			{"party": "customer", "role": "external", "stays": []object{{"phase": "connected", "from": 0, "to": 40000}, {"phase": "held", "from": 40000, "to": 70000}}},
			{"party": "alice", "role": "agent", "stays": []object{{"phase": "alerting", "from": 4000, "to": 9000}, {"phase": "connected", "from": 9000, "to": 70000}, {"phase": "wrap", "from": 70000, "to": 90000}}},
		},
	}
}

// conversations are those of a run and the one by hand.
func (f *fake) conversations() []live {
	all := []live{} // an empty list, not null
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hand {
		all = append(all, f.byHand())
	}
	for i := range f.live {
		all = append(all, f.conversation(i))
	}
	return all
}

func (f *fake) conversation(i int) live {
	at := f.began.Add(-time.Duration(i%90+5) * time.Second)
	answered := at.Add(4 * time.Second)
	phase := []string{"connected", "held", "connected", "parked", "interrupted"}[i%5]
	turn := answered.Add(time.Duration(i%7) * time.Second / 2)
	return live{ID: fmt.Sprintf("%08x-0000-4000-8000-000000000000", i+1), Run: "run1", Began: at, Allowed: []allowed{}, Channels: []liveChannel{
		{ID: fmt.Sprint("c", i), Party: "customer", Role: "external", Phase: phase,
			Stays:  []stay{{Phase: "connected", From: at, To: turn}, {Phase: phase, From: turn}},
			Events: []event{{Type: "channel.connected.v0", At: at}, {Type: "channel." + phase + ".v0", At: turn}}},
		{ID: fmt.Sprint("a", i), Party: fmt.Sprint("agent-", i), Role: "agent", Phase: "connected",
			Stays:  []stay{{Phase: "alerting", From: at, To: answered}, {Phase: "connected", From: answered}},
			Events: []event{{Type: "channel.alerted.v0", At: at}, {Type: "channel.connected.v0", At: answered}}},
	}}
}

// step holds and retrieves.
func (f *fake) step(word string) live {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hand, f.held = true, word == "hold"
	return f.byHand()
}

func (f *fake) byHand() live {
	l := f.conversation(3)
	l.ID, l.Run, l.Medium = "ffffffff-0000-4000-8000-000000000000", "", "call"
	l.Channels[0].Phase, l.Allowed = "connected", []allowed{{Step: "hold"}, {Step: "transfer", Agents: []string{"bob", "carol"}}, {Step: "hangup"}}
	if f.held {
		l.Channels[0].Phase, l.Allowed = "held", []allowed{{Step: "retrieve"}, {Step: "hangup"}}
	}
	l.Channels[0].Stays[1].Phase = l.Channels[0].Phase
	return l
}
