package evidence

// What is known of the members of notifications and of the requests that carry them.

const (
	displayID = "Text: leading zeros count, 01 is one of the documented values."
	ofAgents  = "External parties and voicemail have none: it is absent."
	forEver   = "An agent has one agentId and one userId for ever."
)

var memberFacts = map[string]fact{
	"specversion": {"", []rule{{alertedPage, "1.0, the version of CloudEvents."}}, nil, nil},
	"type": {"The type of event, in three parts: entity, event, version.", []rule{
		{alertedPage, "ENTITY.EVENT.VERSION, such as channel.alerted.v0."},
		{none, "The API may add types: ignore those that you do not know."},
	}, nil, []string{"unknown-type"}},
	"id": {"", []rule{
		{alertedPage, "A KSUID, of 27 characters. With source it is the key of the notification. In the examples its embedded time is a year or more away from time: do not compare them."},
		{bestPractice, "Duplicates are possible: count a key once."},
		{none, "ringback embeds the second of sending. Both versions of one event have different ids."},
	}, nil, []string{"duplicate"}},
	"source": {"", []rule{{alertedPage, "/channel for channel events."}, {presencePage, "/agent for agent events."}}, nil, nil},
	"subject": {"The subject of the event: the channel or the agent.", []rule{
		{alertedPage, "The channel ID, in the example equal to data.channel.channelId. It is not the interaction."},
		{presencePage, "For agent events the agent ID."},
	}, nil, []string{"interaction"}},
	"time": {"The moment of the notification.", []rule{
		{alertedPage, "ISO 8601 UTC, ending in Z; in v0 the moment of sending. The examples have 7 fractional digits."},
		{laterPage, "In v1 the moment of the event, though the example has it half a second behind data.timestamp."},
		{none, "Always 7 digits, all of which count."},
	}, []string{"time-digits"}, []string{"data.timestamp"}},
	"datacontenttype": {"", []rule{{alertedPage, "application/json."}}, nil, nil},
	"data": {"The event payload.", []rule{
		{alertedPage, "timestamp and channel for channel events."},
		{presencePage, "timestamp, presence and user for agent events."},
		{none, "The API may add members: ignore those that you do not know."},
	}, nil, []string{"unknown-member"}},
	"data.timestamp": {"The moment at which the event occurred.", []rule{
		{alertedPage, "ISO 8601 UTC, never the moment of sending; 3 fractional digits in the example."},
		{bestPractice, "The timestamps tell the logical order."},
		{wrapPage, "Events of one moment share it: disconnected and wrapstarted."},
		{presencePage, "The example of agent events has 7 digits."},
		{none, "Channel events have 3 digits and agent events 7, always."},
	}, []string{"timestamp-digits"}, []string{"time", "disorder"}},
	"data.channel": {"Further information about the channel.", []rule{
		{alertedPage, "conversationId, interactionId, channelId and party, in this order."}, {webhooksPages, "In every channel event."},
	}, nil, nil},
	"data.channel.conversationId": {"", []rule{
		{alertedPage, "A GUID; that of the example, 3e71f453-116a-3abc-7769-bc678ef6e080, is of no variant of RFC 4122."}, {webhooksPages, "A conversation holds one or more interactions."},
	}, []string{"id-form"}, []string{"data.channel.interactionId"}},
	"data.channel.interactionId": {"", []rule{
		{alertedPage, "A UUID."},
		{channelTypes, "An interaction has one channel for each participant."},
		{interactionPage, "In that API the first external channel has the GUID of its interaction."},
		{none, "Here it has one of its own."},
	}, []string{"id-form"}, []string{"interaction"}},
	"data.channel.channelId": {"The unique identifier of the channel.", []rule{
		{alertedPage, "A UUID, in the example equal to subject."},
		{none, "A party that is offered the interaction again gets a new channel."},
	}, []string{"id-form"}, []string{"subject"}},
	"data.channel.party":      {"", []rule{{alertedPage, "role, agentId and userId."}, {webhooksPages, "In every channel event."}}, nil, []string{"data.channel.party.role"}},
	"data.channel.party.role": {"", []rule{{alertedPage, "external, agent, monitor or voicemail."}}, nil, []string{"external", "agent", "monitor", "voicemail"}},
	"data.channel.party.agentId": {"", []rule{
		{alertedPage, "Agents and monitors have it."}, {webhooksPages, displayID}, {none, ofAgents + " " + forEver},
	}, []string{"absent-ids"}, []string{"leading-zeros", "absent-ids"}},
	"data.channel.party.userId": {"", []rule{{alertedPage, "A GUID in the example."}, {none, ofAgents + " " + forEver}}, []string{"absent-ids", "id-form"}, nil},
	"data.reason": {"Why the channel ended or failed to connect.", []rule{
		{endedPage, "In ended before channel. The only documented value is released."},
		{failedPage, "In connectionfailed behind channel; in the example it is released as well."},
		{none, "All of them have this value. disconnected has none."},
	}, []string{"reason", "disconnected-reason"}, []string{"channel.ended", "channel.connectionfailed"}},
	"data.presence":            {"", []rule{{presencePage, "In agent.presencechanged, instead of channel."}}, nil, nil},
	"data.presence.presenceId": {"", []rule{{presencePage, "A GUID in the example."}, {presencesPage, "In the Agents API it identifies a presence of the account."}}, nil, nil},
	"data.presence.category":   {"", []rule{{presencePage, "type, description and subcategory."}}, nil, nil},
	"data.presence.category.type": {"", []rule{
		{presencePage, "ready in the example."},
		{agentPresence, "The Agents API has LoggedOut, Away and ExtendedAway as well."},
		{presencesPage, "In the Agents API Break is Away."},
		{presenceLife, "In that API a lunch break and a team meeting are ExtendedAway."},
		{statesPage, "Extended Away is for longer times, such as lunch or training."},
		{none, "They are written loggedOut, away and extendedAway, as ready is. Comfort break is away; Lunch, In meeting, Paperwork, Team meeting and Training are extendedAway."},
	}, []string{"absence-category"}, nil},
	"data.presence.category.description": {"", []rule{
		{presencePage, "Ready in the example."}, {presencesPage, "The Agents API has Away and Extended Away as well."}, {agentPresence, "It also has Logged Out."},
		{none, "Each type has one description."},
	}, []string{"absence-category"}, []string{"data.presence.category.type"}},
	"data.presence.category.subcategory": {"", []rule{
		{presencePage, "readyOutbound in the example."},
		{presencesPage, "In the Agents API only Ready is split: its own presence has Ready, and every other one repeats its category."},
		{none, "The presence Ready has ready, as it is written there but for the first letter. Ready (Offline) has readyOffline."},
	}, []string{"absence-category", "offline-subcategory"}, []string{"data.presence.category.type"}},
	"data.presence.description": {"", []rule{
		{presencePage, "Ready (Outbound) in the example."},
		{agentPresence, "In the Agents API the logged-out presence is called Logged Out."},
		{callsPage, "There is also Ready (Offline)."},
		{none, "An account's own presences have whatever names it gives them."},
	}, nil, nil},
	"data.user":         {"", []rule{{presencePage, "In agent.presencechanged, instead of channel: agentId and userId."}}, nil, nil},
	"data.user.agentId": {"", []rule{{presencePage, "Equal to subject in the example."}, {webhooksPages, displayID}, {none, forEver}}, nil, []string{"subject"}},
	"data.user.userId":  {"", []rule{{presencePage, "A GUID in the example."}, {none, forEver}}, []string{"id-form"}, nil},
}

// namedFact is a fact about something that no other package lists.
type namedFact struct {
	name string
	fact
}

var requestFacts = []namedFact{
	{"Content-Type", fact{"The header with the media type of the body.", []rule{
		{sampleConsumer, "application/cloudevents+json."},
		{none, "No parameter follows it. One such as charset would change nothing."},
	}, []string{"content-type"}, nil}},
	{"Vonage-Signature", fact{"The header with the signature.", []rule{
		{signedPage, "A JSON Web Token."},
		{sampleConsumer, "Nothing stands before it, such as Bearer. 401 answers what does not verify."},
		{bestPractice, "What is not accepted is retried."},
	}, []string{"signature-prefix"}, []string{"payload_hash", "wrong-key", "unsigned"}}},
	{"User-Agent", fact{"The header that names the sender.", []rule{{none, "ringback, unless a target sets another. What the vendor's says is not documented: do not go by it."}}, nil, nil}},
	{"alg", fact{"The algorithm that the token names.", []rule{
		{sampleConsumer, "HS256; the key is the Base64-decoded secret of the subscription."},
		{none, "Never trust a token that names another."},
	}, nil, []string{"alg-none", "secret"}}},
	{"payload_hash", fact{"The claim with the hash of the body.", []rule{
		{sampleConsumer, "Lower-case hex of SHA-256 over the raw body: hash the bytes that came, not JSON that was read and written again."},
	}, nil, []string{"tampered-body", "body-style"}}},
	{"iat", fact{"The claim with the moment at which the token was issued.", []rule{
		{signedPage, "A token expires five minutes after it."},
		{none, "Whole seconds, by a clock that is right. Each attempt has a freshly signed token."},
	}, []string{"token-clock"}, []string{"exp", "early-token"}}},
	{"exp", fact{"The claim with the moment at which the token expires.", []rule{
		{signedPage, "Five minutes after iat."}, {sampleConsumer, "It is compared without tolerance for clocks."},
	}, []string{"token-clock"}, []string{"expired-token"}}},
	{"jti", fact{"The claim that names the token.", []rule{{sdkTokens, "A UUID."}, {none, "Notifications have it as those tokens do; no consumer needs it."}}, nil, nil}},
	{"iss", fact{"The claim with the issuer.", []rule{{sdkTokens, "Vonage."}, {none, "Notifications have it as those tokens do; no consumer needs it."}}, nil, nil}},
	{"body", fact{"The bytes of the request.", []rule{
		{signedPage, "The body is the payload, a CloudEvent."},
		{webhooksPages, "One notification for each request, in structured JSON."},
		{none, "Compact, in the documented order of members. Any other lawful JSON may come."},
	}, []string{"body-style"}, []string{"payload_hash"}}},
	{"response", fact{"What the consumer answers.", []rule{
		{bestPractice, "A status of 200 to 205 within 10 seconds accepts. The same page says that what is not 2xx is retried."},
		{none, "Everything else, redirects included, is a failed attempt."},
	}, []string{"success", "redirects"}, []string{"retries", "answers-in-time"}}},
	{"retries", fact{"What follows a failed attempt.", []rule{
		{bestPractice, "For up to 24 hours."},
		{none, "The schedule is not published: ringback waits 5 s, doubling, at most 15 min, and sends the same body with the same id."},
	}, []string{"retry-after"}, []string{"response", "late-retry"}}},
	{"order", fact{"The order in which notifications arrive.", []rule{{bestPractice, "Not guaranteed; data.timestamp tells the logical order."}}, nil, []string{"disorder", "reorder"}}},
	{"duplicates", fact{"The same notification more than once.", []rule{{bestPractice, "Possible: ignore them."}, {alertedPage, "source and id are the key."}}, nil, []string{"duplicate"}}},
}
