package ask

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/show"
)

// Members of a channel, in the order in which they are documented.
var channelMembers = []string{"channelId", "interactionId", "agentId", "role", "phase", "seconds", "notifications"}

// figures are the members of a whole conversation, beside its channels.
var figures = []trial.Figure{trial.Answered, trial.Abandoned, trial.SecondsToAnswer, trial.Talk, trial.Hold, trial.Wrap, trial.Agents, trial.Transfers}

// conversationMember is a member that may stand beside the channels, and says nothing.
const conversationMember = "conversationId"

// stateMembers are those of the whole state.
var stateMembers = append([]string{"channels"}, nearest.Names(figures, func(f trial.Figure) string { return string(f) })...)

// reading is a state that is being read.
type reading struct {
	trial.State
	ids      map[string]bool // of channels, as they are written
	misnamed string          // a name in seconds that is no phase, where one of the phases is missing
}

// add adds a channel, unless it is there already. Identifiers that differ in case are two for the
// consumer, and its mistake: then the later one counts.
func (r *reading) add(id string, c *trial.Channel) bool {
	if r.ids[id] {
		return false
	}
	if r.Channels == nil {
		r.Channels, r.ids = map[string]*trial.Channel{}, map[string]bool{}
	}
	r.Channels[strings.ToLower(id)], r.ids[id] = c, true
	return true
}

// Parse reads a state of the documented form: docs/state.md. It returns nil if the state says that
// there is no such conversation: it is null, or has neither channels nor figures.
func Parse(body []byte) (*trial.State, error) {
	switch text := bytes.TrimSpace(body); {
	case len(text) == 0:
		return nil, lasting("the state is empty; want a JSON object such as {\"channels\": []}")
	case text[0] == '<':
		return nil, lasting("the state is a web page or XML; want JSON")
	case !utf8.Valid(body):
		return nil, lasting("the state is not UTF-8")
	}
	if err := jsontext.Check(body); err != nil {
		return nil, lasting("the state is not JSON: %v", err)
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil { // a number that is too large, for one
		return nil, lasting("the state cannot be read: %v", err)
	}
	if value == nil {
		return nil, nil
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, lasting("the state is %s; want an object with the member channels", what(value))
	}
	var r reading
	if err := r.conversation(members); err != nil {
		return nil, lasting("the state is not of the documented form: %v", err)
	}
	return r.told(), nil
}

// told is the state, or nil if it says nothing of the conversation.
func (r *reading) told() *trial.State {
	if len(r.Channels) == 0 && len(r.Figures) == 0 {
		return nil
	}
	r.withoutSeconds()
	return &r.State
}

// conversation reads the members of the whole state.
func (r *reading) conversation(members map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var err error
		switch value := members[name]; {
		case name == "channels":
			err = r.channels(value)
		case slices.Contains(figures, trial.Figure(name)):
			err = r.figure(trial.Figure(name), value, name)
		}
		if err != nil {
			return err
		}
	}
	r.others("", members, &stateWords)
	return nil
}

// channels reads the list of channels.
func (r *reading) channels(value any) error {
	if value == nil {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		return fmt.Errorf("channels is %s; want an array", what(value))
	}
	r.Channels, r.ids = make(map[string]*trial.Channel, len(list)), make(map[string]bool, len(list))
	for i, item := range list {
		where := fmt.Sprintf("channels[%d]", i)
		members, ok := item.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is %s; want an object", where, what(item))
		}
		id, err := channelID(members, where)
		if err != nil {
			return err
		}
		c := &trial.Channel{}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if err := r.member(c, name, members[name], where+"."+name); err != nil {
				return err
			}
		}
		r.others("channels[].", members, &channelWords)
		if !r.add(id, c) {
			return fmt.Errorf("%s.channelId is that of another channel; want each channel once", where)
		}
	}
	return nil
}

// channelID reads the only member that must be there.
func channelID(members map[string]any, where string) (string, error) {
	switch id := members["channelId"].(type) {
	case string:
		if id != "" {
			return id, nil
		}
		return "", fmt.Errorf("%s.channelId is empty", where)
	case nil:
		for name := range members {
			if channelWords.meant(name) == "channelId" {
				return "", fmt.Errorf("%s has no channelId, but %s: write channelId", where, shown(name))
			}
		}
		return "", fmt.Errorf("%s has no channelId, which every channel must have", where)
	default:
		return "", fmt.Errorf("%s.channelId is %s; want a string", where, what(id))
	}
}

// member reads a member of a channel. Null is as if it were not there.
func (r *reading) member(c *trial.Channel, name string, value any, where string) error {
	text, isText := value.(string)
	switch {
	case value == nil, name == "channelId", !slices.Contains(channelMembers, name):
	case slices.Contains([]string{"interactionId", "role", "phase"}, name) && !isText:
		return fmt.Errorf("%s is %s; want a string", where, what(value))
	case name == "interactionId":
		c.InteractionID = &text
	case name == "role":
		c.Role = r.word(trial.Role, &roleWords, text)
	case name == "phase":
		c.Phase = r.word(trial.Phase, &phaseWords, text)
	case name == "agentId":
		switch value.(type) {
		case string, float64:
			c.AgentID = value
		default:
			return fmt.Errorf("%s is %s; want a string", where, what(value))
		}
	case name == "notifications":
		n, err := number(value, where)
		if err != nil || n != math.Trunc(n) || math.Abs(n) > math.MaxInt32 {
			return fmt.Errorf("%s is %s; want a whole number", where, what(value))
		}
		c.Notifications = new(int(n))
	default:
		return r.seconds(c, value, where)
	}
	return nil
}

// seconds reads the durations of a channel.
func (r *reading) seconds(c *trial.Channel, value any, where string) error {
	members, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is %s; want an object with a number for each phase", where, what(value))
	}
	c.Seconds = make(map[string]float64, len(members))
	for _, phase := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(phases, phase) {
			if text := r.unknown("channels[].seconds."+show.Line(phase, maxText), phaseWords.meant(phase)); lacks(members) {
				r.misnamed = cmp.Or(r.misnamed, text)
			}
			continue
		}
		if err := duration(c, phase, members[phase], where+"."+phase); err != nil {
			return err
		}
	}
	return nil
}

// duration reads how long a channel was in a phase. Null is as if it were not there.
func duration(c *trial.Channel, phase string, value any, where string) error {
	if value == nil {
		return nil
	}
	n, err := number(value, where)
	if err == nil {
		tell(c, phase, n)
	}
	return err
}

// tell notes how long a channel was in a phase.
func tell(c *trial.Channel, phase string, seconds float64) {
	if c.Seconds == nil {
		c.Seconds = map[string]float64{}
	}
	c.Seconds[phase] = seconds
}

// figure reads a figure of the conversation. Null is as if it were not there.
func (r *reading) figure(f trial.Figure, value any, where string) error {
	if value == nil {
		return nil
	}
	if yes, is := value.(bool); is && (f == trial.Answered || f == trial.Abandoned) {
		value = 0.0
		if yes {
			value = 1.0
		}
	}
	n, err := number(value, where)
	if err != nil {
		return err
	}
	if r.Figures == nil {
		r.Figures = map[trial.Figure]float64{}
	}
	r.Figures[f] = n
	return nil
}

// number is a finite one.
func number(value any, where string) (float64, error) {
	n, ok := value.(float64)
	if !ok {
		return 0, fmt.Errorf("%s is %s; want a number", where, what(value))
	}
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, errors.New(where + " is no finite number")
	}
	return n, nil
}

// what describes a value: what it is, and if that is short, the value.
func what(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	switch value.(type) {
	case string, float64:
		return fmt.Sprintf("%s, %s", jsontext.TypeName(text), shown(string(text)))
	case bool:
		return string(text)
	}
	return jsontext.TypeName(text)
}

// shown is a short text of the consumer's.
func shown(text string) string { return show.Line(text, 40) }
