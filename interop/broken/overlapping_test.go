package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback/ringback/signature"
)

// overlapping is a story with what a consumer must know of it in the end.
const overlapping = `name: held-twice
story: Alice answers, and puts the customer on hold twice.
agents: {alice: {wrap: 20s}}
steps:
  - call: customer
  - ring: {agent: alice, for: 8s}
  - talk: 30s
  - hold: 45s
  - talk: 10s
  - hold: 15s
  - talk: 20s
  - hangup: customer
expect:
  - get: "/calls/{{conversationId}}"
    within: 2s
    json: {$.notifications: 13}
`

// A consumer that loses updates passes while one notification of a conversation comes after the
// other, and is found where they overlap.
func TestARunWithoutOrderFindsLostUpdates(t *testing.T) {
	ringback := buildProgram(t, "../..", "./cmd/ringback")
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "story.yaml"), []byte(overlapping), 0o600); err != nil {
		t.Fatal(err)
	}
	loses := map[string]bool{"snapshots/correct": false, "snapshots/read-modify-write": true, "snapshots/document-of-the-call": true,
		"snapshots/optimistic-without-retry": true, "snapshots/check-then-insert": true}
	for _, s := range subjects() {
		lost, there := loses[s.name]
		if !there {
			continue
		}
		delete(loses, s.name)
		t.Run(s.name, func(t *testing.T) {
			for _, order := range []string{"conversation", "none"} {
				secret := signature.GenerateSecret()
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				s.serve(t, l, secret)
				state := httptest.NewServer(summing("http://" + l.Addr().String()))
				defer state.Close()
				cmd := exec.CommandContext(t.Context(), ringback, "run", "story.yaml", "--to", "http://"+l.Addr().String()+"/events", "--secret", secret.Base64(), "--state", state.URL,
					"--count", "12", "--seed", "7", "--speed", "max", "--fault", "duplicate 20%", "--order", order)
				cmd.Dir = folder
				out, _ := cmd.CombinedOutput() // the status tells
				status := 0
				if lost && order == "none" {
					status = 1
				}
				if got := cmd.ProcessState.ExitCode(); got != status || status == 1 && !strings.Contains(string(out), "check failed: expect") {
					t.Errorf("--order %s: status %d, want %d\n%s", order, got, status, out)
				}
				if told := strings.Contains(string(out), "most in flight together of one conversation: "); told != (order == "none") {
					t.Errorf("--order %s: the report says %t of what overlapped\n%s", order, told, out)
				}
			}
		})
	}
	if len(loses) > 0 {
		t.Errorf("there are no %v", loses)
	}
}

// summing tells how many notifications of a conversation a consumer has stored, by what it tells of
// channels.
func summing(consumer string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := http.Get(consumer + r.URL.Path)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		var call struct{ Channels []struct{ Notifications int } }
		if err := json.NewDecoder(answer.Body).Decode(&call); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		sum := 0
		for _, c := range call.Channels {
			sum += c.Notifications
		}
		fmt.Fprintf(w, `{"notifications":%d}`, sum)
	})
}
