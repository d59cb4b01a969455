package interop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox"
	"github.com/ringback/ringback/signature"
)

// controlPrefix is the path of the control API.
const controlPrefix = "/sandbox/v1"

// controlled is the control API of a real sandbox, held to its document.
type controlled struct {
	t        *testing.T
	contract *contract
	client   *http.Client
	url      string // up to the prefix
	consumer string // a URL that accepts everything
}

func newControlled(t *testing.T) *controlled {
	t.Helper()
	s := openSandbox(t, sandbox.Options{Speed: 1000, Version: "test"})
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	t.Cleanup(consumer.Close)
	c := newContract(t, fetch(t, s.URL()+controlPrefix+"/openapi.json"))
	return &controlled{t, c, c.client(t, http.DefaultTransport), s.URL(), consumer.URL}
}

// openSandbox serves a sandbox in memory for the rest of the test, which fails if it logs a
// line, other than a warning of a secret or of wrong credentials, or does not end well.
func openSandbox(t *testing.T, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	o.Listen, o.Log = "127.0.0.1:0", func(line string) {
		if !strings.HasPrefix(line, "warning: the secret of subscription ") && !strings.HasPrefix(line, "warning: too many wrong credentials from ") {
			t.Errorf("the sandbox logs: %s", line)
		}
	}
	s, err := sandbox.Open(t.Context(), o)
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
	return s
}

// fetch returns the body of a response with status 200.
func fetch(t *testing.T, url string) []byte {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", url, res.Status, err)
	}
	return text
}

// ask sends a request, body unless it is "" as JSON, and returns the status and the answer.
func (c *controlled) ask(method, path, body string, header ...string) (status int, text string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := c.client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// want asks below the prefix, demands a status, and reads the answer.
func (c *controlled) want(status int, method, path, body string, header ...string) (answer map[string]any) {
	c.t.Helper()
	got, text := c.ask(method, controlPrefix+path, body, header...)
	if got != status {
		c.t.Fatalf("%s %s %s: %d, want %d: %s", method, path, body, got, status, text)
	}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			c.t.Fatal(err)
		}
	}
	return answer
}

// until asks until the answer is as it should be. What it waits for is done by others, soon.
func (c *controlled) until(path string, good func(map[string]any) bool) map[string]any {
	c.t.Helper()
	for range 1000 {
		if answer := c.want(200, "GET", path, ""); good(answer) {
			return answer
		}
		select {
		case <-c.t.Context().Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
	c.t.Fatalf("GET %s is never as it should be", path)
	return nil
}

const stored = `{"yaml":"name: my-story\nstory: A customer gives up.\nsteps:\n  - call: customer\n  - queue: 5s\n  - abandon\n"}`

// Somebody works with the sandbox for a while, and makes the usual mistakes.
func TestTheControlAPIAnswersAsItsDocumentSays(t *testing.T) {
	c := newControlled(t)
	sub := c.want(201, "POST", "/subscriptions", `{"name":"consumer","url":"`+c.consumer+`","events":["*"]}`)["subscription_id"].(string)
	c.want(409, "POST", "/subscriptions", `{"name":"consumer","url":"`+c.consumer+`","events":["*"]}`)
	c.want(422, "POST", "/subscriptions", `{"name":"c"}`)
	c.want(200, "PATCH", "/subscriptions/"+sub, `{"events":["channel.*","agent.*"]}`)
	c.want(200, "POST", "/subscriptions/"+sub+"/rotate", "")
	c.want(200, "POST", "/subscriptions/"+sub+"/try", "")
	c.want(200, "GET", "/subscriptions", "")

	c.want(200, "PUT", "/scenarios/my-story", stored)
	c.want(422, "PUT", "/scenarios/other", stored)
	c.want(200, "GET", "/scenarios", "")
	c.want(200, "GET", "/scenarios/my-story", "")
	c.want(404, "GET", "/scenarios/none", "")
	c.want(200, "POST", "/scenarios/check", stored)
	c.want(200, "POST", "/scenarios/check", `{"yaml":"name: x\nsteps: []\n"}`)
	c.want(200, "GET", "/schema", "")
	c.want(200, "GET", "/openapi.json", "")

	c.want(200, "GET", "/explain", "")
	c.want(200, "GET", "/explain?group=fault", "")
	c.want(200, "GET", "/explain?subject=agentId", "")
	c.want(404, "GET", "/explain?subject=agentid2", "")
	c.want(400, "GET", "/explain?subject=held&group=phase", "")
	c.want(400, "GET", "/explain?group=faults", "")

	run := c.want(201, "POST", "/runs", `{"scenario":"my-story","speed":100000,"seed":"7"}`, "Idempotency-Key: 1")["id"].(string)
	c.want(201, "POST", "/runs", `{"scenario":"my-story","speed":100000,"seed":"7"}`, "Idempotency-Key: 1")
	c.want(422, "POST", "/runs", `{"scenario":"my-story"}`, "Idempotency-Key: 1")
	c.want(422, "POST", "/runs", `{"scenario":"my-story","options":{"calls":"many"}}`)
	c.want(400, "POST", "/runs", `{}`)
	c.want(400, "POST", "/runs", `{"yaml":"name: x\nstory: y\nsteps:\n  - tlak: 4","speed":"x"}`)
	c.want(422, "POST", "/runs", `{"yaml":"name: x\nstory: y\nsteps:\n  - tlak: 4","speed":-1}`)
	c.until("/runs/"+run, func(r map[string]any) bool { return r["state"] == "ended" })
	c.want(409, "POST", "/runs/"+run+"/pause", "")
	outcome := c.want(201, "POST", "/runs?until=delivered&within=20s", `{"scenario":"my-story","speed":100000,"seed":"8"}`)
	if outcome["complete"] != true || len(outcome["channels"].([]any)) == 0 {
		c.t.Errorf("the outcome is %v", outcome)
	}
	c.want(200, "GET", "/runs/"+run+"?until=delivered", "")
	c.want(400, "GET", "/runs/"+run+"?until=ended", "")
	slow := c.want(201, "POST", "/runs", `{"scenario":"inbound-call","speed":1}`)["id"].(string)
	if late := c.want(200, "GET", "/runs/"+slow+"?until=delivered&within=10ms", ""); late["complete"] != false {
		c.t.Errorf("the outcome of a run that goes on is %v", late)
	}
	c.want(200, "POST", "/runs/"+slow+"/pause", "")
	c.want(200, "POST", "/runs/"+slow+"/resume", "{}")
	c.want(200, "PATCH", "/runs/"+slow, `{"speed":2}`)
	c.want(200, "POST", "/runs/"+slow+"/stop", "")
	c.want(200, "GET", "/runs", "")
	c.want(200, "GET", "/runs/"+run+"/figures", "")
	c.want(404, "GET", "/runs/none/figures", "")
	c.want(200, "GET", "/runs/"+run+"/report", "")
	c.want(400, "GET", "/runs/"+run+"/report?format=pdf", "")
	for _, form := range []string{"html", "md", "xml"} {
		if status, text := c.ask("GET", controlPrefix+"/runs/"+run+"/report?format="+form, ""); status != 200 || !strings.Contains(text, "my-story") {
			t.Errorf("the report as %s: %d %.200s", form, status, text)
		}
	}
	c.want(200, "GET", "/runs/"+run+"/compare?with="+slow, "")
	c.want(400, "GET", "/runs/"+run+"/compare", "")
	c.want(404, "GET", "/runs/"+run+"/compare?with=none", "")
	if status, text := c.ask("GET", controlPrefix+"/runs/"+run+"/compare?format=html&with="+slow, ""); status != 200 || !strings.Contains(text, "<table") {
		t.Errorf("the comparison as a page: %d %.200s", status, text)
	}

	live := c.want(201, "POST", "/conversations", `{"medium":"call","from":"Ms Brown"}`, "Idempotency-Key: 2")["id"].(string)
	c.want(409, "POST", "/conversations/"+live+"/hold", "")
	c.want(200, "POST", "/conversations/"+live+"/ring", `{"agent":"alice"}`)
	c.want(200, "POST", "/conversations/"+live+"/answer", `{}`)
	c.want(200, "POST", "/conversations/"+live+"/hold", "")
	c.want(200, "GET", "/conversations/"+live, "")
	c.want(200, "GET", "/conversations?limit=10", "")
	c.want(404, "GET", "/conversations/none", "")
	c.want(200, "GET", "/agents", "")
	c.want(200, "GET", "/presences", "")
	c.want(200, "PUT", "/agents/bob/presence", `{"presence":"lunch"}`)

	c.until("/state", func(s map[string]any) bool { return s["deliveries"].(map[string]any)["delivered"].(float64) >= 8 })
	rows := c.want(200, "GET", "/deliveries?limit=2&state=delivered", "")
	first := rows["deliveries"].([]any)[0].(map[string]any)
	number, notification := first["number"], first["notification"]
	c.want(200, "GET", fmt.Sprintf("/deliveries?limit=2&before=%v", rows["next"]), "")
	c.want(200, "GET", fmt.Sprint("/deliveries/", number), "")
	c.want(200, "GET", "/deliveries?search=channel+type:alerted&from=2020-01-01T00:00:00Z&until=2100-01-01T00:00:00Z&at=2100-01-01T00:00:00Z", "")
	if counted := c.want(200, "GET", "/deliveries/count?search=status:delivered&from=2020-01-01T00:00:00Z", ""); counted["total"].(float64) < 8 || counted["complete"] != true {
		t.Errorf("counted %v", counted)
	}
	c.want(400, "GET", "/deliveries/count?search=agnt:5", "")
	c.want(200, "GET", "/notifications?limit=2", "")
	c.want(200, "GET", fmt.Sprint("/notifications/", notification), "")
	c.want(201, "POST", "/deliveries/resend", fmt.Sprintf(`{"deliveries":[%v],"kind":"duplicate"}`, number))
	c.want(201, "POST", "/subscriptions", `{"name":"nobody-there","url":"http://127.0.0.1:9/","events":["agent.*"]}`)
	c.want(200, "PUT", "/agents/bob/presence", `{"presence":"ready"}`)
	c.until("/state", func(s map[string]any) bool { return s["failing"].(map[string]any)["retrying"].(float64) > 0 })
	c.want(422, "POST", "/deliveries/resend", `{"deliveries":[9999],"kind":"duplicate"}`)
	c.want(201, "POST", "/faults", `{"kind":"expired-token","count":3}`)
	c.want(422, "POST", "/faults", `{"kind":"nonsense"}`)
	c.want(200, "GET", "/faults", "")
	c.want(204, "DELETE", "/faults", "")
	c.want(204, "DELETE", "/scenarios/my-story", "")
	c.want(204, "DELETE", "/subscriptions/"+sub, "")
	c.want(204, "POST", "/reset", "")

	for what, operation := range c.contract.operations() {
		for status := range operation["responses"].(map[string]any) {
			if strings.HasPrefix(status, "2") && !strings.HasSuffix(what, "/events") && c.contract.seen(what+" "+status) == 0 {
				t.Errorf("%s %s was never seen", what, status)
			}
		}
	}
}

// The curl line and the decoded token are of the very request that the consumer got.
func TestTheControlAPIShowsTheRequestThatWasSent(t *testing.T) {
	c := newControlled(t)
	requests := make(chan http.Header, 100)
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { requests <- r.Header }))
	t.Cleanup(consumer.Close)
	c.want(201, "POST", "/subscriptions", `{"name":"consumer","url":"`+consumer.URL+`/ev?x=1","events":["channel.alerted.v0"]}`)
	c.want(201, "POST", "/conversations", `{}`)
	got := <-requests
	c.until("/deliveries?state=delivered", func(a map[string]any) bool { return len(a["deliveries"].([]any)) == 1 })
	d := c.want(200, "GET", "/deliveries/1", "")
	line := d["curl"].(string)
	if token := got.Get(signature.HeaderName); !strings.Contains(line, "'"+signature.HeaderName+": "+token+"'") || !strings.Contains(line, consumer.URL+"/ev?x=1") {
		t.Errorf("the consumer got the token %s\n%s", token, line)
	}
}
