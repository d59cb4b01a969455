package evidence

import "github.com/ringback/ringback/scenario/fault"

// Rules that several faults and rules of the rule book rest on.
var (
	again     = rule{bestPractice, "Duplicates are possible."}
	keyed     = rule{alertedPage, "source and id are the key of a notification."}
	disorder  = rule{bestPractice, "The order is not guaranteed; the timestamps tell it."}
	resent    = rule{bestPractice, "What is not accepted is retried for up to 24 hours."}
	pieces    = rule{none, "HTTP lets a body come in pieces; wait for all of it."}
	verified  = rule{sampleConsumer, "The token is verified with the decoded secret of the subscription; 401 answers what fails."}
	fiveMin   = rule{signedPage, "A token expires five minutes after its issue."}
	noNeed    = rule{sampleConsumer, "No clock tolerance is allowed; 401 answers what fails."}
	iatAhead  = rule{none, "Clocks of two machines differ, and no document asks to compare iat with one; exp ends a token."}
	hashed    = rule{sampleConsumer, "payload_hash is compared with the hash of the raw body; 401 answers what fails."}
	useless   = rule{none, "The body is signed, so a retry would not mend it."}
	moreTypes = rule{none, "The API may add types of events; ignore those that you do not know."}
	moreNames = rule{none, "The API may add members; ignore those that you do not know."}
	anyStyle  = rule{none, "How bodies are written is not documented, and all of it is JSON."}
)

// faultFacts say why a correct consumer answers a fault as it must.
var faultFacts = map[fault.Kind]fact{
	fault.Duplicate: {rules: []rule{again, keyed}, see: []string{"count-once", "id"}},
	fault.Delay:     {rules: []rule{disorder}, see: []string{"order-by-timestamp", "order"}},
	fault.Reorder:   {rules: []rule{disorder}, see: []string{"order-by-timestamp", "order"}},
	fault.Drop:      {rules: []rule{{none, "What never arrives shows in the gap alone."}}},
	fault.LateRetry: {rules: []rule{resent, disorder}, see: []string{"never-reopen", "retries"}},
	fault.SlowBody:  {rules: []rule{pieces}, see: []string{"read-whole-body"}},
	fault.Reset:     {rules: []rule{resent, {none, "An attempt that breaks off has failed."}}, see: []string{"recover-from-cut-off", "retries"}},
	fault.RotateKey: {rules: []rule{
		{updatePage, "A subscription's secret can be changed."}, {subscriptionsPage, "The change takes effect within 30 seconds."},
		{none, "So both secrets are needed for a while."},
	}, see: []string{"accept-next-secret", "secret"}},
	fault.WrongKey:      {rules: []rule{verified}, see: []string{"verify-signature", "Vonage-Signature"}},
	fault.ExpiredToken:  {rules: []rule{fiveMin, noNeed}, see: []string{"refuse-expired", "exp"}},
	fault.Unsigned:      {rules: []rule{verified}, see: []string{"require-token", "Vonage-Signature"}},
	fault.AlgNone:       {rules: []rule{{sampleConsumer, "The algorithm is HS256."}, {none, "It is, whatever a token names."}}, see: []string{"only-hs256", "alg"}},
	fault.TamperedBody:  {rules: []rule{hashed}, see: []string{"compare-hash", "payload_hash"}},
	fault.MalformedJSON: {rules: []rule{useless}, see: []string{"answer-unusable"}},
	fault.UnknownType:   {rules: []rule{moreTypes}, see: []string{"ignore-unknown-types", "type"}},
	fault.UnknownMember: {rules: []rule{moreNames}, see: []string{"ignore-unknown-members", "data"}},
	fault.MissingMember: {rules: []rule{useless}, see: []string{"answer-unusable", "data"}},
	fault.EarlyToken:    {rules: []rule{iatAhead}, switches: []string{"token-clock"}, see: []string{"tolerate-early-iat", "iat"}},
	fault.BodyStyle:     {rules: []rule{hashed, anyStyle}, switches: []string{"body-style"}, see: []string{"hash-raw-body", "payload_hash", "body"}},
}
