package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// verdict is what the sandbox says in the end.
type verdict struct {
	notifications map[string]crashNotification // by ID of the event
	runs          []crashRun
	state         sandboxState
}

type sandboxState struct {
	Notifications int
	Deliveries    map[string]int
}

// get reads an answer that must be there.
func get(t *testing.T, url string, into any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, resp.Status, err)
	}
}

// waitForDeliveries waits until all runs are over, and nothing waits to be delivered.
func waitForDeliveries(t *testing.T, url string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(5 * crashPatience)
	for {
		var s sandboxState
		var list struct{ Runs []crashRun }
		get(t, url+"/sandbox/v1/state", &s)
		get(t, url+"/sandbox/v1/runs", &list)
		going := slices.ContainsFunc(list.Runs, func(r crashRun) bool { return r.State == "running" })
		if !going && s.Deliveries["waiting"] == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("there is no end: %+v, %+v", s, list.Runs)
		}
	}
}

func readVerdict(t *testing.T, url string) *verdict {
	t.Helper()
	v := &verdict{notifications: map[string]crashNotification{}}
	get(t, url+"/sandbox/v1/state", &v.state)
	for before := ""; ; {
		var page struct {
			Notifications []crashNotification
			Next          int64
		}
		get(t, url+"/sandbox/v1/notifications?limit=1000"+before, &page)
		for _, n := range page.Notifications {
			if other, double := v.notifications[n.ID]; double {
				t.Errorf("notifications %d and %d have the ID %s", other.Number, n.Number, n.ID)
			}
			v.notifications[n.ID] = n
		}
		if page.Next == 0 {
			break
		}
		before = fmt.Sprintf("&before=%d", page.Next)
	}
	var list struct{ Runs []crashRun }
	get(t, url+"/sandbox/v1/runs", &list)
	for _, r := range list.Runs {
		get(t, url+"/sandbox/v1/runs/"+r.ID, &r)
		v.runs = append(v.runs, r)
	}
	return v
}

// check holds what came to what was accepted.
func (v *verdict) check(t *testing.T, a *crashActor, c *crashConsumer) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if v.state.Notifications != len(v.notifications) || v.state.Deliveries["failed"]+v.state.Deliveries["cancelled"] > 0 {
		t.Errorf("%d notifications are listed, and the state is %+v", len(v.notifications), v.state)
	}
	for id, conversation := range a.events {
		if n, known := v.notifications[id]; !known || n.Conversation != conversation {
			t.Errorf("the event %s of conversation %s was told to somebody, and now it is %+v", id, conversation, n)
		}
	}
	for _, id := range a.runs {
		if !slices.ContainsFunc(v.runs, func(r crashRun) bool { return r.ID == id }) {
			t.Errorf("the run %s was accepted, and is gone", id)
		}
	}
	for _, r := range v.runs {
		v.checkRun(t, &r)
	}
	for name := range crashSubscriptions() {
		v.checkArrivals(t, name, c.arrivals[name])
		report := c.judges[name].Report()
		for _, violation := range report.Violations {
			t.Errorf("%s: %v", name, violation)
		}
		if report.Open > 0 {
			t.Errorf("%s: %d channels never end", name, report.Open)
		}
	}
	for _, reason := range c.refused {
		t.Errorf("refused: %s", reason)
	}
}

// checkRun plans a run again: what it sent must be exactly that, each once.
func (v *verdict) checkRun(t *testing.T, r *crashRun) {
	t.Helper()
	if r.State != "ended" || r.Error != "" {
		t.Errorf("the run %s is %s %s", r.ID, r.State, r.Error)
	}
	sc, err := scenario.Parse("run", []byte(r.Source))
	if err != nil {
		t.Fatal(err)
	}
	calls, err := scenario.ParseRate(r.Options.Calls)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(sc, plan.Options{Seed: r.Seed, Start: r.Start, Count: r.Options.Count, Calls: calls})
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]bool{}, map[string]bool{}
	for n := range p.Notifications() {
		want[n.ID()] = true
	}
	for id, n := range v.notifications {
		if n.Run == r.ID {
			got[id] = true
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("the run %s has %d notifications, want exactly the %d of its plan", r.ID, len(got), len(want))
	}
}

// checkArrivals looks at one subscription. Whatever its types select came at least once and
// was accepted; nothing else came; a body is always the same; what was accepted comes again
// only if the sandbox was killed before it could note that; and what is first heard of a
// conversation comes in the order in which it was accepted.
func (v *verdict) checkArrivals(t *testing.T, name string, arrivals []arrival) {
	t.Helper()
	accepted, first, latest := map[string]arrival{}, map[string]arrival{}, map[string]int64{}
	for _, a := range arrivals {
		n, known := v.notifications[a.id]
		before, again := first[a.id]
		took, twice := accepted[a.id]
		switch {
		case !known:
			t.Errorf("%s: nobody knows of the event %s", name, a.id)
		case again && before.digest != a.digest:
			t.Errorf("%s: the event %s came with two bodies", name, a.id)
		case twice && took.life == a.life:
			t.Errorf("%s: the event %s came again in life %d, where it was accepted", name, a.id, a.life)
		case !again && n.Conversation != "" && latest[n.Conversation] > n.Number:
			t.Errorf("%s: number %d of conversation %s comes behind number %d", name, n.Number, n.Conversation, latest[n.Conversation])
		}
		if !again {
			first[a.id] = a
			latest[n.Conversation] = n.Number
		}
		if a.accepted {
			accepted[a.id] = a
		}
	}
	for id, n := range v.notifications {
		if _, came := accepted[id]; !came && (name != "channels" || strings.HasPrefix(n.Type, "channel.")) {
			t.Errorf("%s: number %d, %s %s, was accepted and never came", name, n.Number, n.Type, id)
		}
	}
}

// summary tells the size of it all.
func (v *verdict) summary(a *crashActor, c *crashConsumer) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	requests, duplicates := 0, 0
	for name, list := range c.arrivals {
		requests += len(list)
		duplicates += int(c.judges[name].Report().Duplicates)
	}
	return fmt.Sprintf("%d runs and %d steps made %d notifications, which came in %d requests, %d of them duplicates",
		len(a.runs), a.steps, len(v.notifications), requests, duplicates)
}
