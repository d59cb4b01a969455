package scenario

import (
	"slices"

	"github.com/ringback/ringback/internal/story"
)

// field is one key of a mapping: T is what the mapping describes.
type field[T any] struct {
	name     string
	shape    *shape
	required bool
	doc      string
	into     func(*T) any // where the parsed value goes
}

// word is one step word.
type word struct {
	name   string
	shape  *shape // nil where there are fields
	doc    string
	into   func(*Step) any
	fields []field[Step] // of the mapping behind the word
	ways   []form        // of which one must be fulfilled; the first one is the example
	beside []field[Step] // keys that may stand beside the word
}

// Where values go.
func intoName(s *Step) any  { return &s.Name }
func intoTime(s *Step) any  { return &s.Time }
func intoTalk(s *Step) any  { return &s.Talk }
func intoThen(s *Step) any  { return &s.Then }
func intoBlock(s *Step) any { return s }

var (
	agentField     = field[Step]{"agent", shapeName, true, "the agent's name", func(s *Step) any { return &s.Agent }}
	agentRingField = field[Step]{"agent-ring", shapeSpan, false, "how long the phone of the agent who calls rings before the party is dialled; 2s..5s if absent", func(s *Step) any { return &s.AgentRing }}
	ringField      = field[Step]{"ring", shapeSpan, true, "how long the channel alerts", intoTime}
	chanceField    = field[Step]{"chance", shapePercent, false, "how likely the step happens at all", func(s *Step) any { return &s.Chance }}
	faultField     = field[Step]{"fault", shapeFault, false, "what goes wrong with the notifications of this step", func(s *Step) any { return &s.Fault }}
	joinField      = field[Step]{"then", oneOf("answer", "no-answer", "reject"), false, "how the channel ends alerting; answer if absent", intoThen}
	colleague      = []field[Step]{
		{"agent", shapeName, false, "the colleague who is rung", func(s *Step) any { return &s.Agent }},
		{"number", shapeName, false, "an outside party who is dialled instead", intoName},
		{"queue", shapeQueue, false, "how long a queue takes first, which then rings the agent; without one, nobody of the queue comes", intoBlock},
		{"ring", shapeSpan, false, "how long the channel alerts", intoTime},
	}
	colleagues = []form{needs("agent", "ring"), needs("number", "ring"), needs("queue")}
	lastField  = field[Step]{"unexpected", shapeSpan, false, "how long a channel that does not connect lasts, and an agent whose it is stays in No Answer; the assumption unexpected-time says if absent",
		func(s *Step) any { s.Unexpected = new(Span); return s.Unexpected }}
	sameField = field[Step]{"conversation", shapeSame, false, `"same": the interaction belongs to the conversation before`, func(s *Step) any { return &s.Same }}
)

// callFields are those of a call that is written as a mapping.
var callFields = []field[Step]{
	{"from", shapeName, true, "the outside party", intoName},
	{"callback", shapeBool, false, "true: the caller asks to be called back, and leaves the line without abandoning", func(s *Step) any { return &s.Callback }},
	{"after", shapeSpan, false, "how long the caller is on the line before that; 10s..30s if absent", intoTime},
}

// holdFields are those of a hold that is written as a mapping.
var holdFields = []field[Step]{
	{"who", shapeName, false, "who is put on hold; the outside party if absent", intoName},
	{"for", shapeTimed, false, "how long", intoBlock},
	{"steps", shapeSteps, false, "what happens meanwhile", func(s *Step) any { return &s.Steps }},
}

// words is the vocabulary: the parser, the JSON Schema and the language reference are
// made from it.
var words = []word{
	{name: "call", shape: shapeCall, into: intoBlock, beside: []field[Step]{sameField},
		doc: "A phone call from the outside party NAME begins; or from one who asks to be called back."},
	{name: "email", shape: shapeName, into: intoName, beside: []field[Step]{sameField},
		doc: "An email from the outside party NAME begins."},
	{name: "chat", shape: shapeName, into: intoName, beside: []field[Step]{sameField},
		doc: "A chat with the outside party NAME begins."},
	{name: "case", shape: shapeName, into: intoName, beside: []field[Step]{sameField},
		doc: "A case of the outside party NAME begins."},
	{name: "dial", beside: []field[Step]{sameField}, ways: []form{needs("ring"), needs("then")},
		doc: "An agent calls the outside party NAME: the agent's phone rings first, then the party is dialled.",
		fields: []field[Step]{agentField,
			agentRingField,
			{"then", oneOf("answer", "no-answer", "reject"), false, "whether the agent answers; answer if absent, else nobody is dialled", intoThen},
			{"to", shapeName, true, "the outside party that is called", intoName},
			{"ring", shapeSpan, false, "how long the outside channel alerts; not needed where nobody is dialled", intoTime},
			{"fails", oneOf("busy", "rejected", "no-answer"), false, "the outside channel fails to connect", func(s *Step) any { return &s.Fails }}, lastField}},
	{name: "callback", doc: "An agent calls back whoever has waited for that the longest: the agent's phone rings first.",
		fields: []field[Step]{agentField, agentRingField,
			{"then", oneOf("answer", "no-answer", "reject"), false, "whether the agent answers; answer if absent, else it is queued again", intoThen},
			{"ring", shapeSpan, false, "how long the outside channel alerts; 5s..15s if absent", intoTime},
			{"fails", oneOf("busy", "rejected", "no-answer"), false, "the outside channel fails to connect", func(s *Step) any { return &s.Fails }}, lastField}},
	{name: "internal", beside: []field[Step]{sameField},
		doc: "An agent calls another agent; no outside party takes part.",
		fields: []field[Step]{
			{"from", shapeName, true, "the agent who calls", func(s *Step) any { return &s.Agent }},
			agentRingField,
			{"to", shapeName, true, "the agent who is called", intoName},
			ringField, joinField, lastField}},
	{name: "queue", shape: shapeSpan, into: intoTime, doc: "The interaction waits; no event."},
	{name: "ring", doc: "The interaction is offered to an agent.",
		fields: []field[Step]{agentField,
			{"for", shapeSpan, true, "how long the agent's channel alerts", intoTime},
			{"then", oneOf("answer", "no-answer", "reject", "abandon"), false, "how the offer ends; answer if absent", intoThen}, lastField}},
	{name: "talk", shape: shapeSpan, into: intoTime, doc: "Time passes while a call is connected."},
	{name: "work", shape: shapeSpan, into: intoTime, doc: "Time passes while other work is connected."},
	{name: "wait", shape: shapeSpan, into: intoTime, doc: "Time passes, whatever goes on."},
	{name: "hold", shape: shapeHold, into: intoBlock,
		doc: "A party of the call is put on hold for a time, or while the steps happen, and retrieved."},
	{name: "alternate", shape: shapeName, into: intoName,
		doc: "Within a hold: the party on hold comes back, and the party NAME goes on hold."},
	{name: "park", shape: shapeSpanSteps, into: intoBlock,
		doc: "The interaction is parked for a time, or while the steps happen, and unparked."},
	{name: "meanwhile", shape: shapeSteps, into: func(s *Step) any { return &s.Steps },
		doc: "The interaction goes on while the steps happen: others begin beside it, and an agent with at-once takes part in several."},
	{name: "interrupt", shape: shapeSpanSteps, into: intoBlock,
		doc: "Other work is interrupted for a time, or by the interactions in the steps, and resumed."},
	{name: "consult", ways: colleagues,
		doc: "The customer is held, a colleague or an outside party joins and leaves again, the customer is retrieved.",
		fields: slices.Concat(colleague, []field[Step]{
			{"talk", shapeSpan, false, "how long the two talk", intoTalk}, joinField, lastField})},
	{name: "transfer", ways: colleagues,
		doc: "A colleague or an outside party takes over; the first agent goes to wrap.",
		fields: slices.Concat(colleague, []field[Step]{
			{"kind", oneOf("warm", "assured-cold", "unassured-cold"), false, "whether the first agent introduces the caller, leaves when somebody connects, or leaves at once; warm if absent, but unassured-cold towards a queue", func(s *Step) any { return &s.Kind }},
			{"talk", shapeSpan, false, "how long the two talk before the first agent leaves", intoTalk}, joinField, lastField})},
	{name: "conference", ways: colleagues,
		doc:    "The customer is held while a colleague or an outside party is called in; then all three talk.",
		fields: slices.Concat(colleague, []field[Step]{joinField, lastField})},
	{name: "leave", shape: shapeName, into: intoName,
		doc: "One agent or monitor leaves; the others stay."},
	{name: "monitor", doc: "A supervisor listens in until leave or the end.",
		fields: []field[Step]{agentField,
			{"ring", shapeSpan, false, "how long the supervisor's phone rings; no time if absent", intoTime},
			{"then", oneOf("answer", "no-answer", "reject"), false, "whether the supervisor answers; answer if absent", intoThen}, lastField}},
	{name: "coach", shape: shapeName, into: intoName,
		doc: "The supervisor NAME, who monitors, speaks to the agent alone; no event."},
	{name: "join", shape: shapeName, into: intoName,
		doc: "The supervisor NAME, who monitors, takes part and is heard by all."},
	{name: "voicemail", shape: shapeSpan, into: intoTime,
		doc: "The call is connected to voicemail, and a message is left for a time; hangup ends it."},
	{name: "hangup", shape: shapeName, into: intoName, doc: "The outside party NAME ends the interaction."},
	{name: "finish", shape: shapeSpan, into: intoTime,
		doc: "The agent ends the interaction and wraps up for a time."},
	{name: "abandon", shape: shapeNone, into: intoBlock, doc: "The outside party gives up before an agent answered."},
	{name: "wrap", shape: shapeSpan, into: intoTime,
		doc: "The after-work of the agents who have just left; without it, it lasts no time."},
	{name: "presence", doc: "An agent's presence changes.",
		fields: []field[Step]{agentField,
			{"to", oneOf(story.PresenceNames()...), true, "the new presence", func(s *Step) any { return &s.Presence }}}},
	{name: "choose", shape: shapeBranches, into: func(s *Step) any { return &s.Branches },
		doc: "One of several ways, each as likely as its weight."},
	{name: "repeat", doc: "The steps happen several times.",
		fields: []field[Step]{
			{"times", shapeTimes, true, "how often: 3, or 2..4", func(s *Step) any { return &s.Times }},
			{"steps", shapeSteps, true, "what is repeated", func(s *Step) any { return &s.Steps }}}},
	{name: "send", shape: shapeSend, into: func(s *Step) any { return &s.Send },
		doc: "A notification exactly as written, lawful or not."},
}
