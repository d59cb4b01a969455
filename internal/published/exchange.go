package published

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Token says with which token a request of the management API comes.
type Token string

// The tokens.
const (
	Both    Token = "admin:read admin:write"
	Reader  Token = "admin:read"
	NoToken Token = ""
	Noise   Token = "noise"
)

// Exchange is a documented request to the management API, with its documented answer. In Path,
// {id} stands for the subscription that CreateBody made. In Form, {client} and {secret} do for
// the client's credentials.
type Exchange struct {
	Name         string
	Token        Token
	Method, Path string
	Body         string
	Form         string // instead of Body, to the token endpoint
	Basic        bool   // the credentials are in the header Authorization
	Status       int
	Answer       string // as Like wants it; "" for none
}

// secret is as long as the documented one, and like that has an = sign too many.
const secret = "aRzNskwuPawzCwhlPo9JRF77XkSL6lmcGKZIPyyri/t8AjCuz3v5TRK9FikCUXY63m0FcHgc2QOCqFQxtPwM="

// CreateBody has the members, the order and the form of the documented body that creates a
// subscription.
const CreateBody = `{
    "name": "WebhookTest1",
    "url": "https://your-application.example/abc/123",
    "events": [
        "agent.presencechanged.v1"
    ],
    "enabled": true,
    "secret": "` + secret + `"
}`

const (
	subscriptions = "/webhooks/subscriptions"
	one           = subscriptions + "/{id}"
	withoutSecret = `{"subscriptionId":"…","name":"WebhookTest1","url":"https://your-application.example/abc/123","events":["agent.presencechanged.v1"],"enabled":true`
	token         = `{"access_token":"…","expires_in":7200,"token_type":"Bearer"}`
	missing       = `{"error_description":"The access token is missing","error":"invalid_request"}`
	invalid       = `{"error_description":"The access token is invalid or has expired","error":"invalid_token"}`
	message       = `{"message":"…"}`
	tokenPath     = "/Auth/connect/token"
	tokenForm     = "grant_type=client_credentials&scope=admin:read+admin:write"
)

// Exchanges are the documented requests, in an order in which they can be made.
var Exchanges = []Exchange{
	{Name: "a token, the client in the body", Method: "POST", Path: tokenPath, Form: tokenForm + "&client_id={client}&client_secret={secret}", Status: 200, Answer: token},
	{Name: "a token, the client in the header", Method: "POST", Path: tokenPath, Form: tokenForm, Basic: true, Status: 200, Answer: token},
	{Name: "the event types", Token: Both, Method: "GET", Path: "/webhooks/event-types", Status: 200, Answer: `{"eventTypes":[«{"name":"…","description":"…","jsonSchema":{…}}»]}`},
	{Name: "no subscriptions", Token: Both, Method: "GET", Path: subscriptions, Status: 200, Answer: `{"subscriptions":[]}`},
	{Name: "create, with the secret in the answer", Token: Both, Method: "POST", Path: subscriptions, Body: CreateBody, Status: 200, Answer: withoutSecret + `,"secret":"` + secret + `"}`},
	{Name: "one subscription, without its secret", Token: Both, Method: "GET", Path: one, Status: 200, Answer: withoutSecret + `}`},
	{Name: "all subscriptions, without their secrets", Token: Reader, Method: "GET", Path: subscriptions, Status: 200, Answer: `{"subscriptions":[` + withoutSecret + `}]}`},
	{Name: "a change of one member", Token: Both, Method: "PATCH", Path: one, Body: `{"enabled": false}`, Status: 200, Answer: strings.Replace(withoutSecret, "true", "false", 1) + `}`},
	{Name: "no token", Method: "GET", Path: subscriptions, Status: 401, Answer: missing},
	{Name: "a token that is none", Token: Noise, Method: "GET", Path: subscriptions, Status: 401, Answer: invalid},
	{Name: "a token without the scope", Token: Reader, Method: "PATCH", Path: one, Body: `{"enabled": true}`, Status: 401, Answer: `{"message":"Unauthorized"}`},
	{Name: "a member that is missing", Token: Both, Method: "POST", Path: subscriptions, Body: `{"name": "WebhookTest2"}`, Status: 400, Answer: message},
	{Name: "a name that is taken", Token: Both, Method: "POST", Path: subscriptions, Body: CreateBody, Status: 400, Answer: message},
	{Name: "a subscription that is none", Token: Both, Method: "GET", Path: subscriptions + "/2V1lVz6FeKOuVLEpSU6M0aqkM9b", Status: 404, Answer: message},
	{Name: "delete", Token: Both, Method: "DELETE", Path: one, Status: 204},
	{Name: "delete what is gone", Token: Both, Method: "DELETE", Path: one, Status: 404, Answer: message},
}

// TooMany is the documented answer to a client that asks too often.
var TooMany = Exchange{Name: "too many requests", Token: Both, Method: "GET", Path: subscriptions, Status: 429, Answer: message}

// Like reports an answer that is not the documented one: the members in their order, with their
// values. In want, "…" stands for any string that is not empty, {…} for any object that is not,
// and «…» goes around what a list may have several of.
func Like(want string, got []byte) error {
	var line bytes.Buffer
	if err := json.Compact(&line, got); err != nil && len(want)+len(got) > 0 {
		return fmt.Errorf("got %q, which is not JSON: want %s", got, want)
	}
	pattern := strings.NewReplacer(`"…"`, `"(?:[^"\\]|\\.)+"`, `\{…\}`, `\{.+\}`, "«", "(?:", "»", ",?)+").Replace(regexp.QuoteMeta(want))
	if !regexp.MustCompile("^" + pattern + "$").Match(line.Bytes()) {
		return fmt.Errorf("got %s, want %s", got, want)
	}
	return nil
}
