package main

// row is one consumer, and the check of "ringback examine" that tells it from the correct
// one.
type row struct {
	name string
	make func() *consumer
	told string // the check that it fails; "" for none
}

// rows lists all consumers.
func rows() []row {
	return []row{
		{"correct", correct, ""},
		{"no-signature-check", noSignatureCheck, "wrong-key"},
		{"accepts-unsigned", acceptsUnsigned, "unsigned"},
		{"accepts-alg-none", acceptsAlgNone, "alg-none"},
		{"ignores-exp", ignoresExp, "expired-token"},
		{"ignores-hash", ignoresHash, "tampered-body"},
		{"counts-twice", countsTwice, "duplicate"},
		{"trusts-arrival", trustsArrival, "disorder"},
		{"ties-by-arrival", tiesByArrival, "same-instant"},
		{"subject-is-interaction", subjectIsInteraction, "interaction"},
		{"fails-on-unknown-types", failsOnUnknownTypes, "unknown-type"},
		{"needs-agent-id", needsAgentID, "absent-ids"},
		{"null-agent-id", nullAgentID, "null-ids"},
		{"three-digits-only", threeDigitsOnly, "timestamp-digits"},
		{"answers-before-storing", answersBeforeStoring, "survives-restart"},
		{"blocks-sender", blocksSender, "answers-in-time"},
		{"refuses-unknown-members", refusesUnknownMembers, "unknown-member"},
		{"only-v0", onlyV0, "event-versions"},
		{"numbers-agents", numbersAgents, "leading-zeros"},
		{"reads-first-piece", readsFirstPiece, "slow-body"},
		{"one-call-at-a-time", oneCallAtATime, "many-at-once"},
		{"breaks-on-bad-json", breaksOnBadJSON, "unusable-body"},
		{"channels-only", channelsOnly, "presence"},
	}
}
