package source

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/ringback/ringback/internal/nearest"
)

// Entry is one key of a mapping and its value.
type Entry struct {
	Key   *Node
	Value *Node
}

// Entries lists the entries of a mapping. What is no mapping, keys that are no plain text
// and repeated keys are problems; what names the mapping in them.
func (f *File) Entries(what string, n *Node) []Entry {
	if n.Kind != yaml.MappingNode {
		f.Errorf(Of(n), "%s: want a mapping (key: value), got %s", what, Describe(n))
		return nil
	}
	first := map[string]int{}
	var all []Entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		e := Entry{n.Content[i], n.Content[i+1]}
		if e.Key.Kind != yaml.ScalarNode {
			f.Errorf(Of(e.Key), "%s: want a word as a key, got %s", what, Describe(e.Key))
			continue
		}
		if line, dup := first[e.Key.Value]; dup {
			f.Errorf(Of(e.Key), "duplicate key %q in %s; first at line %d", e.Key.Value, what, line)
			continue
		}
		first[e.Key.Value] = e.Key.Line
		all = append(all, e)
	}
	return all
}

// List lists the items of a sequence; anything else is a problem.
func (f *File) List(what string, n *Node) []*Node {
	if n.Kind != yaml.SequenceNode {
		f.Errorf(Of(n), "%s: want a list, got %s", what, Describe(n))
		return nil
	}
	return n.Content
}

// Text is a scalar exactly as written: 0150 stays "0150". Anything else, and nothing at
// all, is a problem.
func (f *File) Text(what string, n *Node) (string, bool) { return f.Scalar(what, "a text", n) }

// Scalar is Text for a value of a kind that has a name of its own, such as "a time".
func (f *File) Scalar(what, want string, n *Node) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
		f.Errorf(Of(n), "%s: want %s, got %s", what, want, Describe(n))
		return "", false
	}
	return n.Value, true
}

// UnknownKey records a key that is not among the known ones, with the nearest of them.
func (f *File) UnknownKey(what string, key *Node, known []string) {
	problem := f.Errorf(Of(key), "unknown key %q in %s%s", key.Value, what, nearest.DidYouMean(key.Value, known))
	problem.Hint = "known keys: " + strings.Join(known, ", ")
}

// IsList reports whether n is a sequence.
func IsList(n *Node) bool { return n.Kind == yaml.SequenceNode }

// IsMapping reports whether n is a mapping.
func IsMapping(n *Node) bool { return n.Kind == yaml.MappingNode }

// IsEmpty reports whether a key has nothing behind it.
func IsEmpty(n *Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// Describe says what a node is, for "want …, got …".
func Describe(n *Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		if n.Value == "" {
			return "nothing"
		}
		return strconv.Quote(n.Value)
	}
	return "something else"
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// AppendJSON writes a node as compact JSON, keys in the order of the file. Plain words and
// numbers that JSON knows stay what they are; all other scalars are strings.
func (f *File) AppendJSON(dst []byte, n *Node) []byte {
	switch n.Kind {
	case yaml.MappingNode:
		dst = append(dst, '{')
		for i, e := range f.Entries("the JSON", n) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendText(dst, e.Key.Value), ':')
			dst = f.AppendJSON(dst, e.Value)
		}
		return append(dst, '}')
	case yaml.SequenceNode:
		dst = append(dst, '[')
		for i, item := range n.Content {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = f.AppendJSON(dst, item)
		}
		return append(dst, ']')
	}
	plain := !Quoted(n)
	switch {
	case plain && n.Tag == "!!null":
		return append(dst, "null"...)
	case plain && (n.Value == "true" || n.Value == "false" || jsonNumber.MatchString(n.Value)):
		return append(dst, n.Value...)
	}
	return appendText(dst, n.Value)
}

func appendText(dst []byte, s string) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // never, for a string
		return append(dst, `""`...)
	}
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}
