package repo

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

var (
	flag = regexp.MustCompile(`(^|[^\w-])--[a-z]`)
	// madeBy names a file by the command that writes it.
	madeBy = regexp.MustCompile(`"(receive|run) --log"|"plan --format ndjson"`)
)

// An error that a flag would cure has a type, and the command adds the flag: programs that
// import a package have no flags.
func TestOnlyTheCommandNamesItsFlags(t *testing.T) {
	files, places := readModule(t)
	for _, f := range files {
		if strings.HasPrefix(f.pkg, "cmd/") || strings.HasSuffix(f.path, "control/curl.go") { // that one writes command lines of curl
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && flag.MatchString(madeBy.ReplaceAllString(text.Value, "")) {
				t.Errorf("%s: %.120s names a flag", places.Position(n.Pos()), text.Value)
			}
			return true
		})
	}
}
