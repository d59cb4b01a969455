package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// fuzz asks one operation with any body and looks at the answer. What stands for an ID in the
// path is one that there is.
func fuzz(f *testing.F, method, path string, seeds ...string) {
	b := newBackend(f)
	sub, d := b.delivered()
	b.want(201, "POST", "/runs", `{"scenario":"inbound-call"}`)
	b.want(201, "POST", "/conversations", `{}`)
	secret := sub.Secret.Base64()
	path = strings.NewReplacer("{sub}", sub.ID, "{delivery}", fmt.Sprint(d.Number), "{run}", "run-1", "{live}", "live-1").Replace(path)
	for _, s := range append(seeds, "", "{}", "[]", "null", `{"x":1}`, "{", `{"secret":"`+secret+`"}`) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := b.ask(method, path, body)
		if shows := method == "POST" && path == "/subscriptions" && w.Code == 201; !shows {
			harmless(t, w, secret)
		}
		if len(b.log) > 0 {
			t.Errorf("the log says %q", b.log)
			b.log = nil
		}
	})
}

// harmless wants an answer that is no failure of ours, is JSON, and shows no secret.
func harmless(t *testing.T, w *httptest.ResponseRecorder, secret string) {
	t.Helper()
	text := w.Body.String()
	switch {
	case w.Code >= 500:
		t.Errorf("%d %s", w.Code, text)
	case w.Code == 204 && text != "", w.Code != 204 && !json.Valid(w.Body.Bytes()):
		t.Errorf("%d with %q", w.Code, text)
	case w.Code >= 400 && !strings.Contains(text, `"message":"`):
		t.Errorf("%d without a message: %s", w.Code, text)
	case strings.Contains(text, secret):
		t.Errorf("%d shows the secret: %s", w.Code, text)
	}
}

func FuzzStartRun(f *testing.F) {
	fuzz(f, "POST", "/runs", `{"scenario":"inbound-call","speed":2,"seed":"7","options":{"versions":"v1","faults":["expired-token 10%"]}}`, asText(f, map[string]string{"yaml": story}))
}

func FuzzChangeRun(f *testing.F) {
	fuzz(f, "PATCH", "/runs/{run}", `{"speed":1e3}`, `{"speed":1e-400}`, `{"speed":"1"}`)
}

func FuzzCheckScenario(f *testing.F) {
	fuzz(f, "POST", "/scenarios/check", asText(f, map[string]string{"yaml": story}), `{"yaml":"a: &a [*a]"}`)
}

func FuzzSaveScenario(f *testing.F) {
	fuzz(f, "PUT", "/scenarios/my-story", asText(f, map[string]string{"yaml": story}))
}

func FuzzBegin(f *testing.F) { fuzz(f, "POST", "/conversations", `{"medium":"chat","from":"Bob"}`) }

func FuzzStep(f *testing.F) {
	fuzz(f, "POST", "/conversations/{live}/ring", `{"agent":"alice","party":"customer"}`)
}

func FuzzPresence(f *testing.F) { fuzz(f, "PUT", "/agents/alice/presence", `{"presence":"away"}`) }

func FuzzResend(f *testing.F) {
	fuzz(f, "POST", "/deliveries/resend", `{"deliveries":[1,1],"kind":"resend"}`, `{"notification":1,"subscription_id":"x","kind":"expired"}`, `{"deliveries":[-1,1e9],"kind":"resend"}`)
}

func FuzzArm(f *testing.F) {
	fuzz(f, "POST", "/faults", `{"kind":"expired-token","count":3,"type":"*"}`)
}

func FuzzSubscribe(f *testing.F) {
	fuzz(f, "POST", "/subscriptions", `{"name":"abc","url":"http://127.0.0.1:1/","events":["*"],"enabled":true}`)
}

func FuzzChangeSubscription(f *testing.F) {
	fuzz(f, "PATCH", "/subscriptions/{sub}", `{"name":"abc","url":"https://[::1]:1/","events":["*.v1"],"enabled":false}`)
}

func FuzzRotate(f *testing.F) { fuzz(f, "POST", "/subscriptions/{sub}/rotate", `{"secret":"x"}`) }

// Any path and any parameters.
func FuzzPath(f *testing.F) {
	b := newBackend(f)
	sub, _ := b.delivered()
	methods := []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
	for i, rt := range routes() {
		f.Add(i, rt.path, "limit=1&before=2")
	}
	for _, path := range []string{"/deliveries/1", "/notifications/1", "/deliveries/99999999999999999999", "/scenarios/..%2f..", "/runs//", "/conversations/%00/hold", "/../x"} {
		f.Add(0, path, "state=waiting&type=%2a")
	}
	f.Fuzz(func(t *testing.T, method int, path, query string) {
		u := &url.URL{Path: Prefix + path, RawQuery: query}
		r, err := http.NewRequest(methods[uint(method)%uint(len(methods))], "http://127.0.0.1"+u.EscapedPath(), http.NoBody)
		if err != nil || strings.HasPrefix(path, "/events") {
			return
		}
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		if !strings.HasSuffix(r.URL.Path, "/rotate") {
			harmless(t, w, sub.Secret.Base64())
		}
	})
}

// Whatever is searched, the list and the count agree.
func FuzzSearch(f *testing.F) {
	b := newBackend(f)
	b.delivered()
	for _, text := range []string{"", "held", "conv 200", "said:ok", "status:5", `party:"`, "x:y", "\x00", "id:2tnejWeTxhrXAdBM4HQiAqjK4Sc"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, count := b.ask("GET", "/deliveries?search="+url.QueryEscape(text), ""), b.ask("GET", "/deliveries/count?search="+url.QueryEscape(text), "")
		harmless(t, list, "kkkkkkkk")
		var page struct {
			Deliveries []any `json:"deliveries"`
			Total      int   `json:"total"`
		}
		_, _ = json.Unmarshal(list.Body.Bytes(), &page), json.Unmarshal(count.Body.Bytes(), &page)
		if list.Code != count.Code || len(page.Deliveries) != page.Total {
			t.Errorf("%q: %d %s, and %d %s", text, list.Code, list.Body, count.Code, count.Body)
		}
	})
}
