package evidence

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Each document has one title, and some rule rests on it. A title says which page, not whose.
func TestEverySourceIsATitle(t *testing.T) {
	titles, used := map[string]bool{}, map[string]bool{}
	for _, e := range append(All(), versioned("channel.alerted.v1")...) {
		for _, r := range e.Rules {
			used[r.Source] = true
		}
	}
	for _, s := range sources[1:] {
		if titles[s.title] || s.title == "" || strings.Contains(s.title, "documentation") || s.sure == Assumed {
			t.Errorf("%q is no title, or that of two documents", s.title)
		}
		if titles[s.title] = true; !used[s.title] {
			t.Errorf("no rule rests on %q", s.title)
		}
	}
	untitled := 0
	for _, e := range All() {
		for _, r := range e.Rules {
			if r.Source == sources[webhooksPages].title {
				untitled++
			}
		}
	}
	if untitled > 14 {
		t.Errorf("%d rules name a page without a title; find it, or write an assumption", untitled)
	}
}

// What of the presences is assumed is marked so, and has its switch.
func TestCategoriesOfPresencesAreSplitIntoWhatIsKnownAndWhatIsAssumed(t *testing.T) {
	for subject, want := range map[string]string{
		"data.presence.category.type":        "absence-category=extendedAway|away",
		"data.presence.category.description": "absence-category=extendedAway|away",
		"data.presence.category.subcategory": "offline-subcategory=readyOffline|readyOutbound|ready",
	} {
		found, err := Find(subject)
		if err != nil {
			t.Fatal(err)
		}
		if e := found[0]; e.Sure != Partly || !slices.Contains(e.Switches, want) {
			t.Errorf("%s is %s with the switches %v, want %s with %s", subject, e.Sure, e.Switches, Partly, want)
		}
	}
}

// The words are read from the schema of the language; here they are looked for in the tables that the
// parser goes by, as they stand in its code.
func TestEveryWordOfTheLanguageIsExplained(t *testing.T) {
	files, err := os.ReadDir("../../scenario")
	if err != nil {
		t.Fatal(err)
	}
	step, key := regexp.MustCompile(`\{name: "([a-z-]+)"`), regexp.MustCompile(`\{"([A-Za-z-]+)", (?:shape|oneOf)`)
	found := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		code, err := os.ReadFile("../../scenario/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for group, form := range map[Group]*regexp.Regexp{StepWord: step, KeyWord: key} {
			for _, m := range form.FindAllStringSubmatch(string(code), -1) {
				found++
				entries, _ := Find(m[1])
				if !slices.ContainsFunc(entries, func(e Entry) bool { return e.Group == group && e.Subject == m[1] }) {
					t.Errorf("%s has %q, which is no %s", f.Name(), m[1], group)
				}
			}
		}
	}
	if found < 120 {
		t.Errorf("only %d words were found in the tables of the language", found)
	}
	for _, asked := range []string{"agent-ring", "dial agent-ring", "dial.agent-ring", "assured-cold", "unassured-cold", "lunch", "rejected", "population", "lognormal", "at-once", "patience", "json"} {
		if _, err := Find(asked); err != nil {
			t.Error(err)
		}
	}
}

// README.md lists the exit statuses for people.
func TestExitStatusesAreThoseOfTheReadme(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| Exit status | Means |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var want []string
	for _, x := range exits {
		want = append(want, "| "+strconv.Itoa(x.status)+" | "+x.means+" |")
	}
	if got := regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`).ReplaceAllString(table, "$1"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}
