package stub_test

import (
	"go/parser"
	"go/token"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/stub"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/nearest"
)

// Every stub names the form of the state, and is a program in its language, as far as this machine can tell.
func TestStubsAreProgramsOfTheirLanguages(t *testing.T) {
	checks := map[string][]string{"node": {"node", "--check"}, "python": {"python3", "-m", "py_compile"}}
	for _, language := range stub.Languages() {
		text := stub.Of(language)
		for _, member := range []string{"channelId", "interactionId", "agentId", "phase", "seconds", "notifications", "role", "/calls/"} {
			if !strings.Contains(string(text), member) {
				t.Errorf("%s says nothing of %s", language, member)
			}
		}
		if language == "go" {
			if _, err := parser.ParseFile(token.NewFileSet(), "state.go", text, parser.AllErrors); err != nil {
				t.Error(err)
			}
		}
		words := checks[language]
		if words == nil {
			continue
		}
		if _, err := exec.LookPath(words[0]); err != nil {
			t.Logf("%s is not here", words[0])
			continue
		}
		path := filepath.Join(t.TempDir(), map[string]string{"node": "state.js", "python": "state.py"}[language])
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(words[0], append(words[1:], path)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", language, err, out)
		}
	}
	if stub.Of("ruby") != nil {
		t.Error("there is a stub for ruby")
	}
}

// Who fills a stub must not be taken to deny a phase: each has a place in seconds, which is compared as a whole, and the stub says so.
func TestStubsTellTheSecondsOfEveryPhase(t *testing.T) {
	for _, language := range stub.Languages() {
		text := string(stub.Of(language))
		for p := lifecycle.Alerting; p < lifecycle.Ended; p++ {
			if key := regexp.MustCompile(`(?m)^\s*"?` + p.String() + `"?: |json:"` + p.String() + `"|JsonPropertyName\("` + p.String() + `"\)`); !key.MatchString(text) {
				t.Errorf("%s: seconds has no place for %s", language, p)
			}
		}
		for _, known := range append(nearest.Names(event.Roles(), event.Role.String), lifecycle.Ended.String()) {
			if (language == "node" || language == "python" || language == "go") && !strings.Contains(text, known) {
				t.Errorf("%s says nothing of %s", language, known)
			}
		}
		if comment := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" /\n", r) }), " "); !strings.Contains(comment, "a phase that is missing in it counts as 0") {
			t.Errorf("%s does not say that a missing phase counts as 0", language)
		}
	}
}

// Each stub listens at the port that the variable PORT names, and at 8081 without it.
func TestStubsListenAtThePortOfTheEnvironment(t *testing.T) {
	for _, language := range stub.Languages() {
		if text := string(stub.Of(language)); !regexp.MustCompile(`(env\.|Getenv\("|environ\.get\("|GetEnvironmentVariable\(")PORT"?.*8081`).MatchString(text) {
			t.Errorf("%s does not read PORT", language)
		}
	}
	program := filepath.Join(t.TempDir(), "stub")
	source := program + ".go"
	if err := os.WriteFile(source, stub.Of("go"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // a port that is taken is named in the message
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), "PORT="+port)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "127.0.0.1:"+port) {
		t.Errorf("%v, %s; want that port %s is taken", err, out, port)
	}
}

func TestLanguages(t *testing.T) {
	for text, want := range map[string]string{"javascript": `did you mean "node"?`, "C#": `did you mean "csharp"?`, "pyton": `did you mean "python"?`, "cobol": "want node, go, python or csharp"} {
		if _, err := stub.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", text, err, want)
		}
	}
	if got, err := stub.Parse("node"); got != "node" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
