// Package stub holds small endpoints that tell what a consumer knows, in several languages.
//
// The name of a language comes in; a program to be adapted goes out. Each has one function that reads the consumer's
// own store, and leaves the rest as docs/state.md demands it. It never runs one.
package stub

import (
	"embed"
	"fmt"
	"strings"

	"github.com/ringback/ringback/internal/nearest"
)

//go:embed files
var files embed.FS

var stubs = []struct{ language, file string }{{"node", "state.js"}, {"go", "state.go.txt"}, {"python", "state.py"}, {"csharp", "State.cs"}}

// Languages lists the languages.
func Languages() (all []string) {
	for _, s := range stubs {
		all = append(all, s.language)
	}
	return all
}

// Wanted lists them for people.
func Wanted() string {
	all := Languages()
	return strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
}

// Parse finds the language that a text names.
func Parse(text string) (string, error) {
	for _, s := range stubs {
		if s.language == text {
			return text, nil
		}
	}
	known := map[string]string{"js": "node", "javascript": "node", "nodejs": "node", "golang": "go", "py": "python", "c#": "csharp", "cs": "csharp", "dotnet": "csharp"}
	if as := known[strings.ToLower(text)]; as != "" {
		return "", fmt.Errorf("want %s, got %q (did you mean %q?)", Wanted(), text, as)
	}
	return "", fmt.Errorf("want %s, got %q%s", Wanted(), text, nearest.DidYouMean(text, Languages()))
}

// Of is the program in a language; nil if there is none.
func Of(language string) []byte {
	for _, s := range stubs {
		if s.language == language {
			text, err := files.ReadFile("files/" + s.file)
			if err != nil {
				panic(err) // it is part of the program
			}
			return text
		}
	}
	return nil
}
