package evidence

import (
	"slices"
	"strings"
	"testing"
)

// What newcomers type is answered, although nothing is called so to the letter.
func TestWhatNewcomersTypeIsFound(t *testing.T) {
	for asked, want := range map[string]string{
		"POST /subscriptions":                        "POST /webhooks/subscriptions",
		"post /webhooks/subscriptions/":              "POST /webhooks/subscriptions",
		"/subscriptions":                             "GET /webhooks/subscriptions",
		"GET /subscriptions/2V1EhIxvsBPpnqf6Hqv9mtP": "GET /webhooks/subscriptions/{subscriptionId}",
		"PATCH https://emea.api.newvoicemedia.com/webhooks/subscriptions/1": "PATCH /webhooks/subscriptions/{subscriptionId}",
		"/Auth/connect/token":  "POST /Auth/connect/token",
		"HTTP 401":             "401",
		"HTTP/1.1 403":         "403",
		"401 Unauthorized":     "401",
		"status 404":           "404",
		"Not Found":            "404",
		"Too Many Requests":    "429",
		"status 4":             "exit status 4",
		"204":                  "DELETE /webhooks/subscriptions/{subscriptionId}",
		"200":                  "response",
		"content type":         "Content-Type",
		"vonage signature":     "Vonage-Signature",
		"VONAGE-SIGNATURE":     "Vonage-Signature",
		"user agent":           "User-Agent",
		"accept":               "Accept",
		"authorization":        "Authorization",
		"cache-control":        "Cache-Control",
		"JWT":                  "Vonage-Signature",
		"alerted":              "channel.alerted",
		"Alerted":              "channel.alerted",
		"CHANNEL.HELD.V1":      "channel.held.v1",
		"on hold":              "held",
		"webhook secret":       "secret",
		"agent id":             "data.channel.party.agentId",
		"party role":           "data.channel.party.role",
		"wrong key":            "wrong-key",
		"held-channel=both":    "held-channel",
		"accepted >= 99.9%":    "accepted",
		"answer p99 < 500ms":   "latency",
		"latency p95 < 500ms":  "latency",
		"given up<1":           "given up",
		"assured cold":         "kind",
		"wrap up":              "wrap",
		"connected to wrap":    "connected leave",
		"presence changed":     "agent.presencechanged",
		"subscription secrets": "",
	} {
		found, err := Find(asked)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q is %s; an error with a hint was expected", asked, found[0].Subject)
		case want == "" && !strings.Contains(err.Error(), "did you mean") && !strings.Contains(err.Error(), "can be explained"):
			t.Errorf("%q gets no hint: %v", asked, err)
		case want != "" && !slices.ContainsFunc(found, func(e Entry) bool { return e.Subject == want }):
			t.Errorf("%q is not %s: %v", asked, want, err)
		}
	}
	for _, asked := range []string{"GET /", "/", "http://[::1", "=", "a = b", "GET /webhooks/subscriptions/1/2", "999", "HTTP 999", "--", "%%%", "{}"} {
		if found, err := Find(asked); err == nil {
			t.Errorf("%q is %s, want nothing", asked, found[0].Subject)
		}
	}
}
