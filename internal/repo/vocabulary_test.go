package repo

import (
	"go/ast"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// private are words that the project once had for familiar things, with the usual one.
var private = map[string]string{
	"desk":     "control",
	"shelf":    "queue, or memory",
	"clerk":    "worker",
	"mind":     "scheduler, or pacer",
	"bell":     "broadcaster, or notifier",
	"office":   "outbox",
	"floor":    "state of the story, or pool",
	"harm":     "fault",
	"spoil":    "change",
	"mutilate": "change",
	"bend":     "change",
	"bent":     "with faults",
	"arm":      "inject",
	"armed":    "injected, or pending",
}

// sandboxOnly are usual elsewhere: room for a message, the letters of the alphabet.
var sandboxOnly = map[string]string{
	"room":   "engine",
	"letter": "delivery",
}

// usual are uses of these words that everybody knows.
var usual = regexp.MustCompile(`(?i)lower[- ]case letters?|upper[- ]case letters?|letters?(,| and| or) (digits?|a digit)|no harm|the letters "`)

func TestTheCodeHasNoPrivateVocabulary(t *testing.T) {
	files, places := readModule(t)
	for _, f := range files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				for _, word := range words(usual.ReplaceAllString(c.Text, "")) {
					if better := instead(f.pkg, word); better != "" {
						t.Errorf("%s: a comment says %q; say %s", places.Position(c.Pos()), word, better)
					}
				}
			}
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "math" {
					return false
				}
			case *ast.Ident:
				for _, word := range words(n.Name) {
					if better := instead(f.pkg, word); better != "" {
						t.Errorf("%s: the name %s has %q in it; say %s", places.Position(n.Pos()), n.Name, word, better)
					}
				}
			}
			return true
		})
	}
}

// instead is the usual word for a private one in a package, or "".
func instead(pkg, word string) string {
	if better := private[word]; better != "" || !strings.HasPrefix(pkg, "sandbox") {
		return better
	}
	return sandboxOnly[word]
}

// words are those of a text or a name, in lower case and without the s of a plural.
func words(text string) (all []string) {
	var word []rune
	end := func() {
		if len(word) > 0 {
			w := strings.ToLower(string(word))
			all = append(all, w, strings.TrimSuffix(w, "s"))
			word = word[:0]
		}
	}
	lower := false
	for _, r := range text {
		if !unicode.IsLetter(r) || unicode.IsUpper(r) && lower {
			end()
		}
		if lower = unicode.IsLower(r); unicode.IsLetter(r) {
			word = append(word, r)
		}
	}
	end()
	return all
}
