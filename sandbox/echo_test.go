package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/ringback/ringback/internal/echo"
	"github.com/ringback/ringback/signature"
)

// What a consumer answers is kept, shown and sent to the console without what it repeats: its secret, the key in its URL, the secret of
// the API client, and tokens. What was sent is shown as it was.
func TestNoConsumerIsQuotedWithSecrets(t *testing.T) {
	const given, key, client = "pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw=", "Qy7/tt==query+key", "client-secret-that-is-long-enough-42"
	secret, err := signature.ParseSecret(given)
	if err != nil {
		t.Fatal(err)
	}
	server, err := echo.Listen(given, string(secret), key, client)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	var logged sync.Mutex
	said := ""
	s := start(t, Options{Speed: 1e6, Connections: 4, ClientID: "me", ClientSecret: client, Log: func(line string) {
		logged.Lock()
		defer logged.Unlock()
		said += line + "\n"
	}})
	api := s.URL() + "/sandbox/v1"
	post := func(path string, body any) {
		text, _ := json.Marshal(body)
		if status, answer := call(t, http.DefaultClient, "POST", api+path, string(text), "Content-Type", "application/json"); status != 201 {
			t.Fatalf("POST %s: %d %s", path, status, answer)
		}
	}
	events := listen(t, api)
	post("/subscriptions", map[string]any{"name": "one", "url": server.URL + "/?code=" + url.QueryEscape(key), "events": []string{"*"}, "secret": given})
	const attempts = 20 // of a delivery, at least: the ladder has more
	post("/runs", map[string]any{"scenario": "inbound-call", "speed": 10000, "options": map[string]any{"count": server.Answers(true)/(2*attempts) + 1, "calls": "50/s"}})
	for state := ""; !strings.Contains(state, `"state":"ended"`) && t.Context().Err() == nil; {
		_, state = call(t, http.DefaultClient, "GET", api+"/runs", "")
	}
	texts := map[string]string{}
	for n := 1; ; n++ {
		text, whole := delivery(t, api, n, attempts)
		if !whole {
			break
		}
		texts["deliveries"] += text + "\n"
	}
	logged.Lock()
	texts["events"], texts["log"] = strings.ReplaceAll(events(), url.QueryEscape(key), "its own"), said // the URL is shown to whoever subscribed
	logged.Unlock()
	if n := strings.Count(texts["deliveries"], `"try"`); n < server.Answers(true)/3 {
		t.Errorf("%d attempts, want %d", n, server.Answers(true)/3)
	}
	for _, leak := range server.Search(texts) {
		t.Error(leak)
	}
	if !strings.Contains(texts["deliveries"], "(hidden: it repeats a secret)") || !strings.Contains(texts["events"], `"failure"`) {
		t.Errorf("no answer is shown:\n%.2000s", texts["deliveries"])
	}
}

// delivery is what the API shows of a delivery with so many attempts, but for what was sent. There is none behind the last one.
func delivery(t *testing.T, api string, number, attempts int) (text string, is bool) {
	t.Helper()
	for t.Context().Err() == nil {
		status, text := call(t, http.DefaultClient, "GET", fmt.Sprintf("%s/deliveries/%d", api, number), "")
		if status == http.StatusNotFound {
			return "", false
		}
		var detail map[string]any
		if err := json.Unmarshal([]byte(text), &detail); err != nil {
			t.Fatal(err)
		}
		tries, _ := detail["attempts"].([]any)
		state := detail["delivery"].(map[string]any)["state"]
		if len(tries) < attempts && state == "waiting" {
			continue
		}
		delete(detail, "curl")
		delete(detail, "token")
		for _, try := range tries {
			delete(try.(map[string]any), "request_header")
		}
		shown, err := json.Marshal(detail)
		if err != nil {
			t.Fatal(err)
		}
		return string(shown), true
	}
	return "", false
}

// listen begins to read the stream of events, and returns what ends that and tells what was read.
func listen(t *testing.T, api string) (heard func() string) {
	t.Helper()
	resp, err := http.Get(api + "/events")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = text.ReadFrom(resp.Body)
	}()
	return func() string {
		resp.Body.Close()
		<-ended
		return text.String()
	}
}
