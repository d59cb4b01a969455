package evidence

import "github.com/ringback/ringback/scenario/assume"

// assumptionFacts say what is public about an assumption. That its default holds is assumed in
// any case.
var assumptionFacts = map[assume.Name][]rule{
	assume.AbsentIDs:   {{alertedPage, "agentId is for agents and monitors."}, {none, "Others have neither agentId nor userId; in which form is not documented."}},
	assume.HeldChannel: {{centrePages, "Hold is on the party that is put on hold: a customer's channel is alerting, connected, held."}},
	assume.HangupWhileAway: {{centrePages, "held lasts until retrieved."},
		{none, "What happens to a channel that ends meanwhile is not documented."}},
	assume.InterruptAt: {{webhooksPages, "Other work is interrupted when a call takes precedence."}, {none, "When exactly is not documented."}},
	assume.ResumeAt: {{resumedPage, "The agent has completed the work on the more important interaction."},
		{none, "After-work belongs to it."}},
	assume.Reason: {{webhooksPages, "released is the only documented value."},
		{otherPages, "That API also names NumberBusy, NoAnswer, NumberUnobtainable, CallRejected and CallFailed."}},
	assume.DisconnectedReason: {{webhooksPages, "ended and connectionfailed have a reason."}, {none, "disconnected has none in the documentation."}},
	assume.Abandon: {{webhooksPages, "connectionfailed is for parties that reject, are busy or do not answer."},
		{none, "A caller who gives up is none of them."}},
	assume.AgentLeg: {{centrePages, "VCC rings the agent's phone first; when the agent has answered, the target is dialled."},
		{none, "That the ringing shows on the agent's channel is not documented."}},
	assume.TimestampDigits: {{alertedPage, "The example has 3 digits."}, {webhooksPages, "That of agent events has 7."}, {none, "No other number is excluded."}},
	assume.TimeDigits:      {{alertedPage, "The example has 7 digits, all significant."}, {none, "No other number is excluded."}},
	assume.IDForm: {{alertedPage, "The example has GUIDs of no variant of RFC 4122, such as 3e71f453-116a-3abc-7769-bc678ef6e080."},
		{statisticsPages, "In that API the first external channel has the GUID of its interaction."}},
	assume.BodyStyle: {{none, "How bodies are written is not documented; the examples are published over several lines."}},
	assume.UnexpectedTime: {{otherPages, "In that API unexpected is a state with a duration."},
		{centrePages, "An agent who rejected or missed an offer is in No Answer for a configured time, or until he acts."},
		{none, "How long a channel is unexpected is not documented."}},
	assume.JoinedRole: {{centrePages, "A supervisor may coach, heard by the agent only, or join, heard by all."},
		{none, "The role after joining is not documented."}},
	assume.Success: {{webhooksPages, "200 to 205 are success. The same page says that what is not 2xx is retried."}},
	assume.RetryAfter: {{webhooksPages, "Retries come for up to 24 hours."},
		{none, "No public page mentions the header."}},
	assume.Redirects:       {{webhooksPages, "No redirect is among the statuses of success."}},
	assume.SignaturePrefix: {{sampleConsumer, "The consumer reads the bare token; before October 2024 it read one behind Bearer."}},
	assume.ContentType: {{sampleConsumer, "application/cloudevents+json."},
		{none, "No parameter follows it; one such as charset would change nothing."}},
	assume.TokenClock: {{webhooksPages, "A token expires five minutes after its issue."}, {sampleConsumer, "No clock tolerance is allowed."},
		{none, "How right the sender's clock is, is not documented."}},
	assume.MissingScope: {{webhooksPages, "The answer is 401 with {\"message\": \"Unauthorized\"} if the client has the scope and its token has not; to a client without it, 403."}},
}
