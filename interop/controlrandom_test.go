package interop

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/signature"
)

// randomClient sends random requests, with values that it has seen before.
type randomClient struct {
	*controlled
	*generator
	seen    map[string][]any // values of members that are worth asking with, by name
	secrets []string
}

// Random requests, made of what the document says and of what it forbids, are answered as
// described, never with a failure, and never with a secret but where one is made.
func TestRandomRequestsKeepTheContractOfTheControlAPI(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	c := newControlled(t)
	m := &randomClient{controlled: c, secrets: []string{signature.DevelopmentSecret}, seen: map[string][]any{
		"run": {"none"}, "conversation": {"none"}, "subscription_id": {"none"}, "number": {1}, "notification": {1}, "name": {"my-story", "alice", "inbound-call"},
		"step": {"ring", "answer", "hold", "retrieve", "hangup", "finish"}, "state": {"waiting", "delivered"},
	}}
	m.generator = &generator{Rand: rand.New(rand.NewPCG(seed, 0)), document: c.contract.document, known: map[string]any{
		"scenario": "inbound-call", "yaml": storedText(t), "url": c.consumer, "events": []string{"channel.*"}, "agent": "alice", "party": "customer",
		"presence": "lunch", "calls": "5/s", "for": "1s", "count": 2, "speed": 100000, "faults": []string{"expired-token 10%"}, "assume": []string{"abandon=ended"},
		"secret": signature.DevelopmentSecret, "type": "channel.*",
	}}
	operations := c.contract.operations()
	delete(operations, "GET "+controlPrefix+"/events") // which has no end
	names := slices.Sorted(maps.Keys(operations))
	const reset = "POST " + controlPrefix + "/reset"
	for i := range 1000 {
		operation := names[m.IntN(len(names))]
		if i%500 == 499 {
			operation = reset
		} else if operation == reset {
			continue // so that something comes together
		}
		method, path, _ := strings.Cut(operation, " ")
		body := ""
		if media := ""; method != "GET" && method != "DELETE" {
			m.remember()
			body, media = m.body(operations[operation])
			_ = media // always JSON
		}
		path = m.path(path) + m.query(operations[operation])
		var header []string
		if m.oneIn(4) {
			header = []string{"Idempotency-Key: " + fmt.Sprint(m.IntN(20))}
		}
		status, answer := c.ask(method, path, body, header...)
		m.learn(t, operation, status, answer)
		if t.Failed() {
			t.Fatalf("seed %d, request %d: %s %s %q", seed, i, method, path, body)
		}
	}
	for _, operation := range names {
		seen := 0
		for status := range operations[operation]["responses"].(map[string]any) {
			seen += c.contract.seen(operation + " " + status)
		}
		if seen == 0 {
			t.Errorf("seed %d: %s was never asked", seed, operation)
		}
	}
}

func storedText(t *testing.T) string {
	t.Helper()
	var in struct{ YAML string }
	if err := json.Unmarshal([]byte(stored), &in); err != nil {
		t.Fatal(err)
	}
	return in.YAML
}

// pick is something seen under a name, mostly of late.
func (m *randomClient) pick(name string) any {
	all := m.seen[name]
	if len(all) == 0 || m.oneIn(20) {
		return m.text(1, 20)
	}
	return all[max(0, len(all)-1-m.IntN(5))]
}

// remember lets the next body name what there is.
func (m *randomClient) remember() {
	m.known["subscription_id"], m.known["notification"] = m.pick("subscription_id"), m.pick("notification")
	m.known["deliveries"] = []any{m.pick("number")}
	m.known["kind"] = []string{"resend", "duplicate", "expired", "expired-token", "reset"}[m.IntN(5)]
}

// path fills in the parameters of a path.
func (m *randomClient) path(template string) string {
	parts := strings.Split(template, "/")
	for i, part := range parts {
		name := strings.Trim(part, "{}")
		if name == part {
			continue
		}
		if name == "id" {
			name = map[string]string{"subscriptions": "subscription_id", "runs": "run", "conversations": "conversation"}[parts[i-1]]
		}
		parts[i] = url.PathEscape(fmt.Sprint(m.pick(name)))
	}
	return strings.Join(parts, "/")
}

// query makes parameters of those that an operation has.
func (m *randomClient) query(operation map[string]any) string {
	values := url.Values{}
	parameters, _ := operation["parameters"].([]any)
	for _, p := range parameters {
		p := m.resolve(p)
		name, _ := p["name"].(string)
		if p["in"] != "query" || !m.oneIn(3) {
			continue
		}
		value := m.value(name, p["schema"])
		if len(m.seen[name]) > 0 {
			value = m.pick(name)
		}
		values.Set(name, fmt.Sprint(value))
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// learn takes names and numbers from an answer, and looks for secrets in it.
func (m *randomClient) learn(t *testing.T, operation string, status int, answer string) {
	shows := strings.HasPrefix(operation, "POST "+controlPrefix+"/subscriptions") && status < 300 && !strings.HasSuffix(operation, "/try")
	for _, secret := range m.secrets {
		if !shows && strings.Contains(answer, secret) {
			t.Errorf("a secret shows: %s", answer)
		}
	}
	var value any
	if json.Unmarshal([]byte(answer), &value) == nil && status < 300 {
		m.look(value)
	}
}

func (m *randomClient) look(value any) {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			m.look(v)
		}
	case map[string]any:
		for name, v := range value {
			if secret, is := v.(string); is && name == "secret" && len(secret) >= 8 { // two letters stand in any token
				m.secrets = append(m.secrets, secret)
				continue
			}
			if _, live := value["channels"]; live && name == "id" {
				name = "conversation"
			}
			if _, run := value["seed"]; run && name == "id" {
				name = "run"
			}
			if slices.Contains([]string{"run", "conversation", "subscription_id", "number", "notification", "name"}, name) && v != "" && len(m.seen[name]) < 10_000 {
				m.seen[name] = append(m.seen[name], v)
			}
			m.look(v)
		}
	}
}
