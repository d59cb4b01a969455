package repo

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/golden"
)

// part is the beginning of a part of a consumer in docs/consumer.md: its file and its name there.
var part = regexp.MustCompile(`<!-- part (\S+) (\S+) -->\n`)

// docs/consumer.md shows parts of the consumers in interop/consumers as they are.
func TestTheConsumersGuideShowsTheConsumers(t *testing.T) {
	const page = "docs/consumer.md"
	languages := map[string]string{".go": "go", ".mjs": "js", ".py": "python", ".java": "java", ".php": "php", ".cs": "csharp"}
	shown := map[string]bool{}
	for _, m := range part.FindAllStringSubmatch(string(read(t, page)), -1) {
		text := partOf(t, string(read(t, "interop/consumers/"+m[1])), m[2])
		golden.Section(t, "../../"+page, m[0], "<!-- end of part -->", fmt.Sprintf("```%s\n%s```\n", languages[path.Ext(m[1])], text))
		shown[path.Ext(m[1])] = true
	}
	if len(shown) != len(languages) {
		t.Errorf("%s shows %v, want a consumer in each language", page, shown)
	}
}

// partOf is what stands between the comments "part: NAME" and "end" of a program, without the indentation that all
// lines share.
func partOf(t *testing.T, program, name string) string {
	t.Helper()
	part := regexp.MustCompile(`(?ms)^([ \t]*)(?://|#) part: ` + name + `\n(.*?)\n[ \t]*(?://|#) end$`).FindStringSubmatch(program)
	if part == nil {
		t.Fatalf("there is no part %q", name)
	}
	var b strings.Builder
	for line := range strings.SplitSeq(strings.Trim(part[2], "\n"), "\n") {
		b.WriteString(strings.TrimPrefix(line, part[1]) + "\n")
	}
	return b.String()
}
