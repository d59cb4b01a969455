package scenarios_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenarios"
)

const page = "../docs/scenarios.md"

// situations are the words behind the fence of a fragment in the page, and the steps that
// come before it. A fence without one has a whole file.
var situations = map[string]string{
	"steps":       "",
	"begun":       "- call: customer\n",
	"on-a-call":   "- call: customer\n- ring: {agent: alice, for: 5s}\n",
	"on-an-email": "- email: customer\n- ring: {agent: alice, for: 5s}\n",
}

func TestExamplesInTheLanguagePageParse(t *testing.T) {
	seen := 0
	for _, b := range blocks(t) {
		situation, isYAML := strings.CutPrefix(b.info, "yaml")
		situation = strings.TrimSpace(situation)
		if !isYAML || situation == "refused" {
			continue
		}
		seen++
		var err error
		if situation == "" {
			_, err = scenario.ParseDocument(b.name(), []byte(b.text))
		} else if before, known := situations[situation]; known {
			err = parseFragment(b.name(), before+b.text)
		} else {
			err = fmt.Errorf("%s: unknown situation %q", b.name(), situation)
		}
		if err != nil {
			t.Errorf("%v\nin:\n%s", err, b.text)
		}
	}
	if seen < 20 {
		t.Errorf("found %d examples in %s; want all of them, which are more than 20", seen, page)
	}
}

func TestRefusalsInTheLanguagePageAreReal(t *testing.T) {
	all := blocks(t)
	seen := 0
	for i, b := range all {
		if b.info != "yaml refused" {
			continue
		}
		seen++
		if i+1 == len(all) || all[i+1].info != "text" {
			t.Errorf("%s: no text block with the refusal follows", b.name())
			continue
		}
		_, err := scenario.Parse("my-story.yaml", []byte(b.text))
		problems, ok := errors.AsType[scenario.Problems](err)
		if !ok {
			t.Errorf("%s: Parse = %v, want problems", b.name(), err)
			continue
		}
		if got, want := problems.Detail()+"\n", all[i+1].text; got != want {
			t.Errorf("%s: the refusal differs\ngot:\n%s\nthe page has:\n%s", b.name(), got, want)
		}
	}
	if seen < 3 {
		t.Errorf("found %d refusals in %s, want at least 3", seen, page)
	}
}

func TestTheLanguagePageNamesEverything(t *testing.T) {
	text := readPage(t)
	want := vocabulary(t)
	for _, p := range scenario.Presences() {
		want = append(want, p.Word)
	}
	for n, row := range assume.Rows() {
		if assume.Name(n) < assume.Success { // the later ones are about delivery, not about stories
			want = append(want, row.Name)
		}
	}
	for _, w := range want {
		if !strings.Contains(text, "`"+w+"`") {
			t.Errorf("%s does not mention `%s`", page, w)
		}
	}
}

// parseFragment tries a fragment with every way in which a story can go on to its end.
func parseFragment(name, steps string) error {
	var first error
	for _, end := range []string{"", "- hangup: customer\n", "- finish: 1s\n", "- abandon\n"} {
		file := "name: fragment\nstory: Part of a story.\nsteps:\n" + indent(steps+end)
		_, err := scenario.Parse(name, []byte(file))
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

func indent(steps string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(steps, "\n"), "\n", "\n  ") + "\n"
}

// block is one fenced block of the page.
type block struct {
	line       int
	info, text string
}

func (b block) name() string { return fmt.Sprintf("%s, block at line %d", page, b.line) }

var fenced = regexp.MustCompile("(?ms)^```([a-z -]*)\n(.*?)^```$")

func blocks(t *testing.T) []block {
	t.Helper()
	text := readPage(t)
	var all []block
	for _, m := range fenced.FindAllStringSubmatchIndex(text, -1) {
		all = append(all, block{strings.Count(text[:m[0]], "\n") + 1, text[m[2]:m[3]], text[m[4]:m[5]]})
	}
	return all
}

func readPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// The page lists the parameters of the ready-made scenarios.
func TestTheLanguagePageListsParameters(t *testing.T) {
	var table strings.Builder
	table.WriteString("| Scenario | Parameters |\n|---|---|\n")
	for _, e := range scenarios.List() {
		if e.Workload {
			continue
		}
		sc, err := scenarios.Load(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		var params []string
		for _, p := range sc.Params {
			params = append(params, fmt.Sprintf("`%s`: %s", p.Name, p.Default))
		}
		if params != nil {
			fmt.Fprintf(&table, "| `%s` | %s |\n", e.Name, strings.Join(params, ", "))
		}
	}
	golden.Section(t, page, "<!-- parameters: made by go test ./scenarios -update -->\n", "<!-- end of parameters -->", table.String())
}
