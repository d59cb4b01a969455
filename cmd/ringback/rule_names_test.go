package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/rulebook"
)

// What texts call a check or rule of examine is one that there is. What earlier versions had is not looked at.
func TestTextsNameRulesThatThereAre(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	named, name := regexp.MustCompile("(?:check|checks|rule|rules) (`[a-z-]+`(?:(?:,| and|, and) `[a-z-]+`)*)"), regexp.MustCompile("[a-z][a-z-]+")
	for _, page := range append(pages, "../../CHANGELOG.md", "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		now, _, _ := strings.Cut(string(text), "\n## 0")
		for _, found := range named.FindAllStringSubmatch(strings.Join(strings.Fields(now), " "), -1) {
			for _, id := range name.FindAllString(found[1], -1) {
				if formerly[id] != "" || strings.Contains(found[0], "check") && !slices.ContainsFunc(rulebook.Rules(), func(r rulebook.Rule) bool { return string(r.ID) == id }) {
					t.Errorf("%s: %q is no rule of examine; want %q", page, found[0], formerly[id])
				}
			}
		}
	}
}
