package judge_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/echo"
	"github.com/ringback/ringback/internal/judge"
	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// conversations is a plan of which nothing is known.
type conversations uint64

func (c conversations) Conversations() uint64     { return uint64(c) }
func (c conversations) Truth(i uint64) plan.Truth { return plan.Truth{Story: i} }

// Whatever a consumer repeats where it is asked what it knows, no check shows it.
func TestNoCheckShowsWhatTheConsumerRepeats(t *testing.T) {
	server, err := echo.Listen("k9Zq", "Zx9+wq/71-header=of.a_key", "p455w0rd!x")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	sc, err := scenario.Parse("a.yaml", []byte(`name: a
story: A call.
steps: [{call: customer}, {ring: {agent: alice, for: 1s}}, {talk: 2s}, {hangup: customer}]
expect:
  - {get: /x, within: 1ms, status: 401, json: {$.error: none}}
  - {get: /x, within: 1ms, status: 422, json: {$.key: none}}
`))
	if err != nil {
		t.Fatal(err)
	}
	sent := redact.Sent{URL: strings.Replace(server.URL, "//", "//ann:p455w0rd!x@", 1), Header: map[string][]string{"X-Pin": {"k9Zq"}, "X-Api-Key": {"Zx9+wq/71-header=of.a_key"}}}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	checker := judge.Checker{Client: client, Base: server.URL, Secrets: sent.Secrets()}
	n := conversations(server.Answers(false)/4 + 1)
	all := checker.Check(t.Context(), n, func(uint64) []scenario.Expectation { return sc.Expect })
	texts := map[string]string{}
	for _, c := range all {
		texts["a check"] += c.Name + ": " + c.Detail + "\n"
	}
	if len(all) < int(n) {
		t.Fatalf("%d checks", len(all))
	}
	for _, leak := range server.Search(texts) {
		t.Error(leak)
	}
	if !strings.Contains(texts["a check"], "$.key is (hidden: it repeats a secret), want \"none\"") {
		t.Errorf("the values are not shown:\n%.2000s", texts["a check"])
	}
}
