package interop

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox"
)

const (
	vendorClient = "interop-client"
	vendorSecret = "the-secret-of-the-client-in-interop"
	vendorMedia  = "application/vnd.newvoicemedia.v1+json"
	tokenPath    = "/Auth/connect/token"
	documentPath = "/webhooks/openapi.json"
)

// vendorAPI is the vendor's API of a sandbox, and a client that checks every response against
// the OpenAPI document that the API serves.
type vendorAPI struct {
	t        *testing.T
	contract *contract
	client   *http.Client
	base     string
	token    string
}

func openVendorAPI(t *testing.T, o sandbox.Options) *vendorAPI {
	t.Helper()
	o.ClientID, o.ClientSecret = vendorClient, vendorSecret
	s := openSandbox(t, o)
	c := newContract(t, fetch(t, s.URL()+documentPath))
	return &vendorAPI{t: t, contract: c, client: c.client(t, http.DefaultTransport), base: s.URL()}
}

// send makes a request and returns the answer's status and body. Headers are "Name: value".
func (v *vendorAPI) send(method, path, body string, headers ...string) (int, string) {
	v.t.Helper()
	req, err := http.NewRequest(method, v.base+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// call is send with a token and the right Accept header.
func (v *vendorAPI) call(method, path, body string) (int, string) {
	v.t.Helper()
	return v.send(method, path, body, "Authorization: Bearer "+v.token, "Accept: "+vendorMedia, "Content-Type: application/json")
}

func (v *vendorAPI) login(scope, secret string) (int, string) {
	v.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {scope}, "client_id": {vendorClient}, "client_secret": {secret}}
	status, body := v.send("POST", tokenPath, form.Encode(), "Content-Type: application/x-www-form-urlencoded")
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if status == 200 {
		if err := json.Unmarshal([]byte(body), &token); err != nil {
			v.t.Fatal(err)
		}
		v.token = token.AccessToken
	}
	return status, body
}

// Every answer that the document describes is provoked once, and fits, but those of a state in trouble.
func TestTheVendorsAPIKeepsItsContract(t *testing.T) {
	v := openVendorAPI(t, sandbox.Options{})
	const subscriptions, one = "/webhooks/subscriptions", `{"name":"one","url":"http://127.0.0.1/","events":["*"]}`
	large := strings.Repeat(" ", 64<<10) + "{}"
	v.login("", vendorSecret)
	v.login("admin:read", "another")
	v.send("POST", tokenPath, large, "Content-Type: application/x-www-form-urlencoded")
	v.send("GET", documentPath, "")

	v.login("admin:read admin:write", vendorSecret)
	_, made := v.call("POST", subscriptions, one)
	var s struct {
		ID string `json:"subscriptionId"`
	}
	if err := json.Unmarshal([]byte(made), &s); err != nil {
		t.Fatal(err)
	}
	both, path := v.token, subscriptions+"/"+s.ID
	guarded := []struct{ method, path, body, scope string }{
		{"GET", "/webhooks/event-types", "", "admin:read"}, {"GET", subscriptions, "", "admin:read"}, {"GET", path, "", "admin:read"},
		{"POST", subscriptions, one, "admin:write"}, {"PATCH", path, `{"enabled":false}`, "admin:write"}, {"DELETE", path, "", "admin:write"},
	}
	for _, g := range guarded {
		v.send(g.method, g.path, g.body)
		v.send(g.method, g.path, g.body, "Authorization: Bearer x")
		v.send(g.method, g.path, g.body, "Authorization: Bearer "+both)
		v.send(g.method, g.path, g.body, "Authorization: Bearer "+both, "Accept: application/vnd.newvoicemedia.v2+json")
		v.login(map[string]string{"admin:read": "admin:write", "admin:write": "admin:read"}[g.scope], vendorSecret)
		v.call(g.method, g.path, g.body)
		v.token = both
		if g.method == "POST" || g.method == "PATCH" {
			v.call(g.method, g.path, large)
			v.call(g.method, g.path, `{"name":1}`)
		}
		v.call(g.method, g.path, g.body)
	}
	for _, method := range []string{"GET", "PATCH", "DELETE"} { // it is deleted by now
		v.call(method, path, "{}")
	}
	v.exhaust()
	v.lack()
	for operation, description := range v.contract.operations() {
		for status := range description["responses"].(map[string]any) {
			if !slices.Contains([]string{"500", "503", "507"}, status) && v.contract.seen(operation+" "+status) == 0 {
				t.Errorf("%s never answered %s", operation, status)
			}
		}
	}
}

// beside is a sandbox of its own with the same contract.
func (v *vendorAPI) beside(o sandbox.Options) *vendorAPI {
	other := openVendorAPI(v.t, o)
	other.contract = v.contract
	other.client = v.contract.client(v.t, http.DefaultTransport)
	return other
}

// lack provokes 403 everywhere: each client has the scope that the operation does not need.
func (v *vendorAPI) lack() {
	for _, scope := range []string{"admin:read", "admin:write"} {
		other := v.beside(sandbox.Options{ClientScopes: []string{scope}})
		other.login(scope, vendorSecret)
		for operation := range v.contract.operations() {
			method, path, _ := strings.Cut(operation, " ")
			other.call(method, strings.ReplaceAll(path, "{subscriptionId}", "x"), "")
		}
	}
}

// exhaust provokes 429 everywhere.
func (v *vendorAPI) exhaust() {
	poor := v.beside(sandbox.Options{RateLimit: sandbox.RateLimit{PerSecond: 1e-6, Burst: 1}})
	poor.login("admin:read admin:write", vendorSecret)
	token := poor.token
	poor.login("admin:read admin:write", vendorSecret)
	poor.token = token
	poor.call("GET", "/webhooks/event-types", "")
	for operation := range poor.contract.operations() {
		if method, path, _ := strings.Cut(operation, " "); path != tokenPath {
			poor.call(method, strings.ReplaceAll(path, "{subscriptionId}", "x"), "")
		}
	}
}

// Random requests, made of what the document says and of what it forbids, are answered as
// described, never with a failure, and never with a secret but where one is made.
func TestRandomRequestsKeepTheContractOfTheVendorsAPI(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	v := openVendorAPI(t, sandbox.Options{RateLimit: sandbox.RateLimit{PerSecond: 1e9, Burst: 1e9}})
	g := &generator{
		Rand: rand.New(rand.NewPCG(seed, 0)), document: v.contract.document,
		known: map[string]any{"client_id": vendorClient, "client_secret": vendorSecret},
	}
	v.login("admin:read admin:write", vendorSecret)
	secrets, ids := []string{vendorSecret}, []string{"unknown"}
	operations := v.contract.operations()
	names := slices.Sorted(maps.Keys(operations))
	for i := range 2000 {
		operation := names[g.IntN(len(names))]
		method, path, _ := strings.Cut(operation, " ")
		path = strings.ReplaceAll(path, "{subscriptionId}", ids[g.IntN(len(ids))])
		body, media := g.body(operations[operation])
		headers := []string{"Content-Type: " + media}
		if g.IntN(20) > 0 {
			headers = append(headers, "Authorization: Bearer "+v.token)
		}
		if g.IntN(20) > 0 {
			headers = append(headers, "Accept: "+vendorMedia)
		}
		status, answer := v.send(method, path, body, headers...)
		for _, secret := range secrets {
			if strings.Contains(answer, secret) && !strings.Contains(body, secret) {
				t.Errorf("seed %d, request %d: %s %s shows a secret: %.300s", seed, i, method, path, answer)
			}
		}
		if operation == "POST /webhooks/subscriptions" && status == 200 {
			var made struct{ SubscriptionID, Secret string }
			if err := json.Unmarshal([]byte(answer), &made); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, made.SubscriptionID)
			if !strings.Contains(body, made.Secret) { // the document's example is no secret
				secrets = append(secrets, made.Secret)
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d, request %d: %s %s %s", seed, i, method, path, body)
		}
	}
	for _, operation := range names {
		good := 0
		for _, status := range []int{200, 204} {
			good += v.contract.seen(fmt.Sprint(operation, " ", status))
		}
		if good == 0 {
			t.Errorf("seed %d: no random request for %s was a good one", seed, operation)
		}
	}
}
