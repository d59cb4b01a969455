package evidence

// What of the words of the language the vendor documents.

var stepFacts = map[string]fact{
	"call": {rules: []rule{{alertedPage, "The first channel of an inbound interaction alerts for no time at all."}}, see: []string{"channel.alerted", "external"}},
	"dial": {rules: []rule{
		{callsPage, "VCC rings the agent's phone first, and dials the target when the agent has answered."},
		{none, "That this ringing shows on the agent's channel."},
	}, switches: []string{"agent-leg", "presence-on-dial", "failed-dial-wrap"}, see: []string{"channel.connectionfailed"}},
	"callback": {rules: []rule{{callbacksPage, "Who asks for a callback has not abandoned the call. Unanswered by the agent, the callback returns to the queue."}},
		switches: []string{"agent-leg", "presence-on-dial", "failed-dial-wrap"}},
	"internal": {rules: []rule{
		{interactionsPage, "The direction of an interaction is inbound, outbound or internal."},
		{none, "Both agents have a channel, and nobody else has."},
	}, switches: []string{"agent-leg"}},
	"queue": {rules: []rule{{webhooksPages, "Waiting in a queue raises no events."}}},
	"ring": {rules: []rule{{callsPage, "A rejected call returns to the queue and goes to the next agent; who rejected it is in No Answer."}},
		switches: []string{"unexpected-time", "abandon"}, see: []string{"channel.alerted", "channel.connectionfailed"}},
	"hold": {rules: []rule{{overviewPage, "Phone calls only; one channel is held at a time."}},
		switches: []string{"held-channel", "hangup-while-away"}, see: []string{"channel.held", "channel.retrieved"}},
	"alternate": {rules: []rule{{overviewPage, "Alternate swaps who is on hold. Phone calls only."}}, switches: []string{"held-channel"}, see: []string{"channel.held", "channel.retrieved"}},
	"park":      {rules: []rule{{parkedPage, "The agent's own choice; on the agent's and the customer's channel."}}, switches: []string{"hangup-while-away"}, see: []string{"channel.parked", "channel.unparked"}},
	"meanwhile": {rules: []rule{{activitiesPage, "An agent can work on several interactions at once, such as on a case while wrapping up a call."}}, see: []string{"at-once"}},
	"interrupt": {rules: []rule{{activitiesPage, "Work that is no call is interrupted by a call, and resumed."}},
		switches: []string{"interrupt-at", "resume-at", "hangup-while-away"}, see: []string{"channel.interrupted", "channel.resumed"}},
	"consult": {rules: []rule{
		{transfersPage, "While two consult, all other participants of a phone call are on hold."},
		{mediaPage, "In ContactPad calls, chats, emails and cases are consulted about."},
		{workspacePage, "In the newer workspace only calls are."},
	}, switches: []string{"workspace", "held-channel"}, see: []string{"channel.held"}},
	"transfer": {rules: []rule{
		{transfersPage, "Warm: the agent talks to the other party first. Assured cold: the agent is disconnected when the other party connects. Unassured cold: at once."},
		{coldPage, "Towards a queue or a plan it is cold, and the agent leaves at once, unless the account says otherwise."},
		{mediaPage, "In ContactPad calls, emails and cases are transferred."},
		{workspacePage, "In the newer workspace only calls are."},
	}, switches: []string{"workspace", "held-channel"}},
	"conference": {rules: []rule{{overviewPage, "Retrieving a party during a consultation makes a conference."}}, switches: []string{"held-channel"}, see: []string{"channel.retrieved"}},
	"monitor":    {rules: []rule{{monitoringPage, "A supervisor listens in."}}, see: []string{"coach", "join"}},
	"coach":      {rules: []rule{{monitoringPage, "The agent hears the supervisor, and the customer does not."}, {none, "It raises no event."}}, see: []string{"monitor"}},
	"join": {rules: []rule{{monitoringPage, "The agent and the customer hear the supervisor."}, {none, "The role after joining is not documented."}},
		switches: []string{"joined-role"}, see: []string{"monitor"}},
	"voicemail": {rules: []rule{{alertedPage, "Voicemail is a role of its own."}}},
	"hangup":    {rules: []rule{{endedPage, "A customer's channel ends, for instance, when the customer hangs up."}}, switches: []string{"hangup-while-away"}, see: []string{"channel.disconnected"}},
	"abandon":   {rules: []rule{{none, "What a channel raises that alerts meanwhile is not documented."}}, switches: []string{"abandon"}, see: []string{"alerting give up"}},
	"wrap":      {rules: []rule{{wrapPage, "Wrap begins at the moment at which the agent's connected phase ends."}}, see: []string{"channel.wrapstarted"}},
	"presence": {rules: []rule{
		{presencePage, "A presence that is only intended raises no event."},
		{changingPage, "It takes effect when the current interaction ends."},
	}, switches: []string{"absence-category", "offline-subcategory"}, see: []string{"agent.presencechanged"}},
}

var keyFacts = map[string]fact{
	"agent-ring": {rules: []rule{{callsPage, "VCC rings the phone of the agent who calls first."}}, switches: []string{"agent-leg"}, see: []string{"dial"}},
	"unexpected": {rules: []rule{{activitiesPage, "In the Insights Stats API unexpected is a state with a duration."}}, switches: []string{"unexpected-time"}, see: []string{"channel.connectionfailed"}},
	"no-answer":  {rules: []rule{{changingPage, "Who missed an offer is in No Answer for a configured time, or until changing the state."}}},
	"kind":       {rules: []rule{{transfersPage, "A transfer is warm, assured cold or unassured cold."}}, see: []string{"transfer"}},
	"at-once":    {rules: []rule{{activitiesPage, "An agent can work on several interactions at once."}}, see: []string{"meanwhile"}},
	"assume":     {see: []string{"absent-ids", "held-channel"}},
}
