package interop

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ringback/ringback/signature"
)

// sound is a notification as the public documentation shows it.
const sound = `{"specversion":"1.0","type":"channel.held.v0","id":"2VejGqWZPqHXHVNcfUPUO8IASAp",` +
	`"source":"/channel","subject":"740109c1-12d5-430f-9543-131fe5c4edcb",` +
	`"time":"2022-08-30T14:34:36.6134321Z","datacontenttype":"application/json",` +
	`"data":{"timestamp":"2022-08-30T14:34:36.088Z","channel":{` +
	`"conversationId":"3e71f453-116a-3abc-7769-bc678ef6e080",` +
	`"interactionId":"1371f451-116a-4abc-8869-bc678ef67070",` +
	`"channelId":"740109c1-12d5-430f-9543-131fe5c4edcb","party":{"role":"external"}}}}`

// signed returns the token of body with the development secret, issued at the given moment.
func signed(t *testing.T, body string, at time.Time) string {
	t.Helper()
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	return signature.Sign(secret, []byte(body), at)
}

// resigned carries the claims of a good token for sound in a token of another algorithm or key.
func resigned(t *testing.T, method jwt.SigningMethod, key any) string {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(signed(t, sound, time.Now()), claims); err != nil {
		t.Fatal(err)
	}
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// header is what travels with a notification; an empty token is left out.
func header(token, contentType string) http.Header {
	h := http.Header{"Content-Type": {contentType}}
	if token != "" {
		h.Set(signature.HeaderName, token)
	}
	return h
}

func TestTheExpressConsumerRefusesForgedSignatures(t *testing.T) {
	express := startConsumer(t)
	now := time.Now()
	key, err := base64.StdEncoding.DecodeString(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	good := signed(t, sound, now)
	tests := []struct {
		name  string
		token string
		body  string
		want  string // reason
	}{
		{"no token at all", "", sound, "missing"},
		{"a token that is none", "once upon a time", sound, "malformed"},
		{"a body altered by one digit", good, strings.Replace(sound, ":36.088Z", ":36.089Z", 1), "payload-hash"},
		{"a body with one more line end", good, sound + "\n", "payload-hash"},
		{"the token of another body", signed(t, "{}", now), sound, "payload-hash"},
		{"a token that expired minutes ago", signed(t, sound, now.Add(-10*time.Minute)), sound, "expired"},
		{"a token that has just expired", signed(t, sound, now.Add(-signature.Lifetime)), sound, "expired"},
		{"a token signed with another key", resigned(t, jwt.SigningMethodHS256, make([]byte, 32)), sound, "wrong-key"},
		{"the secret used without decoding it", resigned(t, jwt.SigningMethodHS256, []byte(signature.DevelopmentSecret)), sound, "wrong-key"},
		{"algorithm none", resigned(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType), sound, "algorithm"},
		{"algorithm HS512 with the right key", resigned(t, jwt.SigningMethodHS512, key), sound, "algorithm"},
		{"a prefix that was dropped in 2024", signature.BearerPrefix + good, sound, "malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := express.post(t, header(tt.token, "application/cloudevents+json"), tt.body)
			if want := (verdict{Status: http.StatusUnauthorized, Reason: tt.want}); got != want {
				t.Errorf("answer = %+v, want %+v", got, want)
			}
		})
	}
	// Without this, a consumer that refuses everything would pass.
	if got, want := express.post(t, header(good, "application/cloudevents+json"), sound),
		(verdict{Status: http.StatusOK, Result: "accepted"}); got != want {
		t.Errorf("answer to the notification itself = %+v, want %+v", got, want)
	}
	if got := express.stats(t); got.Accepted != 1 || fmt.Sprint(got.IDs) != "[2VejGqWZPqHXHVNcfUPUO8IASAp]" {
		t.Errorf("stats = %+v, want the one notification accepted", got)
	}
}

func TestTheExpressConsumerReadsSignedBodiesStrictly(t *testing.T) {
	express := startConsumer(t)
	replaced := func(old, with string) string { return strings.Replace(sound, old, with, 1) }
	tests := []struct {
		name        string
		contentType string
		body        string
		want        verdict
	}{
		{"a sound notification is accepted", "application/cloudevents+json", sound,
			verdict{200, "accepted", ""}},
		{"the same one again is a duplicate", "application/cloudevents+json", sound,
			verdict{200, "duplicate", ""}},
		{"the same id from another source is not", "application/cloudevents+json", replaced(`"/channel"`, `"/agent"`),
			verdict{200, "accepted", ""}},
		{"an unknown type is acknowledged", "application/cloudevents+json; charset=utf-8",
			replaced("channel.held.v0\",\"id\":\"2", "channel.teleported.v3\",\"id\":\"3"),
			verdict{200, "ignored", ""}},
		{"a body that is no JSON", "application/cloudevents+json", sound[1:],
			verdict{400, "", "event"}},
		{"a body that is not UTF-8", "application/cloudevents+json", replaced("external", "\xff"),
			verdict{400, "", "event"}},
		{"no body", "application/cloudevents+json", "",
			verdict{400, "", "event"}},
		{"a missing id, which the SDK would invent", "application/cloudevents+json", replaced(`"id":`, `"ix":`),
			verdict{400, "", "event"}},
		{"an old CloudEvents version", "application/cloudevents+json", replaced(`"1.0"`, `"0.3"`),
			verdict{400, "", "event"}},
		{"an attribute with a capital letter", "application/cloudevents+json", replaced(`"subject"`, `"Subject"`),
			verdict{400, "", "event"}},
		{"another content type", "application/json", sound,
			verdict{400, "", "event"}},
		{"more than 64 KiB", "application/cloudevents+json", sound + strings.Repeat(" ", 64<<10),
			verdict{400, "", "body"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := express.post(t, header(signed(t, tt.body, time.Now()), tt.contentType), tt.body)
			if got != tt.want {
				t.Errorf("answer = %+v, want %+v", got, tt.want)
			}
		})
	}
	got := express.stats(t)
	if got.Accepted != 3 || got.Duplicates != 1 || got.Unknown != 1 {
		t.Errorf("stats = %+v, want 3 accepted, 1 of them unknown, and 1 duplicate", got)
	}
}

func TestTheExpressConsumerTakesNoAttributesFromHeaders(t *testing.T) {
	express := startConsumer(t)
	h := header(signed(t, sound, time.Now()), "application/json")
	// The binary mode of CloudEvents. Whoever caught one signed body could send it again and
	// again under new identifiers.
	for name, value := range map[string]string{"specversion": "1.0", "type": "channel.held.v0", "id": "new", "source": "/channel"} {
		h.Set("Ce-"+name, value)
	}
	if got, want := express.post(t, h, sound), (verdict{Status: http.StatusBadRequest, Reason: "event"}); got != want {
		t.Errorf("answer = %+v, want %+v", got, want)
	}
}
