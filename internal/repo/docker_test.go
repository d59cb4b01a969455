package repo

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instruction is one of a Dockerfile, its continued lines joined.
type instruction struct{ word, rest string }

func dockerfile(text string) []instruction {
	var all []instruction
	joined := regexp.MustCompile(`\\\n\s*`).ReplaceAllString(text, "")
	for line := range strings.Lines(joined) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		all = append(all, instruction{word, strings.TrimSpace(rest)})
	}
	return all
}

// last is the rest of the last instruction with a word.
func last(all []instruction, word string) string {
	for _, i := range slices.Backward(all) {
		if i.word == word {
			return i.rest
		}
	}
	return ""
}

// list reads the JSON form of a command.
func list(t *testing.T, text string) []string {
	t.Helper()
	var words []string
	if err := json.Unmarshal([]byte(text), &words); err != nil || len(words) == 0 {
		t.Fatalf("%q is no command in JSON form, which a container without a shell needs: %v", text, err)
	}
	return words
}

var known = []string{"FROM", "WORKDIR", "COPY", "ARG", "RUN", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}

func TestTheContainerIsOneStaticProgramWithoutRoot(t *testing.T) {
	all := dockerfile(string(read(t, "Dockerfile")))
	for _, i := range all {
		if !slices.Contains(known, i.word) {
			t.Errorf("unknown instruction %s", i.word)
		}
	}
	if got := last(all, "FROM"); got != "scratch" {
		t.Errorf("the last stage is from %q, want scratch", got)
	}
	if user := last(all, "USER"); !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(user) {
		t.Errorf("the user is %q, want numbers other than 0, which need no /etc/passwd", user)
	}
	if run := last(all, "RUN"); !strings.Contains(run, "CGO_ENABLED=0") || !strings.Contains(run, "-X main.release=$VERSION") {
		t.Errorf("the build is %q, want it static, with the version", run)
	}
	if !slices.ContainsFunc(all, func(i instruction) bool {
		return i.word == "COPY" && strings.Contains(i.rest, "/etc/ssl/certs/ca-certificates.crt")
	}) {
		t.Error("no certificates are copied, so https consumers cannot be trusted")
	}
}

func TestTheContainerRunsCommandsThatExist(t *testing.T) {
	all := dockerfile(string(read(t, "Dockerfile")))
	entry := list(t, last(all, "ENTRYPOINT"))
	if !slices.ContainsFunc(all, func(i instruction) bool {
		return i.word == "COPY" && strings.HasSuffix(i.rest, " "+entry[0])
	}) {
		t.Errorf("the entry point %s is not copied", entry[0])
	}
	_, health, _ := strings.Cut(last(all, "HEALTHCHECK"), " CMD ")
	check := list(t, health)
	if check[0] != entry[0] {
		t.Errorf("the health check runs %s, want %s", check[0], entry[0])
	}
	for _, word := range []string{check[1], list(t, last(all, "CMD"))[0]} {
		if !hasCommand(t, word) {
			t.Errorf("ringback has no command %q", word)
		}
	}
	port := last(all, "EXPOSE")
	if !slices.Contains(check, "http://127.0.0.1:"+port) || !slices.Contains(strings.Fields(last(all, "ENV")), "RINGBACK_LISTEN=0.0.0.0:"+port) {
		t.Errorf("port %s is exposed, checked are %q, and %s is set", port, check, last(all, "ENV"))
	}
}

func TestTheContainerIsBuiltWithTheGoOfTheModule(t *testing.T) {
	module := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(read(t, "go.mod"))
	build := regexp.MustCompile(`golang:(\d+\.\d+)`).FindSubmatch(read(t, "Dockerfile"))
	if module == nil || build == nil || string(module[1]) != string(build[1]) {
		t.Errorf("go.mod wants Go %s, and the Dockerfile uses %s", module, build)
	}
}

// What the Dockerfile copies must not be ignored, nor what the program embeds.
func TestTheContainerGetsItsSources(t *testing.T) {
	for line := range strings.Lines(string(read(t, ".dockerignore"))) {
		pattern := strings.TrimSpace(line)
		switch top, _, _ := strings.Cut(pattern, "/"); {
		case pattern == "" || strings.HasPrefix(pattern, "#") || strings.HasPrefix(pattern, "**/") || pattern == "dist" || pattern == ".git": // the last two need not be there
		case slices.Contains([]string{"cmd", "scenarios", "go.mod", "go.sum", "internal"}, top), strings.Contains(pattern, "*"):
			t.Errorf(".dockerignore leaves out %s, which the program is built from", pattern)
		default:
			exists(t, ".dockerignore", pattern)
		}
	}
}
