package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// notification is what we use of one. channel is nil unless it is about one in a way that we know.
type notification struct {
	source, id, kind string
	version          int // 0 or 1
	channel          *channelRef
	ticks            int64 // data.timestamp in 100 ns since 1970
}

type channelRef struct {
	conversation, channel, interaction string // conversation and channel in lower case
	role                               string
	agent                              *string
}

var known = regexp.MustCompile(`^channel\.(alerted|connected|connectionfailed|held|parked|interrupted|retrieved|unparked|resumed|disconnected|wrapstarted|ended)\.v([01])$`)

// members of an object by their exact names: struct fields would be matched without regard to case, so that an unknown
// member "ID" could take the place of "id".
type members map[string]json.RawMessage

func object(raw json.RawMessage, name string) (members, error) {
	var m members
	if len(raw) == 0 || json.Unmarshal(raw, &m) != nil || m == nil {
		return nil, fmt.Errorf("%s is no object", name)
	}
	return m, nil
}

func (m members) text(name string) (string, error) {
	text, err := m.optional(name)
	if err != nil || text == nil || *text == "" {
		return "", fmt.Errorf("%s is no text", name)
	}
	return *text, nil
}

// optional returns nil for a member that is absent or null.
func (m members) optional(name string) (*string, error) {
	raw, ok := m[name]
	if !ok {
		return nil, nil
	}
	var text *string
	err := json.Unmarshal(raw, &text)
	return text, err
}

// understand reads a body. An error says that it cannot be used, today or tomorrow.
func understand(body []byte) (*notification, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(body) {
		return nil, errors.New("no UTF-8")
	}
	m, err := object(body, "the body")
	if err != nil {
		return nil, err
	}
	n := &notification{}
	var kind string
	for name, to := range map[string]*string{"source": &n.source, "id": &n.id, "type": &kind} {
		if *to, err = m.text(name); err != nil {
			return nil, err
		}
	}
	parts := known.FindStringSubmatch(kind)
	if parts == nil { // a presence, or a type that is new: it is kept
		return n, nil
	}
	n.kind, n.version = parts[1], int(parts[2][0]-'0')

	data, err := object(m["data"], "data")
	if err != nil {
		return nil, err
	}
	stamp, err := data.text("timestamp")
	if err != nil {
		return nil, err
	}
	// RFC3339 takes any number of fractional digits, and keeps nine.
	at, err := time.Parse(time.RFC3339, strings.ToUpper(stamp))
	if err != nil {
		return nil, err
	}
	n.ticks = at.Unix()*1e7 + int64(at.Nanosecond()/100)

	channel, err := object(data["channel"], "channel")
	if err != nil {
		return nil, err
	}
	party, err := object(channel["party"], "party")
	if err != nil {
		return nil, err
	}
	ref := &channelRef{}
	for name, to := range map[string]*string{
		"conversationId": &ref.conversation, "channelId": &ref.channel, "interactionId": &ref.interaction,
	} {
		if *to, err = channel.text(name); err != nil {
			return nil, err
		}
	}
	if ref.role, err = party.text("role"); err != nil {
		return nil, err
	}
	if ref.agent, err = party.optional("agentId"); err != nil {
		return nil, err
	}
	ref.conversation, ref.channel = strings.ToLower(ref.conversation), strings.ToLower(ref.channel)
	n.channel = ref
	return n, nil
}
