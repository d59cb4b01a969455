package snapshots

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/interop/broken/internal/stories"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/assume"
)

// Each broken consumer is told from the correct one by what was made to provoke it.
func TestEveryMistakeShows(t *testing.T) {
	rules := map[rulebook.ID]bool{}
	for _, r := range rulebook.Rules() {
		rules[r.ID] = true
	}
	seen := map[string]bool{}
	for _, r := range Rows() {
		if seen[r.Name] {
			t.Errorf("two consumers are called %s", r.Name)
		}
		seen[r.Name] = true
		if r.Breaks == "" || r.Name == "headers-in-one-spelling" { // it needs a socket: see TestOverABareConnection
			continue
		}
		if !rules[r.Breaks] {
			t.Errorf("%s breaks %q, which is no rule", r.Name, r.Breaks)
		}
		t.Run(r.Name, func(t *testing.T) {
			provoke := provocations[r.Name]
			if provoke == nil {
				t.Fatal("nothing provokes it")
			}
			if wrong := provoked(t, Rows()[0], provoke); wrong != nil {
				t.Errorf("the correct one is wrong: %v", wrong)
			}
			wrong := provoked(t, r, provoke)
			if wrong == nil {
				t.Error("nothing is wrong with it")
			}
			t.Logf("%.300q", wrong)
		})
	}
	for id := range rules {
		if !slices.ContainsFunc(Rows(), func(r Row) bool { return r.Breaks == id }) {
			t.Errorf("no consumer breaks %s", id)
		}
	}
	for name := range provocations {
		if !seen[name] {
			t.Errorf("%s is provoked, and is not there", name)
		}
	}
}

func provoked(t *testing.T, r Row, provoke func(*kit)) (wrong []string) {
	synctest.Test(t, func(t *testing.T) {
		k := &kit{t: t, c: stories.Direct(r.Handler(stories.Secret(), next()))}
		provoke(k)
		time.Sleep(time.Minute) // what it still writes
		wrong = k.wrong
	})
	return wrong
}

func next() []byte { return []byte("the next secret of the subscription") }

// inCall is what an agent's channel goes through, with a hold.
func inCall(e ev) [][]byte {
	return life(e, "alerted", 0, "connected", 4.096, "held", 20, "retrieved", 50.5, "disconnected", 70, "wrapstarted", 70, "ended", 90)
}

// late plays a call in another order: the numbers are places in inCall.
func late(places ...int) func(*kit) {
	return func(k *kit) {
		all := inCall(ev{})
		for _, i := range places {
			k.post(all[i])
		}
		phase := []string{"alerting", "connected", "held", "connected", "connected", "wrap", "ended"}
		last := 0
		for _, i := range places {
			last = max(last, i)
		}
		k.want(phase[last], len(places))
	}
}

// inOrder plays a whole call, and wants all that is to be told of it.
func inOrder(k *kit) {
	k.post(inCall(ev{})...)
	k.wantCall(7)
}

func (k *kit) wantCall(count int) {
	k.want("ended", count, "alerting", 4.096, "connected", 35.404, "held", 30.5, "wrap", 20)
}

func allReversed(k *kit) {
	k.post(reversed(inCall(ev{}))...)
	k.wantCall(7)
}

// forged wants a token refused, and nothing stored.
func forged(make func(body []byte) string) func(*kit) {
	return func(k *kit) {
		body := ev{kind: "alerted"}.body()
		k.token(make(body), body, http.StatusUnauthorized)
		if m := k.told("", ""); m != nil {
			k.wrong = append(k.wrong, "it was stored")
		}
	}
}

func story(name string, o plan.Options, arrange ...func([][]byte) [][]byte) func(*kit) {
	return func(k *kit) { k.story(name, o, arrange...) }
}

var v1 = plan.Options{Seed: 7, Versions: plan.OnlyV1}
var v0 = plan.Options{Seed: 7}

// bodyOf makes a body of a call and changes it; it must be accepted, and known.
func bodyOf(change func(body []byte) []byte) func(*kit) {
	return func(k *kit) {
		k.post(change(ev{kind: "alerted"}.body()))
		k.want("alerting", 1)
		k.expect("agentId", k.told("", "")["agentId"], "0150")
	}
}

// finished wants an answer after which nothing comes again.
func finished(body string) func(*kit) {
	return func(k *kit) {
		status := k.c.Send(k.c.Request(k.t, []byte(body)))
		if status < 200 || status >= 500 || status == 401 || status == 408 || status == 429 || status >= 300 && status < 400 {
			k.wrong = append(k.wrong, "it comes again")
		}
	}
}

// provocations of mistakes in reading and answering; the others stand in their own files.
var provocations = map[string]func(*kit){
	"enum-without-interruption": story("call-interrupts-email", v0),
	"reason-is-released": func(k *kit) {
		k.post(ev{kind: "ended", reason: "NoAnswer"}.body())
	},
	"duplicate-is-a-conflict":     func(k *kit) { k.post(twice([][]byte{ev{kind: "alerted"}.body()})...) },
	"agents-only":                 story("inbound-call", v0),
	"null-becomes-text":           story("inbound-call", plan.Options{Seed: 7, Assume: assuming("absent-ids", "null")}),
	"presence-not-found":          story("every-presence", v0),
	"cuts-v0-only":                story("inbound-call", v1),
	"switch-without-default":      story("unknown-event-type", v0),
	"else-is-ended":               elseIsEnded,
	"additional-properties-false": bodyOf(func(b []byte) []byte { return replaced(b, `"data":{`, `"data":{"language":"en",`) }),
	"bad-json-is-500":             finished("no JSON"),
	"needs-data":                  finished(`{"id":"1","type":"channel.held.v0"}`),
	"reads-by-pattern":            bodyOf(func(b []byte) []byte { return replaced(b, `":"channel.`, `": "channel.`) }),
	"wants-a-brace-at-the-end":    bodyOf(func(b []byte) []byte { return append(b, '\n') }),
	"type-before-data": bodyOf(func(b []byte) []byte {
		return append(replaced(replaced(b[:len(b)-1], `"type":"channel.alerted.v0",`, ""), `{"specversion":"1.0",`, `{`), `,"type":"channel.alerted.v0"}`...)
	}),
	"column-of-8000":           bodyOf(bigger(16 << 10)),
	"express-100kb":            bodyOf(bigger(256 << 10)),
	"from-iso-format":          digits("2025-03-03T09:00:00.1234567Z", "2025-03-03T09:00:01.1234567Z", 1),
	"fraction-is-milliseconds": digits("2025-03-03T09:00:00.5Z", "2025-03-03T09:00:01Z", 0.5),
	"one-map-for-all-ids": func(k *kit) {
		const id = "10000000-0000-4000-8000-000000000001"
		k.post(ev{kind: "alerted", ch: id}.body())
		k.expect("known", k.told("", id) != nil, true)
	},

	"report-on-ended": func(k *kit) { k.with(ev{kind: "ended"}.body(), 204, func(*http.Request) {}) },
	"one-read": func(k *kit) {
		body := ev{kind: "alerted"}.body()
		k.with(body, 204, slow(body, 3, 10*time.Millisecond))
	},
	"body-within-250ms": func(k *kit) {
		body := ev{kind: "alerted"}.body()
		k.with(body, 204, slow(body, 5, 80*time.Millisecond))
	},
	"body-by-content-length": func(k *kit) {
		body := ev{kind: "alerted"}.body()
		k.with(body, 204, chunked(body))
	},
	"hangs-on-chunked": func(k *kit) {
		body := ev{kind: "alerted"}.body()
		k.with(body, 204, chunked(body))
	},
	"other-media-is-no-body": func(k *kit) {
		k.with(ev{kind: "alerted"}.body(), 204, func(r *http.Request) {
			r.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
		})
		k.want("alerting", 1)
	},
	"streams-and-marks": func(k *kit) {
		body := ev{kind: "alerted"}.body()
		k.within(k.c.Request(k.t, body), cutOff(body, 250))
		k.post(body)
		k.want("alerting", 1)
	},
	"locked-when-cut-off": func(k *kit) {
		body := ev{kind: "alerted"}.body()
		k.within(k.c.Request(k.t, body), cutOff(body, 250))
		k.with(body, 204, func(*http.Request) {})
	},
	"leaks-when-refused": func(k *kit) {
		body := ev{kind: "alerted"}.body()
		for range 50 {
			k.token("not-a-token", body, 401)
		}
		k.with(body, 204, func(*http.Request) {})
	},
	"workers-die": func(k *kit) {
		for range 4 {
			finished("no JSON")(k)
		}
		k.with(ev{kind: "alerted"}.body(), 204, func(*http.Request) {})
	},
}

func init() {
	for _, more := range []map[string]func(*kit){tokenProvocations, stateProvocations, robustProvocations} {
		for name, f := range more {
			provocations[name] = f
		}
	}
}

func elseIsEnded(k *kit) {
	k.post(ev{kind: "alerted"}.body(), ev{kind: "translated", at: time.Second}.body())
	k.want("alerting", 1)
}

// digits plays two moments, and wants so many seconds between them.
func digits(from, to string, seconds float64) func(*kit) {
	return func(k *kit) {
		k.post(ev{kind: "alerted", stamp: from}.body(), ev{kind: "connected", stamp: to}.body())
		k.want("connected", 2, "alerting", seconds)
	}
}

// bigger makes a body larger by a member that nobody knows.
func bigger(size int) func([]byte) []byte {
	return func(b []byte) []byte {
		return replaced(b, `"data":{`, `"data":{"note":"`+strings.Repeat("x", size)+`",`)
	}
}

func assuming(name, value string) (s assume.Set) {
	if err := s.Change(name, value); err != nil {
		panic(err)
	}
	return s
}
