package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/signature"
)

// crashActor uses the control API as a person and a script would, and keeps what it was told
// was accepted.
type crashActor struct {
	src      seeded.Source
	consumer *crashConsumer
	runs     []string
	events   map[string]string // conversation, by ID of the event
	steps    int               // that were accepted
}

// ask sends a request and reads the answer into a value. The status is 0 if the sandbox was
// killed meanwhile.
func (a *crashActor) ask(t *testing.T, method, url string, body, into any) (status int) {
	data, err := json.Marshal(body)
	if err != nil {
		t.Error(err)
		return 0
	}
	req, err := http.NewRequest(method, url, bytes.NewReader(data))
	if err != nil {
		t.Error(err)
		return 0
	}
	if body == nil {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(resp.Body); err != nil {
		return 0
	}
	a.consumer.told()
	if resp.StatusCode >= 300 && resp.StatusCode != http.StatusConflict || resp.StatusCode < 300 && into != nil && json.Unmarshal(text.Bytes(), into) != nil {
		t.Errorf("%s %s: %s: %s", method, url, resp.Status, &text)
	}
	return resp.StatusCode
}

func (a *crashActor) subscribe(t *testing.T, url string) {
	t.Helper()
	for name, types := range crashSubscriptions() {
		status := a.ask(t, "POST", url+"/sandbox/v1/subscriptions", map[string]any{"name": name, "url": a.consumer.server.URL + "/" + name,
			"events": []string{types}, "secret": signature.DevelopmentSecret}, nil)
		if status != http.StatusCreated {
			t.Fatalf("POST /subscriptions: status %d, want 201", status)
		}
	}
}

// act starts a run, and then drives conversations and changes presences until the sandbox is
// gone.
func (a *crashActor) act(t *testing.T, url string) {
	var run crashRun
	seed := a.src.Below(1 << 60)
	switch a.ask(t, "POST", url+"/sandbox/v1/runs", map[string]any{"scenario": "inbound-call-with-hold", "speed": 2000, "seed": seed,
		"options": map[string]any{"count": 12, "calls": "10/m"}}, &run) {
	case 0:
		return
	case http.StatusCreated:
		a.runs = append(a.runs, run.ID)
	default:
		t.Error("the run was refused")
		return
	}
	live, ok := a.live(t, url)
	for ok && !t.Failed() {
		switch {
		case a.src.Below(20) == 0:
			presences := []string{"ready", "lunch", "away"}
			status := a.ask(t, "PUT", url+"/sandbox/v1/agents/frank/presence", map[string]string{"presence": presences[a.src.Below(3)]}, nil)
			ok = status != 0
		case len(live) < 4:
			var l crashLive
			medium := []string{"call", "email", "chat", "case"}[a.src.Below(4)]
			if ok = a.took(a.ask(t, "POST", url+"/sandbox/v1/conversations", map[string]string{"medium": medium}, &l), &l); ok {
				live = append(live, l)
			}
		default:
			ok = a.drive(t, url, &live[a.src.Below(uint64(len(live)))], true)
		}
		live = slices.DeleteFunc(live, func(l crashLive) bool { return len(l.Allowed) == 0 })
	}
}

// live lists the conversations driven by hand that go on.
func (a *crashActor) live(t *testing.T, url string) (all []crashLive, ok bool) {
	var list struct{ Conversations []crashLive }
	ok = a.ask(t, "GET", url+"/sandbox/v1/conversations?limit=1000", nil, &list) == http.StatusOK
	for _, l := range list.Conversations {
		if l.Run == "" && len(l.Allowed) > 0 {
			all = append(all, l)
		}
	}
	return all, ok
}

// drive takes a step that is allowed: any one, or one towards the end. It is false when the
// sandbox is gone.
func (a *crashActor) drive(t *testing.T, url string, l *crashLive, anyStep bool) bool {
	s := l.Allowed[a.src.Below(uint64(len(l.Allowed)))]
	if i := slices.IndexFunc(l.Allowed, func(s crashAllowed) bool { return s.Step == "hangup" || s.Step == "finish" }); !anyStep && i >= 0 {
		s = l.Allowed[i]
	}
	body := map[string]string{"party": s.Party}
	if len(s.Agents) > 0 {
		body["agent"] = s.Agents[a.src.Below(uint64(len(s.Agents)))]
	}
	status := a.ask(t, "POST", url+"/sandbox/v1/conversations/"+l.ID+"/"+s.Step, body, l)
	if status != 0 && status != http.StatusOK && status != http.StatusConflict {
		t.Errorf("%s of %s: status %d", s.Step, l.ID, status)
	}
	if status == http.StatusConflict { // somebody is busy elsewhere by now
		status = a.ask(t, "GET", url+"/sandbox/v1/conversations/"+l.ID, nil, l)
	}
	return a.took(status, l)
}

// took keeps what an answer says has happened.
func (a *crashActor) took(status int, l *crashLive) bool {
	if status != http.StatusOK && status != http.StatusCreated {
		return false
	}
	a.steps++
	for _, c := range l.Channels {
		for _, e := range c.Events {
			a.events[e.ID] = l.ID
		}
	}
	return true
}

// finish brings all that goes on to its end.
func (a *crashActor) finish(t *testing.T, url string) {
	t.Helper()
	var list struct{ Runs []crashRun }
	get(t, url+"/sandbox/v1/runs", &list)
	for _, r := range list.Runs {
		if r.State == "paused" { // the sandbox was killed twice while it was going
			a.ask(t, "POST", url+"/sandbox/v1/runs/"+r.ID+"/resume", nil, nil)
		}
	}
	limit := time.Now().Add(crashPatience)
	for live, ok := a.live(t, url); len(live) > 0; live, ok = a.live(t, url) {
		for i := range live {
			if !ok || time.Now().After(limit) || !a.drive(t, url, &live[i], false) {
				t.Fatalf("conversation %s comes to no end: %+v", live[i].ID, live[i])
			}
		}
	}
}
