package snapshots

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// event is what a consumer reads of a body.
type event struct {
	source, id, kind, version, subject, sent, stamp string
	conversation, interaction, channel, role        string // "" if it is about no channel
	agent                                           any    // a text, or nil
	user, presence                                  string // of an agent event
	at, arrived                                     time.Time
	known                                           bool
	data                                            map[string]any
}

// phases are the kinds of events and the phases that they begin.
var phases = map[string]string{
	"channel.alerted": "alerting", "channel.connected": "connected", "channel.connectionfailed": "unexpected",
	"channel.held": "held", "channel.retrieved": "connected", "channel.parked": "parked", "channel.unparked": "connected",
	"channel.interrupted": "interrupted", "channel.resumed": "connected", "channel.disconnected": "",
	"channel.wrapstarted": "wrap", "channel.ended": "ended", "agent.presencechanged": "",
}

// ranks are the places of kinds within an instant.
var ranks = map[string]int{
	"channel.alerted": 1, "channel.connected": 2, "channel.connectionfailed": 3, "channel.held": 4, "channel.retrieved": 5,
	"channel.parked": 6, "channel.unparked": 7, "channel.interrupted": 8, "channel.resumed": 9, "channel.disconnected": 10,
	"channel.wrapstarted": 11, "channel.ended": 12,
}

// errUnusable is about a body that no attempt will make better.
var errUnusable = errors.New("no notification")

// readEvent reads a body. Members have the names of the documentation, to the letter.
func readEvent(body []byte) (*event, error) {
	var all map[string]any
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	e := &event{source: text(all, "source"), id: text(all, "id"), subject: text(all, "subject"), sent: text(all, "time"), arrived: time.Now()}
	name := text(all, "type")
	e.data, _ = all["data"].(map[string]any)
	if e.id == "" || name == "" || e.data == nil {
		return nil, errUnusable
	}
	e.kind, e.version = name, ""
	for _, v := range []string{".v0", ".v1"} {
		if base, is := strings.CutSuffix(name, v); is {
			e.kind, e.version = base, v
		}
	}
	if _, e.known = phases[e.kind]; !e.known || e.version == "" {
		e.known = false
		return e, nil
	}
	e.stamp = text(e.data, "timestamp")
	if strings.HasPrefix(e.kind, "agent.") {
		e.user = text(e.data, "user", "agentId")
		e.presence = text(e.data, "presence", "category", "type")
		return e, nil
	}
	var err error
	if e.at, err = time.Parse(time.RFC3339Nano, e.stamp); err != nil {
		return nil, err
	}
	e.conversation, e.interaction, e.channel = text(e.data, "channel", "conversationId"), text(e.data, "channel", "interactionId"), text(e.data, "channel", "channelId")
	e.role = text(e.data, "channel", "party", "role")
	if id := text(e.data, "channel", "party", "agentId"); id != "" {
		e.agent = id
	}
	if e.conversation == "" || e.channel == "" {
		return nil, errUnusable
	}
	return e, nil
}

// text is the text at a path, or "".
func text(v map[string]any, path ...string) string {
	for _, name := range path[:len(path)-1] {
		v, _ = v[name].(map[string]any)
	}
	s, _ := v[path[len(path)-1]].(string)
	return s
}
