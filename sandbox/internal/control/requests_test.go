package control

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/engine"
)

const story = "name: my-story\nstory: A customer hangs up.\nsteps:\n  - call: customer\n  - queue: 5s\n  - abandon\n"

// Each row is a request that changes nothing, and the status and words that answer it.
func TestBadRequestsAreExplained(t *testing.T) {
	tests := []struct {
		name, method, path, body string
		status                   int
		says                     string
	}{
		{"an unknown path", "GET", "/nothing", "", 404, "openapi.json"},
		{"an unknown method", "PUT", "/runs", "{}", 405, "GET, POST"},
		{"a body that is no JSON", "POST", "/runs", `{"scenario"`, 400, "but the text ends here"},
		{"a body that is a list", "POST", "/runs", `[]`, 400, "must be a JSON object"},
		{"a body that is null", "POST", "/runs", `null`, 400, "must be a JSON object"},
		{"something behind the body", "POST", "/runs", `{} {}`, 400, "want nothing after the value"},
		{"no UTF-8", "POST", "/runs", "{\"scenario\":\"\xff\"}", 400, "UTF-8"},
		{"an unknown member", "POST", "/runs", `{"scenari":"inbound-call"}`, 400, "scenari: unknown member (did you mean \"scenario\"?); known are scenario, yaml"},
		{"an unknown member of a member", "POST", "/runs", `{"scenario":"x","options":{"cont":1}}`, 400, "options.cont"},
		{"a member in another case", "POST", "/runs", `{"Scenario":"inbound-call"}`, 400, "Scenario"},
		{"a member that comes twice", "POST", "/runs", `{"scenario":"a","scenario":"b"}`, 400, "given twice"},
		{"a wrong type", "POST", "/runs", `{"scenario":7}`, 400, "scenario: want a text, got 7"},
		{"a wrong type of an item", "POST", "/runs", `{"scenario":"x","options":{"faults":[7]}}`, 400, "a text"},
		{"great depth", "POST", "/runs", `{"options":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, 400, "options: want an object, got [[["},
		{"a large body", "POST", "/scenarios/check", `{"yaml":"` + strings.Repeat("x", maxBody) + `"}`, 413, "1048576"},
		{"no scenario", "POST", "/runs", `{}`, 400, "give either scenario"},
		{"two scenarios", "POST", "/runs", `{"scenario":"inbound-call","yaml":"x"}`, 400, "give either scenario"},
		{"an unknown scenario", "POST", "/runs", `{"scenario":"inbound-cal"}`, 404, `"inbound-call"?); GET /sandbox/v1/scenarios lists all`},
		{"waiting for something else", "POST", "/runs?until=delivred", `{"scenario":"inbound-call"}`, 400, `until: want one of delivered, got "delivred" (did you mean "delivered"?)`},
		{"waiting too long", "POST", "/runs?until=delivered&within=11m", `{"scenario":"inbound-call"}`, 400, `within: want a time from 1ms to 10m, such as 30s, got "11m"`},
		{"waiting for nothing", "POST", "/runs?within=1m", `{"scenario":"inbound-call"}`, 400, "within: how long to wait, without until=delivered"},
		{"an unknown parameter", "GET", "/runs/none?untl=delivered", "", 400, `did you mean "until"`},
		{"a seed below 0", "POST", "/runs", `{"scenario":"inbound-call","seed":-1}`, 400, "seed"},
		{"a speed of 0", "POST", "/runs", `{"scenario":"inbound-call","speed":0}`, 422, "speed"},
		{"an assumption about deliveries", "POST", "/runs", `{"scenario":"inbound-call","options":{"assume":["absent-ids=null","success=2xx"]}}`, 422, "success=2xx counts for all deliveries"},
		{"an assumption that nobody knows", "POST", "/runs", `{"scenario":"inbound-call","options":{"assume":["succes=2xx"]}}`, 422, `did you mean "success"`},
		{"an unknown run", "POST", "/runs/none/stop", "", 404, "past retention"},
		{"a run without its speed", "PATCH", "/runs/none", `{}`, 400, "speed"},
		{"an unknown parameter", "GET", "/notifications?typ=x", "", 400, `"typ"`},
		{"a parameter that comes twice", "GET", "/notifications?type=x&type=y", "", 400, "twice"},
		{"a parameter that cannot be read", "GET", "/notifications?type=%zz", "", 400, "cannot be read"},
		{"an unknown state", "GET", "/deliveries?state=lost", "", 400, "failed"},
		{"a limit of 0", "GET", "/deliveries?limit=0", "", 400, "limit: want a whole number from 1 to 1000"},
		{"a cursor that is no number", "GET", "/deliveries?before=x", "", 400, "before"},
		{"a search in an unknown field", "GET", "/deliveries?search=agnt:5", "", 400, `search: unknown field "agnt" (did you mean "agent"?)`},
		{"a count of what is no status", "GET", "/deliveries/count?search=status:9999", "", 400, "search: status: want an HTTP status such as 503"},
		{"a moment that is none", "GET", "/deliveries?from=noon", "", 400, `from: want a moment such as 2026-03-31T14:05:00Z, got "noon"`},
		{"a moment beyond all time", "GET", "/deliveries?until=9999-01-01T00:00:00Z", "", 400, "until: want a moment"},
		{"a range that ends before it begins", "GET", "/deliveries/count?from=2026-03-31T14:05:00Z&until=2026-03-31T14:05:00Z", "", 400, "until: want a moment after from"},
		{"a moment and a cursor", "GET", "/deliveries?at=2026-03-31T14:05:00Z&before=7", "", 400, "at: give it for the first page"},
		{"a count of a page", "GET", "/deliveries/count?limit=7", "", 400, `unknown parameter "limit"`},
		{"a notification that is no number", "GET", "/notifications/x", "", 404, `"x"`},
		{"an unknown notification", "GET", "/notifications/99", "", 404, "past retention"},
		{"an unknown delivery", "GET", "/deliveries/99", "", 404, "past retention"},
		{"nothing to resend", "POST", "/deliveries/resend", `{"kind":"resend"}`, 400, "give deliveries"},
		{"half of what to resend", "POST", "/deliveries/resend", `{"kind":"resend","notification":1}`, 400, "give deliveries"},
		{"an unknown kind", "POST", "/deliveries/resend", `{"kind":"again","deliveries":[1]}`, 422, "kind"},
		{"an unknown delivery to resend", "POST", "/deliveries/resend", `{"kind":"resend","deliveries":[99]}`, 422, "deliveries[0]"},
		{"an agent who is not there dials", "POST", "/conversations", `{"dial":"zoe"}`, 422, `dial: no agent "zoe"`},
		{"an agent calls nobody there", "POST", "/conversations", `{"dial":"alice","to":"zoe"}`, 422, `to: no agent "zoe"`},
		{"an agent calls herself", "POST", "/conversations", `{"dial":"alice","to":"alice"}`, 422, `to: want another agent as dial`},
		{"an agent is called by nobody", "POST", "/conversations", `{"to":"alice"}`, 422, `to: want another agent as dial`},
		{"agents call each other", "POST", "/conversations", `{"dial":"alice","to":"bob","from":"Ann"}`, 422, `from: no outside party`},
		{"a chat is not dialled", "POST", "/conversations", `{"medium":"chat","dial":"alice"}`, 422, "agents dial calls"},
		{"an unknown medium", "POST", "/conversations", `{"medium":"fax"}`, 422, "call, email, chat, case"},
		{"nobody calls", "POST", "/conversations", `{"from":""}`, 422, "from"},
		{"an unknown step", "POST", "/conversations/x/dance", "", 404, "ring, answer"},
		{"a step in an unknown conversation", "POST", "/conversations/x/ring", `{"agent":"alice"}`, 404, "past retention"},
		{"an unknown agent", "POST", "/conversations/x/ring", `{"agent":"zoe"}`, 422, "zoe"},
		{"an unknown conversation", "GET", "/conversations/x", "", 404, "live conversation"},
		{"the presence of an unknown agent", "PUT", "/agents/zoe/presence", `{"presence":"away"}`, 404, "zoe"},
		{"an unknown presence", "PUT", "/agents/alice/presence", `{"presence":"gone"}`, 422, "away"},
		{"a run of no conversation", "POST", "/runs", `{"scenario":"chat","options":{"count":0}}`, 422, "options.count: want 1 or more, got 0"},
		{"a fault for no delivery", "POST", "/faults", `{"kind":"expired-token","count":0}`, 422, "count"},
		{"an unknown fault", "POST", "/faults", `{"kind":"expired"}`, 422, "kind: "},
		{"a fault of an unknown type", "POST", "/faults", `{"kind":"expired-token","type":"chanel.*"}`, 422, "GET /webhooks/event-types lists them"},
		{"a fault of an unknown subscription", "POST", "/faults", `{"kind":"expired-token","subscription_id":"x"}`, 422, "subscription_id"},
		{"a ready-made name", "PUT", "/scenarios/inbound-call", `{"yaml":""}`, 409, "ready-made"},
		{"no text", "PUT", "/scenarios/my-story", `{}`, 400, "yaml: missing"},
		{"an unknown stored scenario", "DELETE", "/scenarios/none", "", 404, "past retention"},
		{"a ready-made scenario to delete", "DELETE", "/scenarios/inbound-call", "", 409, "ready-made"},
		{"a subscription without a URL", "POST", "/subscriptions", `{"name":"abc","events":["*"]}`, 422, "url is missing"},
		{"a subscription that selects nothing", "POST", "/subscriptions", `{"name":"abc","url":"http://127.0.0.1:1/","events":["x.*"]}`, 422, "x.*"},
		{"a subscription with an unknown member", "POST", "/subscriptions", `{"nam":"abc"}`, 400, "nam"},
		{"an unknown subscription", "PATCH", "/subscriptions/x", `{}`, 404, "past retention"},
		{"an unknown subscription to delete", "DELETE", "/subscriptions/x", "", 404, "past retention"},
		{"an unknown subscription to rotate", "POST", "/subscriptions/x/rotate", "", 404, "past retention"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBackend(t)
			got := b.want(tt.status, tt.method, tt.path, tt.body)
			if text, _ := got["message"].(string); !strings.Contains(text, tt.says) {
				t.Errorf("the message is %q, want something about %q", text, tt.says)
			}
			if b.engine.changes+len(b.engine.plays)+len(b.engine.lives) != 0 {
				t.Error("it changed something")
			}
		})
	}
}

// An answer used to tell one problem, and the next one after that was solved.
func TestAllProblemsOfARequestAreTold(t *testing.T) {
	long := strings.Repeat("x", 100)
	clipped := `"` + strings.Repeat("x", 58) + "…"
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"a run", "POST", "/runs", `{"scenario":"nope","speed":-1,"seed":"x"}`, 400,
			`seed: want a whole number from 0 to 18446744073709551615, got "x"; speed: want 0.001 to 1000000, got -1; ` +
				`no ready-made scenario is called "nope"; GET /sandbox/v1/scenarios lists all`},
		{"values of a run", "POST", "/runs", `{"scenario":"nope","speed":0}`, 422,
			`speed: want 0.001 to 1000000, got 0; no ready-made scenario is called "nope"; GET /sandbox/v1/scenarios lists all`},
		{"types, names and options of a run", "POST", "/runs", `{"yaml":7,"sped":1,"options":{"count":-1,"faults":[1,true],"calls":"x","cont":2},"speed":"` + long + `"}`, 400,
			`yaml: want a text, got 7; sped: unknown member (did you mean "speed"?); known are scenario, yaml, speed, seed, options; options.count: want a whole number, not negative and not too large, got -1; ` +
				`options.faults[0]: want a text, got 1; options.faults[1]: want a text, got true; options.cont: unknown member (did you mean "count"?); known are versions, count, calls, for, order, faults, assume, set; ` +
				`speed: want a number, got ` + clipped + `; options.calls: want a rate such as 5/s, 0.5/s or 300/m, got "x"`},
		{"values of parameters", "POST", "/runs", `{"scenario":"inbound-call-with-hold","options":{"set":{"hold":"2s","x":[],"hold":"1s"}}}`, 400,
			`options.set.x: want a text, got []; options.set.hold: given twice`},
		{"no values of parameters", "POST", "/runs", `{"scenario":"inbound-call-with-hold","options":{"set":["hold=2m"]}}`, 400, `options.set: want an object, got ["hold=2m"]`},
		{"assumptions", "POST", "/runs", `{"scenario":"inbound-call","options":{"assume":["succes=2xx","success=2xx","retries=1"],"for":"x"}}`, 422,
			`options.for: want a time such as 30s or 10m, got "x"; options.assume: unknown assumption "succes" (did you mean "success"?); ` +
				`options.assume: unknown assumption "retries"; known are … ; options.assume: success=2xx counts for all deliveries of the sandbox, not for one run; choose it when the sandbox is started`},
		{"a resend", "POST", "/deliveries/resend", `{"kind":"again","deliveries":[98,"y",99]}`, 400,
			`deliveries[1]: want a whole number, not negative and not too large, got "y"; kind: want one of resend, duplicate, expired, got "again"; deliveries[0]: no delivery 98; deliveries[2]: no delivery 99`},
		{"a resend of one", "POST", "/deliveries/resend", `{"kind":"resend","notification":7,"subscription_id":"x"}`, 422,
			`subscription_id: no subscription "x"; it may be deleted; notification: no notification 7; it may be past retention`},
		{"a conversation", "POST", "/conversations", `{"medium":"chatt","from":" ","too":1}`, 400,
			`too: unknown member (did you mean "to"?); known are medium, from, dial, to; medium: want one of call, email, chat, case, got "chatt" (did you mean "chat"?); from: want 1 to 64 characters, without control characters, and without blanks at the ends, got " "`},
		{"a presence", "PUT", "/agents/zoe/presence", `{"presence":"awai"}`, 404, `no agent "zoe"; presence: want one of ready, … , got "awai" (did you mean "away"?)`},
		{"a step", "POST", "/conversations/x/ring", `{"agent":"zoe","party":1}`, 400, `party: want a text, got 1; agent: no agent "zoe"; GET /sandbox/v1/agents lists them`},
		{"a fault", "POST", "/faults", `{"kind":"expired","count":0,"type":"chanel.*","subscription_id":"x"}`, 422,
			`kind: unknown fault "expired"; want one of duplicate, … ; count: want 1 to 10000 deliveries, got 0; type: "chanel.*" selects no event type (did you mean "channel.*"?); … ; subscription_id: no subscription "x"`},
		{"a subscription", "POST", "/subscriptions", `{"name":"x","url":"127.0.0.1:3","events":["x"],"enabled":1,"nam":2}`, 400,
			`enabled must be true or false, and is a number; unknown member "nam" (did you mean "name"?); there are name, url, events, enabled and secret; name must be 3 to 128 characters long, and has 1; url must be … ; events[0]: "x" selects no event type; GET /webhooks/event-types lists them, * stands for any run of characters`},
		{"parameters", "GET", "/deliveries?limit=0&before=x&state=lost&typ=y&run=1&run=2", "", 400,
			`run: given twice; unknown parameter "typ" (did you mean "type"?); known are subscription, state, type, notification, conversation, run, search, from, until, at, before, limit; ` +
				`before: want a whole number from 1 to 4611686018427387904, got "x"; limit: want a whole number from 1 to 1000, got "0"; state: want one of waiting, delivered, failed, cancelled, correctly-refused, wrongly-accepted, dropped, got "lost"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := newBackend(t).want(c.status, c.method, c.path, c.body)["message"].(string)
			pattern := strings.ReplaceAll(regexp.QuoteMeta(c.want), " … ", ".+")
			if !regexp.MustCompile("^" + pattern + "$").MatchString(got) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Problems of a text keep their places beside others, and nobody gets a thousand problems.
func TestProblemsOfATextAreToldAmongOthers(t *testing.T) {
	b := newBackend(t)
	got := b.want(422, "POST", "/runs", `{"yaml":"name: x","speed":-1}`)
	if text := fmt.Sprint(got["message"]); !strings.HasPrefix(text, "speed: ") || !strings.HasSuffix(text, "; the text has a problem") && !strings.Contains(text, "; the text has ") || got["problems"] == nil {
		t.Errorf("got %v", got)
	}
	var many strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&many, `"m%d":1,`, i)
	}
	text := fmt.Sprint(b.want(400, "POST", "/runs", `{`+many.String()+`"scenario":"x"}`)["message"])
	if n := strings.Count(text, "unknown member"); n != maxTold || !strings.HasSuffix(text, "; there are more problems") {
		t.Errorf("%d problems: %s", n, text)
	}
}

// A request with several problems always gets the same error.
func TestTheSameRequestGetsTheSameError(t *testing.T) {
	b := newBackend(t)
	for range 50 {
		got := b.want(400, "GET", "/notifications?zz=1&mm=1&limit=1&limit=2&aa=1", "")["message"].(string)
		if !strings.Contains(got, `"aa"`) {
			t.Fatalf("the message is %q, want the first in alphabetical order", got)
		}
	}
}

func TestABodyMustSayThatItIsJSON(t *testing.T) {
	b := newBackend(t)
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""} {
		w := b.ask("POST", "/runs", `{"scenario":"inbound-call"}`, "Content-Type: "+kind)
		if w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %d, want 415", kind, w.Code)
		}
	}
	b.want(201, "POST", "/runs", `{"scenario":"inbound-call"}`, "Content-Type: application/json; charset=utf-8")
}

// Internal errors go to the log, and not to the client.
func TestInternalErrorsAreNotShownToClients(t *testing.T) {
	b := newBackend(t)
	b.engine.err = errInside{}
	got := b.want(500, "POST", "/runs", `{"scenario":"inbound-call"}`)
	if strings.Contains(asText(t, got), "disk") || len(b.log) != 1 || !strings.Contains(b.log[0], "disk") {
		t.Errorf("answer %v, log %q", got, b.log)
	}
}

type errInside struct{}

func (errInside) Error() string { return "disk sda1 is full" }

// An assumption about deliveries holds in `run`; in the sandbox it was ignored without a word.
func TestAssumptionsOfATextThatHaveNoEffectAreNamed(t *testing.T) {
	const want = "assume: success=2xx counts for all deliveries of the sandbox, not for one run; choose it when the sandbox is started"
	const api = "assume: missing-scope=403 counts for the API of the sandbox, not for one run; choose it when the sandbox is started"
	for _, c := range []struct{ name, text, want string }{
		{"nothing assumed", story, "<nil>"},
		{"about the story", "assume: {held-channel: agent}\n" + story, "<nil>"},
		{"about deliveries", "assume: {success: 2xx}\n" + story, "[" + want + "]"},
		{"about the API", "assume: {missing-scope: 403}\n" + story, "[" + api + "]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBackend(t)
			body := asText(t, map[string]string{"yaml": c.text})
			checked, started := b.want(200, "POST", "/scenarios/check", body), b.want(201, "POST", "/runs", body)
			for what, got := range map[string]any{"check": checked["warnings"], "run": started["warnings"]} {
				if fmt.Sprint(got) != c.want {
					t.Errorf("warnings of the %s: %v, want %s", what, got, c.want)
				}
			}
		})
	}
}

// What is wrong with a subscription is told by its members, too, so that a form can show it at its fields.
func TestProblemsOfASubscriptionAreToldByMember(t *testing.T) {
	b := newBackend(t)
	got := b.want(400, "POST", "/subscriptions", `{"name":"x","url":"ftp://x","events":["chanel.*"],"secret":"!!","enabled":1}`)["members"].(map[string]any)
	for _, name := range []string{"name", "url", "events", "secret", "enabled"} {
		if text, _ := got[name].(string); !strings.HasPrefix(text, name) {
			t.Errorf("%s: %q", name, text)
		}
	}
	b.want(201, "POST", "/subscriptions", `{"name":"one","url":"http://127.0.0.1:9","events":["*"]}`)
	got = b.want(409, "POST", "/subscriptions", `{"name":"one","url":"http://127.0.0.1:9","events":["*"]}`)["members"].(map[string]any)
	if len(got) != 1 || got["name"] != "another subscription has this name" {
		t.Errorf("a name that is taken: %q", got)
	}
	if got := b.want(422, "POST", "/faults", `{"kind":"expired"}`); got["members"] != nil {
		t.Errorf("no subscription: %v", got)
	}
}

// Lists of it tell what they leave out: conversations beyond the limit, and those of runs that agents take part in.
func TestTheActivityIsTold(t *testing.T) {
	b := newBackend(t)
	b.engine.lives = []engine.Live{{ID: "a"}, {ID: "b"}}
	got := b.want(200, "GET", "/conversations?limit=1", "")
	if list := got["conversations"].([]any); len(list) != 1 || got["live"] != 2.0 {
		t.Errorf("%d listed, %v live", len(list), got["live"])
	}
	if got := asText(t, b.want(200, "GET", "/agents", "")["in_runs"]); got != `{"alice":2}` {
		t.Errorf("agents in runs: %s", got)
	}
}
