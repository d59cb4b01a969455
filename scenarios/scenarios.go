// Package scenarios holds the ready-made scenarios.
//
// The name of a scenario comes in; its YAML text, or the checked scenario, comes out. It
// promises that every scenario in it parses, tells one story and keeps its timeline from
// one release to the next unless the change log says otherwise. It never reads a file at
// run time, keeps what it has parsed, or plays anything.
package scenarios

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/scenario"
)

//go:embed *.yaml
var files embed.FS

const extension = ".yaml"

// Entry is one ready-made scenario or workload.
type Entry struct {
	Name     string
	Story    string // one sentence of at most 100 characters
	Workload bool   // a mix of scenarios as traffic, and not a story
}

// List is all ready-made scenarios and workloads, sorted by name.
func List() []Entry {
	var all []Entry
	for _, name := range names() {
		text, _ := Source(name) // it is there: its name comes from the directory
		e := Entry{Name: name}
		switch doc, err := scenario.ParseDocument(name+extension, text); {
		case err != nil: // never in a release: the tests parse every file
		case doc.Workload != nil:
			e.Story, e.Workload = doc.Workload.Story, true
		default:
			e.Story = doc.Scenario.Story
		}
		all = append(all, e)
	}
	return all
}

// UnknownError says that no scenario or workload has a name. How to list them is for the caller to
// add.
type UnknownError struct{ Name string }

// Error suggests the nearest name.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("no ready-made scenario is called %q%s", e.Name, nearest.DidYouMean(e.Name, names()))
}

// schemaHere is the first line of the files here, for editors: its path leads nowhere in another folder.
const schemaHere = "# yaml-language-server: $schema=../docs/scenario.schema.json\n"

// schemaAnywhere says the same of a copy. It is no line that editors read, so that they miss nothing.
const schemaAnywhere = "# Editors complete this with the schema that \"ringback schema scenario\" prints; see docs/scenarios.md.\n"

// Source is the YAML text of a scenario or workload, its comments included, for a file in any
// folder. An unknown name is an *UnknownError.
func Source(name string) ([]byte, error) {
	text, err := files.ReadFile(name + extension)
	if err != nil {
		return nil, &UnknownError{name}
	}
	if rest, is := bytes.CutPrefix(text, []byte(schemaHere)); is {
		text = append([]byte(schemaAnywhere), rest...)
	}
	return text, nil
}

// Load parses and checks a scenario. Unknown names and workloads, which are no scenarios,
// give errors.
func Load(name string) (*scenario.Scenario, error) {
	text, err := Source(name)
	if err != nil {
		return nil, err
	}
	return scenario.Parse(name+extension, text)
}

// names lists what is embedded. Files are sorted with their extension, and so otherwise.
func names() []string {
	entries, _ := files.ReadDir(".") // the root of an embedded file system always reads
	all := nearest.Names(entries, func(e fs.DirEntry) string { return strings.TrimSuffix(e.Name(), extension) })
	slices.Sort(all)
	return all
}
