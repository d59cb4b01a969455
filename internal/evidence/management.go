package evidence

// What is known of the management API and of its token endpoint.

var operationFacts = []namedFact{
	{"POST /Auth/connect/token", fact{"Issue an access token.", []rule{
		{webhooksPages, "A form with grant_type, client_id, client_secret and scope; the client may also come by HTTP Basic."},
	}, nil, []string{"access_token", "scope"}}},
	{"GET /webhooks/event-types", fact{"List the types of events.", []rule{
		{webhooksPages, "The scope is admin:read. Each type has its name, a description and the JSON Schema of its data."},
	}, nil, []string{"eventTypes", "jsonSchema"}}},
	{"GET /webhooks/subscriptions", fact{"List the subscriptions.", []rule{{webhooksPages, "The scope is admin:read. Secrets are never shown."}}, nil, []string{"subscriptions"}}},
	{"POST /webhooks/subscriptions", fact{"Create a subscription.", []rule{
		{webhooksPages, "The scope is admin:write; name, url and events are required. The status is 200, and the answer has the secret: the only time that it is shown."},
	}, nil, []string{"name", "url", "events", "enabled", "secret"}}},
	{"GET /webhooks/subscriptions/{subscriptionId}", fact{"Read a subscription.", []rule{{webhooksPages, "The scope is admin:read. Secrets are never shown."}}, nil, []string{"subscriptionId"}}},
	{"PATCH /webhooks/subscriptions/{subscriptionId}", fact{"Change a subscription.", []rule{
		{webhooksPages, "The scope is admin:write; what is not given stays. The status is 200, and the answer has no secret. Changes take effect within 30 seconds."},
	}, nil, []string{"name", "url", "events", "enabled", "secret"}}},
	{"DELETE /webhooks/subscriptions/{subscriptionId}", fact{"Delete a subscription.", []rule{
		{webhooksPages, "The scope is admin:write."}, {none, "The status is 204, and what waits is not sent."},
	}, nil, []string{"subscriptionId"}}},
	{"GET /webhooks/openapi.json", fact{"The description of the API as ringback serves it.", []rule{{none, "It is ringback's own: no public page of the vendor mentions one."}}, nil, nil}},
}

// bodyFacts are the members of requests and answers.
var bodyFacts = []namedFact{
	{"eventTypes", fact{"The types of events, a list.", []rule{{webhooksPages, "Each has name, description and jsonSchema."}}, nil, []string{"GET /webhooks/event-types"}}},
	{"jsonSchema", fact{"The JSON Schema of a type of event.", []rule{
		{webhooksPages, "Draft 2020-12, of the member data alone; its title is the type."},
	}, nil, []string{"data"}}},
	{"description", fact{"What a type of event tells, in words.", []rule{{webhooksPages, "In each of eventTypes."}}, nil, []string{"eventTypes"}}},
	{"name", fact{"The name of a subscription, or of a type of event.", []rule{{webhooksPages, "A subscription's has 3 to 128 characters and is unique."}}, nil, []string{"type"}}},
	{"subscriptions", fact{"The subscriptions, a list.", []rule{{webhooksPages, "Each has subscriptionId, name, url, events and enabled, never the secret."}}, nil, []string{"GET /webhooks/subscriptions"}}},
	{"subscriptionId", fact{"The identifier of a subscription.", []rule{{webhooksPages, "A KSUID."}}, nil, nil}},
	{"url", fact{"Where the notifications of a subscription are posted.", []rule{
		{webhooksPages, "https; the beta took http, too."}, {none, "ringback takes http for loopback and private addresses, and for hosts that are allowed."},
	}, nil, nil}},
	{"events", fact{"Which types of events a subscription gets.", []rule{
		{webhooksPages, "Names of types, also with a wildcard: *, channel.*, *.v1."}, {none, "* stands for any run of characters, anywhere. Each name must select a type."},
	}, nil, []string{"type"}}},
	{"enabled", fact{"Whether a subscription is sent to.", []rule{{webhooksPages, "true unless it is given; a change takes effect within 30 seconds."}}, nil, nil}},
	{"secret", fact{"The key that signs the notifications of a subscription.", []rule{
		{webhooksPages, "Base64, and should decode to at least 32 bytes, though the documented example does not decode cleanly. One is generated where none is given. It is shown in the answer to creation alone."},
		{sampleConsumer, "The key is the decoded secret."},
	}, nil, []string{"alg"}}},
	{"grant_type", fact{"What the token is asked for with.", []rule{{webhooksPages, "client_credentials."}}, nil, []string{"unsupported_grant_type"}}},
	{"client_id", fact{"Who asks for the token.", []rule{{webhooksPages, "In the form, or by HTTP Basic."}}, nil, []string{"invalid_client"}}},
	{"client_secret", fact{"The password of who asks for the token.", []rule{{webhooksPages, "In the form, or by HTTP Basic."}}, nil, []string{"invalid_client"}}},
	{"scope", fact{"What the token is good for.", []rule{{webhooksPages, "admin:read, admin:write."}, {none, "Several are separated by blanks."}}, nil, []string{"invalid_scope"}}},
	{"access_token", fact{"The token.", []rule{{webhooksPages, "To be sent as Authorization: Bearer TOKEN."}}, nil, []string{"invalid_token"}}},
	{"expires_in", fact{"How long the token lives, in seconds.", []rule{{webhooksPages, "7200."}}, nil, nil}},
	{"token_type", fact{"How the token is sent.", []rule{{webhooksPages, "Bearer."}}, nil, nil}},
	{"message", fact{"What is wrong, in words.", []rule{{webhooksPages, "The only member of errors, but for those of tokens."}, {none, "Its texts are ringback's own, but for Unauthorized."}}, nil, []string{"400", "401", "403", "404"}}},
	{"error", fact{"The code of an error about tokens.", []rule{{webhooksPages, "invalid_request or invalid_token."}, {none, "The token endpoint has those of OAuth 2.0."}}, nil, []string{"invalid_request", "invalid_token"}}},
	{"error_description", fact{"What is wrong with a token, in words.", []rule{
		{webhooksPages, "The access token is missing, or: The access token is invalid or has expired."}, {none, "The token endpoint has texts of ringback's own."},
	}, nil, []string{"error"}}},
}

// errorFacts are the errors. Their codes are statuses, or values of the member error.
var errorFacts = []namedFact{
	{"400", fact{"The request is invalid.", []rule{{none, `The body is {"message": "…"}; at the token endpoint {"error_description": "…", "error": "…"}.`}}, nil, []string{"invalid_request", "message"}}},
	{"401", fact{"The access token is missing, invalid or expired, or lacks the scope.", []rule{
		{webhooksPages, `{"error_description": "…", "error": "…"}; for a token without the scope {"message": "Unauthorized"}. A token lives two hours.`},
	}, []string{"missing-scope"}, []string{"invalid_request", "invalid_token", "scope"}}},
	{"403", fact{"There is no access at all.", []rule{
		{webhooksPages, "A token without the scope gets 401."}, {none, "A client that lacks the scope has no access at all. The message is ringback's own."},
	}, []string{"missing-scope"}, []string{"401"}}},
	{"404", fact{"The subscription does not exist.", []rule{{none, `The body is {"message": "…"}. List the subscriptions; identifiers are KSUIDs.`}}, nil, []string{"subscriptionId"}}},
	{"405", fact{"The path has no such method.", []rule{{none, "The header Allow lists the methods."}}, nil, nil}},
	{"406", fact{"The Accept header asks for another version or media type.", []rule{
		{webhooksPages, "Requests have Accept: application/vnd.newvoicemedia.v1+json."}, {none, "Others are answered so."},
	}, nil, nil}},
	{"413", fact{"The body is too large.", []rule{{none, "ringback's bound is 64 KiB."}}, nil, nil}},
	{"429", fact{"Too many requests.", []rule{{none, "Wait as Retry-After says, and ask again."}}, nil, nil}},
	{"500", fact{"ringback failed.", []rule{{none, "The log of ringback serve has the reason."}}, nil, nil}},
	{"503", fact{"The request was cancelled, or the server ends.", []rule{{none, "Ask again."}}, nil, nil}},
	{"invalid_request", fact{"The access token is missing, or the form of a token request is wrong.", []rule{
		{webhooksPages, "A request without a token: 401, with the description: The access token is missing."}, {none, "At the token endpoint: 400."},
	}, nil, []string{"401"}}},
	{"invalid_token", fact{"The access token is invalid or has expired.", []rule{
		{webhooksPages, "401, with the description: The access token is invalid or has expired."}, {none, "Ask for a new token."},
	}, nil, []string{"401"}}},
	{"invalid_client", fact{"The client_id or client_secret is wrong.", []rule{{none, "Its status is 401, at the token endpoint."}}, nil, nil}},
	{"invalid_scope", fact{"No scope, an unknown one, or one that the client lacks was asked for.", []rule{
		{webhooksPages, "There are admin:read and admin:write."}, {none, "Its status is 400, at the token endpoint."},
	}, nil, []string{"scope"}}},
	{"unsupported_grant_type", fact{"The grant_type is not client_credentials.", []rule{
		{webhooksPages, "Tokens are asked for with client_credentials."}, {none, "Its status is 400, at the token endpoint."},
	}, nil, nil}},
	{"temporarily_unavailable", fact{"Too many token requests.", []rule{{none, "Its status is 429; wait as Retry-After says."}}, nil, nil}},
}
