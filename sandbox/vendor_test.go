package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ringback/ringback/scenario/assume"
)

// What the inner handlers say of caching arrives at a client of the real listener, whatever the
// checks in front of them set.
func TestCachingIsThatOfEachHandler(t *testing.T) {
	const documented, never, all = "max-age=5, must-revalidate, private", "no-store", "/webhooks/subscriptions"
	s := start(t, Options{})
	c := s.Credentials()
	bearer, id := "Bearer "+token(t, http.DefaultClient, s), ""
	asked := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ID}, "client_secret": {c.Secret}, "scope": {"admin:read"}}.Encode()
	for _, test := range []struct {
		method, path, body, authorization string
		status                            int
		want                              string
	}{
		{"GET", "/webhooks/event-types", "", bearer, 200, documented},
		{"HEAD", "/webhooks/event-types", "", bearer, 200, documented},
		{"GET", all, "", bearer, 200, documented},
		{"POST", all, `{"name": "one", "url": "http://127.0.0.1:1/", "events": ["*"]}`, bearer, 200, never},
		{"POST", all, `{}`, bearer, 400, never},
		{"GET", all + "/{id}", "", bearer, 200, documented},
		{"PATCH", all + "/{id}", `{"enabled": false}`, bearer, 200, documented},
		{"PATCH", all + "/{id}", `{"enabled": 1}`, bearer, 400, never},
		{"DELETE", all + "/{id}", "", bearer, 204, documented},
		{"DELETE", all + "/{id}", "", bearer, 404, never},
		{"GET", all, "", "", 401, never},
		{"GET", all, "", "Bearer x", 401, never},
		{"PUT", all, "", bearer, 405, never},
		{"POST", "/Auth/connect/token", asked, "", 200, never},
		{"POST", "/Auth/connect/token", "", "", 401, never},
		{"GET", "/sandbox/v1/state", "", "", 200, never},
		{"GET", "/", "", "", 200, "no-cache"},
		{"GET", "/nothing", "", "", 404, never},
		{"GET", "/healthz", "", "", 200, never},
	} {
		req, err := http.NewRequestWithContext(t.Context(), test.method, s.URL()+strings.Replace(test.path, "{id}", id, 1), strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"Accept": {"application/vnd.newvoicemedia.v1+json"}, "Content-Type": {form}}
		if test.authorization != "" {
			req.Header.Set("Authorization", test.authorization)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var made struct{ SubscriptionID string }
		if text, _ := io.ReadAll(resp.Body); json.Unmarshal(text, &made) == nil && made.SubscriptionID != "" {
			id = made.SubscriptionID
		}
		resp.Body.Close()
		if got := resp.Header.Values("Cache-Control"); resp.StatusCode != test.status || len(got) != 1 || got[0] != test.want {
			t.Errorf("%s %s: %d, Cache-Control %q, want %d, %q", test.method, test.path, resp.StatusCode, got, test.status, test.want)
		}
	}
}

// The assumption missing-scope and the scopes of the client reach the API.
func TestWhoLacksAScopeIsRefusedAsChosen(t *testing.T) {
	var chosen assume.Set
	if err := chosen.Change("missing-scope", "403"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		o      Options
		status int
		text   string
	}{
		{"as documented", Options{}, 401, `{"message":"Unauthorized"}`},
		{"missing-scope=403", Options{Assume: chosen}, 403, `{"message":"the access token lacks the scope admin:write"}`},
		{"a client that may not write", Options{ClientScopes: []string{"admin:read"}}, 403, `{"message":"the client lacks the scope admin:write"}`},
	} {
		s := start(t, test.o)
		status, text := call(t, http.DefaultClient, "DELETE", s.URL()+"/webhooks/subscriptions/x", "",
			"Authorization", "Bearer "+token(t, http.DefaultClient, s, "admin:read"), "Accept", "application/vnd.newvoicemedia.v1+json")
		if status != test.status || text != test.text {
			t.Errorf("%s: %d %s, want %d %s", test.name, status, text, test.status, test.text)
		}
	}
	if _, err := Open(t.Context(), Options{Listen: "127.0.0.1:0", ClientScopes: []string{"admin:read", "admin"}}); err == nil ||
		err.Error() != `Options.ClientScopes: want admin:read or admin:write, got "admin"` {
		t.Errorf("a scope that is none: %v", err)
	}
}
