package evidence

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/internal/rulebook"
)

const (
	rulesBegin = "<!-- rules: made by go test ./internal/evidence -update -->\n"
	rulesEnd   = "<!-- end of rules -->"
)

// What the documentation says of the rules is the rule book.
func TestTheDocumentedRulesAreTheRuleBook(t *testing.T) {
	golden.Section(t, "../../docs/examine.md", rulesBegin, rulesEnd, ruleTables([]string{"A correct consumer", "Broken", "Sure"},
		func(r *rulebook.Rule, e *Entry) []string { return []string{r.Demand, r.Broken, string(e.Sure)} }))
	golden.Section(t, "../../docs/consumer.md", rulesBegin, rulesEnd, ruleTables([]string{"A correct consumer", "Because", "So"},
		func(r *rulebook.Rule, _ *Entry) []string { return []string{r.Demand, r.Why, r.Mend} }))
}

// ruleTables has a table for each level.
func ruleTables(heads []string, cells func(*rulebook.Rule, *Entry) []string) string {
	titles := map[rulebook.Level]string{
		rulebook.Receives: "*receives*: takes what is sent, whatever its form",
		rulebook.Secure:   "*secure*: believes only what is signed",
		rulebook.Correct:  "*correct*: tells the truth about what happened",
		rulebook.Robust:   "*robust*: also when much happens at once, and when it crashes",
	}
	var b strings.Builder
	entries := book()
	for i, r := range rulebook.Rules() {
		if i == 0 || rulebook.Rules()[i-1].Level != r.Level {
			if i > 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "Level %s\n\n| Rule | %s |\n|---|%s\n", titles[r.Level], strings.Join(heads, " | "), strings.Repeat("---|", len(heads)))
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", r.ID, strings.Join(cells(&r, &entries[i]), " | "))
	}
	return b.String()
}

// The page that is said to define the figures does so.
func TestThePageOfTheFiguresDefinesThem(t *testing.T) {
	found, err := Find(string(rulebook.FiguresAgree))
	if err != nil || len(found[0].Rules) != 1 {
		t.Fatal(found, err)
	}
	page, err := os.ReadFile("../../" + found[0].Rules[0].Source)
	if err != nil {
		t.Fatal(err)
	}
	for _, figure := range []string{"answered", "abandoned", "talk", "hold", "wrap", "agents", "transfers", "seconds to answer"} {
		if !strings.Contains(string(page), "\n| "+figure+" | ") {
			t.Errorf("%s does not define %s", found[0].Rules[0].Source, figure)
		}
	}
}
