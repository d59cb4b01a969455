package gate

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestTheDocumentationListsTheFigures(t *testing.T) {
	page, err := os.ReadFile("../../docs/reports.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), table()) {
		t.Errorf("docs/reports.md lists other figures; it should hold this table:\n%s", table())
	}
}

// table is the rows in Markdown.
func table() string {
	var b strings.Builder
	b.WriteString("| Figure | Value | Is | `%` is a share of |\n|---|---|---|---|\n")
	for _, r := range rows {
		unit, _ := r.form()
		doc := r.Doc
		for i, name := range synonyms[r.Figure] {
			doc += map[bool]string{true: "; also ", false: ", "}[i == 0] + "`" + name + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", r.name(), unit, doc, r.Of)
	}
	return b.String()
}
