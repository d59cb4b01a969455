package control

import (
	"fmt"
	"strings"
	"testing"
)

// Every figure of a request has an upper bound, which the answer tells, and what is beyond changes nothing.
func TestFiguresOfRequestsAreBounded(t *testing.T) {
	b := newBackend(t)
	run := func(more string) string { return `{"scenario":"inbound-call",` + more + `}` }
	options := func(more string) string { return run(`"options":{` + more + `}`) }
	list := func(text string, n int) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }
	var set strings.Builder
	for i := range 101 {
		fmt.Fprintf(&set, `"p%d":"1s",`, i)
	}
	many := `"set":{` + strings.TrimSuffix(set.String(), ",") + `}`
	for name, c := range map[string]struct {
		status             int
		method, path, body string
		want               string
	}{
		"a speed":           {422, "POST", "/runs", run(`"speed":1000001`), "speed: want 0.001 to 1000000"},
		"a seed":            {400, "POST", "/runs", run(`"seed":18446744073709551616`), "seed: want a whole number from 0 to 18446744073709551615"},
		"a count":           {422, "POST", "/runs", options(`"count":10000000001`), "options.count: want a whole number from 1 to 10000000000"},
		"a count of bits":   {422, "POST", "/runs", options(`"count":18446744073709551615`), "options.count: want a whole number from 1 to 10000000000"},
		"a count beyond":    {400, "POST", "/runs", options(`"count":1e300`), "options.count: want a whole number"},
		"a rate":            {422, "POST", "/runs", options(`"calls":"1000001/s"`), "options.calls: want at most 1000000/s"},
		"a time":            {422, "POST", "/runs", options(`"calls":"1/s","for":"721h"`), "options.for: want 1ms to 720h"},
		"a long text":       {422, "POST", "/runs", options(`"for":"` + strings.Repeat(" ", 100) + `1h"`), "options.for: want at most 100 characters, got 102"},
		"faults":            {422, "POST", "/runs", options(`"faults":[` + list(`"drop 1%"`, 101) + `]`), "options.faults: want at most 100, got 101"},
		"a long fault":      {422, "POST", "/runs", options(`"faults":["drop 1% of ` + strings.Repeat("*", 300) + `"]`), "options.faults: want at most 300 characters"},
		"assumptions":       {422, "POST", "/runs", options(`"assume":[` + list(`"id-form=any"`, 101) + `]`), "options.assume: want at most 100, got 101"},
		"parameters":        {422, "POST", "/runs", options(many), "options.set: want at most 100 parameters, got 101"},
		"a parameter":       {422, "POST", "/runs", `{"yaml":"name: x\nstory: X.\nparams: {t: 1s}\nsteps: [{call: c}, {queue: $t}, abandon]\n","options":{"set":{"t":"` + strings.Repeat("1", 1001) + `"}}}`, "the text has a problem"},
		"a population":      {422, "POST", "/runs", `{"yaml":"name: x\nstory: X.\npopulation: 100000000\nmix: [{scenario: inbound-call, weight: 1}]\n"}`, "the text has a problem"},
		"another speed":     {422, "PATCH", "/runs/x", `{"speed":1e300}`, "speed: want 0.001 to 1000000"},
		"parameters of one": {422, "POST", "/scenarios/check", `{"yaml":"x",` + many + `}`, "set: want at most 100 parameters, got 101"},
		"injected":          {422, "POST", "/faults", `{"kind":"drop","count":10001}`, "count: want 1 to 10000 deliveries"},
		"injected bits":     {400, "POST", "/faults", `{"kind":"drop","count":99999999999999999999}`, "count: want a whole number"},
		"a pattern":         {422, "POST", "/faults", `{"kind":"drop","type":"` + strings.Repeat("*", 129) + `"}`, "type: want at most 128 characters"},
		"resends":           {422, "POST", "/deliveries/resend", `{"kind":"resend","deliveries":[` + list("1", 501) + `]}`, "deliveries: at most 500 at once, got 501"},
		"a party":           {422, "POST", "/conversations", `{"from":"` + strings.Repeat("x", 65) + `"}`, "from: want 1 to 64 characters"},
		"a number":          {422, "POST", "/conversations/live-1/consult", `{"number":"` + strings.Repeat("x", 65) + `"}`, "number: want 1 to 64 characters"},
		"a page":            {400, "GET", "/notifications?limit=1001", "", "limit: want a whole number from 1 to 1000"},
		"where it begins":   {400, "GET", "/deliveries?before=99999999999999999999", "", "before: want a whole number from 1 to"},
		"a notification":    {400, "GET", "/deliveries?notification=99999999999999999999", "", "notification: want a whole number from 1 to"},
		"conversations":     {400, "GET", "/conversations?limit=1001", "", "limit: want a whole number from 1 to 1000"},
		"a delivery":        {404, "GET", "/deliveries/99999999999999999999", "", "is not a number"},
		"a body":            {413, "POST", "/runs", strings.Repeat(" ", maxBody+1), "the body has more than 1048576 bytes"},
	} {
		if got, _ := b.want(c.status, c.method, c.path, c.body)["message"].(string); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if len(b.engine.plays) != 0 || len(b.engine.injected) != 0 || len(b.engine.lives) != 0 {
		t.Errorf("what was refused began: %v, %v, %v", b.engine.plays, b.engine.injected, b.engine.lives)
	}
}
