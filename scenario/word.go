package scenario

import (
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario/fault"
)

// shape is what a value may look like. The parser and the JSON Schema both go by it.
type shape uint8

const (
	shapeNone       shape = iota // nothing stands behind the word
	shapeName                    // the name of a party
	shapeText                    // any text
	shapeSpan                    // a time
	shapeSteps                   // a list of steps
	shapeSpanSteps               // a time or a list of steps
	shapeFields                  // a mapping with the word's own fields
	shapeOneOf                   // one of some words
	shapePercent                 // such as 20%
	shapeTimes                   // 3 or 2..4
	shapeBranches                // the ways of a choose
	shapeSend                    // a notification, or a text
	shapeSame                    // the word "same"
	shapeWrap                    // a time, or "none"
	shapeGUID                    // a GUID
	shapeCount                   // a whole number from 1
	shapeWeight                  // a number above 0
	shapeRate                    // such as 5/s
	shapeBool                    // true or false
	shapeAgents                  // agents by name
	shapePool                    // agents by name, or a pool
	shapeAssume                  // assumptions by name
	shapeFaults                  // a list of fault rules
	shapeGates                   // a list of gates
	shapeArrivals                // a list of arrivals
	shapeMix                     // a list of scenarios and weights
	shapeIdentifier              // a scenario's own name
	shapeFault                   // the name of a fault
	shapeExpect                  // a list of expectations
	shapeWords                   // a list of texts
	shapeJSON                    // JSON paths and values
	shapeRates                   // a list of rates
	shapeTime                    // a time that is not random
	shapeFile                    // a path
)

// field is one key of a mapping: T is what the mapping describes.
type field[T any] struct {
	name     string
	shape    shape
	required bool
	oneOf    []string
	doc      string
	into     func(*T) any // where the parsed value goes
}

// word is one step word.
type word struct {
	name   string
	shape  shape
	oneOf  []string
	doc    string
	into   func(*Step) any
	fields []field[Step] // of shapeFields
	beside []field[Step] // keys that may stand beside the word
}

func names[T any](fields []field[T]) []string {
	return nearest.Names(fields, func(f field[T]) string { return f.name })
}

// Where values go.
func intoName(s *Step) any     { return &s.Name }
func intoAgent(s *Step) any    { return &s.Agent }
func intoTime(s *Step) any     { return &s.Time }
func intoTalk(s *Step) any     { return &s.Talk }
func intoThen(s *Step) any     { return &s.Then }
func intoPresence(s *Step) any { return &s.Presence }
func intoSame(s *Step) any     { return &s.Same }
func intoSteps(s *Step) any    { return &s.Steps }
func intoBranches(s *Step) any { return &s.Branches }
func intoTimes(s *Step) any    { return &s.Times }
func intoSend(s *Step) any     { return &s.Send }
func intoChance(s *Step) any   { return &s.Chance }
func intoFault(s *Step) any    { return &s.Fault }
func intoBlock(s *Step) any    { return s }

var (
	agentField  = field[Step]{"agent", shapeName, true, nil, "the agent's name", intoAgent}
	ringField   = field[Step]{"ring", shapeSpan, true, nil, "how long the channel alerts", intoTime}
	chanceField = field[Step]{"chance", shapePercent, false, nil, "how likely the step happens at all", intoChance}
	faultField  = field[Step]{"fault", shapeFault, false, fault.Names(), "what goes wrong with the notifications of this step", intoFault}
	joinField   = field[Step]{"then", shapeOneOf, false, []string{"answer", "no-answer", "reject"}, "how the colleague's channel ends alerting; answer if absent", intoThen}
	sameField   = field[Step]{"conversation", shapeSame, false, nil, `"same": the interaction belongs to the conversation before`, intoSame}
)

// words is the vocabulary: the parser, the JSON Schema and the language reference are
// made from it.
var words = []word{
	{name: "call", shape: shapeName, into: intoName, beside: []field[Step]{sameField},
		doc: "A phone call from the outside party NAME begins."},
	{name: "email", shape: shapeName, into: intoName, beside: []field[Step]{sameField},
		doc: "An email from the outside party NAME begins."},
	{name: "chat", shape: shapeName, into: intoName, beside: []field[Step]{sameField},
		doc: "A chat with the outside party NAME begins."},
	{name: "case", shape: shapeName, into: intoName, beside: []field[Step]{sameField},
		doc: "A case of the outside party NAME begins."},
	{name: "dial", shape: shapeFields, beside: []field[Step]{sameField},
		doc: "An agent calls the outside party NAME.",
		fields: []field[Step]{agentField,
			{"to", shapeName, true, nil, "the outside party that is called", intoName}, ringField,
			{"fails", shapeOneOf, false, []string{"busy", "rejected", "no-answer"}, "the outside channel fails to connect", intoThen}}},
	{name: "queue", shape: shapeSpan, into: intoTime, doc: "The interaction waits; no event."},
	{name: "ring", shape: shapeFields, doc: "The interaction is offered to an agent.",
		fields: []field[Step]{agentField,
			{"for", shapeSpan, true, nil, "how long the agent's channel alerts", intoTime},
			{"then", shapeOneOf, false, []string{"answer", "no-answer", "reject", "abandon"}, "how the offer ends; answer if absent", intoThen}}},
	{name: "talk", shape: shapeSpan, into: intoTime, doc: "Time passes while a call is connected."},
	{name: "work", shape: shapeSpan, into: intoTime, doc: "Time passes while other work is connected."},
	{name: "wait", shape: shapeSpan, into: intoTime, doc: "Time passes, whatever goes on."},
	{name: "hold", shape: shapeSpanSteps, into: intoBlock,
		doc: "The call is put on hold for a time, or while the steps happen, and retrieved."},
	{name: "park", shape: shapeSpanSteps, into: intoBlock,
		doc: "The interaction is parked for a time, or while the steps happen, and unparked."},
	{name: "interrupt", shape: shapeSpanSteps, into: intoBlock,
		doc: "Other work is interrupted for a time, or by the interactions in the steps, and resumed."},
	{name: "consult", shape: shapeFields,
		doc: "The customer is held, a colleague joins and leaves again, the customer is retrieved.",
		fields: []field[Step]{agentField, ringField,
			{"talk", shapeSpan, false, nil, "how long the two talk", intoTalk}, joinField}},
	{name: "transfer", shape: shapeFields,
		doc: "A colleague joins and takes over; the first agent goes to wrap.",
		fields: []field[Step]{agentField, ringField,
			{"talk", shapeSpan, false, nil, "how long the two talk before the first agent leaves", intoTalk}, joinField}},
	{name: "conference", shape: shapeFields,
		doc:    "The customer is held while a colleague is called in; then all three talk.",
		fields: []field[Step]{agentField, ringField, joinField}},
	{name: "leave", shape: shapeName, into: intoName,
		doc: "One agent or monitor leaves; the others stay."},
	{name: "monitor", shape: shapeFields, doc: "A supervisor listens in until leave or the end.",
		fields: []field[Step]{agentField}},
	{name: "voicemail", shape: shapeSpan, into: intoTime,
		doc: "The call is connected to voicemail, and a message is left for a time; hangup ends it."},
	{name: "hangup", shape: shapeName, into: intoName, doc: "The outside party NAME ends the interaction."},
	{name: "finish", shape: shapeSpan, into: intoTime,
		doc: "The agent ends the interaction and wraps up for a time."},
	{name: "abandon", shape: shapeNone, doc: "The outside party gives up before an agent answered."},
	{name: "wrap", shape: shapeSpan, into: intoTime,
		doc: "The after-work of the agents who have just left; without it, it lasts no time."},
	{name: "presence", shape: shapeFields, doc: "An agent's presence changes.",
		fields: []field[Step]{agentField,
			{"to", shapeOneOf, true, story.PresenceNames(), "the new presence", intoPresence}}},
	{name: "choose", shape: shapeBranches, into: intoBranches,
		doc: "One of several ways, each as likely as its weight."},
	{name: "repeat", shape: shapeFields, doc: "The steps happen several times.",
		fields: []field[Step]{
			{"times", shapeTimes, true, nil, "how often: 3, or 2..4", intoTimes},
			{"steps", shapeSteps, true, nil, "what is repeated", intoSteps}}},
	{name: "send", shape: shapeSend, into: intoSend,
		doc: "A notification exactly as written, lawful or not."},
}

func findWord(name string) *word {
	for i := range words {
		if words[i].name == name {
			return &words[i]
		}
	}
	return nil
}

func wordNames() []string { return nearest.Names(words, func(w word) string { return w.name }) }
