// Package rulebook says what a correct consumer does, as one table.
//
// A rule's ID comes in; the demand, the reason, the source and how to mend what breaks it come out.
// Examinations, faults, the documentation and the console take them from here. It never looks at a
// consumer.
package rulebook

// ID names a rule. It is stable: waivers and baselines hold it.
type ID string

// The rules.
const (
	AnswerInTime          ID = "answer-in-time"
	AcceptValid           ID = "accept-valid"
	AcceptExternal        ID = "accept-external"
	AcceptNullIDs         ID = "accept-null-ids"
	AcceptPresence        ID = "accept-presence"
	AcceptVersions        ID = "accept-versions"
	IgnoreUnknownTypes    ID = "ignore-unknown-types"
	IgnoreUnknownMembers  ID = "ignore-unknown-members"
	AnswerUnusable        ID = "answer-unusable"
	ReadAnyJSON           ID = "read-any-json"
	ReadLargeBodies       ID = "read-large-bodies"
	ReadWholeBody         ID = "read-whole-body"
	IgnoreMediaParameters ID = "ignore-media-parameters"
	HeaderNamesInAnyCase  ID = "header-names-in-any-case"
	TimestampsOfAnyLength ID = "timestamps-of-any-length"
	GUIDsOfAnyForm        ID = "guids-of-any-form"
	RecoverFromCutOff     ID = "recover-from-cut-off"
	KeepAnswering         ID = "keep-answering"

	VerifySignature      ID = "verify-signature"
	RequireToken         ID = "require-token"
	OnlyHS256            ID = "only-hs256"
	CompareHash          ID = "compare-hash"
	HashRawBody          ID = "hash-raw-body"
	RequireExp           ID = "require-exp"
	RefuseExpired        ID = "refuse-expired"
	TolerateEarlyIat     ID = "tolerate-early-iat"
	RefuseWithoutStoring ID = "refuse-without-storing"
	DecodeSecret         ID = "decode-secret"
	TokenWithoutPrefix   ID = "token-without-prefix"
	AcceptNextSecret     ID = "accept-next-secret"

	CountOnce               ID = "count-once"
	KeyIsSourceAndID        ID = "key-is-source-and-id"
	IDsAreCaseSensitive     ID = "ids-are-case-sensitive"
	NewIDIsNew              ID = "new-id-is-new"
	RememberLong            ID = "remember-long"
	InteractionFromData     ID = "interaction-from-data"
	AgentIDIsText           ID = "agent-id-is-text"
	ChannelsApart           ID = "channels-apart"
	ConversationsApart      ID = "conversations-apart"
	OrderByTimestamp        ID = "order-by-timestamp"
	OrderNotByTime          ID = "order-not-by-time"
	OrderSameInstant        ID = "order-same-instant"
	CompareInstants         ID = "compare-instants"
	StoreBeforeAlerted      ID = "store-before-alerted"
	NeverReopen             ID = "never-reopen"
	PhasesApart             ID = "phases-apart"
	SumPhases               ID = "sum-phases"
	KeepFractions           ID = "keep-fractions"
	DurationsFromTimestamps ID = "durations-from-timestamps"
	AcrossMidnight          ID = "across-midnight"
	ZeroLengthPhases        ID = "zero-length-phases"
	FailedOffers            ID = "failed-offers"
	CloseEveryPhase         ID = "close-every-phase"
	RolesApart              ID = "roles-apart"
	PresenceApart           ID = "presence-apart"
	FiguresAgree            ID = "figures-agree"

	ConcurrentConversations ID = "concurrent-conversations"
	ConcurrentNotifications ID = "concurrent-notifications"
	ConcurrentDuplicates    ID = "concurrent-duplicates"
	RetryIsNoDuplicate      ID = "retry-is-no-duplicate"
	StoreBeforeAnswer       ID = "store-before-answer"
	WholeOrNothing          ID = "whole-or-nothing"
	RememberAcrossRestart   ID = "remember-across-restart"
	Endure                  ID = "endure"
)

// Level is how far a consumer has come that breaks no rule of it, nor of those before.
type Level uint8

// The levels.
const (
	Receives Level = iota // takes what is sent, whatever its form
	Secure                // believes only what is signed
	Correct               // tells the truth about what happened
	Robust                // also when much happens at once, and when it crashes
)

// Rule is one rule.
type Rule struct {
	ID     ID
	Level  Level
	Demand string // what a correct consumer does
	Broken string // what is wrong with one that does not
	Mend   string // what to do about it
}

// Rules lists all rules. A more basic one stands before those that need it.
func Rules() []Rule { return append([]Rule(nil), rules[:]...) }

var rules = [...]Rule{
	{AnswerInTime, Receives, "responds within 10 seconds",
		"no response within the time limit: the sender gives up and tries again, for up to 24 hours",
		"Check, store and answer; do the real work afterwards."},
	{AcceptValid, Receives, "accepts every valid notification with a status from 200 to 205",
		"refuses valid notifications: they come again for 24 hours, and are lost then",
		"Answer 204 as soon as the notification is stored."},
	{AcceptExternal, Receives, "accepts parties without agentId and userId: customers have none",
		"cannot handle a party without agentId",
		"Read agentId and userId only where they are, and store nothing in their place where they are not."},
	{AcceptNullIDs, Receives, "accepts parties whose agentId and userId are null",
		"cannot handle an agentId that is null",
		"Treat null as absent."},
	{AcceptPresence, Receives, "accepts agent.presencechanged, which is about no channel",
		"fails on notifications that have no channel",
		"Look at type before you read data.channel; agent events have data.user and data.presence in its place."},
	{AcceptVersions, Receives, "accepts v0 and v1 of an event type, side by side",
		"does not accept both versions of the event types",
		"Cut .v0 or .v1 off the type, and handle what is left."},
	{IgnoreUnknownTypes, Receives, "accepts types of events that it does not know, and ignores or stores them",
		"fails on unknown types: each new one comes again for 24 hours",
		"Answer 204 to a type that you do not know, and keep the body."},
	{IgnoreUnknownMembers, Receives, "ignores members that it does not know",
		"fails on unknown members",
		"Switch off whatever rejects unknown members in your JSON library or schema."},
	{AnswerUnusable, Receives, "is done with a signed body that it cannot use: any 2xx or 4xx but 401, 408 and 429",
		"asks for bodies again that it can never use",
		"Answer 204 or 400: the same bytes come again with every retry."},
	{ReadAnyJSON, Receives, "reads JSON in any lawful way of writing it",
		"reads one way of writing JSON only",
		"Read bodies with a JSON parser, never by searching the text."},
	{ReadLargeBodies, Receives, "reads bodies of up to 256 KiB",
		"refuses or cuts large bodies",
		"Allow 1 MiB."},
	{ReadWholeBody, Receives, "waits for the whole body, in however many pieces it comes",
		"takes the first piece of the body for all of it",
		"Read until the end of the body, however long it takes and in however many pieces it comes."},
	{IgnoreMediaParameters, Receives, "ignores parameters of Content-Type, such as charset",
		"compares Content-Type to the letter",
		"Parse Content-Type, and compare the type without its parameters; or do not look at it."},
	{HeaderNamesInAnyCase, Receives, "reads the names of headers in any case",
		"knows headers in one spelling only",
		"Look headers up by a function of your framework that ignores case."},
	{TimestampsOfAnyLength, Receives, "reads timestamps with 0 to 7 fractional digits",
		"reads timestamps of one length only",
		"Parse timestamps as ISO 8601 with 0 to 7 fractional digits."},
	{GUIDsOfAnyForm, Receives, "takes identifiers as they are: not every GUID is of version 4",
		"demands GUIDs of one form",
		"Keep identifiers as text; compare them without regard to case."},
	{RecoverFromCutOff, Receives, "accepts the next attempt after a connection was cut within a body",
		"does not recover from a connection that was cut",
		"Store nothing before the body is whole and its token is checked."},
	{KeepAnswering, Receives, "goes on answering after refusals, cut connections and unusable bodies",
		"stops answering after a while",
		"Close bodies and give connections back on every path, also where you refuse."},
	{VerifySignature, Secure, "refuses tokens made with another key",
		"does not verify the signature: anybody can send it anything",
		"Compute HMAC-SHA256 over the first two parts of the token with the decoded secret, and compare it with the third in constant time."},
	{RequireToken, Secure, "refuses requests without a token",
		"accepts notifications that are not signed",
		"Answer 401 where the header is absent, empty or no token."},
	{OnlyHS256, Secure, "refuses any algorithm but HS256, above all none",
		"trusts the algorithm that the token names",
		"Name HS256 as the only algorithm when you verify; never take it from the token."},
	{CompareHash, Secure, "compares payload_hash with the hash of the body",
		"does not compare the hash of the body: one token works for any body",
		"Compute SHA-256 of the raw body in lower-case hexadecimal, and compare all 64 digits with the claim payload_hash."},
	{HashRawBody, Secure, "hashes the bytes of the body as they came",
		"hashes the body as it has encoded it anew, not the bytes that came",
		"Hash the bytes as they came, before any parser touches them."},
	{RequireExp, Secure, "refuses tokens without exp",
		"accepts tokens that never expire",
		"Refuse a token without exp: most libraries accept it unless told otherwise."},
	{RefuseExpired, Secure, "refuses expired tokens",
		"ignores exp: a token that was seen once works for ever",
		"Refuse a token whose exp is not later than now, with no tolerance or one of seconds."},
	{TolerateEarlyIat, Secure, "accepts tokens whose iat lies ahead: the clocks of two machines differ",
		"refuses tokens that a clock ahead of its own has issued",
		"Do not compare iat with your clock; exp ends a token."},
	{RefuseWithoutStoring, Secure, "stores nothing of what it refuses",
		"refuses forgeries, and stores them all the same",
		"Verify first, and return before anything is stored."},
	{DecodeSecret, Secure, "decodes the secret from Base64 and uses the bytes as the key",
		"uses the text of the secret as the key, not what it decodes to",
		"Decode the secret from Base64 to bytes, and use these bytes, not a text made of them, as the key."},
	{TokenWithoutPrefix, Secure, "takes the whole header for the token",
		"expects something before the token",
		"Take the whole header for the token; cut \"Bearer \" off only if it is there."},
	{AcceptNextSecret, Secure, "accepts tokens made with the next secret while secrets are changed",
		"refuses the next secret: what is sent after a rotation is lost",
		"Try the old and the new secret until no token made with the old one comes."},
	{CountOnce, Correct, "counts a duplicate once; source and id are the key",
		"counts duplicates again",
		"Put a unique key on source and id, and store it in the transaction that stores the event."},
	{KeyIsSourceAndID, Correct, "takes two notifications with one id and different sources for two",
		"takes id alone for the key of duplicates",
		"Make source and id together the unique key."},
	{IDsAreCaseSensitive, Correct, "tells ids apart that differ in case only",
		"takes ids that differ in case for one",
		"Use a column or comparison that tells upper from lower case."},
	{NewIDIsNew, Correct, "takes a notification with a new id for a new one, whatever it says",
		"takes another notification with the same content for a duplicate",
		"Take source and id alone for the key, not what the notification says."},
	{RememberLong, Correct, "knows duplicates after many others, and after a long time",
		"forgets what it has seen too early: late duplicates count again",
		"Keep the keys for two days, in the database and not in a cache of some size."},
	{InteractionFromData, Correct, "takes the interaction from data.channel.interactionId",
		"takes something else for the interaction; subject is the channel",
		"Read data.channel.interactionId."},
	{AgentIDIsText, Correct, "keeps agentId as text: 0150 is not 150",
		"changes agentId: it is text, and leading zeros count",
		"Store agentId as text."},
	{ChannelsApart, Correct, "keeps the channels of a conversation apart: channelId is the key",
		"mixes up channels of one conversation",
		"Key everything about a channel by data.channel.channelId."},
	{ConversationsApart, Correct, "keeps conversations apart",
		"mixes up conversations",
		"Key conversations by data.channel.conversationId."},
	{OrderByTimestamp, Correct, "orders by data.timestamp, not by arrival",
		"trusts the order of arrival",
		"Store each event with its data.timestamp, and work phases out from the events in that order."},
	{OrderNotByTime, Correct, "orders by data.timestamp, not by time or id",
		"orders by something else than data.timestamp",
		"Sort by data.timestamp: time is the moment of sending in v0, and ids hold its second."},
	{OrderSameInstant, Correct, "orders notifications with equal timestamps by their types",
		"trusts chance where timestamps are equal",
		"Within a channel and an instant: alerted, connected; then retrieved, unparked, resumed; then disconnected, wrapstarted, ended."},
	{CompareInstants, Correct, "compares timestamps as instants, with all of their digits",
		"compares timestamps as texts, or cuts their digits",
		"Parse timestamps before you compare them: as texts, 10:00:05Z sorts behind 10:00:05.123Z."},
	{StoreBeforeAlerted, Correct, "keeps what arrives before the channel's first notification",
		"loses what arrives before the channel's alerted",
		"Create the channel with whichever of its events comes first."},
	{NeverReopen, Correct, "puts late notifications in their place; nothing follows ended",
		"a late notification undoes a later state",
		"Insert a late event where its timestamp says, and work the phases out again; never let the last arrival decide."},
	{PhasesApart, Correct, "tells held, parked, interrupted, unexpected and wrap apart",
		"takes one phase for another",
		"Handle held, parked, interrupted, unexpected and wrap as phases of their own."},
	{SumPhases, Correct, "adds up a phase that comes more than once",
		"counts a phase once that came more than once",
		"Add up all stays in a phase: a call may be on hold more than once."},
	{KeepFractions, Correct, "keeps the fractions of seconds",
		"loses fractions of seconds",
		"Keep at least milliseconds, and round only what you show."},
	{DurationsFromTimestamps, Correct, "takes durations from data.timestamp, not from arrival",
		"measures arrival, not what happened",
		"Subtract data.timestamp of the event that begins a phase from that of the one that ends it."},
	{AcrossMidnight, Correct, "counts on over midnight and a change of daylight saving",
		"is wrong over midnight or a change of daylight saving",
		"Subtract instants in UTC, never times of day or local times."},
	{ZeroLengthPhases, Correct, "copes with phases of no length",
		"fails on phases of no length",
		"Let a phase have no length: two events of a channel may have one timestamp."},
	{FailedOffers, Correct, "does not take a failed offer for an answer",
		"takes a failed offer for something else",
		"connectionfailed begins unexpected: nobody was connected; the next offer is a channel of its own."},
	{CloseEveryPhase, Correct, "ends each phase when the channel leaves it, also by hanging up while away",
		"leaves phases open, or ends them wrongly",
		"End the phase that a channel is in with whichever event comes next; disconnected, wrapstarted and ended end any."},
	{RolesApart, Correct, "tells external, agent, monitor and voicemail apart",
		"takes one role for another",
		"Read party.role: a monitor listens, and is no agent of the call."},
	{PresenceApart, Correct, "leaves channels alone when an agent's presence changes",
		"presence changes move channels",
		"Keep presence by agent, apart from channels."},
	{FiguresAgree, Correct, "has figures of the conversation that agree with its channels",
		"figures of the conversation are wrong",
		"Compute figures of a conversation from its channels as docs/examine.md defines them."},
	{ConcurrentConversations, Robust, "keeps conversations apart that arrive at the same time",
		"loses or mixes up conversations that arrive at the same time",
		"Keep what you know by conversation, guarded by a lock or in a database."},
	{ConcurrentNotifications, Robust, "loses nothing of a conversation whose notifications arrive at the same time",
		"loses updates: notifications of one conversation at the same time overwrite each other",
		"Append events, or lock the row that you read before you write it back."},
	{ConcurrentDuplicates, Robust, "counts a notification once that arrives twice at the same time",
		"counts duplicates again that arrive at the same time",
		"Let a unique key decide, not a look whether it is there."},
	{RetryIsNoDuplicate, Robust, "takes the next attempt of what it has not stored for new",
		"marks notifications as seen before it has stored them: the retry is dropped",
		"Mark a notification as seen in the transaction that stores it."},
	{StoreBeforeAnswer, Robust, "has stored what it accepted, and knows it after a crash",
		"responds before it has stored: accepted notifications are lost in a crash",
		"Answer after the commit, not before it."},
	{WholeOrNothing, Robust, "stores a notification whole or not at all",
		"a crash within a request leaves half of it behind",
		"Store everything about a notification in one transaction."},
	{RememberAcrossRestart, Robust, "knows after a restart which notifications it has seen",
		"forgets in a restart what it has seen: duplicates count again",
		"Keep the keys of what you have seen where the events are: in the database."},
	{Endure, Robust, "is as fast after thousands of notifications as before",
		"slows down, or stops, after thousands of notifications",
		"Bound what you keep in memory, and index what you search."},
}
