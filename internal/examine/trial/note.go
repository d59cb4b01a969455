package trial

import (
	"encoding/json"
)

// Note is what a body says, with all texts as they are written. It is read by code of its own,
// as a consumer would, and not taken from what was planned.
type Note struct {
	Usable                                     bool // a JSON object with what every notification has; else nothing else is set
	Source, ID, Type, Subject, Time, Timestamp string
	Conversation, Interaction, Channel         string // "" in agent events
	Role                                       string
	AgentID, UserID                            any  // texts; nil if they are absent or null
	NullAgentID                                bool // the party's agentId is there, and null
}

// ReadNote reads a body.
func ReadNote(body []byte) Note {
	var b struct {
		Source, ID, Type, Subject, Time string
		Data                            *struct {
			Timestamp string
			Channel   *struct {
				ConversationID, InteractionID, ChannelID string
				Party                                    struct {
					Role    string
					AgentID json.RawMessage
					UserID  any
				}
			}
			User *struct{ AgentID any }
		}
	}
	if json.Unmarshal(body, &b) != nil || b.ID == "" || b.Type == "" || b.Data == nil {
		return Note{}
	}
	n := Note{Usable: true, Source: b.Source, ID: b.ID, Type: b.Type, Subject: b.Subject, Time: b.Time, Timestamp: b.Data.Timestamp}
	switch c := b.Data.Channel; {
	case c != nil:
		n.Conversation, n.Interaction, n.Channel = c.ConversationID, c.InteractionID, c.ChannelID
		n.Role, n.UserID, n.NullAgentID = c.Party.Role, c.Party.UserID, string(c.Party.AgentID) == "null"
		json.Unmarshal(c.Party.AgentID, &n.AgentID) // nothing, where it is absent
	case b.Data.User != nil:
		n.AgentID = b.Data.User.AgentID
	}
	return n
}
