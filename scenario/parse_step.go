package scenario

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
)

// Bounds on what a file may cost. They are far above any real story.
const (
	maxNesting   = 32      // steps within steps
	maxSteps     = 10_000  // written in one file
	maxExpansion = 100_000 // operations on the longest path, repeats included
	maxBranches  = 100     // ways of one choose
	maxAgents    = 1_000   // described in one file
	maxRules     = 100     // faults, gates or expectations of one file: each is asked for each notification or conversation
	maxWords     = 100     // of a command
)

func (p *parser) stepList(what string, n *source.Node) []Step {
	if p.depth++; p.depth > maxNesting {
		p.Errorf(source.Of(n), "%s: steps are nested more than %d deep", what, maxNesting)
		p.depth--
		return nil
	}
	defer func() { p.depth-- }()
	items := p.List(what, n)
	if source.IsList(n) && len(items) == 0 {
		p.Errorf(source.Of(n), "%s: want at least one step", what)
	}
	var steps []Step
	for _, item := range items {
		if p.steps++; p.steps == maxSteps+1 {
			p.Errorf(source.Of(item), "more than %d steps", maxSteps)
		}
		if p.steps > maxSteps {
			break
		}
		steps = append(steps, p.step(item))
	}
	return steps
}

// step reads one step: a mapping with exactly one step word and perhaps keys beside it,
// or, for words that need nothing, the word alone.
func (p *parser) step(n *source.Node) Step {
	s := Step{Pos: source.Of(n), Chance: 1}
	if !source.IsMapping(n) {
		p.bareWord(n, &s)
		return s
	}
	entries := p.Entries("the step", n)
	var word *word
	var at source.Entry
	for _, e := range entries {
		w := p.word(e.Key.Value)
		switch {
		case w == nil:
		case word == nil:
			word, at = w, e
		default:
			p.Errorf(source.Of(e.Key), "%q stands beside %q; want one word a step", w.name, word.name).
				Hint = "begin a step of its own: - " + w.name + ": …"
		}
	}
	if word == nil {
		p.noWord(n, entries)
		return s
	}
	s.Word, s.Pos = word.name, source.Of(at.Key)
	switch s.Word {
	case "callback":
		s.AgentRing, s.Time = story.DialRing, story.CallbackRing
	case "dial", "internal":
		s.AgentRing = story.DialRing
		if s.Word == "dial" && p.rings == nil && !p.hasKey(at.Value, "agent-ring") {
			p.rings = &s.Pos
		}
	}
	if word.fields != nil {
		parseFields(p, s.Word, at.Value, &s, word.fields)
		switch {
		case word.ways == nil || !source.IsMapping(at.Value):
		case s.Word == "dial":
			p.dialled(&s, at.Value)
		default:
			p.whom(&s, at.Value)
		}
	} else {
		word.shape.read(p, s.Word, at.Value, word.into(&s))
	}
	if s.Failing() && s.Unexpected == nil && !slices.Contains([]string{"internal", "monitor", "callback"}, s.Word) { // these are not of earlier versions
		first := &p.misses
		if s.Fails != "" || s.Agent == "" { // the channel is an outside party's
			first = &p.fails
		}
		*first = cmp.Or(*first, &s.Pos)
	}
	if p.instant == nil && instant(&s) {
		p.instant = &s.Pos
	}
	p.beside(&s, word, entries, at)
	return s
}

// instant reports whether a phone rings for no time before it is answered, or is not. To reject or to be
// busy takes no time.
func instant(s *Step) bool {
	switch s.Word {
	case "dial", "callback", "internal":
		if s.AgentRing.IsZero() && s.Then != "reject" {
			return true
		}
		if s.Word != "internal" && s.Failing() && s.Fails == "" { // nobody is dialled
			return false
		}
	case "consult", "transfer", "conference":
		if s.Agent == "" && s.Name == "" { // but a queue
			return false
		}
	case "ring", "monitor":
	default:
		return false
	}
	return s.Time.IsZero() && s.Then != "reject" && (s.Fails == "" || s.Fails == "no-answer")
}

// beside reads the keys that stand beside the step word.
func (p *parser) beside(s *Step, word *word, entries []source.Entry, at source.Entry) {
	fields := append([]field[Step]{chanceField, faultField}, word.beside...)
	for _, e := range entries {
		if e.Key == at.Key || p.word(e.Key.Value) != nil {
			continue
		}
		if f := findField(fields, e.Key.Value); f != nil {
			f.shape.read(p, f.name, e.Value, f.into(s))
			continue
		}
		problem := p.Errorf(source.Of(e.Key), "unknown key %q beside %q%s", e.Key.Value, s.Word,
			nearest.DidYouMean(e.Key.Value, append(names(fields), wordNames(p.words)...)))
		if findField(word.fields, e.Key.Value) != nil {
			problem.Hint = "it belongs inside the braces: " + s.Word + ": {" + e.Key.Value + ": …}"
		}
	}
}

func (p *parser) bareWord(n *source.Node, s *Step) {
	w := p.word(n.Value)
	switch {
	case source.IsList(n) || n.Value == "":
		p.Errorf(s.Pos, "want a step such as \"talk: 45s\", got %s", source.Describe(n))
	case w == nil && p.glued(n.Value):
		p.Errorf(s.Pos, "unknown step %s", source.Describe(n)).Hint = "YAML wants a space behind the colon"
	case w == nil:
		p.Errorf(s.Pos, "unknown step %s%s", source.Describe(n), nearest.DidYouMean(n.Value, wordNames(p.words))).
			Hint = "known steps: " + strings.Join(wordNames(p.words), ", ")
	case w.shape != shapeNone:
		p.Errorf(s.Pos, "%s: want something behind the word, got nothing", w.name).Hint = "write " + example(w)
	default:
		s.Word = w.name
	}
}

// glued reports whether a word stands at its value without a space, as in call:customer.
func (p *parser) glued(text string) bool {
	word, _, found := strings.Cut(text, ":")
	return found && p.word(word) != nil
}

// noWord explains a mapping in which no key is a step word.
func (p *parser) noWord(n *source.Node, entries []source.Entry) {
	if len(entries) == 0 {
		if len(n.Content) == 0 {
			p.Errorf(source.Of(n), "want a step such as \"talk: 45s\", got an empty mapping")
		}
		return
	}
	key := entries[0].Key
	p.Errorf(source.Of(key), "unknown step %s%s", source.Describe(key), nearest.DidYouMean(key.Value, wordNames(p.words))).
		Hint = "known steps: " + strings.Join(wordNames(p.words), ", ")
}

func (p *parser) spanOrSteps(what string, n *source.Node, s *Step) {
	if source.IsList(n) {
		s.Steps = p.stepList(what, n)
		return
	}
	p.timed(what, n, s)
}

func (p *parser) timed(what string, n *source.Node, s *Step) {
	s.Timed = true
	s.Time = p.span(what, n)
}

// call reads the name of a caller, or a mapping that may say that the caller asks to be called back.
func (p *parser) call(what string, n *source.Node, s *Step) {
	if !source.IsMapping(n) {
		s.Name = p.name(what, n)
		return
	}
	s.Time = story.AskTime
	parseFields(p, what, n, s, callFields)
	if s.Callback {
		return
	}
	if s.Time = (Span{}); p.hasKey(n, "after") {
		p.Errorf(source.Of(n), `%s: after is how long a caller is on the line who asks to be called back`, what).
			Hint = `add "callback: true", or leave it out`
	}
}

func (p *parser) queue(what string, n *source.Node, s *Step) {
	s.Queued = true
	s.Queue = p.span(what, n)
}

// dialled refuses to dial for no time, unless the agent does not answer.
func (p *parser) dialled(s *Step, n *source.Node) {
	if (!s.Failing() || s.Fails != "") && !p.hasKey(n, "ring") {
		p.Errorf(source.Of(n), `dial needs "ring": how long the outside channel alerts`).Hint = "write " + example(p.word(s.Word))
	}
}

// whom refuses a consult, transfer or conference that does not say clearly who is called in.
func (p *parser) whom(s *Step, n *source.Node) {
	has := func(name string) bool { return p.hasKey(n, name) }
	at, hint := source.Of(n), "write "+example(p.word(s.Word))
	rung := has("agent") || has("number")
	switch {
	case has("number") && (has("agent") || has("queue")):
		p.Errorf(at, "%s: a number is dialled by itself; want it without agent and queue", s.Word).Hint = "use a step of its own for each"
	case !rung && !has("queue"):
		p.Errorf(at, `%s needs "agent": the colleague who is rung; or "number": an outside party; or "queue"`, s.Word).Hint = hint
	case rung && !has("ring"):
		p.Errorf(at, `%s needs "ring": how long the channel alerts`, s.Word).Hint = hint
	case has("talk") && has("kind") && s.Kind != "warm":
		p.Errorf(at, "%s: before a cold transfer nobody talks; want it without talk, or warm", s.Word)
	case !rung && has("kind") && s.Kind != "unassured-cold":
		p.Errorf(at, "%s: somebody of the queue has to answer before the first agent leaves; name the agent", s.Word).Hint =
			"write transfer: {queue: 20s, agent: NAME, ring: 5s, kind: " + s.Kind + "}, or leave out kind and ring an agent in the next step"
	case has("talk") && has("queue") && s.Word == "transfer" && s.Kind == "":
		p.Errorf(at, "transfer: towards a queue the first agent leaves at once; want it without talk, or with kind: warm")
	case !rung && (has("ring") || has("talk") || has("then")):
		p.Errorf(at, "%s: nobody is rung; name the agent to whom the queue offers it", s.Word).Hint = "write " + s.Word + ": {queue: 20s, agent: NAME, ring: 5s}"
	}
}

// hold reads a time, steps, or a mapping that may say who is put on hold.
func (p *parser) hold(what string, n *source.Node, s *Step) {
	if !slices.ContainsFunc(names(holdFields), func(name string) bool { return p.hasKey(n, name) }) {
		p.spanOrSteps(what, n, s)
		return
	}
	parseFields(p, what, n, s, holdFields)
	if p.hasKey(n, "for") == p.hasKey(n, "steps") {
		p.Errorf(source.Of(n), `%s: want either "for" or "steps"`, what).Hint = "write hold: {who: NAME, for: 30s}"
	}
}

func (p *parser) branches(what string, n *source.Node) []Branch {
	items := p.List(what, n)
	if source.IsList(n) && (len(items) == 0 || len(items) > maxBranches) {
		p.Errorf(source.Of(n), "%s: want 1 to %d ways, got %d", what, maxBranches, len(items))
		return nil
	}
	var all []Branch
	for _, item := range items {
		b := Branch{Pos: source.Of(item)}
		parseFields(p, "a way of choose", item, &b, branchFields)
		all = append(all, b)
	}
	return all
}

var branchFields = []field[Branch]{
	{"weight", shapeWeight, true, "how likely this way is, compared with the others", func(b *Branch) any { return &b.Weight }},
	{"steps", shapeSteps, true, "what happens then", func(b *Branch) any { return &b.Steps }},
}

// example is how a word is written.
func example(w *word) string {
	if w.fields != nil {
		var parts []string
		for _, f := range w.fields {
			if f.required || len(w.ways) > 0 && slices.Contains(w.ways[0].Required, f.name) {
				parts = append(parts, f.name+": …")
			}
		}
		return w.name + ": {" + strings.Join(parts, ", ") + "}"
	}
	if w.shape == shapeCall {
		return w.name + ": NAME"
	}
	switch w.into(&Step{}).(type) {
	case *string:
		return w.name + ": NAME"
	case *Span, *Step:
		return w.name + ": 30s"
	}
	return w.name + ": …"
}
