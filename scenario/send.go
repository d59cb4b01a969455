package scenario

import (
	"strings"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
)

type placeholder struct {
	name    string
	ofParty bool
	doc     string
}

// placeholders are what the body of a send step may refer to. Those that are about a
// party want its name: {{channelId alice}}.
var placeholders = []placeholder{
	{"id", false, "a fresh notification ID"},
	{"time", false, "the planned moment of sending"},
	{"timestamp", false, "the moment of the step"},
	{"conversationId", false, "the current conversation"},
	{"interactionId", false, "the current interaction"},
	{"channelId", true, "the latest channel of a party"},
	{"agentId", true, "an agent's display ID"},
	{"userId", true, "an agent's GUID"},
}

func placeholderNames() []string {
	return nearest.Names(placeholders, func(h placeholder) string { return h.name })
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
	for _, text := range story.PlaceholderForm.FindAllString(s.Body, -1) {
		h := story.ReadPlaceholder(text)
		p.placeholder(n, h)
		s.Placeholders = append(s.Placeholders, h)
	}
	return s
}

func (p *parser) placeholder(n *source.Node, h Placeholder) {
	for _, known := range placeholders {
		if known.name != h.Name {
			continue
		}
		if known.ofParty != (h.Party != "") {
			want := "{{" + h.Name + "}}"
			if known.ofParty {
				want = "{{" + h.Name + " NAME}}"
			}
			p.Errorf(source.Of(n), "send: want %s", want)
		}
		return
	}
	p.Errorf(source.Of(n), "send: unknown placeholder {{%s}}%s", h.Name, nearest.DidYouMean(h.Name, placeholderNames())).
		Hint = "known placeholders: " + strings.Join(placeholderNames(), ", ")
}
