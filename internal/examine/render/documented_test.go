package render

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// Each member of the JSON has a place in the table of the documentation.
func TestTheMembersOfTheJSONAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/examine.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "| Member of the JSON | Is |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	if !found {
		t.Fatal("docs/examine.md has no table of the members")
	}
	rows := map[string]string{} // by the members that they begin with
	for row := range strings.Lines(table) {
		first, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " |")
		for name := range strings.SplitSeq(first, ", ") {
			rows[strings.Trim(name, "`")] = row
		}
	}
	result := reflect.TypeFor[Result]()
	for i := range result.NumField() {
		f := result.Field(i)
		name := f.Tag.Get("json")
		if name == "" || name == "-" {
			continue
		}
		if rows[name] == "" {
			t.Errorf("docs/examine.md has no row of %s", name)
		}
	}
}
