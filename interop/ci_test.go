package interop

import (
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// ciBlock is the block of docs/ci.md with a title.
func ciBlock(t *testing.T, title string) string {
	t.Helper()
	page, err := os.ReadFile("../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	fence := regexp.MustCompile("(?ms)^```[a-z]+ title=\"" + regexp.QuoteMeta(title) + "\"\n(.*?)^```$")
	found := fence.FindAllSubmatch(page, -1)
	if len(found) != 1 {
		t.Fatalf("docs/ci.md has %d blocks titled %q, want 1", len(found), title)
	}
	return string(found[0][1])
}

// named returns an environment in which the program is found under its name.
func (r ringback) named(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(string(r), filepath.Join(dir, "ringback")); err != nil {
		t.Skipf("the scripts want a program named ringback: %v", err)
	}
	return append(os.Environ(), "GITHUB_ACTIONS=", "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// freePort is a port where nobody listens yet.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// requirePython skips the test where Python is missing, as requireNode does.
func requirePython(t *testing.T) {
	t.Helper()
	_, err := exec.LookPath("python3")
	switch {
	case err == nil:
	case strings.Contains(os.Getenv("RINGBACK_REQUIRE"), "python3"):
		t.Fatalf("RINGBACK_REQUIRE asks for python3, but %v", err)
	default:
		t.Skipf("the example needs Python: %v", err)
	}
}

func TestTheExamplesForOtherLanguagesRun(t *testing.T) {
	program := build(t)
	for _, c := range []struct {
		name, title string
		require     func(*testing.T)
		dir         string // where its consumer is
		command     []string
		good, bad   string // a change of the script that must make it fail
	}{
		{"Node.js", "consumer.test.mjs", func(t *testing.T) { requireNode(t); install(t, expressDir) }, expressDir,
			[]string{"node", "--test"}, `assert.equal(total.wrongly_accepted, 0)`, `assert.equal(total.wrongly_accepted, 1)`},
		{"Python", "test_consumer.py", requirePython, "testdata",
			[]string{"python3"}, `self.assertEqual(total["wrongly_accepted"], 0)`, `self.assertEqual(total["wrongly_accepted"], 1)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.require(t)
			script := strings.ReplaceAll(ciBlock(t, c.title), "8080", freePort(t))
			if !strings.Contains(script, c.good) {
				t.Fatalf("%s does not contain %s", c.title, c.good)
			}
			play := func(script string) ([]byte, error) {
				file := filepath.Join(t.TempDir(), c.title)
				if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
					t.Fatal(err)
				}
				cmd := exec.CommandContext(t.Context(), c.command[0], append(c.command[1:], file)...)
				cmd.Dir, cmd.Env = c.dir, program.named(t)
				return cmd.CombinedOutput()
			}
			if out, err := play(script); err != nil {
				t.Errorf("%s: %v\n%s", c.title, err, out)
			}
			if out, err := play(strings.Replace(script, c.good, c.bad, 1)); err == nil {
				t.Errorf("%s passes even with %s:\n%s", c.title, c.bad, out)
			}
		})
	}
}

// The steps of the GitHub Action that are scripts do what its documentation says.
func TestTheActionPlaysToAConsumer(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skipf("the action needs bash: %v", err)
	}
	text, err := os.ReadFile("../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Runs struct {
			Steps []struct {
				Name, Run string
				Env       map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	secret := signature.GenerateSecret()
	consumer := receiver.New(receiver.Options{Secrets: []signature.Secret{secret}})
	server := httptest.NewServer(consumer)
	defer server.Close()
	inputs := strings.NewReplacer("${{ inputs.to }}", server.URL, "${{ inputs.secret }}", secret.Base64(), "${{ inputs.wait }}", "5s",
		"${{ inputs.scenario }}", "inbound-call transfer", "${{ inputs.args }}", "--seed 7", "${{ inputs.gates }}", "accepted >= 99%\nlatency p99 < 10s")

	temp := t.TempDir()
	summary, output := filepath.Join(temp, "summary.txt"), filepath.Join(temp, "output.txt")
	env := append(build(t).named(t), "RUNNER_TEMP="+temp, "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+summary, "GITHUB_OUTPUT="+output)
	if err := os.Mkdir(filepath.Join(temp, "ringback"), 0o700); err != nil { // by the step that installs
		t.Fatal(err)
	}
	for _, step := range action.Runs.Steps {
		if step.Name != "Wait for the consumer" && step.Name != "Play" {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", step.Run)
		cmd.Env = env
		for name, value := range step.Env {
			cmd.Env = append(cmd.Env, name+"="+inputs.Replace(value))
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("step %q: %v\n%s", step.Name, err, out)
		}
	}
	if got := consumer.Report(); got.Accepted < 20 || len(got.Refused) != 0 {
		t.Errorf("%d accepted, refused %v; want two calls, none", got.Accepted, got.Refused)
	}
	shown, err := os.ReadFile(summary)
	if err != nil || len(shown) == 0 || strings.Contains(string(shown), secret.Base64()) {
		t.Errorf("the summary for the page of the run: %v\n%s", err, shown)
	}
	named, err := os.ReadFile(output)
	path, ok := strings.CutPrefix(strings.TrimSpace(string(named)), "summary=")
	if _, missing := os.Stat(path); err != nil || !ok || missing != nil {
		t.Errorf("output %q: %v, %v", named, err, missing)
	}
}
