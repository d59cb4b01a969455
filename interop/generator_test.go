package interop

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
)

// generator makes bodies of requests from the schemas of an OpenAPI document: most fit, some
// have a fault, and a few are no JSON at all.
type generator struct {
	*rand.Rand
	document map[string]any
	known    map[string]any // values of members that a document cannot know, by name
}

// oneIn is true once in n times.
func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// body makes one for an operation and says which media type it is.
func (g *generator) body(operation map[string]any) (text, media string) {
	request, _ := operation["requestBody"].(map[string]any)
	if request == nil {
		return "", "application/json"
	}
	content := request["content"].(map[string]any)
	media = slices.Sorted(maps.Keys(content))[0]
	value := g.value("", content[media].(map[string]any)["schema"])
	object, isObject := value.(map[string]any)
	if isObject && g.oneIn(6) {
		g.damage(object)
	}
	if media == "application/x-www-form-urlencoded" {
		form := url.Values{}
		for name, v := range object {
			form.Set(name, fmt.Sprint(v))
		}
		text = form.Encode()
	} else {
		b, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		text = string(b)
	}
	if g.oneIn(15) {
		text = g.garble(text)
	}
	return text, media
}

// damage takes a member away, puts one more in, or gives one another type.
func (g *generator) damage(object map[string]any) {
	names := slices.Sorted(maps.Keys(object))
	switch {
	case len(names) == 0 || g.oneIn(3):
		object[g.text(1, 12)] = g.anything()
	case g.oneIn(2):
		delete(object, names[g.IntN(len(names))])
	default:
		object[names[g.IntN(len(names))]] = g.anything()
	}
}

// garble cuts a text off, doubles it, or changes one of its bytes.
func (g *generator) garble(text string) string {
	if text == "" {
		return "{"
	}
	at := g.IntN(len(text))
	switch g.IntN(3) {
	case 0:
		return text[:at]
	case 1:
		return text + text
	}
	return text[:at] + string([]byte{byte(g.IntN(256))}) + text[at+1:]
}

// anything is a value of a random type.
func (g *generator) anything() any {
	return []any{nil, true, -1, 1e300, "", g.text(0, 300), []any{}, []any{nil}, map[string]any{"a": 1}}[g.IntN(9)]
}

// text is a random one of least to most characters, now and then an odd one.
func (g *generator) text(least, most int) string {
	letters := []rune("abcdefghijklmnopqrstuvwxyz0123456789")
	if g.oneIn(10) {
		letters = []rune("äß€😀\"\\<>&%+ \u0000\u2028")
	}
	var b strings.Builder
	for range least + g.IntN(most-least+1) {
		b.WriteRune(letters[g.IntN(len(letters))])
	}
	return b.String()
}

// resolve follows a reference inside the document.
func (g *generator) resolve(schema any) map[string]any {
	s := schema.(map[string]any)
	if ref, ok := s["$ref"].(string); ok {
		var at any = g.document
		for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			at = at.(map[string]any)[name]
		}
		return g.resolve(at)
	}
	return s
}

// value makes one that fits the schema of the member called name, as far as the generator
// understands it.
func (g *generator) value(name string, schema any) any {
	s := g.resolve(schema)
	if v, ok := g.known[name]; ok && !g.oneIn(10) {
		return v
	}
	for _, key := range []string{"examples", "enum", "oneOf", "anyOf"} {
		choices, _ := s[key].([]any)
		if len(choices) == 0 || key == "examples" && g.oneIn(10) {
			continue
		}
		choice := choices[g.IntN(len(choices))]
		if key == "oneOf" || key == "anyOf" {
			return g.value(name, choice)
		}
		return choice
	}
	if c, ok := s["const"]; ok {
		return c
	}
	switch s["type"] {
	case "object":
		return g.object(s)
	case "array":
		all := []any{}
		for range bound(s, "minItems", 0) + g.IntN(3) {
			all = append(all, g.value("", s["items"]))
		}
		return all
	case "boolean":
		return g.oneIn(2)
	case "integer", "number":
		least := bound(s, "minimum", 0)
		return least + g.IntN(max(1, min(bound(s, "maximum", 1000), 1_000_000)-least+1))
	case "string":
		least := bound(s, "minLength", 0)
		return g.text(least, max(least, min(bound(s, "maxLength", 20), 200)))
	}
	return g.anything()
}

func (g *generator) object(s map[string]any) map[string]any {
	object := make(map[string]any)
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if slices.Contains(required, any(name)) || g.oneIn(2) {
			object[name] = g.value(name, properties[name])
		}
	}
	return object
}

// bound reads a number of a schema.
func bound(s map[string]any, name string, otherwise int) int {
	if f, ok := s[name].(float64); ok {
		return int(f)
	}
	return otherwise
}
