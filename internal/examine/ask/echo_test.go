package ask

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/echo"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/signature"
)

// Whatever the URL of the state repeats of itself or of what the target is sent, no problem shows it.
func TestNoProblemShowsWhatTheStateRepeats(t *testing.T) {
	secret, err := signature.ParseSecret("pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw=")
	if err != nil {
		t.Fatal(err)
	}
	server, err := echo.Listen(secret.Base64(), string(secret), "k9Zq", "Zx9+wq/71-header=of.a_key", "p455w0rd!x", "Qy7/tt==query")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	target := &emitter.Target{URL: server.URL, Secret: secret, Header: map[string][]string{"X-Pin": {"k9Zq"}, "X-Api-Key": {"Zx9+wq/71-header=of.a_key"}}}
	way, err := OverHTTP(target, strings.Replace(server.URL, "//", "//ann:p455w0rd!x@", 1)+"/{conversationId}?key=Qy7/tt==query", 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer way.Close()
	asker := &Asker{Way: way, Settle: time.Nanosecond, Secrets: Secrets(target)}
	var ids []string
	for i := range server.Answers(false) {
		ids = append(ids, fmt.Sprint(i))
	}
	told, err := asker.All(t.Context(), ids, nil)
	if err != nil || len(told.Errors) < server.Answers(false)/2 {
		t.Fatalf("%d problems of %d, %v", len(told.Errors), server.Answers(false), err)
	}
	var said strings.Builder
	for _, err := range told.Errors {
		fmt.Fprintln(&said, err)
	}
	for _, leak := range server.Search(map[string]string{"a problem": said.String()}) {
		t.Error(leak)
	}
	if !strings.Contains(said.String(), "the state URL responds with 500 Internal Server Error: (hidden") {
		t.Errorf("what is ours is not said:\n%.1000s", &said)
	}
}

func TestWordsThatNobodyKnowsAreShownWithoutSecrets(t *testing.T) {
	target := &emitter.Target{URL: "http://127.0.0.1/", Header: map[string][]string{"X-Pin": {"k9Zq"}, "X-Key": {"Zx9+wq/71-header=of.a_key"}}}
	state, err := Parse([]byte(`{"k9Zq": 1, "channels": [{"channelId": "c1", "phase": "Zx9+wq/71-header=of.a_key", "agentId": "k9Zq", "role": "agent"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	discreetly(Secrets(target), state)
	if text := fmt.Sprint(state.Unknown, state.Missed, state.Strange); strings.Contains(text, "k9Zq") || strings.Contains(text, "Zx9") {
		t.Errorf("shown: %s", text)
	}
	if c := state.Channels["c1"]; c.AgentID != "k9Zq" || state.Missed[trial.Phase] == "" {
		t.Errorf("what is compared has changed: %+v", c)
	}
}
