package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
)

// placeholderForm is a placeholder that a text may have: {{name}}, or {{name ARGUMENT…}}.
type placeholderForm struct{ name, args, doc string }

// placeholders are what the body of a send step may refer to. Those that are about a
// party want its name: {{channelId alice}}.
var placeholders = []placeholderForm{
	{"id", "", "a fresh notification ID"},
	{"time", "", "the planned moment of sending"},
	{"timestamp", "", "the moment of the step"},
	{"conversationId", "", "the current conversation"},
	{"interactionId", "", "the current interaction"},
	{"channelId", "NAME", "the latest channel of a party"},
	{"agentId", "NAME", "an agent's display ID"},
	{"userId", "NAME", "an agent's GUID"},
}

// readPlaceholder reads a placeholder, braces included, that has one of some forms.
func readPlaceholder(forms []placeholderForm, text string) (words []string, err error) {
	words = strings.Fields(strings.Trim(text, "{}"))
	if len(words) == 0 {
		words = []string{""}
	}
	known := nearest.Names(forms, func(f placeholderForm) string { return f.name })
	i := slices.Index(known, words[0])
	if i < 0 {
		return nil, fmt.Errorf("unknown placeholder %s%s", text, nearest.DidYouMean(words[0], known))
	}
	if want := forms[i]; len(words)-1 != len(strings.Fields(want.args)) {
		return nil, fmt.Errorf("want {{%s}}, got %s", strings.TrimSpace(want.name+" "+want.args), text)
	}
	return words, nil
}

// check refuses the placeholders that mean nothing in a node, of which the text is the JSON:
// each where it stands, and of one node at most 20, since each has to be found there.
func (p *parser) check(n *source.Node, what, text string, forms []placeholderForm, read func(text string) error) {
	refused := 0
	for _, found := range story.PlaceholderForm.FindAllString(text, -1) {
		err := read(found)
		if err == nil {
			continue
		}
		at := n
		if holder := p.holder(n, found); holder != nil {
			at = holder
		}
		problem := p.Errorf(source.Of(at), "%s: %v", what, err)
		if strings.HasPrefix(err.Error(), "unknown placeholder") {
			problem.Hint = "known placeholders: " + strings.Join(nearest.Names(forms, func(f placeholderForm) string { return f.name }), ", ")
		}
		if refused++; refused == 20 {
			return
		}
	}
}

// holder is the first scalar of a node that has a text in its JSON.
func (p *parser) holder(n *source.Node, text string) *source.Node {
	if n.Content == nil && strings.Contains(string(p.AppendJSON(nil, n)), text) {
		return n
	}
	for _, c := range n.Content {
		if found := p.holder(c, text); found != nil {
			return found
		}
	}
	return nil
}

// send reads the notification of a send step: a mapping becomes JSON with the keys in the
// order of the file, a text is taken as it is.
func (p *parser) send(what string, n *source.Node) *Send {
	s := &Send{}
	if source.IsMapping(n) {
		s.Body = string(p.AppendJSON(nil, n))
	} else {
		s.Body, _ = p.Text(what, n)
	}
	p.check(n, what, s.Body, placeholders, func(text string) error {
		_, err := readPlaceholder(placeholders, text)
		return err
	})
	for _, text := range story.PlaceholderForm.FindAllString(s.Body, -1) {
		s.Placeholders = append(s.Placeholders, story.ReadPlaceholder(text))
	}
	return s
}
