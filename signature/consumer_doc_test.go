package signature_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/signature"
)

// requireRuntimes names, comma-separated, the runtimes whose absence fails the test instead
// of skipping it: go, node, python3, dotnet.
const requireRuntimes = "RINGBACK_REQUIRE"

// consumerProgram is one program of docs/consumer.md.
type consumerProgram struct {
	name    string
	file    string // its title in the page
	runtime string // the command that must be there
	build   func(t *testing.T, file string) (command []string)
	says    map[string]string // its words for a reason, where they are not the reason itself
}

var consumerPrograms = [...]consumerProgram{
	{
		name: "Go", file: "main.go", runtime: "go", build: buildGo,
		says: map[string]string{
			"malformed": "token is malformed",
			"algorithm": "signing method", // invalid, or unavailable
			"wrong key": "signature is invalid",
			"expired":   "token has invalid claims",
		},
	},
	{name: "Node.js", file: "verify.mjs", runtime: "node", build: interpret("node")},
	{name: "Python", file: "verify.py", runtime: "python3", build: interpret("python3")},
	{name: "C#", file: "Program.cs", runtime: "dotnet", build: buildCSharp},
}

func TestProgramsOfTheConsumersGuide(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "consumer.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range consumerPrograms {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel() // each waits for a process most of the time
			needRuntime(t, p.runtime)
			file := filepath.Join(t.TempDir(), p.file)
			if err := os.WriteFile(file, codeBlock(t, page, p.file), 0o600); err != nil {
				t.Fatal(err)
			}
			command := p.build(t, file)
			for _, c := range consumerCases(t) {
				t.Run(c.name, func(t *testing.T) { p.check(t, command, c) })
			}
		})
	}
}

// codeBlock returns the fenced block of page with this title.
func codeBlock(t *testing.T, page []byte, title string) []byte {
	t.Helper()
	fence := regexp.MustCompile("(?ms)^```[a-z]+ title=\"" + regexp.QuoteMeta(title) + "\"\n(.*?)^```$")
	found := fence.FindAllSubmatch(page, -1)
	if len(found) != 1 {
		t.Fatalf("docs/consumer.md has %d code blocks titled %q, want 1", len(found), title)
	}
	return found[0][1]
}

func needRuntime(t *testing.T, runtime string) {
	t.Helper()
	if _, err := exec.LookPath(runtime); err == nil {
		return
	}
	if slices.Contains(strings.Split(os.Getenv(requireRuntimes), ","), runtime) {
		t.Fatalf("%s is not installed, and %s names it", runtime, requireRuntimes)
	}
	t.Skipf("%s is not installed; set %s=%s to make this a failure", runtime, requireRuntimes, runtime)
}

// consumerCase is a request, and what every correct consumer says to it.
type consumerCase struct {
	name, token, body string
	refused           string // the reason; empty if accepted
}

func consumerCases(t *testing.T) []consumerCase {
	const body = "{\"specversion\":\"1.0\",\"data\":{\"description\":\"Pr\u00eat \U0001f600\"}}\n"
	var (
		secret  = secretOf(t, signature.DevelopmentSecret)
		now     = time.Now() // the programs use the real clock, as consumers do
		good    = signature.Sign(secret, []byte(body), now)
		claims  = strings.Split(good, ".")[1]
		none    = "eyJhbGciOiJub25lIn0." + claims + "." // {"alg":"none"}
		hs512   = signHS512(t, secret, []byte(body), now.Add(signature.Lifetime))
		noHash  = forge(secret, goodHeader, `{"exp":99999999999}`)
		noExp   = forge(secret, goodHeader, `{"payload_hash":"00"}`)
		at      = len(good) - 20 // inside the HMAC
		altered = good[:at] + "A" + good[at+1:]
	)
	if altered == good {
		altered = good[:at] + "B" + good[at+1:]
	}
	return []consumerCase{
		{"a good token", good, body, ""},
		{"a token of a clock that is 90 s ahead", signature.Sign(secret, []byte(body), now.Add(90*time.Second)), body, ""},
		{"a tampered body", good, strings.Replace(body, "1.0", "1.1", 1), "hash"},
		{"a body parsed and written again", good, strings.TrimSpace(body), "hash"},
		{"no payload_hash", noHash, body, "hash"},
		{"another key", signature.Sign(signature.GenerateSecret(), []byte(body), now), body, "wrong key"},
		{"the Base64 text as key", signature.Sign([]byte(secret.Base64()), []byte(body), now), body, "wrong key"},
		{"an altered HMAC", altered, body, "wrong key"},
		{"an expired token", signature.Sign(secret, []byte(body), now.Add(-signature.Lifetime)), body, "expired"},
		{"no exp", noExp, body, "expired"},
		{"alg none", none, body, "algorithm"},
		{"alg HS512", hs512, body, "algorithm"},
		{"an empty header", "", body, "missing"},
		{"two parts", "e30." + claims, body, "malformed"},
		{"a header that is no JSON", "AAAA." + claims + ".AAAA", body, "malformed"},
		{"9 KiB", strings.Repeat("A", 9<<10), body, "malformed"},
	}
}

// check runs the program on one case and compares its verdict and exit status.
func (p consumerProgram) check(t *testing.T, command []string, c consumerCase) {
	args := slices.Concat(command[1:], []string{c.token})
	run := exec.CommandContext(t.Context(), command[0], args...)
	run.Env = append(os.Environ(), "VONAGE_SECRET="+signature.DevelopmentSecret)
	run.Stdin = strings.NewReader(c.body)
	var stderr bytes.Buffer
	run.Stderr = &stderr
	out, err := run.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	got, status := strings.TrimSpace(string(out)), run.ProcessState.ExitCode()
	if c.refused == "" {
		if got != "accepted" || status != 0 {
			t.Errorf("got %q and exit status %d, want accepted and 0\n%s", got, status, &stderr)
		}
		return
	}
	reason := c.refused
	if own, ok := p.says[reason]; ok && got != "refused: "+reason {
		reason = own
	}
	if !strings.HasPrefix(got, "refused: ") || !strings.Contains(got, reason) || status != 1 {
		t.Errorf("got %q and exit status %d, want refused for %q and 1\n%s", got, status, reason, &stderr)
	}
}

func interpret(runtime string) func(*testing.T, string) []string {
	return func(_ *testing.T, file string) []string { return []string{runtime, file} }
}

// buildGo compiles with the libraries of this module.
func buildGo(t *testing.T, file string) []string {
	program := file + ".exe" // the suffix does no harm where it is not needed
	build(t, "", "go", "build", "-o", program, file)
	return []string{program}
}

// buildCSharp makes a project for the newest framework that is installed.
func buildCSharp(t *testing.T, file string) []string {
	version, err := exec.CommandContext(t.Context(), "dotnet", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	major, _, _ := strings.Cut(strings.TrimSpace(string(version)), ".")
	dir := filepath.Dir(file)
	project := `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType>` +
		`<TargetFramework>net` + major + `.0</TargetFramework><Nullable>enable</Nullable></PropertyGroup></Project>`
	if err := os.WriteFile(filepath.Join(dir, "verify.csproj"), []byte(project), 0o600); err != nil {
		t.Fatal(err)
	}
	build(t, dir, "dotnet", "build", "--nologo", "--output", "out")
	return []string{"dotnet", filepath.Join(dir, "out", "verify.dll")}
}

func build(t *testing.T, dir, command string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", command, strings.Join(args, " "), err, out)
	}
}
