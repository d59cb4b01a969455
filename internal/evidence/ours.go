package evidence

import "github.com/ringback/ringback/scenario/fault"

// Rules that several faults and checks rest on.
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
	fault.Duplicate: {rules: []rule{again, keyed}, see: []string{"id"}},
	fault.Delay:     {rules: []rule{disorder}, see: []string{"order"}},
	fault.Reorder:   {rules: []rule{disorder}, see: []string{"order"}},
	fault.Drop:      {rules: []rule{{none, "What never arrives shows in the gap alone."}}},
	fault.LateRetry: {rules: []rule{resent, disorder}, see: []string{"retries"}},
	fault.SlowBody:  {rules: []rule{pieces}},
	fault.Reset:     {rules: []rule{resent, {none, "An attempt that breaks off has failed."}}, see: []string{"retries"}},
	fault.RotateKey: {rules: []rule{
		{updatePage, "A subscription's secret can be changed."}, {subscriptionsPage, "The change takes effect within 30 seconds."},
		{none, "So both secrets are needed for a while."},
	}, see: []string{"secret"}},
	fault.WrongKey:      {rules: []rule{verified}, see: []string{"Vonage-Signature"}},
	fault.ExpiredToken:  {rules: []rule{fiveMin, noNeed}, see: []string{"exp"}},
	fault.Unsigned:      {rules: []rule{verified}, see: []string{"Vonage-Signature"}},
	fault.AlgNone:       {rules: []rule{{sampleConsumer, "The algorithm is HS256."}, {none, "It is, whatever a token names."}}, see: []string{"alg"}},
	fault.TamperedBody:  {rules: []rule{hashed}, see: []string{"payload_hash"}},
	fault.MalformedJSON: {rules: []rule{useless}},
	fault.UnknownType:   {rules: []rule{moreTypes}, see: []string{"type"}},
	fault.UnknownMember: {rules: []rule{moreNames}, see: []string{"data"}},
	fault.MissingMember: {rules: []rule{useless}, see: []string{"data"}},
	fault.EarlyToken:    {rules: []rule{iatAhead}, switches: []string{"token-clock"}, see: []string{"iat"}},
	fault.BodyStyle:     {rules: []rule{hashed, anyStyle}, switches: []string{"body-style"}, see: []string{"payload_hash", "body"}},
}

// checkFacts say what a check of examine rests on, and what shows the same.
var checkFacts = map[string]fact{
	"answers-in-time": {rules: []rule{{bestPractice, "The time limit of an answer is 10 seconds."}}, see: []string{"response"}},
	"agent-channel":   {rules: []rule{{channelTypes, "The lifecycle of channels is documented."}, {wrapPage, "Where a phase ends as another begins, both have the same timestamp."}}, see: []string{"order"}},
	"absent-ids": {rules: []rule{
		{alertedPage, "agentId is for agents and monitors."}, {none, "Others have neither agentId nor userId: they are absent."},
	}, switches: []string{"absent-ids"}},
	"null-ids":       {rules: []rule{{none, "Identifiers that are not there may be null."}}, switches: []string{"absent-ids"}},
	"wrong-key":      {rules: []rule{verified}, see: []string{"Vonage-Signature"}},
	"unsigned":       {rules: []rule{verified}, see: []string{"Vonage-Signature"}},
	"alg-none":       {rules: []rule{{sampleConsumer, "The algorithm is HS256."}, {none, "It is, whatever a token names."}}, see: []string{"alg"}},
	"expired-token":  {rules: []rule{fiveMin, noNeed}, see: []string{"exp"}},
	"early-token":    {rules: []rule{iatAhead}, switches: []string{"token-clock"}, see: []string{"iat"}},
	"tampered-body":  {rules: []rule{hashed}, see: []string{"payload_hash"}},
	"duplicate":      {rules: []rule{again, keyed}, see: []string{"id"}},
	"disorder":       {rules: []rule{disorder}, see: []string{"data.timestamp", "reorder"}},
	"same-instant":   {rules: []rule{{wrapPage, "Simultaneous events share data.timestamp."}, {bestPractice, "They may arrive in any order."}}, see: []string{"data.timestamp"}},
	"interaction":    {rules: []rule{{alertedPage, "subject is the channel; the interaction is in data.channel.interactionId."}}, see: []string{"data.channel.interactionId"}},
	"leading-zeros":  {rules: []rule{{webhooksPages, displayID}}, see: []string{"data.channel.party.agentId"}},
	"body-style":     {rules: []rule{hashed, anyStyle}, switches: []string{"body-style"}, see: []string{"body"}},
	"id-form":        {rules: []rule{{alertedPage, "The example has GUIDs of no variant of RFC 4122."}}, switches: []string{"id-form"}, see: []string{"data.channel.conversationId"}},
	"event-versions": {rules: []rule{{laterPage, "v0 and v1 are types of their own."}, {none, "Both of one event are two notifications with different IDs."}}, see: []string{"type"}},
	"timestamp-digits": {rules: []rule{
		{alertedPage, "The example has 3 digits."}, {presencePage, "That of agent events has 7."}, {none, "Other numbers may come."},
	}, switches: []string{"timestamp-digits"}},
	"unknown-type":     {rules: []rule{moreTypes}, see: []string{"type"}},
	"unknown-member":   {rules: []rule{moreNames}, see: []string{"data"}},
	"presence":         {rules: []rule{{presencePage, "agent.presencechanged is about an agent and has no channel."}}, see: []string{"agent.presencechanged"}},
	"content-type":     {rules: []rule{{sampleConsumer, "application/cloudevents+json."}, {none, "A parameter such as charset changes nothing."}}, switches: []string{"content-type"}, see: []string{"Content-Type"}},
	"unusable-body":    {rules: []rule{useless}, see: []string{"malformed-json"}},
	"slow-body":        {rules: []rule{pieces}},
	"cut-off":          {rules: []rule{resent, {none, "An attempt that breaks off has failed."}}, see: []string{"reset", "retries"}},
	"many-at-once":     {rules: []rule{{none, "Notifications of several conversations come side by side."}}},
	"survives-restart": {rules: []rule{resent, {none, "What was accepted comes no more."}}, see: []string{"response"}},
}
