package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/scenarios"
)

// Every block of the documentation that shows commands is run. A ```console block has
// lines "$ command" and the output below them, in which … stands for anything; a ```sh
// block has commands alone. A ```yaml block whose first line is "# file: NAME" is a file
// that the commands below it may use.
func TestDocumentationRuns(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the blocks are written for a POSIX shell")
	}
	if testing.Short() {
		t.Skip("the race detector, with which -short is meant, makes each of hundreds of commands start slowly")
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	found := 0
	for _, page := range append(pages, "../../README.md") {
		script, commands := toScript(t, page)
		if found += commands; commands == 0 {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(page), ".md") + ".txtar"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if found < 12 {
		t.Fatalf("found %d commands in the documentation, want at least 12: is the block syntax right?", found)
	}
	testscript.Run(t, testscript.Params{Dir: dir, RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("RINGBACK_PROGRESS", "off") // which would depend on how fast this machine is
			return nil
		},
		Cmds: scriptCommands})
}

var blockForm = regexp.MustCompile("(?ms)^```([a-z]+)[^\n]*\n(.*?)^```")

// notRun are commands that cannot run inside a test of themselves.
var notRun = regexp.MustCompile(`^(git clone|cd |go test|go install|docker|npm |node |go build)`)

func toScript(t *testing.T, page string) (script string, commands int) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var body, files strings.Builder
	for _, block := range blockForm.FindAllStringSubmatch(string(text), -1) {
		kind, lines := block[1], strings.Split(strings.TrimRight(block[2], "\n"), "\n")
		switch {
		case kind == "yaml" && strings.HasPrefix(lines[0], "# file: "):
			fmt.Fprintf(&files, "-- %s --\n%s\n", strings.TrimPrefix(lines[0], "# file: "), strings.Join(lines, "\n"))
		case kind == "console" || kind == "sh":
			commands += addCommands(&body, &files, kind == "console", lines, commands)
		}
	}
	return withConsumer(body.String()) + files.String(), commands
}

// withConsumer lets a consumer listen where the documentation says one does, on another
// port: nobody's real service on port 8080 gets test notifications.
func withConsumer(commands string) string {
	const shown = "127.0.0.1:8080"
	if !strings.Contains(commands, shown) {
		return commands
	}
	return "port\nexec ringback receive --listen $ADDR &consumer&\nlistening\n" +
		strings.ReplaceAll(commands, shown, "'$ADDR'") + "kill -INT consumer\nwait consumer\n"
}

// addCommands writes the commands of one block. What fails is marked in the block by a
// line "exit status N" as the last line of the output.
func addCommands(body, files *strings.Builder, console bool, lines []string, before int) (commands int) {
	for i := 0; i < len(lines); i++ {
		command, isCommand := strings.CutPrefix(lines[i], "$ ")
		if console != isCommand || strings.TrimSpace(command) == "" || strings.HasPrefix(command, "#") || notRun.MatchString(command) {
			continue
		}
		for strings.HasSuffix(command, "\\") && i+1 < len(lines) {
			i++
			command = strings.TrimSuffix(command, "\\") + strings.TrimSpace(lines[i])
		}
		var output []string
		for console && i+1 < len(lines) && !strings.HasPrefix(lines[i+1], "$ ") {
			i++
			output = append(output, lines[i])
		}
		commands++
		writeCommand(body, files, command, output, before+commands)
	}
	return commands
}

func writeCommand(body, files *strings.Builder, command string, output []string, n int) {
	const byHand = "go run ./cmd/ringback" // here it is installed, and says so in what it prints
	if strings.Contains(command, byHand) {
		command = strings.ReplaceAll(command, byHand, "ringback")
		for i := range output {
			output[i] = strings.ReplaceAll(output[i], byHand, "ringback")
		}
	}
	execute := "intime"
	if strings.HasPrefix(command, "ringback capacity") { // which takes minutes, or ends as it does when it may not
		execute, command = "! exec", command+" --for 10s"
	}
	if len(output) > 0 && strings.HasPrefix(output[len(output)-1], "exit status ") {
		execute, output = "! exec", output[:len(output)-1]
	}
	fmt.Fprintf(body, "%s sh -c '{ %s; } 2>&1'\n", execute, strings.ReplaceAll(command, "'", "''"))
	if len(output) > 0 {
		fmt.Fprintf(body, "matches stdout want%d\n", n)
		fmt.Fprintf(files, "-- want%d --\n%s\n", n, strings.Join(output, "\n"))
	}
}

// The table of ready-made scenarios in the README is made from their headers.
func TestReadmeListsTheScenarios(t *testing.T) {
	var table strings.Builder
	table.WriteString("| Scenario | Story |\n|---|---|\n")
	for _, e := range scenarios.List() {
		kind := ""
		if e.Workload {
			kind = " (workload)"
		}
		fmt.Fprintf(&table, "| `%s`%s | %s |\n", e.Name, kind, e.Story)
	}
	const begin, end = "<!-- scenarios: made by go test ./cmd/ringback -update -->\n", "<!-- end of scenarios -->"
	golden.Section(t, "../../README.md", begin, end, table.String())
}

// The Go code in the README is the body of a function of an example, which is compiled and
// run.
func TestReadmeShowsTheExample(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../../scenarios/example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	body := strings.ReplaceAll(string(example), "\n\t", "\n")
	found := 0
	for _, block := range blockForm.FindAllStringSubmatch(string(readme), -1) {
		if block[1] == "go" {
			found++
			if !strings.Contains(body, block[2]) {
				t.Errorf("not in scenarios/example_test.go:\n%s", block[2])
			}
		}
	}
	if found == 0 {
		t.Error("README.md shows no Go code")
	}
}
