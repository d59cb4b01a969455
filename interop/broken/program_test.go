package main

import (
	"encoding/json"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ringback/ringback/internal/judge"
	"github.com/ringback/ringback/signature"
)

// buildProgram compiles a command for a test.
func buildProgram(t *testing.T, dir, pkg string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program.exe") // Windows wants the suffix, no one else minds
	cmd := exec.Command("go", "build", "-o", path, pkg)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return path
}

// The one command: what it prints, and its exit status.
func TestTheProgramTellsConsumersApart(t *testing.T) {
	ringback := buildProgram(t, "../..", "./cmd/ringback")
	broken := buildProgram(t, "..", "./broken")
	for _, r := range rows() {
		t.Run(r.name, func(t *testing.T) {
			secret := signature.GenerateSecret()
			server := httptest.NewUnstartedServer(r.make().handler(secret))
			server.Config.ErrorLog = quiet()
			server.Start()
			defer server.Close()
			defer server.CloseClientConnections()
			cmd := exec.CommandContext(t.Context(), ringback, "examine", "--to", server.URL+"/events", "--secret", secret.Base64(),
				"--state", server.URL+"/calls/{conversationId}", "--restart", broken+" --crash "+server.URL,
				"--timeout", "1s", "--within", "1ms", "--seed", "7", "--output", "json", "--check", examined(r))
			cmd.Dir = t.TempDir()
			out, err := cmd.Output()
			var got struct{ Checks []judge.Finding }
			if json.Unmarshal(out, &got) != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			status, failed := 0, []string(nil)
			if r.fails != "" {
				status = 1
			}
			for _, f := range got.Checks {
				if f.Verdict == judge.Failed {
					failed = append(failed, f.Check)
				}
			}
			if code := cmd.ProcessState.ExitCode(); code != status || !slices.Equal(failed, want(r)) {
				t.Errorf("status %d with failed checks %v, want %d with %v", code, failed, status, want(r))
			}
		})
	}
}

// examined is what the program is asked to check: the correct consumer is asked everything.
func examined(r row) string {
	if r.fails != "" {
		return r.fails
	}
	var all string
	for _, c := range judge.Checks() {
		all += "," + c.Name
	}
	return all[1:]
}

// want is what fails.
func want(r row) []string {
	if r.fails == "" {
		return nil
	}
	return []string{r.fails}
}
