package rows

import "github.com/ringback/ringback/internal/rulebook"

// naming lists mistakes in what something is: phases, roles and presences.
func naming() []Row {
	phase := func(event string, begins any) func(*steps) {
		return func(s *steps) { s.kinds[event] = kind{begins, s.kinds[event].turn} }
	}
	// announced lets a change of presence end the channels of its agent that are open.
	announced := func(when string) func(*steps) {
		return func(s *steps) {
			s.presence = []string{`INSERT INTO events (channel_id, kind, phase, turn, at, stamp, sent, id, received)
				SELECT channel_id, 'channel.ended', 'ended', 7, :at, :stamp, :sent, :id, :received FROM channels c
				WHERE agent_id = :agent AND ` + when}
		}
	}
	return []Row{
		{"park-is-hold", "counts parked as held",
			rulebook.PhasesApart, phase("channel.parked", "held")},
		{"wrap-is-talk", "does not know wrapstarted: wrap counts as talk",
			rulebook.PhasesApart, phase("channel.wrapstarted", nil)},
		{"interruption-is-talk", "does not know interrupted: it counts as talk",
			rulebook.PhasesApart, phase("channel.interrupted", nil)},
		{"unexpected-is-wrap", "counts the time after a failed offer as wrap",
			rulebook.PhasesApart, phase("channel.connectionfailed", "wrap")},
		{"failed-is-answer", "takes connectionfailed for connected, since it begins with the same word",
			rulebook.FailedOffers, phase("channel.connectionfailed", "connected")},
		{"failed-is-ended", "takes connectionfailed for the end of a channel",
			rulebook.FailedOffers, phase("channel.connectionfailed", "ended")},
		{"role-by-agent-id", "takes everybody with an agentId for an agent, and everybody else for a customer",
			rulebook.RolesApart, func(s *steps) {
				swap(&s.channels, "agent_id, role,", "agent_id, CASE WHEN agent_id IS NULL THEN 'external' ELSE 'agent' END,")
			}},
		{"monitor-is-agent", "takes a monitor for an agent who takes part",
			rulebook.RolesApart, func(s *steps) {
				swap(&s.write[0], ":role,", "CASE :role WHEN 'monitor' THEN 'agent' ELSE :role END,")
			}},
		{"voicemail-is-external", "takes voicemail for a customer",
			rulebook.RolesApart, func(s *steps) {
				swap(&s.write[0], ":role,", "CASE :role WHEN 'voicemail' THEN 'external' ELSE :role END,")
			}},
		{"away-ends-calls", "ends the channels of an agent who goes away",
			rulebook.PresenceApart, announced(`:presence IN ('away', 'extendedAway', 'loggedOut')
				AND NOT EXISTS (SELECT 1 FROM events e WHERE e.channel_id = c.channel_id AND phase = 'ended')`)},
		{"ready-ends-wrap", "ends the wrap of an agent who is ready again",
			rulebook.PresenceApart, announced(`:presence = 'ready'
				AND (SELECT kind FROM events e WHERE e.channel_id = c.channel_id AND phase IS NOT NULL ORDER BY at DESC, turn DESC LIMIT 1) = 'channel.wrapstarted'`)},
		{"ready-ends-calls", "ends the channels of an agent who is ready again",
			rulebook.PresenceApart, announced(`:presence = 'ready'
				AND NOT EXISTS (SELECT 1 FROM events e WHERE e.channel_id = c.channel_id AND phase = 'ended')`)},
		{"away-is-told-ended", "tells the channels of an agent as ended as long as the agent is not ready",
			rulebook.PresenceApart, func(s *steps) {
				s.schema += "CREATE TABLE IF NOT EXISTS presences (agent_id TEXT PRIMARY KEY, presence TEXT NOT NULL, at INTEGER NOT NULL);"
				s.presence = []string{`INSERT INTO presences VALUES (:agent, :presence, :at)
					ON CONFLICT (agent_id) DO UPDATE SET presence = excluded.presence, at = excluded.at WHERE excluded.at >= presences.at`}
				swap(&s.channels, nowPhase, `CASE WHEN agent_id IN (SELECT agent_id FROM presences WHERE presence <> 'ready')
					THEN 'ended' ELSE `+nowPhase+" END")
			}},
	}
}

const talking = "role = 'agent' AND phase = 'connected'"

// figuring lists mistakes in the figures of the conversation.
func figuring() []Row {
	row := func(name, about, old, by string) Row {
		return Row{name, about, rulebook.FiguresAgree, func(s *steps) { swap(&s.figures, old, by) }}
	}
	return []Row{
		row("answered-by-anybody", "takes a call for answered when any channel is connected, as the customer's is at once",
			"MAX("+talking+") AS answered", "MAX(phase = 'connected') AS answered"),
		row("failed-is-abandoned", "takes a call for abandoned when an agent did not answer, though another one did",
			"AND NOT MAX(role IN ('agent', 'voicemail') AND phase = 'connected') AS abandoned",
			"AND (NOT MAX(role IN ('agent', 'voicemail') AND phase = 'connected') OR MAX(phase = 'unexpected')) AS abandoned"),
		row("wait-of-the-agent", "counts the time to answer from when the first agent was rung",
			"- MIN(at)) / 1e7", "- MIN(at) FILTER (WHERE role = 'agent')) / 1e7"),
		row("talk-of-everybody", "adds the customer's time to the agents' talk",
			"FILTER (WHERE "+talking+"), 0) / 1e7 AS talk", "FILTER (WHERE phase = 'connected'), 0) / 1e7 AS talk"),
		row("longest-hold", "tells the longest hold, not all of them",
			"SUM(until - at) FILTER (WHERE phase = 'held')", "MAX(until - at) FILTER (WHERE phase = 'held')"),
		row("wrap-of-one", "tells the longest wrap, not that of all agents",
			"SUM(until - at) FILTER (WHERE phase = 'wrap')", "MAX(until - at) FILTER (WHERE phase = 'wrap')"),
		row("agents-are-channels", "counts the channels of agents, so that who comes back is two",
			"COUNT(DISTINCT agent_id) FILTER (WHERE "+talking+")", "COUNT(DISTINCT channel_id) FILTER (WHERE "+talking+")"),
		row("agents-who-were-rung", "counts agents who were offered the call and did not take it",
			"COUNT(DISTINCT agent_id) FILTER (WHERE "+talking+")", "COUNT(DISTINCT agent_id) FILTER (WHERE role = 'agent')"),
	}
}
