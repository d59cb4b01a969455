package evidence

// source is a document that facts are taken from. The zero value is none.
type source uint8

const (
	none source = iota
	alertedPage
	connectedPage
	resumedPage
	retrievedPage
	unparkedPage
	failedPage
	heldPage
	parkedPage
	wrapPage
	endedPage
	laterPage
	presencePage
	channelTypes
	bestPractice
	signedPage
	subscriptionsPage
	editingPage
	getTypesPage
	createPage
	updatePage
	apiRequests
	apiResponses
	tokenGuide
	tokenRequests
	tokenResource
	callsPage
	statesPage
	changingPage
	overviewPage
	mediaPage
	transfersPage
	coldPage
	workspacePage
	monitoringPage
	callbacksPage
	outcomesPage
	interactionsPage
	interactionPage
	activitiesPage
	interactionLife
	presenceLife
	presencesPage
	agentPresence
	webhooksPages
	sampleConsumer
	sdkTokens
	languageDocs
	verifyDocs
	consumerDocs
	gateDocs
	readme
)

// sources are the documents by their titles. Those of pages are the vendor's own.
var sources = [...]struct {
	title string
	sure  Sure
}{
	none:              {"", Assumed},
	alertedPage:       {"channel.alerted.v0", Documented},
	connectedPage:     {"channel.connected.v0", Documented},
	resumedPage:       {"channel.resumed.v0", Documented},
	retrievedPage:     {"channel.retrieved.v0", Documented},
	unparkedPage:      {"channel.unparked.v0", Documented},
	failedPage:        {"channel.connectionfailed.v0", Documented},
	heldPage:          {"channel.held.v0", Documented},
	parkedPage:        {"channel.parked.v0", Documented},
	wrapPage:          {"channel.wrapstarted.v0", Documented},
	endedPage:         {"channel.ended.v0", Documented},
	laterPage:         {"channel.alerted.v1", Documented},
	presencePage:      {"agent.presencechanged.v0", Documented},
	channelTypes:      {"Channel event types (Webhooks API)", Documented},
	bestPractice:      {"Webhook consumer best practice", Documented},
	signedPage:        {"Verifying and responding to a signed webhook notification", Documented},
	subscriptionsPage: {"Subscriptions", Documented},
	editingPage:       {"Creating and editing subscriptions", Documented},
	getTypesPage:      {"Get event types", Documented},
	createPage:        {"Create subscription", Documented},
	updatePage:        {"Update subscription", Documented},
	apiRequests:       {"Requests (Webhooks API)", Documented},
	apiResponses:      {"Responses (Webhooks API)", Documented},
	tokenGuide:        {"How to authenticate with a Vonage Contact Center (VCC) API", Documented},
	tokenRequests:     {"Requests (Authentication API)", Documented},
	tokenResource:     {"Resources (Authentication API)", Documented},
	callsPage:         {"Making and receiving calls in ContactPad", Documented},
	statesPage:        {"Agent states in ContactPad", Documented},
	changingPage:      {"Changing states in ContactPad", Documented},
	overviewPage:      {"Overview of ContactPad", Documented},
	mediaPage:         {"Using multi-interaction routing", Documented},
	transfersPage:     {"Consults and transfers in Agent Workspace", Documented},
	coldPage:          {"Warm and cold transfers in ContactPad", Documented},
	workspacePage:     {"Consulting on and transferring interactions in Agent Workspace", Documented},
	monitoringPage:    {"Configuring Team Monitoring access", Documented},
	callbacksPage:     {"Queued callbacks", Documented},
	outcomesPage:      {"Call outcomes", Documented},
	interactionsPage:  {"Interactions (Insights Stats API)", Documented},
	interactionPage:   {"Get a single interaction (Insights Stats API)", Documented},
	activitiesPage:    {"Get agent interaction activities", Documented},
	interactionLife:   {"Appendix A. Interaction lifecycle (Insights Stats API)", Documented},
	presenceLife:      {"Appendix B. Presence lifecycle (Insights Stats API)", Documented},
	presencesPage:     {"Get presence definitions", Documented},
	agentPresence:     {"Get agent's presence", Documented},
	webhooksPages:     {"Webhooks API of Vonage Contact Center, a page whose title is not on record", Documented},
	sampleConsumer:    {"the vendor's Webhooks consumer example", Sample},
	sdkTokens:         {"test tokens of the vendor's SDK", Sample},
	languageDocs:      {"docs/scenarios.md", Own},
	verifyDocs:        {"docs/verify.md", Own},
	consumerDocs:      {"docs/consumer.md", Own},
	gateDocs:          {"docs/reports.md", Own},
	readme:            {"README.md", Own},
}
