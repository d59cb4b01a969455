package repo

import (
	"go/ast"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Keys of JSON that the vendor's bodies and API have. Objects of ours have them only where they
// copy the vendor's: see docs/decisions/0027-json-keys.md.
var vendorKeys = []string{"agentId", "channelId", "conversationId", "interactionId", "presenceId", "subscriptionId", "userId"}

// foreign lists the packages that may have other keys, and why.
var foreign = map[string]string{
	"event":                   "bodies of notifications",
	"sandbox/internal/vccapi": "the vendor's API",
	"scenario":                "words of JSON Schema",
	"internal/evidence":       "words of JSON Schema",
}

// copies lists the packages in which objects of ours copy objects of the vendor or of a standard, with the keys
// that they copy.
var copies = map[string][]string{
	"internal/examine/render": {"$schema", "shortDescription", "commandLine", "executionSuccessful", "ruleId", "partialFingerprints"}, // words of SARIF
}

var (
	snakeCase = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)
	camelCase = regexp.MustCompile(`"([a-z]+[A-Z][A-Za-z]*)" ?:`)
)

func TestJSONOfOursIsInSnakeCase(t *testing.T) {
	files, places := readModule(t)
	for _, f := range files {
		if foreign[f.pkg] != "" {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			s, ok := n.(*ast.StructType)
			if !ok {
				return true
			}
			for _, field := range s.Fields.List {
				if field.Tag == nil {
					continue
				}
				tag, found := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Lookup("json")
				key, _, _ := strings.Cut(tag, ",")
				if found && key != "" && key != "-" && !snakeCase.MatchString(key) && !slices.Contains(copies[f.pkg], key) {
					t.Errorf("%s: key %q; JSON of ours is in snake_case", places.Position(field.Pos()), key)
				}
			}
			return true
		})
	}
}

func TestJSONInDocsIsInSnakeCase(t *testing.T) {
	for _, name := range append(files(t, "docs", "*.md"), "README.md", "action.yml") {
		if strings.HasPrefix(name, "docs/decisions/") {
			continue
		}
		for _, key := range camelCase.FindAllStringSubmatch(string(read(t, name)), -1) {
			if !slices.Contains(vendorKeys, key[1]) {
				t.Errorf("%s: key %q; JSON of ours is in snake_case", name, key[1])
			}
		}
	}
}
