package judge_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/judge"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// consumer is a Doer that answers every question in the same way.
type consumer func(*http.Request) (status int, body string, err error)

func (c consumer) Do(r *http.Request) (*http.Response, error) {
	status, body, err := c(r)
	if err != nil {
		return nil, &url.Error{Op: "Get", URL: r.URL.String(), Err: err}
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func says(status int, body string) consumer {
	return func(*http.Request) (int, string, error) { return status, body, nil }
}

func expecting(t *testing.T, expectation string) *scenario.Scenario {
	t.Helper()
	sc, err := scenario.Parse("x.yaml", []byte(`name: x
story: A customer is put on hold.
agents: {alice: {agentId: "0150"}}
steps: [{call: customer}, {ring: {agent: alice, for: 1500ms}}, {talk: 2s}, {hold: 30s}, {hangup: customer}]
expect:
  - `+expectation+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func check(t *testing.T, a *judge.Checker, expectation string, count uint64) []report.Check {
	t.Helper()
	sc := expecting(t, expectation)
	p, err := plan.New(sc, plan.Options{Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Count: count})
	if err != nil {
		t.Fatal(err)
	}
	return a.Check(t.Context(), p, func(uint64) []scenario.Expectation { return sc.Expect })
}

func TestWhatIsExpectedIsComparedWithThePlan(t *testing.T) {
	const sample = `{"phase":"ended","n":1,"agent":"0150","alert":1.5,"held":30,"ms":30000,"channels":[{"role":"external"},{"role":"agent","more":1}],"nothing":null}`
	for _, c := range []struct{ name, expects, want string }{
		{"what is right passes", `{get: /c, json: {$.phase: ended, $.n: 1, $.nothing: null}}`, ""},
		{"facts pass", `{get: /c, json: {$.phase: "{{phase customer}}", $.n: "{{count customer held}}", $.held: "{{duration customer held}}", $.ms: "{{millis customer held}}", $.alert: "{{duration alice alerting}}", $.agent: "{{agentId alice}}"}}`, ""},
		{"objects may have more members", `{get: /c, json: {$.channels: [{role: external}, {role: agent}]}}`, ""},
		{"all that a path finds must be right", `{get: /c, json: {"$.channels[*].role": agent}}`, `$.channels[*].role is "external", want "agent"`},
		{"another text", `{get: /c, json: {$.phase: wrap}}`, `$.phase is "ended", want "wrap"`},
		{"another number", `{get: /c, json: {$.n: 2}}`, `$.n is 1, want 2`},
		{"a number that is a text", `{get: /c, json: {$.agent: 150}}`, `$.agent is "0150", want 150`},
		{"a duration", `{get: /c, json: {$.n: "{{duration customer held}}"}}`, `$.n is 1, want 30`},
		{"a list of another length", `{get: /c, json: {$.channels: []}}`, `$.channels is [{"role":"external"},{"more":1,"role":"agent"}], want []`},
		{"what is not there", `{get: /c, json: {$.state: ended}}`, `$.state is not there, want "ended"`},
		{"several at once", `{get: /c, json: {$.phase: wrap, $.n: 2}}`, `$.phase is "ended", want "wrap"; $.n is 1, want 2`},
		{"another status", `{get: /c, status: 404}`, `status 200, want 404`},
		{"a command that was not allowed", `{run: [./query.sh], json: {$: 1}}`, `the command was not run: commands are not allowed`},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &judge.Checker{Client: says(200, sample), Base: "http://127.0.0.1:8080"}
				got := check(t, a, c.expects, 1)
				if len(got) != 1 || got[0].Detail != c.want || got[0].Passed != (c.want == "") {
					t.Errorf("got %+v, want %q", got, c.want)
				}
			})
		})
	}
}

func TestAnswersThatCannotBeUsedAreTold(t *testing.T) {
	for _, c := range []struct {
		name   string
		client consumer
		want   string
	}{
		{"no JSON", says(200, "<html>"), "the response is not JSON: line 1, column 1: want a value, got <"},
		{"an error without the URL, in which secrets travel", func(*http.Request) (int, string, error) { return 0, "", errors.New("refused") }, "refused"},
		{"what would steer a terminal", says(200, "{\"phase\":\"\x7f\"}"), `$.phase is " ", want "ended"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := check(t, &judge.Checker{Client: c.client}, `{get: "http://u:secret@h/c?key=secret", json: {$.phase: ended}}`, 1)
				if len(got) != 1 || got[0].Passed || got[0].Detail != c.want {
					t.Errorf("got %+v, want %q", got, c.want)
				}
				if strings.Contains(got[0].Name+got[0].Detail, "secret") || got[0].Name != "expect at line 6: get http://h/c" {
					t.Errorf("it is called %q", got[0].Name)
				}
			})
		})
	}
}

func TestEachConversationIsAskedAboutByItsIdentifier(t *testing.T) {
	var asked []string
	a := &judge.Checker{Base: "http://127.0.0.1:8080/", Client: consumer(func(r *http.Request) (int, string, error) {
		asked = append(asked, r.URL.String())
		return 200, "", nil
	})}
	got := check(t, a, `{get: "/calls/{{conversationId}}", status: 200}`, judge.MaxQueried+5)
	if len(asked) != judge.MaxQueried || !strings.HasPrefix(asked[0], "http://127.0.0.1:8080/calls/") || asked[0] == asked[1] {
		t.Fatalf("%d questions, the first two %q; want %d different ones", len(asked), asked[:2], judge.MaxQueried)
	}
	last := got[len(got)-1]
	if !last.Passed || last.Detail != "5 of 1005: only the first 1000 are checked" {
		t.Errorf("the last check is %+v", last)
	}
	if want := "expect at line 6: get /calls/{{conversationId}} (conversation 2)"; got[1].Name != want {
		t.Errorf("the second is called %q, want %q", got[1].Name, want)
	}
}

func TestTheConsumerMayNeedAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		a := &judge.Checker{Client: consumer(func(*http.Request) (int, string, error) {
			if time.Since(begun) < 3*time.Second {
				return 404, "", nil
			}
			return 200, "", nil
		})}
		if got := check(t, a, `{get: /c, status: 200}`, 1); !got[0].Passed {
			t.Errorf("got %+v, want it to pass after 3 s of 5", got)
		}
		if took := time.Since(begun); took > 3500*time.Millisecond {
			t.Errorf("it took %s, want little more than 3 s", took)
		}
	})
}

func TestManyConversationsDoNotWaitOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		got := check(t, &judge.Checker{Client: says(404, "")}, `{get: /c, within: 3s, status: 200}`, 100)
		if took := time.Since(begun); len(got) != 100 || took != 3*time.Second {
			t.Errorf("%d checks took %s, want 100 to take 3 s together", len(got), took)
		}
	})
}

func TestCommandsAreRunWhenTheyMay(t *testing.T) {
	if _, err := exec.LookPath("printf"); err != nil {
		t.Skip("there is no printf")
	}
	a := &judge.Checker{Commands: true}
	if got := check(t, a, `{run: [printf, '{"agent":"%s"}', "{{agentId alice}}"], json: {$.agent: "0150"}}`, 1); !got[0].Passed {
		t.Errorf("got %+v, want it to pass", got)
	}
	got := check(t, a, `{run: [ringback-no-such-command], within: 1ms, json: {$.agent: "0150"}}`, 1)
	if got[0].Passed || !strings.Contains(got[0].Detail, "ringback-no-such-command") {
		t.Errorf("got %+v, want it to say which command there is not", got)
	}
}

func TestWhenTheRunIsCutOffNothingPasses(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sc := expecting(t, `{get: /c, status: 200}`)
	p, err := plan.New(sc, plan.Options{Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	a := &judge.Checker{Client: consumer(func(r *http.Request) (int, string, error) { return 0, "", r.Context().Err() })}
	got := a.Check(ctx, p, func(uint64) []scenario.Expectation { return sc.Expect })
	if len(got) != 1 || got[0].Passed {
		t.Errorf("got %+v, want one that has not passed", got)
	}
}
