package interop

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// The command that builds the container's program is run here by hand, since an engine for
// containers need not be at hand.
func TestTheContainersProgramIsStaticAndKnowsItsVersion(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the container's program is one for Linux")
	}
	file, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 .*\\\n.*go build .*)$`).FindSubmatch(file)
	if found == nil {
		t.Fatal("the Dockerfile has no RUN line that builds with CGO_ENABLED=0")
	}
	path := filepath.Join(t.TempDir(), "ringback")
	command := strings.Replace(string(found[1]), "/out/ringback", path, 1)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "TARGETOS=linux", "TARGETARCH="+runtime.GOARCH, "VERSION=v9.8.7")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	program, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	for _, p := range program.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the program wants an interpreter, so it is not static")
		}
	}
	if libraries, err := program.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("the program wants %q, %v; want none", libraries, err)
	}
	out, err := exec.Command(path, "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "ringback v9.8.7 go") {
		t.Errorf("version = %q, %v; want it to begin with ringback v9.8.7", out, err)
	}
}
