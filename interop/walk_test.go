package interop

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/ringback/ringback/interop/internal/ports"
)

// The first steps of docs/sandbox.md, as a newcomer takes them: from nothing to a consumer in
// Express that has verified what somebody caused.
func TestTheWalkThroughTheSandbox(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the walk is written for a POSIX shell")
	}
	requireNode(t)
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the walk needs %s: %v", tool, err)
		}
	}
	install(t, expressDir)
	walk := walkScript(t, [][2]string{
		{"go run ./cmd/ringback", string(build(t))},
		{"--data memory", "--data memory --listen 127.0.0.1:8484"},
		{"npm ci && ", ""},
		{"until curl", "until ! kill -0 $! || curl"}, // what should come may have failed
		{"sleep 1; curl", settled + "; curl"},
		{"8484", strconv.Itoa(ports.Free(t))},
		{"3000", strconv.Itoa(ports.Free(t))},
	})
	cmd := exec.CommandContext(t.Context(), "bash", "-c", "trap 'kill $(jobs -p); wait' EXIT\n"+walk)
	cmd.Dir = ".."
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s%s", err, walk, out.Bytes(), errs.Bytes())
	}
	last := out.String()[strings.LastIndex(out.String(), `{"accepted":`):]
	if !strings.Contains(last, `{"accepted":5,"duplicates":0,"unknown":0,"refused":{},`) {
		t.Errorf("the consumer says %s\n%s%s", last, out.Bytes(), errs.Bytes())
	}
	if want := `"phase":"held"`; !strings.Contains(out.String(), want) {
		t.Errorf("no %s in\n%s", want, out.Bytes())
	}
}

// settled waits, instead of for a second, until nothing waits for its delivery.
const settled = `until curl -sf "$api/deliveries?state=waiting" | grep -q '"deliveries":\[\]'; do :; done`

// walkScript is the one block of docs/sandbox.md in the language bash, with other words in it.
func walkScript(t *testing.T, other [][2]string) string {
	t.Helper()
	page, err := os.ReadFile("../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```bash\n(.*?)^```").FindAllSubmatch(page, -1)
	if len(blocks) != 1 {
		t.Fatalf("docs/sandbox.md has %d blocks in bash, want one", len(blocks))
	}
	script := string(blocks[0][1])
	for _, o := range other {
		if !strings.Contains(script, o[0]) {
			t.Fatalf("no %q in the walk; has the page changed?", o[0])
		}
		script = strings.ReplaceAll(script, o[0], o[1])
	}
	return script
}
