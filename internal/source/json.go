package source

import (
	"encoding/json"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

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
	const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	plain := n.Style&quoted == 0
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
