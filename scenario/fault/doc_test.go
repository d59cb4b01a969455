package fault

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the table in docs/faults.md")

// The table in the documentation is made from the rows.
func TestTheDocumentedTableIsTheRows(t *testing.T) {
	const path = "../../docs/faults.md"
	const begin, end = "<!-- faults: made by go test ./fault -update -->\n", "<!-- end of faults -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))), begin)
	old, tail, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no section between %q and %q", path, begin, end)
	}
	if *update {
		if err := os.WriteFile(path, []byte(head+begin+table()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != table() {
		t.Errorf("the table in %s is stale: run go test ./fault -update and read the diff\ngot\n%s", path, table())
	}
}

// table is the rows in Markdown.
func table() string {
	var b strings.Builder
	b.WriteString("| Fault | What goes wrong | A correct consumer |\n|---|---|---|\n")
	for _, r := range Rows() {
		answers := map[Want]string{Accept: "accepts", RefuseSignature: "refuses with 401", RefuseBody: "refuses with 400", Nothing: "is never asked"}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.Name, r.Doc, answers[r.Want])
	}
	return b.String()
}

func TestEveryKindHasARowOfItsOwn(t *testing.T) {
	if len(Kinds()) != 17 || len(Rows()) != 17 || len(Names()) != 17 {
		t.Fatalf("%d kinds, %d rows, %d names; want 17", len(Kinds()), len(Rows()), len(Names()))
	}
	for i, k := range Kinds() {
		got, err := Parse(k.String())
		if err != nil || got != k || Rows()[i] != k.Row() || Names()[i] != k.String() {
			t.Errorf("%q is %v, %v; want %d", k, got, err, k)
		}
		if r := k.Row(); r.Doc == "" || r.Name == "" {
			t.Errorf("kind %d is not described", k)
		}
	}
}

func TestForgeriesAreRefusedAndSentBesideTheTruth(t *testing.T) {
	for _, k := range Kinds() {
		r := k.Row()
		if (r.Class == Forgery) != (r.Want == RefuseSignature) {
			t.Errorf("%s: class %d and %q do not go together", k, r.Class, r.Want)
		}
		if r.Want.Refuse() && !r.Extra {
			t.Errorf("%s is to be refused and takes the place of the truth", k)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"duplicat", `unknown fault "duplicat" (did you mean "duplicate"?)`},
		{"", `unknown fault ""`},
		{"everything at once", `unknown fault "everything at once"`},
	} {
		if k, err := Parse(c.name); k != None || err == nil || err.Error() != c.want {
			t.Errorf("Parse(%q) = %v, %v; want %s", c.name, k, err, c.want)
		}
	}
}
