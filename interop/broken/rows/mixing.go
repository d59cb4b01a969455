package rows

import (
	"context"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// mixing lists mistakes in what belongs to what.
func mixing() []Row {
	return []Row{
		{"subject-is-interaction", "takes subject for the interaction",
			rulebook.InteractionFromData, func(s *steps) { swap(&s.write[0], ":interaction", ":subject") }},
		{"conversation-is-interaction", "takes the conversation for the interaction",
			rulebook.InteractionFromData, func(s *steps) { swap(&s.write[0], ":interaction", ":conversation") }},
		{"one-interaction-per-conversation", "has one interaction for all channels of a conversation, that which came first",
			rulebook.InteractionFromData, func(s *steps) {
				swap(&s.write[0], ":interaction", "COALESCE((SELECT interaction_id FROM channels WHERE conversation_id = :conversation LIMIT 1), :interaction)")
			}},
		{"integer-agents", "has a column agent_id of type INTEGER",
			rulebook.AgentIDIsText, func(s *steps) { swap(&s.schema, "agent_id TEXT,", "agent_id INTEGER,") }},
		{"agents-in-32-bits", "has a column agent_id for numbers of 32 bits, as INT is in many databases, and answers 503 to others",
			rulebook.AgentIDIsText, func(s *steps) {
				swap(&s.schema, "agent_id TEXT,", "agent_id INTEGER CHECK (agent_id <= 2147483647),")
				s.store = answeringFailure(503)
			}},
		{"agents-by-number", "keeps agentId as a number with leading zeros cut off, written as text",
			rulebook.AgentIDIsText, func(s *steps) { swap(&s.write[0], ":agent,", "CAST(CAST(:agent AS INTEGER) AS TEXT),") }},
		{"agents-with-a-zero", "keeps no agentId that begins with a zero",
			rulebook.AgentIDIsText, func(s *steps) { swap(&s.write[0], ":agent,", "CASE WHEN :agent LIKE '0%' THEN NULL ELSE :agent END,") }},
		{"channel-by-agent", "finds an agent's channel by conversation and agent, so that the second offer joins the first",
			rulebook.ChannelsApart, func(s *steps) {
				s.store = atomically(func(ctx context.Context, p *process, on runner, n note) error {
					if n.channel != "" && n.agent != nil {
						err := reads(ctx, on, &n.channel, `SELECT channel_id FROM channels WHERE conversation_id = :conversation AND agent_id = :agent
							ORDER BY rowid LIMIT 1`, n)
						if err != nil {
							return err
						}
					}
					return p.apply(ctx, on, n)
				})
			}},
		{"replaces-by-agent", "has a unique key of conversation and agent, and replaces the channel that holds it",
			rulebook.ChannelsApart, func(s *steps) {
				s.schema += "CREATE UNIQUE INDEX IF NOT EXISTS one_agent ON channels (conversation_id, agent_id);"
				swap(&s.write[0], "INSERT INTO", "INSERT OR REPLACE INTO")
			}},
		{"one-channel-per-role", "has a unique key of conversation and role, and replaces the first agent by the second",
			rulebook.ChannelsApart, func(s *steps) {
				s.schema += "CREATE UNIQUE INDEX IF NOT EXISTS one_role ON channels (conversation_id, role);"
				swap(&s.write[0], "INSERT INTO", "INSERT OR REPLACE INTO")
			}},
		{"holds-all", "puts all channels of a conversation on hold when one is held",
			rulebook.ChannelsApart, func(s *steps) {
				s.write = append(s.write, `INSERT INTO events (channel_id, kind, phase, turn, at, stamp, sent, id, received)
					SELECT channel_id, :kind, :phase, :turn, :at, :stamp, :sent, :id, :received FROM channels
					WHERE :kind IN ('channel.held', 'channel.retrieved') AND conversation_id = :conversation AND channel_id <> :channel`)
			}},
		{"conversation-by-agent", "keeps in which conversation an agent is, and puts all of his channels there until one ends",
			rulebook.ConversationsApart, func(s *steps) {
				s.schema += "CREATE TABLE IF NOT EXISTS at_work (agent_id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL);"
				s.store = atomically(func(ctx context.Context, p *process, on runner, n note) error {
					if n.channel != "" && n.agent != nil {
						if err := reads(ctx, on, &n.conversation, "SELECT conversation_id FROM at_work WHERE agent_id = :agent", n); err != nil {
							return err
						}
						change := "INSERT INTO at_work VALUES (:agent, :conversation) ON CONFLICT DO NOTHING"
						if n.base == "channel.ended" {
							change = "DELETE FROM at_work WHERE agent_id = :agent"
						}
						if _, err := on.ExecContext(ctx, change, n.args(time.Now())...); err != nil {
							return err
						}
					}
					return p.apply(ctx, on, n)
				})
			}},
		{"one-conversation-at-a-time", "forgets the channels of other conversations when a new one begins",
			rulebook.ConversationsApart, func(s *steps) {
				s.write = append(s.write, "DELETE FROM channels WHERE conversation_id <> :conversation")
			}},
	}
}

// reads puts what a query finds into a text, and leaves it where nothing is found.
func reads(ctx context.Context, on runner, into *string, query string, n note) error {
	found := on.QueryRowContext(ctx, "SELECT COALESCE(("+query+"), :otherwise)", append(n.args(time.Now()), named("otherwise", *into))...)
	return found.Scan(into)
}
