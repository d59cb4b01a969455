package rows

import (
	"bytes"
	"encoding/json"

	"github.com/ringback/ringback/internal/rulebook"
)

// hashing lists mistakes in what of the body is hashed. All of them hash the compact bodies of the
// documentation rightly.
func hashing() []Row {
	row := func(name, about string, hashed func([]byte) []byte) Row {
		return Row{name, about, rulebook.HashRawBody, func(s *steps) { s.hashed = hashed }}
	}
	return []Row{
		row("hashes-compacted", "hashes the body without blanks", func(body []byte) []byte {
			var b bytes.Buffer
			if json.Compact(&b, body) != nil {
				return body
			}
			return b.Bytes()
		}),
		row("hashes-trimmed", "hashes the body without blanks and newlines at its ends", bytes.TrimSpace),
		row("hashes-escaped", "hashes what json.Marshal writes, where <, > and & are escaped", func(body []byte) []byte {
			text, err := json.Marshal(json.RawMessage(body))
			if err != nil {
				return body
			}
			return text
		}),
		row("hashes-newlines-changed", "hashes the body as text with the newlines of Unix", func(body []byte) []byte {
			return bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
		}),
		row("hashes-struct", "hashes what it writes from its own types: documented members in the documented order", documented),
		row("hashes-latin-1", "hashes the body as Latin-1, with a question mark for what that has not", func(body []byte) []byte {
			var b []byte
			for _, r := range string(body) {
				if r > 255 {
					r = '?'
				}
				b = append(b, byte(r))
			}
			return b
		}),
	}
}

// documented writes a body anew from types that have the members of the documentation.
func documented(body []byte) []byte {
	type party struct {
		Role    json.RawMessage `json:"role,omitempty"`
		AgentID json.RawMessage `json:"agentId,omitempty"`
		UserID  json.RawMessage `json:"userId,omitempty"`
	}
	type channel struct {
		ConversationID json.RawMessage `json:"conversationId,omitempty"`
		InteractionID  json.RawMessage `json:"interactionId,omitempty"`
		ChannelID      json.RawMessage `json:"channelId,omitempty"`
		Party          *party          `json:"party,omitempty"`
	}
	type reason struct {
		Reason json.RawMessage `json:"reason,omitempty"`
	}
	type about struct {
		Channel *channel `json:"channel,omitempty"`
	}
	type data struct {
		Timestamp json.RawMessage `json:"timestamp,omitempty"`
		Presence  json.RawMessage `json:"presence,omitempty"`
		User      json.RawMessage `json:"user,omitempty"`
	}
	type ended struct {
		data
		reason
		about
	}
	type failed struct {
		data
		about
		reason
	}
	var n struct {
		SpecVersion     json.RawMessage `json:"specversion,omitempty"`
		Type            string          `json:"type,omitempty"`
		ID              json.RawMessage `json:"id,omitempty"`
		Source          json.RawMessage `json:"source,omitempty"`
		Subject         json.RawMessage `json:"subject,omitempty"`
		Time            json.RawMessage `json:"time,omitempty"`
		DataContentType json.RawMessage `json:"datacontenttype,omitempty"`
		Data            any             `json:"data,omitempty"`
	}
	n.Data = &ended{}
	if bytes.Contains(body, []byte(`"channel.connectionfailed.`)) {
		n.Data = &failed{}
	}
	if json.Unmarshal(body, &n) != nil {
		return body
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(n) != nil {
		return body
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
