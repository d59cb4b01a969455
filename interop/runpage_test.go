package interop

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox"
)

// The commands of docs/sandbox.md that start runs do what the page says.
func TestTheCommandsOfThePageAboutRuns(t *testing.T) {
	block := blocksOf(t)
	s := openSandbox(t, sandbox.Options{Speed: 1, Version: "test"})
	script := strings.ReplaceAll(block("run"), "http://127.0.0.1:8484", s.URL())
	out, err := exec.CommandContext(t.Context(), "bash", "-e", "-c", script).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var run struct {
		Name    string
		Options json.RawMessage
	}
	answers := json.NewDecoder(strings.NewReader(string(out)))
	if err := answers.Decode(&run); err != nil || run.Name != "inbound-call-with-hold" || string(run.Options) != `{"set":{"hold":"2m"}}` {
		t.Errorf("the first answer is %s: %v", out, err)
	}
	var refused json.RawMessage
	if err := answers.Decode(&refused); err != nil || string(refused)+"\n" != block("refused") {
		t.Errorf("the second answer is %s: %v", refused, err)
	}
}

// blocksOf returns what finds a block of the page by its title.
func blocksOf(t *testing.T) func(title string) string {
	t.Helper()
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the commands need %s: %v", tool, err)
		}
	}
	page, err := os.ReadFile("../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	return func(title string) string {
		found := regexp.MustCompile("(?ms)^```[a-z]+ title=\""+title+"\"\n(.*?)^```").FindAllSubmatch(page, -1)
		if len(found) != 1 {
			t.Fatalf("docs/sandbox.md has %d blocks with the title %s, want one", len(found), title)
		}
		return string(found[0][1])
	}
}

func TestTheSearchOfThePage(t *testing.T) {
	block := blocksOf(t)
	s := openSandbox(t, sandbox.Options{Speed: 1, Version: "test"})
	out, err := exec.CommandContext(t.Context(), "bash", "-e", "-c", strings.ReplaceAll(block("search"), "http://127.0.0.1:8484", s.URL())).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if want := `{"complete":true,"total":0}` + "\n" + block("mistaken"); string(out) != want {
		t.Errorf("got %s\nwant %s", out, want)
	}
}
