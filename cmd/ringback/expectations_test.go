package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestARunAsksTheConsumerWhatItKnows(t *testing.T) {
	consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/calls/") && len(r.URL.Path) > 40 {
			fmt.Fprint(w, `{"phase":"ended","talked":2,"rang":1}`)
		}
	}))
	defer consumer.Close()
	expecting := func(text string) string { return goodStory + "expect: [" + text + "]\n" }
	const ask = `{get: "/calls/{{conversationId}}", within: 1ms, json: {`
	for _, c := range []struct {
		name, story, args string
		status            int
		says              string
	}{
		{"a duration is another", expecting(ask + `$.phase: ended, $.talked: "{{duration customer connected}}"}}`), "--to " + consumer.URL, 1,
			"$.talked is 2, want 3"},
		{"all of it is right", expecting(ask + `$.rang: "{{duration alice alerting}}"}}`), "--to " + consumer.URL, 0,
			"check ok: expect at line 4: get /calls/{{conversationId}}"},
		{"it knows something else", expecting(ask + `$.phase: wrap}}`), "--to " + consumer.URL, 1,
			`check failed: expect at line 4: get /calls/{{conversationId}}: $.phase is "ended", want "wrap"`},
		{"it is asked somewhere else", expecting(`{get: /calls, within: 1ms, status: 200}`), "--to " + consumer.URL + " --state http://127.0.0.1:1", 1, "check failed: "},
		{"several calls", expecting(ask + `$.phase: ended}}`), "--count 2 --to " + consumer.URL, 0, "(conversation 2)"},
		{"a report has the checks", expecting(ask + `$.phase: wrap}}`), "--output json --to " + consumer.URL, 1, `"passed": false`},
		{"nobody to ask", expecting(ask + `$.phase: wrap}}`), "", 2, "no consumer to ask; add --to URL"},
		{"a command", expecting(`{run: [true], json: {$: 1}}`), "--to " + consumer.URL, 2, "allow it with --allow-commands"},
		{"a public address", expecting(`{get: "http://192.0.2.7/", within: 1ms, status: 200}`), "--to " + consumer.URL, 2, "has an expectation at another host: target http://192.0.2.7: 192.0.2.7 is neither loopback"},
		{"a cloud's credentials", expecting(`{get: "http://0xa9fea9fe/latest/", within: 1ms, status: 200}`), "--to " + consumer.URL, 2, "use --allow-target 0xa9fea9fe"},
		{"a name is checked when it is dialled", expecting(`{get: "http://public.invalid/", within: 1ms, status: 200}`), "--to " + consumer.URL, 1, "check failed: "},
		{"a public place for the state", expecting(ask + `$.phase: wrap}}`), "--state http://192.0.2.7 --to " + consumer.URL, 2, "--allow-target 192.0.2.7"},
		{"faults in expectations", expecting(`{get: /c}`), "--to " + consumer.URL, 3, "there is nothing to compare with"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := call(t, c.story, append([]string{"run", "-", "--speed", "max"}, strings.Fields(c.args)...)...)
			if status != c.status || !strings.Contains(stdout+stderr, c.says) {
				t.Errorf("status %d, want %d with %q\n%s%s", status, c.status, c.says, stdout, stderr)
			}
		})
	}
}
