package sandbox

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// A state that is larger than it may be is told at once, with what helps: a reset keeps scenarios.
func TestALowerLimitIsToldAtOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	s := start(t, Options{Data: dir})
	for i := range 4 {
		body := fmt.Sprintf(`{"yaml": "name: own%d\nstory: A call.\nsteps: [{call: customer}, {ring: {agent: alice, for: 1s}}, {talk: 2s}, {hangup: customer}]\n# %s"}`, i, strings.Repeat("x", 700_000))
		if status, text := call(t, http.DefaultClient, "PUT", s.URL()+fmt.Sprintf("/sandbox/v1/scenarios/own%d", i), body, "Content-Type", "application/json"); status >= 300 {
			t.Fatalf("%d %.300s", status, text)
		}
	}
	stop(t, s)
	s = start(t, Options{Data: dir, KeepMost: 2 << 20})
	const advice = "; new work is accepted again when there is space: delete scenarios or subscriptions, which a reset keeps, or start the sandbox with a higher limit"
	if status, text := call(t, http.DefaultClient, "GET", s.URL()+"/readyz", ""); status != 503 || !strings.Contains(text, "the state has reached its limit: 2097152 bytes, with 0 waiting deliveries, and scenarios and subscriptions of 28") || !strings.Contains(text, advice) {
		t.Errorf("%d %s", status, text)
	}
	if _, text := call(t, http.DefaultClient, "GET", s.URL()+"/sandbox/v1/state", ""); !strings.Contains(text, `"status":"over-limit"`) {
		t.Errorf("the state: %s", text)
	}
	if status, text := call(t, http.DefaultClient, "POST", s.URL()+"/sandbox/v1/conversations", "{}", "Content-Type", "application/json"); status != 507 || !strings.Contains(text, advice) {
		t.Errorf("%d %s", status, text)
	}
	for i := range 4 {
		if status, text := call(t, http.DefaultClient, "DELETE", s.URL()+fmt.Sprintf("/sandbox/v1/scenarios/own%d", i), "", "Sec-Fetch-Site", "same-origin"); status >= 300 {
			t.Fatalf("%d %s", status, text)
		}
	}
	await(t, "it takes everything again", func() bool {
		status, _ := call(t, http.DefaultClient, "GET", s.URL()+"/readyz", "")
		return status == 200
	})
}

// Of what is too large by itself is said what to do.
func TestWhatIsTooLargeIsToldWhatHelps(t *testing.T) {
	t.Parallel()
	s := start(t, Options{KeepMost: 1 << 20, Propagation: 0})
	for i := range 400 {
		body := fmt.Sprintf(`{"name": "consumer %d", "url": "http://127.0.0.1:9/", "events": ["channel.*.v0"]}`, i)
		if status, text := call(t, http.DefaultClient, "POST", s.URL()+"/sandbox/v1/subscriptions", body, "Content-Type", "application/json"); status != 201 {
			t.Fatalf("%d %s", status, text)
		}
	}
	status, text := call(t, http.DefaultClient, "POST", s.URL()+"/sandbox/v1/conversations", `{"medium": "call"}`, "Content-Type", "application/json")
	if want := "it needs more space than the state may have: ask for less at once, delete subscriptions, each of which gets deliveries of its own, or start the sandbox with a higher limit"; status != 413 || !strings.Contains(text, want) {
		t.Errorf("%d %s", status, text)
	}
}
