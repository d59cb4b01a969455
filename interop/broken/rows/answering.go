package rows

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// answering lists mistakes in what is accepted.
func answering() []Row {
	return []Row{
		{"reports-before-answering", "sends its report to the CRM before it answers the last event of a channel, which takes 12 s",
			rulebook.AnswerInTime, func(s *steps) {
				store := s.store
				s.store = func(ctx context.Context, p *process, n note) int {
					if n.base == "channel.ended" {
						report := time.NewTimer(12 * time.Second)
						defer report.Stop()
						select {
						case <-report.C:
						case <-ctx.Done():
							return http.StatusServiceUnavailable
						}
					}
					return store(ctx, p, n)
				}
			}},
		{"redirects-to-slash", "is registered with a slash at its end, to which the framework redirects",
			rulebook.AcceptValid, func(s *steps) { s.path = "/events/" }},
		{"checks-roles", "has a CHECK on the role that knows customers and agents only, and answers 500 to monitors and voicemail",
			rulebook.AcceptValid, func(s *steps) {
				swap(&s.schema, "role TEXT NOT NULL", "role TEXT NOT NULL CHECK (role IN ('external', 'agent'))")
				s.store = answeringFailure(500)
			}},
		{"conflict-is-409", "answers 409 when the primary key says that a notification was seen",
			rulebook.AcceptValid, func(s *steps) {
				swap(&s.mark, "\nON CONFLICT (source, id) DO NOTHING", "")
				s.store = answeringFailure(http.StatusConflict)
			}},
		{"refuses-the-past", "answers 400 to what happened more than 15 minutes ago, for fear of replays",
			rulebook.AcceptValid, func(s *steps) {
				s.store = refusing(http.StatusBadRequest, func(n note) bool {
					return n.channel != "" && time.Since(time.Unix(0, n.at*100)) > 15*time.Minute
				})
			}},
		{"party-beside-channel", "looks for party in data, not in data.channel, and answers 400 where it is not",
			rulebook.AcceptValid, func(s *steps) {
				s.unusable = http.StatusBadRequest
				read := s.parse
				s.parse = func(p *process, body []byte) (note, error) {
					var o object
					n, err := read(p, body)
					if err == nil && n.channel != "" && (json.Unmarshal(body, &o) != nil || o.object("data").object("party") == nil) {
						err = errUnusable
					}
					return n, err
				}
			}},
		{"agent-not-null", "has a column agent_id that must not be NULL, and answers 500 to customers",
			rulebook.AcceptExternal, func(s *steps) {
				swap(&s.schema, "agent_id TEXT,", "agent_id TEXT NOT NULL,")
				s.store = answeringFailure(500)
			}},
		{"stores-null-as-text", "stores the text null for an agentId that is null",
			rulebook.AcceptNullIDs, parsing(func(n *note, o object) {
				if raw, there := o.object("data").object("channel").object("party")["agentId"]; there && string(raw) == "null" {
					n.agent = string(raw)
				}
			})},
		{"stores-absent-as-text", "stores the text undefined for an agentId that is absent",
			rulebook.AcceptExternal, parsing(func(n *note, o object) {
				if n.channel != "" && n.agent == nil {
					if _, there := o.object("data").object("channel").object("party")["agentId"]; !there {
						n.agent = "undefined"
					}
				}
			})},
		{"channel-not-null", "looks for the channel of every notification, and answers 500 where there is none",
			rulebook.AcceptPresence, parsing(func(n *note, o object) {
				if n.base == "agent.presencechanged" && o.object("data").object("channel") == nil {
					panic("no channel")
				}
			})},
		{"ignores-v1", "knows types by their names of v0, and ignores those of v1",
			rulebook.AcceptVersions, func(s *steps) { s.versions = []string{".v0"} }},
		{"checks-types", "has a CHECK on the type, and answers 500 to types that it does not know",
			rulebook.IgnoreUnknownTypes, parsing(func(n *note, _ object) {
				if n.kind == (kind{}) && n.base != "agent.presencechanged" {
					panic("CHECK constraint failed: type")
				}
			})},
		{"strict-members", "refuses members that are not documented",
			rulebook.IgnoreUnknownMembers, func(s *steps) {
				s.unusable = http.StatusBadRequest
				read := s.parse
				s.parse = func(p *process, body []byte) (note, error) {
					n, err := read(p, body)
					if err == nil && n.kind != (kind{}) && strange(body) {
						err = errUnusable
					}
					return n, err
				}
			}},
		{"throws-on-no-json", "answers 500 to a body that is no JSON",
			rulebook.AnswerUnusable, func(s *steps) {
				read := s.parse
				s.parse = func(p *process, body []byte) (note, error) {
					if !json.Valid(body) {
						panic("unexpected token")
					}
					return read(p, body)
				}
			}},
		{"throws-without-data", "answers 500 to a notification without data",
			rulebook.AnswerUnusable, func(s *steps) {
				read := s.parse
				s.parse = func(p *process, body []byte) (note, error) {
					var o object
					if json.Unmarshal(body, &o) == nil && o != nil && o.object("data") == nil {
						panic("data is undefined")
					}
					return read(p, body)
				}
			}},
	}
}

// parsing reads more, or otherwise, than the correct consumer.
func parsing(more func(*note, object)) func(*steps) {
	return func(s *steps) {
		read := s.parse
		s.parse = func(p *process, body []byte) (note, error) {
			n, err := read(p, body)
			if err == nil {
				var o object
				_ = json.Unmarshal(body, &o) // it was read before
				more(&n, o)
			}
			return n, err
		}
	}
}

// answeringFailure answers errors of the database, which the correct consumer never gets.
func answeringFailure(status int) func(context.Context, *process, note) int {
	return func(ctx context.Context, p *process, n note) int {
		if storeWhole(ctx, p, n) != 0 {
			return status
		}
		return 0
	}
}

// strange reports whether there is a member at a place where the documentation has none.
func strange(body []byte) bool {
	var o object
	_ = json.Unmarshal(body, &o) // it was read before
	data := o.object("data")
	for _, level := range []struct {
		of    object
		names string
	}{
		{o, " specversion type id source subject time datacontenttype data "},
		{data, " timestamp channel reason presence user "},
		{data.object("channel"), " conversationId interactionId channelId party "},
		{data.object("channel").object("party"), " role agentId userId "},
	} {
		for name := range level.of {
			if !strings.Contains(level.names, " "+name+" ") {
				return true
			}
		}
	}
	return false
}
