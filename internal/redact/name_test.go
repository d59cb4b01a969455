package redact

import "testing"

func TestNamesThatSaySecret(t *testing.T) {
	for name, want := range map[string]bool{
		"Authorization": true, "X-Functions-Key": true, "Ocp-Apim-Subscription-Key": true, "X-Auth": true, "X-Hub-Signature-256": true, "Cookie": true,
		"X-Shopify-Hmac-Sha256": true, "x-goog-iam-authority-selector": true, "X-Amz-Security-Token": true, "X-CSRF-Token": true, "X-Password": true,
		"Proxy-Authorization": true, "X-Ms-Client-Principal": true, "X-Identity-Header": true, "ApiKey": true, "code": true, "sid": true, "X-Sig": true,
		"X-Pin": true, "X-User-Pw": true, "X-Tan": true, "X-Cred": true, "X_Login": true, "X-Vault": true, "X-Sid": true, "X-License": true, "Ticket": true,
		"X-Shipping": false, "X-Standard": false, "X-Tickets-Open": false, "X-Catalog-In": false,
		"X-Tenant": false, "Content-Type": false, "User-Agent": false, "X-Team": false, "postcode": false, "X-Side": false,
	} {
		if got := IsSecretName(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestValuesThatLookLikeKeys(t *testing.T) {
	for value, want := range map[string]bool{
		"Bearer x": true, "Basic am86aHVudGVyMjI=": true, "sk_live_4eC39HqLyjWDarjtT1zdp7dc": true, "5f4dcc3b5aa765d61d8327deb882cf99": true, "eyJh": true,
		"42": false, "blue": false, "application/json": false, "Mon, 02 Jan 2026 15:04:05 GMT": false, "a-name-without-any-figure": false,
		"/events/2026/01/02/abc": false, "http://127.0.0.1:8080/events": false, "": false,
	} {
		if got := IsKey(value); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestURLsAndCommandsWithSecrets(t *testing.T) {
	for text, want := range map[string]bool{
		"http://jo:pw@host/": true, "http://host/?key=x": true, "https://host/events?code=abc&b=c": true, "https://host/?x=5f4dcc3b5aa765d61d8327deb882cf99": true,
		"postgres://host/db?user=jo&password=x": true, "curl -H 'X-Api-Key: s3cr' http://host/": true, "psql --password x": true,
		"http://127.0.0.1:8080/your-endpoint/events-of-2026": false, "http://host/calls?id={conversationId}": false, "systemctl restart consumer": false,
		"./start.sh --port 8080": false, "sqlite:calls.db": false, "": false,
	} {
		if got := HoldsSecret(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestURLsWithoutWhatMayBeSecret(t *testing.T) {
	for text, want := range map[string]string{
		"/events?key=x": "/events", "https://jo:pw@host/a?b=c#d": "https://host/a", "plain": "plain", "/%zz?key=x": Hidden, "a/b?c": "a/b?c",
	} {
		if got := BareURL(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
