package fault

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/golden"
)

// The table in the documentation is made from the rows.
func TestTheDocumentedTableIsTheRows(t *testing.T) {
	golden.Section(t, "../../docs/faults.md", "<!-- faults: made by go test ./scenario/fault -update -->\n", "<!-- end of faults -->", table())
}

// table is the rows in Markdown.
func table() string {
	var b strings.Builder
	b.WriteString("| Fault | What goes wrong | A correct consumer |\n|---|---|---|\n")
	for _, r := range Rows() {
		answers := map[Want]string{Accept: "accepts", RefuseSignature: "refuses with 401 or 403", Finish: "answers with any 2xx, or any 4xx but 401, 408 and 429", Nothing: "is never asked"}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.Name, r.Doc, answers[r.Want])
	}
	return b.String()
}

func TestEveryKindHasARowOfItsOwn(t *testing.T) {
	if len(Kinds()) != 19 || len(Rows()) != 19 || len(Names()) != 19 {
		t.Fatalf("%d kinds, %d rows, %d names; want 19", len(Kinds()), len(Rows()), len(Names()))
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
		if (r.Want.Refuse() || r.Want == Finish) && !r.Extra {
			t.Errorf("%s need not be accepted, and takes the place of the truth", k)
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
