package evidence

import (
	"slices"

	"github.com/ringback/ringback/internal/rulebook"
)

// bookFacts say what a rule of the rule book rests on, and what shows the same.
var bookFacts = map[rulebook.ID]fact{
	rulebook.AnswerInTime: {rules: []rule{{bestPractice, "The time limit of an answer is 10 seconds."}}, see: []string{"response"}},
	rulebook.AcceptValid:  {rules: []rule{{bestPractice, "200 to 205 are success."}, resent}, switches: []string{"success"}, see: []string{"response", "retries"}},
	rulebook.AcceptExternal: {rules: []rule{
		{alertedPage, "agentId is for agents and monitors."}, {none, "Others have neither agentId nor userId: they are absent."},
	}, switches: []string{"absent-ids"}, see: []string{"external", "data.channel.party.agentId"}},
	rulebook.AcceptNullIDs:  {rules: []rule{{none, "Identifiers that are not there may be null."}}, switches: []string{"absent-ids"}, see: []string{"data.channel.party.agentId"}},
	rulebook.AcceptPresence: {rules: []rule{{presencePage, "agent.presencechanged is about an agent and has no channel."}}, see: []string{"agent.presencechanged"}},
	rulebook.AcceptVersions: {rules: []rule{{laterPage, "v0 and v1 are types of their own."}, {none, "Both of one event are two notifications with different IDs."}}, see: []string{"type"}},

	rulebook.IgnoreUnknownTypes:    {rules: []rule{moreTypes}, see: []string{"unknown-type", "type"}},
	rulebook.IgnoreUnknownMembers:  {rules: []rule{moreNames}, see: []string{"unknown-member", "data"}},
	rulebook.AnswerUnusable:        {rules: []rule{useless, resent}, see: []string{"malformed-json", "missing-member"}},
	rulebook.ReadAnyJSON:           {rules: []rule{anyStyle}, switches: []string{"body-style"}, see: []string{"body-style", "body"}},
	rulebook.ReadLargeBodies:       {rules: []rule{{none, "No limit is documented."}}, see: []string{"body"}},
	rulebook.ReadWholeBody:         {rules: []rule{pieces}, see: []string{"slow-body"}},
	rulebook.IgnoreMediaParameters: {rules: []rule{{sampleConsumer, "application/cloudevents+json."}, {none, "A parameter such as charset changes nothing."}}, switches: []string{"content-type"}, see: []string{"Content-Type"}},
	rulebook.HeaderNamesInAnyCase:  {rules: []rule{{none, "HTTP ignores the case of the names of headers."}}, see: []string{"Vonage-Signature"}},
	rulebook.TimestampsOfAnyLength: {rules: []rule{
		{alertedPage, "The example has 3 digits."}, {presencePage, "That of agent events has 7."}, {none, "Other numbers may come."},
	}, switches: []string{"timestamp-digits"}, see: []string{"data.timestamp"}},
	rulebook.GUIDsOfAnyForm:    {rules: []rule{{alertedPage, "The example has GUIDs of no variant of RFC 4122."}}, switches: []string{"id-form"}, see: []string{"data.channel.conversationId"}},
	rulebook.RecoverFromCutOff: {rules: []rule{resent, {none, "An attempt that breaks off has failed."}}, see: []string{"reset", "retries"}},
	rulebook.KeepAnswering:     {rules: []rule{{none, "Anybody can send anything to the URL."}}, see: []string{"malformed-json", "reset"}},

	rulebook.VerifySignature:      {rules: []rule{verified}, see: []string{"wrong-key", "Vonage-Signature"}},
	rulebook.RequireToken:         {rules: []rule{verified}, see: []string{"unsigned", "Vonage-Signature"}},
	rulebook.OnlyHS256:            {rules: []rule{{sampleConsumer, "The algorithm is HS256."}, {none, "It is, whatever a token names."}}, see: []string{"alg-none", "alg"}},
	rulebook.CompareHash:          {rules: []rule{hashed}, see: []string{"tampered-body", "payload_hash"}},
	rulebook.HashRawBody:          {rules: []rule{hashed, anyStyle}, switches: []string{"body-style"}, see: []string{"body-style", "payload_hash"}},
	rulebook.RequireExp:           {rules: []rule{fiveMin, {none, "So a token without exp is none of the sender's."}}, see: []string{"exp"}},
	rulebook.RefuseExpired:        {rules: []rule{fiveMin, noNeed}, see: []string{"expired-token", "exp"}},
	rulebook.TolerateEarlyIat:     {rules: []rule{iatAhead}, switches: []string{"token-clock"}, see: []string{"early-token", "iat"}},
	rulebook.RefuseWithoutStoring: {rules: []rule{verified, {none, "What is refused has not happened."}}, see: []string{"wrong-key"}},
	rulebook.DecodeSecret:         {rules: []rule{{sampleConsumer, "The key is the secret, decoded from Base64."}}, see: []string{"secret", "Vonage-Signature"}},
	rulebook.TokenWithoutPrefix: {rules: []rule{
		{sampleConsumer, "The consumer reads the bare token; before October 2024 it read one behind Bearer."},
	}, switches: []string{"signature-prefix"}, see: []string{"Vonage-Signature"}},
	rulebook.AcceptNextSecret: {rules: []rule{
		{updatePage, "A subscription's secret can be changed."}, {subscriptionsPage, "The change takes effect within 30 seconds."},
		{none, "So both secrets are needed for a while."},
	}, see: []string{"rotate-key", "secret"}},

	rulebook.CountOnce:           {rules: []rule{again, keyed}, see: []string{"duplicate", "id"}},
	rulebook.KeyIsSourceAndID:    {rules: []rule{keyed}, see: []string{"id", "source"}},
	rulebook.IDsAreCaseSensitive: {rules: []rule{{alertedPage, "id is a KSUID."}, {none, "The alphabet of KSUIDs has upper and lower case."}}, see: []string{"id"}},
	rulebook.NewIDIsNew:          {rules: []rule{keyed, {none, "Nothing else is. Both versions of one event have the same content and different IDs: counting them as one is right as well."}}, see: []string{"id"}},
	rulebook.RememberLong:        {rules: []rule{resent}, see: []string{"duplicate", "late-retry"}},
	rulebook.InteractionFromData: {rules: []rule{{alertedPage, "subject is the channel; the interaction is in data.channel.interactionId."}}, see: []string{"data.channel.interactionId"}},
	rulebook.AgentIDIsText:       {rules: []rule{{webhooksPages, displayID}}, see: []string{"data.channel.party.agentId"}},
	rulebook.ChannelsApart:       {rules: []rule{{channelTypes, "An interaction has one channel for each participant."}, {none, "Who is offered it again gets a new one."}}, see: []string{"data.channel.channelId"}},
	rulebook.ConversationsApart:  {rules: []rule{{alertedPage, "conversationId identifies the conversation."}}, see: []string{"data.channel.conversationId"}},

	rulebook.OrderByTimestamp: {rules: []rule{disorder}, see: []string{"reorder", "data.timestamp", "order"}},
	rulebook.OrderNotByTime: {rules: []rule{{alertedPage, "time is the moment the notification was sent, and timestamp that of the event."}, {bestPractice, "The timestamps tell the logical order."}},
		see: []string{"time", "data.timestamp"}},
	rulebook.OrderSameInstant: {rules: []rule{
		{wrapPage, "Simultaneous events share data.timestamp."}, {bestPractice, "They may arrive in any order."}, {channelTypes, "The lifecycle of channels is documented."},
	}, see: []string{"data.timestamp", "order"}},
	rulebook.CompareInstants:    {rules: []rule{{alertedPage, "Moments are in ISO 8601."}, {none, "Any number of digits may come."}}, switches: []string{"timestamp-digits"}, see: []string{"data.timestamp"}},
	rulebook.StoreBeforeAlerted: {rules: []rule{disorder}, see: []string{"reorder", "channel.alerted"}},
	rulebook.NeverReopen:        {rules: []rule{{endedPage, "Nothing follows ended on a channel."}, disorder}, see: []string{"late-retry", "channel.ended"}},

	rulebook.PhasesApart:             {rules: []rule{{channelTypes, "The lifecycle of channels is documented."}}, see: []string{"held", "parked", "interrupted", "unexpected", "wrap"}},
	rulebook.SumPhases:               {rules: []rule{{channelTypes, "A channel returns to connected, and may leave it again."}}, see: []string{"held", "parked"}},
	rulebook.KeepFractions:           {rules: []rule{{alertedPage, "The example has milliseconds."}}, see: []string{"data.timestamp"}},
	rulebook.DurationsFromTimestamps: {rules: []rule{{alertedPage, "timestamp is the moment of the event."}, {wrapPage, "Where a phase ends as another begins, both have the same timestamp."}}, see: []string{"data.timestamp"}},
	rulebook.AcrossMidnight:          {rules: []rule{{alertedPage, "Moments are in UTC."}}, see: []string{"data.timestamp"}},
	rulebook.ZeroLengthPhases:        {rules: []rule{{alertedPage, "alerted comes when alerting starts, for an inbound interaction with no duration."}}, see: []string{"alerting"}},
	rulebook.FailedOffers:            {rules: []rule{{failedPage, "For instance the party rejected the connection, or its device was busy."}}, switches: []string{"unexpected-time"}, see: []string{"channel.connectionfailed", "unexpected"}},
	rulebook.CloseEveryPhase: {rules: []rule{{wrapPage, "Connected ends as wrap begins."}, {endedPage, "Or it ends as the channel does."},
		{none, "A channel that is away may end without returning."}}, switches: []string{"hangup-while-away", "abandon"}, see: []string{"channel.disconnected", "channel.ended"}},
	rulebook.RolesApart:    {rules: []rule{{channelTypes, "An interaction has one channel for each participant."}, {monitoringPage, "A supervisor may listen in."}}, see: []string{"data.channel.party.role", "monitor"}},
	rulebook.PresenceApart: {rules: []rule{{presencePage, "The event is about an agent and has no channel."}, {interactionLife, "Through an inbound call the presence stays Ready."}}, see: []string{"agent.presencechanged"}},
	rulebook.FiguresAgree:  {rules: []rule{{consumerDocs, "That page defines the figures."}}, see: []string{"data.channel.conversationId"}},

	rulebook.ConcurrentConversations: {rules: []rule{{none, "Notifications of several conversations come side by side."}}, see: []string{"order"}},
	rulebook.ConcurrentNotifications: {rules: []rule{{bestPractice, "The order is not guaranteed."}, {none, "So notifications of one conversation come side by side, too."}}, see: []string{"order"}},
	rulebook.ConcurrentDuplicates:    {rules: []rule{again, {none, "A duplicate may come while the first is worked on."}}, see: []string{"duplicate"}},
	rulebook.RetryIsNoDuplicate:      {rules: []rule{resent, keyed}, see: []string{"retries", "id"}},
	rulebook.StoreBeforeAnswer:       {rules: []rule{resent, {none, "What was accepted comes no more."}}, see: []string{"response"}},
	rulebook.WholeOrNothing:          {rules: []rule{resent, {none, "An attempt without an answer has failed."}}, see: []string{"retries"}},
	rulebook.RememberAcrossRestart:   {rules: []rule{resent}, see: []string{"duplicate", "retries"}},
	rulebook.Endure:                  {rules: []rule{{none, "Notifications come all day."}}, see: []string{"retries"}},
}

// book are the rules of the rule book.
func book() (all []Entry) {
	for _, r := range rulebook.Rules() {
		f := bookFacts[r.ID]
		e := f.entry(BookRule, string(r.ID), "A correct consumer "+r.Demand+".")
		e.Why, e.Mend = r.Why, r.Mend
		e.mark = markOf(slices.Concat(f.see, f.switches)...)
		all = append(all, e)
	}
	return all
}

// broken is the first rule of the rule book among subjects: a consumer that answers a fault wrongly breaks it.
func broken(subjects []string) rulebook.Rule {
	for _, s := range subjects {
		if r := rulebook.Of(rulebook.ID(s)); r.ID != "" {
			return r
		}
	}
	return rulebook.Rule{}
}
