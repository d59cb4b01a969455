package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The programs of docs/sandbox-tests.md pass with their consumers, and fail with ones that take no notice of duplicates.
func TestTheDocumentedTestsAgainstTheSandbox(t *testing.T) {
	page, err := os.ReadFile("../docs/sandbox-tests.md")
	if err != nil {
		t.Fatal(err)
	}
	program := build(t)
	for _, language := range []struct {
		name, runtime, file string
		command             []string
		right, wrong        string // what keeps an event once, and what keeps nothing
	}{
		{"Node.js", "node", "calls.test.mjs", []string{"node", "--test"}, ".add(event.id)", ".add(Math.random())"},
		{"Python", "python3", "test_calls.py", []string{"python3"}, `.add(event["id"])`, `.add(object())`},
		{"Java", "javac", "CallsTest.java", []string{"java", "-XX:TieredStopAtLevel=1", "-cp", "/usr/share/java/gson.jar"}, `.add(event.get("id").getAsString())`, `.add(UUID.randomUUID().toString())`},
	} {
		t.Run(language.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(language.runtime); err != nil {
				missing(t, language.runtime, err.Error())
			}
			if language.runtime == "javac" {
				if _, err := os.Stat("/usr/share/java/gson.jar"); err != nil {
					missing(t, language.runtime, err.Error())
				}
			}
			fence := regexp.MustCompile("(?ms)^```[a-z]+ title=\"" + regexp.QuoteMeta(language.file) + "\"\n(.*?)^```$")
			found := fence.FindSubmatch(page)
			if found == nil || !strings.Contains(string(found[1]), language.right) {
				t.Fatalf("docs/sandbox-tests.md has no %s with %s", language.file, language.right)
			}
			sandbox := program.serve(t) // the same for all: none leaves anything that disturbs another one
			for _, text := range []string{string(found[1]), strings.Replace(string(found[1]), language.right, language.wrong, 1), string(found[1])} {
				file := filepath.Join(t.TempDir(), language.file)
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				cmd := exec.CommandContext(t.Context(), language.command[0], append(language.command[1:], file)...)
				cmd.Env = append(os.Environ(), "SANDBOX="+sandbox.url)
				out, err := cmd.CombinedOutput()
				if correct := text == string(found[1]); (err == nil) != correct {
					t.Errorf("correct %v: %v\n%s", correct, err, out)
				}
			}
		})
	}
}
