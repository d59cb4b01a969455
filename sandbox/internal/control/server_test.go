package control

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

func TestTheStateHoldsNoSecret(t *testing.T) {
	b := newBackend(t)
	b.delivered()
	b.engine.storage.Status, b.engine.storage.Reason = "tight", "nearly full"
	got := b.want(200, "GET", "/state", "")
	delete(got, "now")
	want := `{"api_base":"http://127.0.0.1/webhooks","assume":{},"client_id":"client",` +
		`"connections":{"file_limit":24,"idle":2,"most":12,"open":12,"waited":40,"waiting":0},"deliveries":{"cancelled":0,"correctly-refused":0,"delivered":1,"dropped":0,"failed":0,"waiting":0,"wrongly-accepted":0},` +
		`"failing":{"down":1,"retrying":2,"subscriptions":[{"attempts":5,"down":true,"last":"503","name":"mine","retrying":2,"since":"2026-03-02T12:03:00Z","subscription_id":"s"}]},` +
		`"in_flight":{"most_of_channel":4,"most_of_conversation":7},"notifications":1,"order":"conversation","propagation":"30s","speed":1,` +
		`"storage":{"bytes":7,"most_bytes":8,"paused":false,"reason":"nearly full","status":"tight"},"token_url":"http://127.0.0.1/Auth/connect/token","version":"test","warnings":["nearly full"]}`
	if text := asText(t, got); text != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
}

func TestTheStateTellsWhenTheLimitOfFilesBinds(t *testing.T) {
	b := newBackend(t)
	b.engine.waiting = 3
	warnings, _ := b.want(200, "GET", "/state", "")["warnings"].([]any)
	if len(warnings) != 1 || !strings.Contains(warnings[0].(string), "all 12 connections") || !strings.Contains(warnings[0].(string), "may open 24 files; raise that limit (ulimit -n)") {
		t.Errorf("the warnings are %q", warnings)
	}
}

func TestScenariosAreStoredAndDeleted(t *testing.T) {
	b := newBackend(t)
	saved := b.want(200, "PUT", "/scenarios/my-story", asText(t, map[string]string{"yaml": story}))
	want := asText(t, map[string]string{"name": "my-story", "story": "A customer hangs up.", "kind": "scenario", "origin": "stored", "yaml": story})
	if got := asText(t, saved); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := asText(t, b.want(200, "GET", "/scenarios/my-story", "")); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	list := asText(t, b.want(200, "GET", "/scenarios", ""))
	for _, part := range []string{`"kind":"workload","name":"monday-morning","origin":"ready-made"`, `"kind":"scenario","name":"my-story","origin":"stored"`} {
		if !strings.Contains(list, part) {
			t.Errorf("%s is not in %s", part, list)
		}
	}
	b.want(201, "POST", "/runs", `{"scenario":"my-story"}`)
	b.want(204, "DELETE", "/scenarios/my-story", "")
	b.want(404, "GET", "/scenarios/my-story", "")
	if got := b.want(200, "GET", "/scenarios/inbound-call", "")["yaml"].(string); !strings.Contains(got, "name: inbound-call") {
		t.Errorf("got %s", got)
	}
}

func TestProblemsOfATextHaveTheirPlaces(t *testing.T) {
	b := newBackend(t)
	wrong := asText(t, map[string]string{"yaml": strings.Replace(story, "queue: 5s", "queu: 5s", 1)})
	want := `"line":5`
	for _, got := range []map[string]any{b.want(422, "POST", "/runs", wrong), b.want(422, "PUT", "/scenarios/my-story", wrong), b.want(200, "POST", "/scenarios/check", wrong)} {
		faults := asText(t, got["problems"])
		if !strings.Contains(faults, want) || !strings.Contains(faults, "queue") {
			t.Errorf("faults %s, want %s and a hint to queue", faults, want)
		}
	}
	other := b.want(422, "PUT", "/scenarios/other", asText(t, map[string]string{"yaml": story}))
	if got := asText(t, other["problems"]); !strings.Contains(got, "name: other") {
		t.Errorf("a text saved under another name: %s", got)
	}
	if len(b.engine.plays) != 0 {
		t.Error("a text with problems is played")
	}
}

func TestACheckListsParameters(t *testing.T) {
	b := newBackend(t)
	const workload = "name: w\nstory: W.\npopulation: 1\nset: {hold: 1m}\nmix: [{scenario: inbound-call-with-hold, weight: 1}, {scenario: abandoned-in-queue, weight: 1}]\n"
	for text, want := range map[string]string{
		workload: `[{"name":"hold","value":"1m"},{"name":"patience","value":"1m20s"}]`,
		"name: a\nstory: A.\nparams: {who: c}\nsteps: [{call: $who}, abandon]\n": `[{"name":"who","value":"c"}]`,
	} {
		if got := asText(t, b.want(200, "POST", "/scenarios/check", asText(t, map[string]string{"yaml": text}))["params"]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A check takes values as a run does, but only warns of a name that the text does not have: it
// may be about to have another one.
func TestACheckTakesValuesOfParameters(t *testing.T) {
	b := newBackend(t)
	const text = "name: a\nstory: A.\nparams: {wait: 5s}\nsteps: [{call: c}, {queue: $wait}, abandon]\n"
	check := func(set map[string]string) map[string]any {
		return b.want(200, "POST", "/scenarios/check", asText(t, map[string]any{"yaml": text, "set": set}))
	}
	got := check(map[string]string{"wait": "7s", "wiat": "8s"})
	if all := asText(t, got); !strings.Contains(all, `"at":7000`) || asText(t, got["params"]) != `[{"name":"wait","value":"7s"}]` ||
		asText(t, got["warnings"]) != `["set: unknown parameter \"wiat\" (did you mean \"wait\"?); known parameters: wait"]` {
		t.Errorf("got %s", all)
	}
	want := `[{"column":28,"hint":"","line":4,"text":"queue: want a time, got \"7\" (add a unit: 7s); $wait is from set"}]`
	if got := asText(t, check(map[string]string{"wait": "7"})["problems"]); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	b.want(400, "POST", "/scenarios/check", `{"yaml":"","set":{"wait":7}}`)
}

func TestACheckedTextIsDrawn(t *testing.T) {
	b := newBackend(t)
	got := b.want(200, "POST", "/scenarios/check", asText(t, map[string]string{"yaml": story}))
	want := `{"kind":"scenario","lanes":[{"party":"customer","role":"external","stays":[{"from":0,"phase":"alerting","to":0},{"from":0,"phase":"connected","to":5000}]}],` +
		`"name":"my-story","params":[],"problems":[],"story":"A customer hangs up.","timeline":[` +
		`{"at":0,"party":"customer","role":"external","type":"channel.alerted.v0"},{"at":0,"party":"customer","role":"external","type":"channel.connected.v0"},` +
		`{"at":5000,"party":"customer","role":"external","type":"channel.disconnected.v0"},{"at":5000,"party":"customer","role":"external","type":"channel.ended.v0"}]}`
	if text := asText(t, got); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	for _, e := range made() {
		found, err := scenarios.Source(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		got := b.want(200, "POST", "/scenarios/check", asText(t, map[string]string{"yaml": string(found)}))
		faults, timeline := got["problems"].([]any), got["timeline"].([]any)
		if len(faults) != 0 || len(timeline) > maxRows || (len(timeline) == 0) != (e.Kind == kindWorkload) {
			t.Errorf("%s: faults %v, %d rows", e.Name, faults, len(timeline))
		}
	}
}

func TestRunsAreControlled(t *testing.T) {
	b := newBackend(t)
	run := b.want(201, "POST", "/runs", `{"scenario":"inbound-call","speed":2.5,"seed":"18446744073709551615","options":{"versions":"both","count":3}}`)
	p := b.engine.plays[0]
	if run["seed"] != "18446744073709551615" || p.Speed != 2.5 || *p.Seed != 1<<64-1 || p.Options.Versions != "both" || p.Options.Count != 3 {
		t.Errorf("%v is played as %+v", run, p)
	}
	b.want(201, "POST", "/runs", asText(t, map[string]any{"yaml": story, "seed": 7}))
	if p := b.engine.plays[1]; p.Source != story || p.Speed != 1 || *p.Seed != 7 {
		t.Errorf("played as %+v", p)
	}
	for _, step := range []struct{ method, path, body, member, want string }{
		{"POST", "/runs/run-1/pause", "", "state", "paused"},
		{"POST", "/runs/run-1/resume", "{}", "state", "running"},
		{"PATCH", "/runs/run-1", `{"speed":60}`, "speed", "60"},
		{"POST", "/runs/run-1/stop", "", "state", "stopped"},
		{"GET", "/runs/run-1", "", "state", "stopped"},
	} {
		if got := fmt.Sprint(b.want(200, step.method, step.path, step.body)[step.member]); got != step.want {
			t.Errorf("%s %s: %s is %s, want %s", step.method, step.path, step.member, got, step.want)
		}
	}
	b.want(409, "POST", "/runs/run-1/pause", "")
	if got := b.want(200, "GET", "/runs/run-2", "")["source"]; got != story {
		t.Errorf("the source of a run is %q", got)
	}
	for _, r := range b.want(200, "GET", "/runs", "")["runs"].([]any) {
		if r.(map[string]any)["source"] != "" {
			t.Errorf("a list of runs holds a source: %v", r)
		}
	}
}

// Sources have up to a megabyte. A request for one thing must not load those of all others.
func TestARequestForOneLoadsNotAll(t *testing.T) {
	if raced {
		t.Skip("what the race detector allocates hides what a request does; it is measured without")
	}
	b := newBackend(t)
	large := strings.Repeat("#", 1<<20)
	for i := range 20 {
		run := store.Run{ID: fmt.Sprintf("run-%d", i), Name: "n", Source: large, State: store.RunEnded}
		if err := errors.Join(b.store.SaveRun(t.Context(), run), b.store.SaveScenario(t.Context(), fmt.Sprintf("story-%d", i), large)); err != nil {
			t.Fatal(err)
		}
	}
	b.want(200, "GET", "/scenarios", "") // the first one reads what texts say of themselves
	for _, path := range []string{"/runs/run-3", "/runs", "/scenarios/story-3", "/scenarios/inbound-call", "/scenarios"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b.want(200, "GET", path, "")
		runtime.ReadMemStats(&after)
		if loaded := after.TotalAlloc - before.TotalAlloc; loaded > 16<<20 {
			t.Errorf("GET %s takes %d MB", path, loaded>>20)
		}
	}
}

func TestConversationsAreDrivenByHand(t *testing.T) {
	b := newBackend(t)
	live := b.want(201, "POST", "/conversations", `{"medium":"email","from":"Ms Brown"}`)
	if text := asText(t, live); !strings.Contains(text, `"party":"Ms Brown"`) || !strings.Contains(text, `"stays":[]`) || !strings.Contains(text, `"allowed":[]`) {
		t.Errorf("got %s", text)
	}
	b.want(200, "POST", "/conversations/live-1/ring", `{"agent":"alice"}`)
	got := b.want(409, "POST", "/conversations/live-1/hold", "")
	if text := asText(t, got["allowed"]); text != `[{"agents":["alice"],"step":"ring"}]` {
		t.Errorf("allowed is %s", text)
	}
	b.want(200, "GET", "/conversations/live-1", "")
	b.want(201, "POST", "/conversations", `{}`)
	if got := len(b.want(200, "GET", "/conversations?limit=1", "")["conversations"].([]any)); got != 1 {
		t.Errorf("%d conversations, want 1", got)
	}
	if got := b.want(200, "PUT", "/agents/alice/presence", `{"presence":"away"}`)["presence"]; got != "away" {
		t.Errorf("presence %v", got)
	}
	if got := asText(t, b.want(200, "GET", "/agents", "")["agents"]); !strings.Contains(got, `"away"`) {
		t.Errorf("agents %s", got)
	}
	if got := len(b.want(200, "GET", "/presences", "")["presences"].([]any)); got != len(scenario.Presences()) {
		t.Errorf("%d presences", got)
	}
}

func TestADeliveryIsShownWhole(t *testing.T) {
	b := newBackend(t)
	_, d := b.delivered()
	got := b.want(200, "GET", fmt.Sprintf("/deliveries/%d", d.Number), "")
	token := got["token"].(map[string]any)
	if header := asText(t, token["header"]); header != `{"alg":"HS256","typ":"JWT"}` || token["claims"].(map[string]any)["iss"] != "Vonage" {
		t.Errorf("token %v", token)
	}
	if got["attempts_dropped"] != 0.0 {
		t.Errorf("%v attempts are not kept", got["attempts_dropped"])
	}
	d.Attempts = 7 // of which six are not kept
	if err := b.store.Record(t.Context(), nil, []store.Delivery{d}); err != nil {
		t.Fatal(err)
	}
	if later := b.want(200, "GET", "/deliveries/1", ""); later["attempts_dropped"] != 6.0 {
		t.Errorf("%v attempts are not kept, want 6", later["attempts_dropped"])
	}
	if got["body"] != body || len(got["attempts"].([]any)) != 1 || got["notification"].(map[string]any)["type"] != "channel.held.v0" {
		t.Errorf("got %v", got)
	}
	if line := got["curl"].(string); !strings.Contains(line, quoted("http://127.0.0.1:1/ev?a=[1]&b='x'")) || !strings.HasSuffix(line, quoted(body)) {
		t.Errorf("curl %s", line)
	}
	n := b.want(200, "GET", fmt.Sprintf("/notifications/%d", d.Notification), "")
	if n["body"] != body || len(n["deliveries"].([]any)) != 1 {
		t.Errorf("notification %v", n)
	}
	rows := b.want(200, "GET", "/deliveries?state=delivered&type=channel.*&limit=1", "")
	if text := asText(t, rows["deliveries"]); !strings.Contains(text, `"notification_detail":{`) {
		t.Errorf("rows %s", text)
	}
	if got := b.want(200, "GET", "/deliveries?state=waiting", ""); len(got["deliveries"].([]any)) != 0 || got["next"] != 0.0 {
		t.Errorf("waiting: %v", got)
	}
	if got := b.want(200, "GET", "/notifications?conversation=conv&limit=10", ""); len(got["notifications"].([]any)) != 1 {
		t.Errorf("notifications: %v", got)
	}
}

func TestDeliveriesAreSentAgain(t *testing.T) {
	b := newBackend(t)
	sub, d := b.delivered()
	b.want(201, "POST", "/deliveries/resend", fmt.Sprintf(`{"deliveries":[%d,%[1]d],"kind":"duplicate"}`, d.Number))
	got := b.want(201, "POST", "/deliveries/resend", fmt.Sprintf(`{"notification":%d,"subscription_id":%q,"kind":"expired"}`, d.Notification, sub.ID))
	if text := asText(t, got); !strings.Contains(text, `"kind":"expired"`) {
		t.Errorf("got %s", text)
	}
	want := []string{"1 " + sub.ID + " duplicate", "1 " + sub.ID + " duplicate", "1 " + sub.ID + " expired"}
	if !slices.Equal(b.engine.resent, want) {
		t.Errorf("sent again %q, want %q", b.engine.resent, want)
	}
	// One that cannot be sent keeps back the others.
	b.want(422, "POST", "/deliveries/resend", fmt.Sprintf(`{"deliveries":[%d,99],"kind":"resend"}`, d.Number))
	b.want(204, "DELETE", "/subscriptions/"+sub.ID, "")
	b.want(422, "POST", "/deliveries/resend", fmt.Sprintf(`{"deliveries":[%d],"kind":"resend"}`, d.Number))
	if len(b.engine.resent) != len(want) {
		t.Errorf("sent again %q", b.engine.resent)
	}
	if got := b.want(200, "GET", fmt.Sprintf("/deliveries/%d", d.Number), "")["curl"]; got != "" {
		t.Errorf("a deleted subscription has the curl line %q", got)
	}
}

func TestFaultsAreInjectedAndCleared(t *testing.T) {
	b := newBackend(t)
	b.want(201, "POST", "/faults", `{"kind":"expired-token","count":2,"type":"channel.*"}`)
	b.want(201, "POST", "/faults", `{"kind":"expired-token"}`)
	want := []engine.InjectedFault{{Kind: "expired-token", Count: 2, Type: "channel.*"}, {Kind: "expired-token", Count: 1}}
	if got := b.want(200, "GET", "/faults", "")["faults"].([]any); len(got) != 2 || !slices.Equal(b.engine.injected, want) {
		t.Errorf("injected %v", got)
	}
	b.want(204, "DELETE", "/faults", "")
	if got := asText(t, b.want(200, "GET", "/faults", "")); got != `{"faults":[]}` {
		t.Errorf("injected %s", got)
	}
}

func TestAResetDeletes(t *testing.T) {
	b := newBackend(t)
	b.delivered()
	b.want(204, "POST", "/reset", "")
	if got := b.want(200, "GET", "/state", "")["notifications"]; got != 0.0 {
		t.Errorf("%v notifications are left", got)
	}
}

// All are sent again at once: where there is no space for all, none was sent, and the request may be repeated.
func TestAllAreSentAgainOrNone(t *testing.T) {
	b := newBackend(t)
	_, d := b.delivered()
	text := fmt.Sprintf(`{"deliveries":[%d,%[1]d],"kind":"resend"}`, d.Number)
	b.engine.err = &store.Trouble{Kind: store.OverLimit}
	b.want(507, "POST", "/deliveries/resend", text, "Idempotency-Key: one")
	if len(b.engine.resent) != 0 {
		t.Errorf("sent again %q", b.engine.resent)
	}
	for range 2 {
		b.want(201, "POST", "/deliveries/resend", text, "Idempotency-Key: one")
	}
	if len(b.engine.resent) != 2 {
		t.Errorf("sent again %q", b.engine.resent)
	}
}
