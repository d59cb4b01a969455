package main

import (
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

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

// ending is a consumer whose connections end when it crashes, as those of a process do.
func ending(server *httptest.Server, c *consumer) http.Handler {
	inner := server.Config.Handler
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/crash" {
			inner.ServeHTTP(w, r)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		c.crash()
		server.CloseClientConnections()
		_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
	})
}

// The one command: what it prints, its exit status, and that the command of a finding finds it again.
func TestTheProgramTellsConsumersApart(t *testing.T) {
	ringback := buildProgram(t, "../..", "./cmd/ringback")
	broken := buildProgram(t, "..", "./broken")
	for name, rule := range map[string]string{"correct": "", "counts-twice": "count-once", "trusts-arrival": "order-by-timestamp",
		"no-signature-check": "verify-signature", "answers-before-storing": "store-before-answer"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secret := signature.GenerateSecret()
			consumer := rowNamed(t, name).make()
			server := httptest.NewUnstartedServer(consumer.handler(secret))
			server.Config.Handler = ending(server, consumer)
			server.Config.ErrorLog = quiet()
			server.Start()
			defer server.Close()
			defer server.CloseClientConnections()
			examine := func(args ...string) (status int, found string, trial string) {
				cmd := exec.CommandContext(t.Context(), ringback, append([]string{"examine", "--to", server.URL + "/events", "--secret", secret.Base64(),
					"--state", server.URL + "/calls/{conversationId}", "--restart", broken + " --crash " + server.URL,
					"--settle", "50ms", "--seed", "7", "--start", "2025-03-03T09:00:00Z", "--output", "json"}, args...)...)
				cmd.Dir = t.TempDir()
				out, err := cmd.Output()
				var got struct {
					Findings []struct{ Rule, Trial string }
				}
				if json.Unmarshal(out, &got) != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				for _, f := range got.Findings {
					if found == "" || f.Rule == rule {
						found, trial = f.Rule, f.Trial
					}
				}
				return cmd.ProcessState.ExitCode(), found, trial
			}
			right := 0
			if rule != "" {
				right = 1
			}
			whole := []string{"--budget", "3m"}
			if rule != "" { // the broken ones are examined as a whole elsewhere
				whole = append(whole, "--check", "count-once,order-by-timestamp,verify-signature,store-before-answer")
			}
			status, found, trial := examine(whole...)
			if status != right || found != rule {
				t.Fatalf("status %d and %q, want %d and %q", status, found, right, rule)
			}
			if rule == "" {
				return
			}
			if again, _, _ := examine("--check", trial, "--new-ids"); again != 1 {
				t.Errorf("%s alone ends with %d, want 1", trial, again)
			}
		})
	}
}

// The command of a finding names the same cause each time, also where less is known, where the order matters, and where chance decides.
func TestTheCommandOfAFindingShowsItAgain(t *testing.T) {
	ringback := buildProgram(t, "../..", "./cmd/ringback")
	broken := buildProgram(t, "..", "./broken")
	for name, checks := range map[string]string{"hashes-reencoded": "hash-raw-body,verify-signature,read-any-json", "trusts-arrival": "order-by-timestamp",
		"snapshots/read-modify-write": "concurrent-notifications,read-any-json,ignore-unknown-members", "accepts-alg-none": "only-hs256", "answers-before-storing": "store-before-answer"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secret, all := signature.GenerateSecret(), subjects()
			row := all[slices.IndexFunc(all, func(s subject) bool { return s.name == name })]
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			row.serve(t, l, secret)
			url := "http://" + l.Addr().String()
			examine := func(args ...string) (found []string, replay string, repeat int) {
				cmd := exec.CommandContext(t.Context(), ringback, append([]string{"examine", "--to", url + "/events", "--secret", secret.Base64(),
					"--state", url + "/calls/{conversationId}", "--restart", broken + " --crash " + url, "--budget", "3m",
					"--settle", "50ms", "--seed", "7", "--start", "2025-03-03T09:00:00Z", "--output", "json"}, args...)...)
				cmd.Dir = t.TempDir()
				out, err := cmd.Output()
				var got struct {
					Findings []struct {
						Rule   string
						Replay []string
						Repeat int
					}
				}
				if json.Unmarshal(out, &got) != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				for _, f := range got.Findings {
					found = append(found, f.Rule)
					if f.Rule == string(row.breaks[0]) {
						replay, repeat = strings.Join(f.Replay, ","), f.Repeat
					}
				}
				return found, replay, repeat
			}
			found, replay, repeat := examine("--check", checks)
			if replay == "" {
				t.Fatalf("found %v, want %s", found, row.breaks[0])
			}
			command := []string{"--check", replay, "--new-ids"}
			if repeat > 0 {
				command = append(command, "--repeat", strconv.Itoa(repeat))
			}
			for n := range 10 {
				if again, _, _ := examine(command...); !slices.Contains(again, string(row.breaks[0])) {
					t.Errorf("time %d of %s, repeated %d times: found %v, want %s", n+1, replay, repeat, again, row.breaks[0])
				}
			}
		})
	}
}

// rowNamed is the row of a consumer.
func rowNamed(t *testing.T, name string) row {
	t.Helper()
	for _, r := range rows() {
		if r.name == name {
			return r
		}
	}
	t.Fatalf("there is no consumer %q", name)
	return row{}
}

// quiet swallows what servers say about handlers that panic.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
