package vccapi

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/evidence"
)

// ringback explain knows every operation, member and error of this API, and no others.
func TestEveryPartOfTheAPIIsExplained(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal(openAPI, &doc); err != nil {
		t.Fatal(err)
	}
	parts := map[evidence.Group]map[string]bool{evidence.Operation: {}, evidence.Body: {}, evidence.Management: codes(t)}
	for path, item := range doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			if method == "parameters" { // of all operations of the path
				continue
			}
			parts[evidence.Operation][strings.ToUpper(method)+" "+path] = true
			for status := range op.(map[string]any)["responses"].(map[string]any) {
				if status >= "400" {
					parts[evidence.Management][status] = true
				}
			}
		}
	}
	for _, status := range []string{"405", "503"} { // of any operation, as of any server
		parts[evidence.Management][status] = true
	}
	collect(doc, parts[evidence.Body])
	for group, names := range parts {
		explained := map[string]bool{}
		for _, e := range evidence.All() {
			if e.Group != group {
				continue
			}
			explained[e.Subject] = true
			if !names[e.Subject] {
				t.Errorf("%s %q is explained, and not part of the API", group, e.Subject)
			}
		}
		for name := range names {
			if !explained[name] {
				t.Errorf("%s %q is not explained: add its row in internal/evidence/management.go", group, name)
			}
		}
	}
}

// collect collects the members of all objects that the document describes, but those of schemas
// within bodies, such as $schema.
func collect(part any, names map[string]bool) {
	switch part := part.(type) {
	case map[string]any:
		if properties, ok := part["properties"].(map[string]any); ok && !slices.Contains(keys(properties), "$schema") {
			for name := range properties {
				names[name] = true
			}
		}
		for _, inner := range part {
			collect(inner, names)
		}
	case []any:
		for _, inner := range part {
			collect(inner, names)
		}
	}
}

func keys(m map[string]any) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	return all
}

// codes are the values of the member error.
func codes(t *testing.T) map[string]bool {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`oauthError\{[^{}]*"([a-z_]+)"\}`).FindAllSubmatch(text, -1) {
			all[string(found[1])] = true
		}
	}
	if len(all) < 5 {
		t.Errorf("found %d codes, want 5 at least: %v", len(all), all)
	}
	return all
}
