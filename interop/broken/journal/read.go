package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// Notification is what is kept of a notification.
type Notification struct {
	Source, ID, Type, Subject, Time                       string
	Kind, Version                                         string
	Stamp                                                 string
	At                                                    int64 // ticks of 100 ns
	Conversation, Interaction, Channel, Role, Agent, User string
	Presence                                              string
	Arrived                                               int64
	Body                                                  []byte
}

type object map[string]json.RawMessage

var errUnusable = errors.New("unusable")

func (o object) text(name string) string {
	s, _ := str(o[name])
	return s
}

func (o object) object(name string) object {
	var inner object
	if o[name] == nil || json.Unmarshal(o[name], &inner) != nil {
		return nil
	}
	return inner
}

var (
	channelType  = regexp.MustCompile(`^channel\.(\w+)\.(v[01])$`)
	channelType0 = regexp.MustCompile(`^channel\.(\w+)\.(v0)$`)
	uuid4        = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$`)
	momentForm   = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$`)
)

// statusError carries the status to answer.
type statusError struct {
	status int
	text   string
}

func (e statusError) Error() string { return e.text }

// read reads a notification from a body.
func read(body []byte) (*Notification, error) {
	if is("regex-no-blanks") {
		return readByPattern(body, `"%s":"([^"]*)"`)
	}
	if is("regex-no-escapes") {
		return readByPattern(body, `"%s"\s*:\s*"([^"]*)"`)
	}
	var o object
	if err := json.Unmarshal(body, &o); err != nil || o == nil {
		if is("unusable-500") {
			return nil, statusError{500, "internal server error"}
		}
		return nil, errUnusable
	}
	if is("strict-schema") {
		if err := strictly(body); err != nil {
			return nil, err
		}
	}
	n := &Notification{Source: o.text("source"), ID: o.text("id"), Type: o.text("type"), Subject: o.text("subject"), Time: o.text("time"), Body: body}
	data := o.object("data")
	if n.Source == "" || n.ID == "" || n.Type == "" || data == nil {
		if is("unusable-500") {
			return nil, statusError{500, "internal server error"}
		}
		return nil, errUnusable
	}
	n.Stamp = data.text("timestamp")
	if n.Type == "agent.presencechanged.v0" || n.Type == "agent.presencechanged.v1" {
		if is("presence-refused") {
			return nil, statusError{400, "data.channel is required"}
		}
		n.Agent = data.object("user").text("agentId")
		n.Presence = data.object("presence").object("category").text("type")
		at, err := ticks(n.Stamp)
		if err != nil {
			return nil, errUnusable
		}
		n.At = at
		return n, nil
	}
	form := channelType
	if is("only-v0") {
		form = channelType0
	}
	found := form.FindStringSubmatch(n.Type)
	if found == nil || begins[found[1]] == "" {
		if is("unknown-type-422") {
			return nil, statusError{422, "unknown type " + n.Type}
		}
		if is("unknown-type-500") {
			return nil, statusError{500, "no handler for " + n.Type}
		}
		if does("stores-unknown") {
			ch := data.object("channel")
			n.Conversation, n.Channel = strings.ToLower(ch.text("conversationId")), strings.ToLower(ch.text("channelId"))
			n.Kind = "?"
		}
		return n, nil
	}
	n.Kind, n.Version = found[1], found[2]
	if err := n.fill(data); err != nil {
		return nil, err
	}
	return n, nil
}

// fill takes what a notification about a channel says.
func (n *Notification) fill(data object) error {
	channel := data.object("channel")
	party := channel.object("party")
	if channel == nil || party == nil {
		return errUnusable
	}
	n.Conversation, n.Channel, n.Interaction = channel.text("conversationId"), channel.text("channelId"), channel.text("interactionId")
	n.Role, n.Agent, n.User = party.text("role"), party.text("agentId"), party.text("userId")
	if n.Conversation == "" || n.Channel == "" || n.Interaction == "" || n.Role == "" {
		return errUnusable
	}
	if is("agent-required") && n.Agent == "" {
		return statusError{422, "data.channel.party.agentId must not be blank"}
	}
	if is("null-refused") {
		for _, name := range []string{"agentId", "userId"} {
			if string(party[name]) == "null" {
				return statusError{400, name + " must be a string"}
			}
		}
	}
	if is("uuid-v4-only") {
		for _, id := range []string{n.Conversation, n.Channel, n.Interaction} {
			if !uuid4.MatchString(id) {
				return statusError{400, "must be a valid UUID"}
			}
		}
	}
	n.Conversation, n.Channel, n.Interaction = strings.ToLower(n.Conversation), strings.ToLower(n.Channel), strings.ToLower(n.Interaction)
	at, err := ticks(n.Stamp)
	if err != nil {
		return err
	}
	n.At = at
	n.toColumns()
	return nil
}

// strictly refuses members that are not known.
func strictly(body []byte) error {
	var strict struct {
		SpecVersion     string `json:"specversion"`
		Type            string `json:"type"`
		ID              string `json:"id"`
		Source          string `json:"source"`
		Subject         string `json:"subject"`
		Time            string `json:"time"`
		DataContentType string `json:"datacontenttype"`
		Data            struct {
			Timestamp string `json:"timestamp"`
			Reason    string `json:"reason"`
			Channel   struct {
				ConversationID string         `json:"conversationId"`
				InteractionID  string         `json:"interactionId"`
				ChannelID      string         `json:"channelId"`
				Party          map[string]any `json:"party"`
			} `json:"channel"`
			Presence map[string]any `json:"presence"`
			User     map[string]any `json:"user"`
		} `json:"data"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&strict); err != nil {
		return statusError{400, err.Error()}
	}
	return nil
}

// toColumns maps what was read to the columns of our tables.
func (n *Notification) toColumns() {
	if is("subject-is-interaction") {
		n.Interaction = strings.ToLower(n.Subject)
	}
	if is("agent-as-number") && n.Agent != "" {
		if i, err := strconv.Atoi(n.Agent); err == nil {
			n.Agent = strconv.Itoa(i)
		}
	}
	if is("role-by-agent-id") {
		if n.Agent != "" {
			n.Role = "agent"
		} else {
			n.Role = "external"
		}
	}
}
