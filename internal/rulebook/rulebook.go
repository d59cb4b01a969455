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
	Why    string // what happens that makes it necessary
}

// Rules lists all rules. A more basic one stands before those that need it.
func Rules() []Rule { return append([]Rule(nil), rules[:]...) }

// Of is the rule with an ID; its zero value if there is none.
func Of(id ID) Rule {
	for _, r := range rules {
		if r.ID == id {
			return r
		}
	}
	return Rule{}
}
