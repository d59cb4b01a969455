package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// breaksOnBadJSON panics on a body that is no JSON.
func breaksOnBadJSON() *consumer {
	c := correct()
	c.about = "crashes on a body that is no JSON"
	c.decode = func(body []byte, n *notification) error {
		if err := json.Unmarshal(body, n); err != nil {
			panic(err)
		}
		return nil
	}
	return c
}

// failsOnUnknownTypes answers 500 to a type that it does not know.
func failsOnUnknownTypes() *consumer {
	c := correct()
	c.about = "answers 500 to types that it does not know"
	c.unknown = http.StatusInternalServerError
	return c
}

// refusesUnknownMembers wants the documented members and no others.
func refusesUnknownMembers() *consumer {
	c := correct()
	c.about = "refuses members that it does not know"
	c.refusal = http.StatusBadRequest
	c.decode = func(body []byte, n *notification) error {
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		return d.Decode(n)
	}
	return c
}

// needsAgentID panics where a party has no agentId, and so cuts the connection.
func needsAgentID() *consumer {
	c := correct()
	c.about = "crashes without agentId"
	c.check = func(n *notification) error {
		if ch := n.Data.Channel; ch != nil {
			if _, there := ch.Party["agentId"]; !there {
				panic("no agentId")
			}
		}
		return nil
	}
	return c
}

// nullAgentID knows that agentId may be absent, and not that it may be null.
func nullAgentID() *consumer {
	c := correct()
	c.about = "crashes on an agentId that is null"
	c.check = func(n *notification) error {
		if ch := n.Data.Channel; ch != nil {
			if id, there := ch.Party["agentId"]; there {
				_ = id.(string)
			}
		}
		return nil
	}
	return c
}

// numbersAgents takes agentId for a number.
func numbersAgents() *consumer {
	c := correct()
	c.about = "takes agentId for a number"
	c.agentID = func(n *notification) any {
		text, _ := n.Data.Channel.Party["agentId"].(string)
		if v, err := strconv.Atoi(text); err == nil {
			return strconv.Itoa(v)
		}
		return nil
	}
	return c
}

// threeDigitsOnly reads timestamps with exactly three fractional digits.
func threeDigitsOnly() *consumer {
	c := correct()
	c.about = "reads exactly three fractional digits"
	c.moment = func(text string) (time.Time, error) { return time.Parse("2006-01-02T15:04:05.000Z", text) }
	return c
}

// onlyV0 wants the beta generation of event types.
func onlyV0() *consumer {
	c := correct()
	c.about = "takes v0 only"
	c.refusal = http.StatusUnprocessableEntity
	c.check = func(n *notification) error {
		if strings.HasSuffix(n.Type, ".v1") {
			return errors.New("another version")
		}
		return nil
	}
	return c
}

// channelsOnly looks for the channel of every notification; presences have none.
func channelsOnly() *consumer {
	c := correct()
	c.about = "crashes on notifications about no channel"
	c.check = func(n *notification) error {
		_ = n.Data.Channel.ChannelID
		return nil
	}
	return c
}

// demandsVersion4 wants the identifiers of channel notifications to be random UUIDs.
func demandsVersion4() *consumer {
	version4 := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	c := correct()
	c.about = "refuses GUIDs that are not of version 4"
	c.refusal = http.StatusBadRequest
	c.check = func(n *notification) error {
		if ch := n.Data.Channel; ch != nil {
			for _, id := range []string{ch.ConversationID, ch.InteractionID, ch.ChannelID} {
				if !version4.MatchString(id) {
					return errors.New("no UUID of version 4")
				}
			}
		}
		return nil
	}
	return c
}
