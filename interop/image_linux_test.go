package interop

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// image is a container image, laid out in a folder as the Dockerfile says.
type image struct {
	root  string   // the folder
	env   []string // NAME=VALUE
	entry string   // the program's path in it
	user  string   // UID:GID
	work  string
}

// layOut does by hand what the Dockerfile says, since an engine for containers need not be at hand. Whoever is not
// root owns all files in it.
func layOut(t *testing.T) image {
	t.Helper()
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	i := image{root: filepath.Join(t.TempDir(), "root")}
	if err := os.Mkdir(i.root, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(regexp.MustCompile(`\\\n\s*`).ReplaceAllString(string(text), ""), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "RUN":
			if strings.Contains(rest, "/out/") {
				if os.Geteuid() != 0 {
					rest = strings.ReplaceAll(rest, "-o 65532 -g 65532 ", "")
				}
				shell(t, strings.ReplaceAll(rest, "/out/", out+"/"))
			}
		case "COPY":
			i.copy(t, rest, out)
		case "ENV":
			i.env = append(i.env, strings.Fields(rest)...)
		case "USER":
			i.user = rest
		case "WORKDIR":
			i.work = rest
		case "ENTRYPOINT":
			i.entry = strings.Trim(rest, `["]`)
		}
	}
	return i
}

// copy does as COPY of the last stage does.
func (i *image) copy(t *testing.T, rest, out string) {
	t.Helper()
	words := strings.Fields(rest)
	if words[0] == "." || words[0] == "go.mod" { // of the first stage
		return
	}
	owner := "root"
	for strings.HasPrefix(words[0], "--") {
		if to, is := strings.CutPrefix(words[0], "--chown="); is {
			owner = to
		}
		words = words[1:]
	}
	last := len(words) - 1
	to := filepath.Join(i.root, words[last])
	for _, from := range words[:last] {
		from, inside := strings.CutPrefix(from, "/out/")
		switch from = filepath.Join(out, from); {
		case inside && strings.HasSuffix(words[0], "/"): // what is in a folder
			shell(t, "cp -a "+from+"/. "+to)
			if os.Geteuid() == 0 {
				shell(t, "chown "+owner+" "+to+"/state && chown root "+to)
			}
		case inside:
			shell(t, "cp "+from+" "+to)
		}
	}
}

// shell runs a command in the root of the repository.
func shell(t *testing.T, command string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "TARGETOS=linux", "TARGETARCH="+runtime.GOARCH, "VERSION=v9.8.7")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}

func TestTheContainer(t *testing.T) {
	i := layOut(t)
	t.Run("its program is static and knows its version", i.isStatic)
	t.Run("the documented line works with every volume", func(t *testing.T) { i.serves(t, serveLine(t)) })
}

func (i *image) isStatic(t *testing.T) {
	path := filepath.Join(i.root, i.entry)
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

// serveLine is what the documented command runs in the container: the arguments of the program.
func serveLine(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile("../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^docker run .* ringback serve.*$`).FindString(string(page))
	if line == "" || !strings.Contains(string(file), "\n#   "+line+"\n") {
		t.Fatalf("docs/sandbox.md says %q, which the Dockerfile does not", line)
	}
	words := strings.Fields(line)
	at := slices.Index(words, "serve")
	for _, want := range []string{"--read-only", "127.0.0.1:8080:8080", "ringback:/state"} {
		if !slices.Contains(words[:at], want) {
			t.Errorf("%q has no %s", line, want)
		}
	}
	return words[at:]
}
