package interop

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/ringback/ringback/interop/internal/ports"
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

// The recipe for regressions keeps a report without a baseline, and compares with one. Its gates can be read; what they come to, the
// machine decides.
func TestTheRecipeForRegressionsRuns(t *testing.T) {
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(receiver.New(receiver.Options{Secrets: []signature.Secret{secret}}))
	defer server.Close()
	dir, env := t.TempDir(), build(t).named(t)
	script := strings.NewReplacer("http://127.0.0.1:8080", server.URL, "--for 2m", "--for 2s --speed max").Replace(ciBlock(t, "regress.sh"))
	if !strings.Contains(script, server.URL) || !strings.Contains(script, "--speed max") {
		t.Fatalf("docs/ci.md has another script than the test knows:\n%s", script)
	}
	play := func(statuses ...int) {
		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script)
		cmd.Dir, cmd.Env = dir, env
		if out, _ := cmd.CombinedOutput(); !slices.Contains(statuses, cmd.ProcessState.ExitCode()) {
			t.Fatalf("status %d, want one of %v:\n%s", cmd.ProcessState.ExitCode(), statuses, out)
		}
	}
	play(0)
	if err := os.Mkdir(filepath.Join(dir, "baseline"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "now.json"), filepath.Join(dir, "baseline", "now.json")); err != nil {
		t.Fatal(err)
	}
	play(0, 1, 4)
	text, err := os.ReadFile(filepath.Join(dir, "regression.xml"))
	if err != nil || strings.Count(string(text), `<testcase name="gate: `) != 3 {
		t.Errorf("%v, want three gates in\n%s", err, text)
	}
}

// The examples examine the consumers of docs/consumer.md.
func TestTheExamplesForOtherLanguagesRun(t *testing.T) {
	program := build(t)
	for _, c := range []struct {
		name, title, consumer string
		require               func(*testing.T)
		command               []string
		good, bad             string // a change of the script that must make it fail
	}{
		{"Node.js", "consumer.test.mjs", "consumer.mjs", requireNode,
			[]string{"node", "--test"}, `findings.length, 0)`, `findings.length, 1)`},
		{"Python", "test_consumer.py", "consumer.py", requirePython,
			[]string{"python3"}, `["findings"], [])`, `["findings"], [1])`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.require(t)
			script := strings.ReplaceAll(ciBlock(t, c.title), "8080", strconv.Itoa(ports.Free(t)))
			for _, text := range []string{c.good, `"3m"`} {
				if !strings.Contains(script, text) {
					t.Fatalf("%s does not contain %s", c.title, text)
				}
			}
			script = strings.ReplaceAll(script, `"3m"`, `"3m", "--check", "verify-signature,count-once"`) // else it takes a minute
			play := func(script string) ([]byte, error) {
				dir := t.TempDir()
				consumer, err := os.ReadFile(absolute(t, c.consumer))
				if err != nil {
					t.Fatal(err)
				}
				for name, text := range map[string]string{c.title: script, c.consumer: string(consumer)} {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				cmd := exec.CommandContext(t.Context(), c.command[0], append(c.command[1:], c.title)...)
				cmd.Dir, cmd.Env = dir, program.named(t)
				return cmd.CombinedOutput()
			}
			if out, err := play(script); err != nil {
				t.Fatalf("%s: %v\n%s", c.title, err, out)
			}
			if out, err := play(strings.Replace(script, c.good, c.bad, 1)); err == nil {
				t.Errorf("%s passes even with %s:\n%s", c.title, c.bad, out)
			}
		})
	}
}

// The steps of the GitHub Action that are scripts do what its documentation says.
func TestTheActionExaminesAndPlays(t *testing.T) {
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
		"${{ inputs.state }}", "", "${{ inputs.pid }}", "", "${{ inputs.restart }}", "", "${{ inputs.args }}", "--check verify-signature,accept-valid",
		"${{ inputs.scenario }}", "inbound-call transfer", "${{ inputs.play }}", "--seed 7", "${{ inputs.gates }}", "accepted >= 99%\nlatency p99 < 10s")

	temp := t.TempDir()
	summary, output := filepath.Join(temp, "summary.txt"), filepath.Join(temp, "output.txt")
	env := append(build(t).named(t), "RUNNER_TEMP="+temp, "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+summary, "GITHUB_OUTPUT="+output)
	if err := os.Mkdir(filepath.Join(temp, "ringback"), 0o700); err != nil { // by the step that installs
		t.Fatal(err)
	}
	for _, step := range action.Runs.Steps {
		if !slices.Contains([]string{"Wait for the consumer", "Examine", "Play"}, step.Name) {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", step.Run)
		cmd.Dir, cmd.Env = t.TempDir(), slices.Clone(env)
		for name, value := range step.Env {
			cmd.Env = append(cmd.Env, name+"="+inputs.Replace(value))
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("step %q: %v\n%s", step.Name, err, out)
		}
	}
	if got := consumer.Report(); got.Accepted < 20 || len(got.Refused) == 0 {
		t.Errorf("%d accepted, refused %v; want two calls, and forgeries", got.Accepted, got.Refused)
	}
	shown, err := os.ReadFile(summary)
	if err != nil || !strings.HasPrefix(string(shown), "## ringback: passed: nothing wrong was found") ||
		strings.Count(string(shown), "## ringback: passed") != 2 || strings.Contains(string(shown), secret.Base64()) {
		t.Errorf("the summary for the page of the run: %v\n%s", err, shown)
	}
	named, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(named)) {
		name, path, _ := strings.Cut(strings.TrimSpace(line), "=")
		names = append(names, name)
		if _, err := os.Stat(path); err != nil {
			t.Errorf("output %s: %v", name, err)
		}
	}
	if !slices.Equal(names, []string{"examined", "summary"}) {
		t.Errorf("the outputs are %v", names)
	}
}
