package evidence

// What is known of the management API and of its token endpoint.

var operationFacts = []namedFact{
	{"POST /Auth/connect/token", fact{"Issue an access token.", []rule{
		{tokenRequests, "A form with grant_type, client_id, client_secret and scope."}, {webhooksPages, "The client may also come by HTTP Basic."},
	}, nil, []string{"access_token", "scope"}}},
	{"GET /webhooks/event-types", fact{"List the types of events.", []rule{
		{getTypesPage, "The scope is admin:read. Each type has its name, a description and the JSON Schema of its data."},
	}, nil, []string{"eventTypes", "jsonSchema"}}},
	{"GET /webhooks/subscriptions", fact{"List the subscriptions.", []rule{{webhooksPages, "The scope is admin:read."}, {subscriptionsPage, "Secrets are not shown."}}, nil, []string{"subscriptions"}}},
	{"POST /webhooks/subscriptions", fact{"Create a subscription.", []rule{
		{createPage, "The scope is admin:write; name, url and events are required. The status is 200, and the answer has the secret."},
		{subscriptionsPage, "It is shown at no other time. A subscription takes effect within 30 seconds."},
	}, nil, []string{"name", "url", "events", "enabled", "secret"}}},
	{"GET /webhooks/subscriptions/{subscriptionId}", fact{"Read a subscription.", []rule{{webhooksPages, "The scope is admin:read."}, {subscriptionsPage, "Secrets are not shown."}}, nil, []string{"subscriptionId"}}},
	{"PATCH /webhooks/subscriptions/{subscriptionId}", fact{"Change a subscription.", []rule{
		{updatePage, "The scope is admin:write; what is not given stays. The status is 200."},
		{subscriptionsPage, "The answer has no secret. Changes take effect within 30 seconds."},
	}, nil, []string{"name", "url", "events", "enabled", "secret"}}},
	{"DELETE /webhooks/subscriptions/{subscriptionId}", fact{"Delete a subscription.", []rule{
		{webhooksPages, "The scope is admin:write."}, {none, "The status is 204, and what waits is not sent."},
	}, nil, []string{"subscriptionId"}}},
	{"GET /webhooks/openapi.json", fact{"The description of the API as ringback serves it.", []rule{{none, "It is ringback's own: no public page of the vendor mentions one."}}, nil, nil}},
}

// headerFacts are the headers of requests and answers.
var headerFacts = []namedFact{
	{"Authorization", fact{"The header with the access token.", []rule{{apiRequests, "Bearer, and the token."}}, nil, []string{"access_token", "401"}}},
	{"Accept", fact{"The header with the version of the API.", []rule{{apiRequests, "application/vnd.newvoicemedia.v1+json."}}, nil, []string{"406"}}},
	{"Cache-Control", fact{"The header that says how long an answer may be kept.", []rule{
		{apiResponses, "max-age=5, must-revalidate, private."}, {none, "Answers with a secret or a token have no-store."},
	}, nil, nil}},
}

// bodyFacts are the members of requests and answers.
var bodyFacts = []namedFact{
	{"eventTypes", fact{"The types of events, a list.", []rule{{getTypesPage, "Each has name, description and jsonSchema."}}, nil, []string{"GET /webhooks/event-types"}}},
	{"jsonSchema", fact{"The JSON Schema of a type of event.", []rule{
		{getTypesPage, "Draft 2020-12, of the member data alone; its title is the type."},
	}, nil, []string{"data"}}},
	{"description", fact{"What a type of event tells, in words.", []rule{{getTypesPage, "In each of eventTypes."}}, nil, []string{"eventTypes"}}},
	{"name", fact{"The name of a subscription, or of a type of event.", []rule{{editingPage, "A subscription's has 3 to 128 characters and is unique."}}, nil, []string{"type"}}},
	{"subscriptions", fact{"The subscriptions, a list.", []rule{{subscriptionsPage, "Each has subscriptionId, name, url, events and enabled, not the secret."}}, nil, []string{"GET /webhooks/subscriptions"}}},
	{"subscriptionId", fact{"The identifier of a subscription.", []rule{{subscriptionsPage, "Subscriptions are changed and deleted by it."}, {webhooksPages, "A KSUID."}}, nil, nil}},
	{"url", fact{"Where the notifications of a subscription are posted.", []rule{
		{createPage, "https; the beta took http, too."}, {none, "ringback takes http for loopback and private addresses, and for hosts that are allowed."},
	}, nil, nil}},
	{"events", fact{"Which types of events a subscription gets.", []rule{
		{createPage, "Names of types; a wildcard selects sets of them."}, {none, "* stands for any run of characters, anywhere: *, channel.*, *.v1. Each name must select a type."},
	}, nil, []string{"type"}}},
	{"enabled", fact{"Whether a subscription is sent to.", []rule{{createPage, "true unless it is given."}, {subscriptionsPage, "A change takes effect within 30 seconds."}}, nil, nil}},
	{"secret", fact{"The key that signs the notifications of a subscription.", []rule{
		{createPage, "It should have at least 32 bytes; the example does not decode cleanly. One is generated where none is given."},
		{editingPage, "Base64."},
		{subscriptionsPage, "It is shown in the answer to creation alone."},
		{sampleConsumer, "The key is the decoded secret."},
	}, nil, []string{"alg"}}},
	{"grant_type", fact{"What the token is asked for with.", []rule{{tokenRequests, "client_credentials."}}, nil, []string{"unsupported_grant_type"}}},
	{"client_id", fact{"Who asks for the token.", []rule{{tokenRequests, "In the form."}}, nil, []string{"invalid_client"}}},
	{"client_secret", fact{"The password of who asks for the token.", []rule{{tokenRequests, "In the form."}}, nil, []string{"invalid_client"}}},
	{"scope", fact{"What the token is good for.", []rule{{getTypesPage, "admin:read, to read."}, {createPage, "admin:write, to change."}, {tokenGuide, "A token is for one of the scopes that its client has."}, {none, "Several are separated by blanks."}}, nil, []string{"invalid_scope"}}},
	{"access_token", fact{"The token.", []rule{{apiRequests, "To be sent as Authorization: Bearer TOKEN."}}, nil, []string{"invalid_token"}}},
	{"expires_in", fact{"How long the token lives, in seconds.", []rule{{tokenResource, "7200, always."}}, nil, nil}},
	{"token_type", fact{"How the token is sent.", []rule{{tokenResource, "Bearer, always; that page writes it with a small letter."}}, nil, nil}},
	{"message", fact{"What is wrong, in words.", []rule{{apiResponses, "The only member of errors, but for those of tokens."}, {none, "Its texts are ringback's own, but for Unauthorized."}}, nil, []string{"400", "401", "403", "404"}}},
	{"error", fact{"The code of an error about tokens.", []rule{{apiResponses, "invalid_request or invalid_token."}, {none, "The token endpoint has those of OAuth 2.0."}}, nil, []string{"invalid_request", "invalid_token"}}},
	{"error_description", fact{"What is wrong with a token, in words.", []rule{
		{apiResponses, "The access token is missing, or: The access token is invalid or has expired."}, {none, "The token endpoint has texts of ringback's own."},
	}, nil, []string{"error"}}},
}

// errorFacts are the errors. Their codes are statuses, or values of the member error.
var errorFacts = []namedFact{
	{"400", fact{"The request is invalid.", []rule{
		{apiResponses, `The body is {"message": "…"}.`}, {none, `At the token endpoint it is {"error_description": "…", "error": "…"}.`},
	}, nil, []string{"invalid_request", "message"}}},
	{"401", fact{"The access token is missing, invalid or expired, or lacks the scope.", []rule{
		{apiResponses, `{"error_description": "…", "error": "…"}; for a token without the scope of its client {"message": "Unauthorized"}.`},
		{tokenResource, "A token lives two hours."},
	}, []string{"missing-scope"}, []string{"invalid_request", "invalid_token", "scope"}}},
	{"403", fact{"There is no access at all.", []rule{
		{apiResponses, "A token without the scope of its client gets 401; who has no access to the resource gets 403."}, {none, "A client that lacks the scope has no access at all. The message is ringback's own."},
	}, []string{"missing-scope"}, []string{"401"}}},
	{"404", fact{"The subscription does not exist.", []rule{{none, `The body is {"message": "…"}. List the subscriptions; identifiers are KSUIDs.`}}, nil, []string{"subscriptionId"}}},
	{"405", fact{"The path has no such method.", []rule{{none, "The header Allow lists the methods."}}, nil, nil}},
	{"406", fact{"The Accept header asks for another version or media type.", []rule{
		{apiRequests, "Requests have Accept: application/vnd.newvoicemedia.v1+json."}, {none, "Others are answered so."},
	}, nil, nil}},
	{"413", fact{"The body is too large.", []rule{{none, "ringback's bound is 64 KiB."}}, nil, nil}},
	{"429", fact{"Too many requests.", []rule{{none, "Wait as Retry-After says, and ask again."}}, nil, nil}},
	{"500", fact{"ringback failed.", []rule{{none, "The log of ringback serve has the reason."}}, nil, nil}},
	{"503", fact{"The request was cancelled, the server ends, or its state cannot be read or written now.", []rule{{none, "Ask again; the message says what is wrong with the state."}}, nil, nil}},
	{"507", fact{"The disk of ringback serve is full, or its state is as large as it may be.", []rule{{none, "Nothing that was accepted is lost; ask again when there is space."}}, nil, nil}},
	{"invalid_request", fact{"The access token is missing, or the form of a token request is wrong.", []rule{
		{apiResponses, "A request without a token: 401, with the description: The access token is missing."}, {none, "At the token endpoint: 400."},
	}, nil, []string{"401"}}},
	{"invalid_token", fact{"The access token is invalid or has expired.", []rule{
		{apiResponses, "401, with the description: The access token is invalid or has expired."}, {none, "Ask for a new token."},
	}, nil, []string{"401"}}},
	{"invalid_client", fact{"The client_id or client_secret is wrong.", []rule{{none, "Its status is 401, at the token endpoint."}}, nil, nil}},
	{"invalid_scope", fact{"No scope, an unknown one, or one that the client lacks was asked for.", []rule{
		{createPage, "There is admin:write."}, {getTypesPage, "There is admin:read."}, {none, "Its status is 400, at the token endpoint."},
	}, nil, []string{"scope"}}},
	{"unsupported_grant_type", fact{"The grant_type is not client_credentials.", []rule{
		{tokenRequests, "Tokens are asked for with client_credentials."}, {none, "Its status is 400, at the token endpoint."},
	}, nil, nil}},
	{"temporarily_unavailable", fact{"Too many token requests.", []rule{{none, "Its status is 429; wait as Retry-After says."}}, nil, nil}},
}
