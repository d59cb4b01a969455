package snapshots

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// bodies are mistakes in reading what a body says.
var bodies = []Row{
	{"enum-without-interruption", "has an enum without interrupted and resumed, and answers 500", rulebook.AcceptValid, func(c *consumer) {
		c.refuse(http.StatusInternalServerError, func(e *event) bool { return e.kind == "channel.interrupted" || e.kind == "channel.resumed" })
	}},
	{"reason-is-released", "takes released for the only reason of ended", rulebook.AcceptValid, func(c *consumer) {
		c.refuse(http.StatusUnprocessableEntity, func(e *event) bool { return e.kind == "channel.ended" && text(e.data, "reason") != "released" })
	}},
	{"duplicate-is-a-conflict", "answers 409 to a duplicate", rulebook.AcceptValid, func(c *consumer) {
		c.store = func(p *process, e *event) int {
			if p.knows(c.key(e)) {
				return http.StatusConflict
			}
			return c.keep(p, e)
		}
	}},
	{"agents-only", "skips parties without agentId, and so each customer", rulebook.AcceptExternal, func(c *consumer) {
		c.refuse(http.StatusNoContent, func(e *event) bool { return e.channel != "" && e.agent == nil })
	}},
	{"null-becomes-text", "tells the agentId null as the text null, as String(null) does", rulebook.AcceptNullIDs, func(c *consumer) {
		c.change(func(e *event) {
			channel, _ := e.data["channel"].(map[string]any)
			party, _ := channel["party"].(map[string]any)
			if id, there := party["agentId"]; there && id == nil {
				e.agent = "null"
			}
		})
	}},
	{"presence-not-found", "answers 404 to what is about no channel", rulebook.AcceptPresence, func(c *consumer) {
		c.refuse(http.StatusNotFound, func(e *event) bool { return e.channel == "" })
	}},
	{"cuts-v0-only", "cuts .v0 from the type, so that v1 is unknown to it", rulebook.AcceptVersions, func(c *consumer) {
		c.refuse(http.StatusNoContent, func(e *event) bool { return e.version != ".v0" })
	}},
	{"switch-without-default", "answers 500 to a type that its switch does not name", rulebook.IgnoreUnknownTypes, func(c *consumer) {
		c.unknown = func(*process, *event) int { return http.StatusInternalServerError }
	}},
	{"else-is-ended", "takes each type that it does not know for ended, in its last else", rulebook.IgnoreUnknownTypes, func(c *consumer) {
		c.unknown = func(p *process, e *event) int {
			if !strings.HasPrefix(e.kind, "channel.") {
				return http.StatusNoContent
			}
			body, _ := json.Marshal(map[string]any{"source": e.source, "id": e.id, "type": "channel.ended.v0", "data": e.data})
			if e, err := c.read(body); err == nil {
				return c.store(p, e)
			}
			return http.StatusNoContent
		}
	}},
	{"additional-properties-false", "validates against a schema that allows no other members", rulebook.IgnoreUnknownMembers, func(c *consumer) {
		c.unreadable(http.StatusUnprocessableEntity, func(body []byte) bool {
			var all map[string]any
			return json.Unmarshal(body, &all) == nil && hasOthers(all)
		})
	}},
	{"bad-json-is-500", "lets the exception of its JSON parser become a 500", rulebook.AnswerUnusable, func(c *consumer) {
		c.unreadable(http.StatusInternalServerError, func(body []byte) bool { return !json.Valid(body) })
	}},
	{"needs-data", "crashes where data is missing, and breaks the connection", rulebook.AnswerUnusable, func(c *consumer) {
		receive := c.receive
		c.receive = func(p *process, body []byte) int {
			var all map[string]any
			if json.Unmarshal(body, &all) == nil && all["data"] == nil {
				panic(http.ErrAbortHandler)
			}
			return receive(p, body)
		}
	}},
	{"reads-by-pattern", "finds members by patterns without blanks, and does not decode escapes", rulebook.ReadAnyJSON, func(c *consumer) {
		c.read = func(body []byte) (*event, error) { return readEvent(byPattern(body)) }
	}},
	{"wants-a-brace-at-the-end", "takes a body for cut whose last byte is no brace", rulebook.ReadAnyJSON, func(c *consumer) {
		c.unreadable(http.StatusBadRequest, func(body []byte) bool { return !bytes.HasSuffix(body, []byte("}")) })
	}},
	{"type-before-data", "reads as a stream, and needs the type before data", rulebook.ReadAnyJSON, func(c *consumer) {
		c.unreadable(http.StatusBadRequest, func(body []byte) bool {
			at, data := bytes.Index(body, []byte(`"type"`)), bytes.Index(body, []byte(`"data"`))
			return at >= 0 && data >= 0 && data < at
		})
	}},
	{"column-of-8000", "stores bodies in a column of 8,000 characters, and reads them from there", rulebook.ReadLargeBodies, func(c *consumer) {
		c.unreadable(http.StatusNoContent, func(body []byte) bool { return len(body) > 8000 })
	}},
	{"from-iso-format", "reads timestamps as Python before 3.11 does: 0, 3 or 6 digits", rulebook.TimestampsOfAnyLength, func(c *consumer) {
		c.refuse(http.StatusInternalServerError, func(e *event) bool {
			_, fraction, _ := strings.Cut(strings.TrimSuffix(e.stamp, "Z"), ".")
			return e.channel != "" && !slices.Contains([]int{0, 3, 6}, len(fraction))
		})
	}},
	{"fraction-is-milliseconds", "takes the digits behind the point for milliseconds, however many they are", rulebook.TimestampsOfAnyLength, func(c *consumer) {
		c.change(func(e *event) {
			_, fraction, _ := strings.Cut(strings.TrimSuffix(e.stamp, "Z"), ".")
			ms, _ := strconv.Atoi(fraction)
			e.at = e.at.Truncate(time.Second).Add(time.Duration(ms) * time.Millisecond)
		})
	}},
	{"one-map-for-all-ids", "keeps all it knows in one map by GUID: a channel named like its interaction is lost", rulebook.GUIDsOfAnyForm, func(c *consumer) {
		c.refuse(http.StatusNoContent, func(e *event) bool { return e.channel != "" && e.channel == e.interaction })
	}},
}

// refuse answers some events with a status, and does not store them.
func (c *consumer) refuse(status int, some func(*event) bool) {
	store := c.store
	c.store = func(p *process, e *event) int {
		if some(e) {
			return status
		}
		return store(p, e)
	}
}

// unreadable answers some bodies with a status.
func (c *consumer) unreadable(status int, some func(body []byte) bool) {
	receive := c.receive
	c.receive = func(p *process, body []byte) int {
		if some(body) {
			return status
		}
		return receive(p, body)
	}
}

// change changes what is read.
func (c *consumer) change(f func(*event)) {
	read := c.read
	c.read = func(body []byte) (*event, error) {
		e, err := read(body)
		if err == nil {
			f(e)
		}
		return e, err
	}
}

// documented are the members of notifications.
var documented = []string{"specversion", "type", "id", "source", "subject", "time", "datacontenttype", "data", "timestamp", "channel", "reason",
	"presence", "user", "conversationId", "interactionId", "channelId", "party", "role", "agentId", "userId", "presenceId", "category",
	"description", "subcategory"}

func hasOthers(v any) bool {
	m, _ := v.(map[string]any)
	for name, value := range m {
		if !slices.Contains(documented, name) || hasOthers(value) {
			return true
		}
	}
	return false
}

var pattern = regexp.MustCompile(`"(source|id|type|time|timestamp|conversationId|interactionId|channelId|role|agentId)":"([^"]*)"`)

// byPattern writes a plain body from what the pattern finds.
func byPattern(body []byte) []byte {
	m := map[string]string{}
	for _, found := range pattern.FindAllSubmatch(body, -1) {
		m[string(found[1])] = string(found[2])
	}
	party := map[string]any{"role": m["role"]}
	if m["agentId"] != "" {
		party["agentId"] = m["agentId"]
	}
	channel := map[string]any{"conversationId": m["conversationId"], "interactionId": m["interactionId"], "channelId": m["channelId"], "party": party}
	out, _ := json.Marshal(map[string]any{"source": m["source"], "id": m["id"], "type": m["type"], "time": m["time"],
		"data": map[string]any{"timestamp": m["timestamp"], "channel": channel}}) // texts only: it never fails
	return out
}
