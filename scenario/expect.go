package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/jsonpath"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
)

// DefaultWithin is how long a consumer may need until it knows what is expected.
const DefaultWithin = 5 * time.Second

// Expectation is what the consumer should know of a conversation after its story.
type Expectation struct {
	Pos    Pos
	Get    string   // a URL, or a path on the consumer; with {{placeholders}}
	Run    []string // instead: a command whose standard output is JSON; with {{placeholders}}
	Within Span     // one time; zero means DefaultWithin
	Status int      // of the answer to Get; 0 means 200
	JSON   []Comparison
}

// Comparison is a place in the JSON and the value that is expected there.
type Comparison struct {
	Pos  Pos
	Path Path
	Want string // JSON; a text in it may have {{placeholders}}
}

// Fact is one {{name argument…}} of an expectation: something that the plan knows.
type Fact struct {
	Name  string
	Party string          // of those that are about a party's latest channel
	Kind  event.Kind      // of count
	Phase lifecycle.Phase // of duration and millis
}

// factForms are the facts that an expectation may refer to, and what stands behind each.
var factForms = []placeholderForm{
	{"conversationId", "", "the conversation"},
	{"interactionId", "", "the first interaction"},
	{"channelId", "NAME", "the latest channel of a party"},
	{"agentId", "NAME", "an agent's display ID"},
	{"phase", "NAME", "the phase that the channel is in at the end"},
	{"count", "NAME EVENT", "how many events such as held the channel raised"},
	{"duration", "NAME PHASE", "seconds that the channel was in a phase such as held"},
	{"millis", "NAME PHASE", "the same in milliseconds"},
}

// expectFields are the keys of an expectation.
var expectFields = []field[Expectation]{
	{"get", shapeText, false, "a URL to ask, or a path on the consumer such as /calls/{{conversationId}}", func(x *Expectation) any { return &x.Get }},
	{"run", shapeWords, false, "a command and its arguments; its standard output is JSON", func(x *Expectation) any { return &x.Run }},
	{"within", shapeSpan, false, "how long the consumer may need; 5s without", func(x *Expectation) any { return &x.Within }},
	{"status", shapeCount, false, "the status of the answer; 200 without", func(x *Expectation) any { return &x.Status }},
	{"json", shapeJSON, false, "paths such as $.channels[0].role, each with the value that is expected there", func(x *Expectation) any { return &x.JSON }},
}

// expectation reads one entry of expect.
func (p *parser) expectation(what string, n *source.Node) Expectation {
	x := Expectation{Pos: source.Of(n)}
	parseFields(p, what, n, &x, expectFields)
	if !source.IsMapping(n) {
		return x
	}
	switch asked := x.Get != "" || p.hasKey(n, "get"); {
	case asked == p.hasKey(n, "run"):
		p.Errorf(x.Pos, "expect: want either \"get\" or \"run\"").Hint = "for example {get: /calls/{{conversationId}}, json: {$.phase: ended}}, with the path in quotes"
	case !p.hasKey(n, "status") && !p.hasKey(n, "json"):
		p.Errorf(x.Pos, "expect: there is nothing to compare with").Hint = "add \"json\", or for get \"status\""
	case !asked && x.Status != 0:
		p.Errorf(x.Pos, "expect: a command has no status")
	case x.Within.Min() != x.Within.Max():
		p.Errorf(source.Of(valueOf(n, "within")), "expect: within: want one time, not a range")
	case x.Status != 0 && (x.Status < 100 || x.Status > 599):
		p.Errorf(source.Of(valueOf(n, "status")), "expect: status: want 100 to 599, got %d", x.Status)
	}
	if x.Get != "" && !strings.HasPrefix(x.Get, "/") && !strings.HasPrefix(x.Get, "http://") && !strings.HasPrefix(x.Get, "https://") {
		p.Errorf(source.Of(valueOf(n, "get")), "expect: get: want a path that begins with / or a URL that begins with http:// or https://")
	}
	for _, asked := range []string{"get", "run"} {
		if v := valueOf(n, asked); v != nil {
			p.facts(v, string(p.AppendJSON(nil, v)))
		}
	}
	return x
}

// texts calls do for all that may have placeholders.
func (x *Expectation) texts(do func(at Pos, text string)) {
	for _, text := range append([]string{x.Get}, x.Run...) {
		do(x.Pos, text)
	}
	for _, c := range x.JSON {
		do(c.Pos, c.Want)
	}
}

// comparisons reads the mapping behind json.
func (p *parser) comparisons(what string, n *source.Node) []Comparison {
	var all []Comparison
	for _, e := range p.Entries(what, n) {
		path, err := jsonpath.Parse(e.Key.Value)
		if err != nil {
			p.Errorf(source.Of(e.Key), "%s: %v", what, err)
			continue
		}
		all = append(all, Comparison{Pos: source.Of(e.Value), Path: path, Want: string(p.AppendJSON(nil, e.Value))})
		p.facts(e.Value, all[len(all)-1].Want)
	}
	if source.IsMapping(n) && len(n.Content) == 0 {
		p.Errorf(source.Of(n), "%s: there is nothing to compare with", what)
	}
	return all
}

// facts refuses placeholders that mean nothing in a node, of which the text is the JSON.
func (p *parser) facts(n *source.Node, text string) {
	p.check(n, "expect", text, factForms, func(text string) error {
		_, err := ReadFact(text)
		return err
	})
}

// Facts replaces the placeholders of a text by what value gives for each.
func Facts(text string, value func(Fact) string) string {
	return story.PlaceholderForm.ReplaceAllStringFunc(text, func(found string) string {
		f, err := ReadFact(found)
		if err != nil {
			return found // refused when the file was read
		}
		return value(f)
	})
}

// ReadFact reads one placeholder, braces included. The error is for people.
func ReadFact(text string) (Fact, error) {
	words, err := readPlaceholder(factForms, text)
	if err != nil {
		return Fact{}, err
	}
	f := Fact{Name: words[0]}
	if len(words) > 1 {
		f.Party = words[1]
	}
	return f, f.second(words)
}

// second reads the second argument: an event of count, a phase of the others.
func (f *Fact) second(words []string) (err error) {
	switch {
	case len(words) < 3:
	case f.Name == "count":
		kinds := slices.DeleteFunc(event.Kinds(), event.Kind.Agent)
		f.Kind, err = called(kinds, func(k event.Kind) string { return strings.TrimPrefix(k.String(), "channel.") }, "count: unknown event", words[2])
	default:
		phases := []Phase{Alerting, Connected, Held, Parked, Interrupted, Unexpected, Wrap}
		f.Phase, err = called(phases, Phase.String, f.Name+": unknown phase", words[2])
	}
	return err
}

// called finds the item with a name.
func called[T any](items []T, name func(T) string, unknown, typed string) (none T, err error) {
	known := nearest.Names(items, name)
	if i := slices.Index(known, typed); i >= 0 {
		return items[i], nil
	}
	return none, fmt.Errorf("%s %q%s", unknown, typed, nearest.DidYouMean(typed, known))
}

// strangers refuses facts about parties that the story does not have.
func (sc *Scenario) strangers(file *source.File, expected []Expectation, story, hint string) {
	known := nearest.Names(sc.Program.Parties, func(p Party) string { return p.Name })
	check := func(at Pos, text string) {
		Facts(text, func(f Fact) string {
			if f.Party != "" && !slices.Contains(known, f.Party) {
				file.Errorf(at, "expect: nobody in %s is called %q%s", story, f.Party, nearest.DidYouMean(f.Party, known)).Hint = hint
			}
			return ""
		})
	}
	for _, x := range expected {
		x.texts(check)
	}
}
