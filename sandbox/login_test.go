package sandbox

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/netguard"
)

const (
	clientID     = "sandbox-test"
	clientSecret = "a-secret-of-the-test-0123456789"
)

// newLogin is a login in front of a handler that responds with "inside".
func newLogin(secure bool) http.Handler {
	l := &login{sessions: newSessions([]byte("key"), clientID, clientSecret), id: clientID, secret: clientSecret,
		secure: func(*http.Request) bool { return secure }, guesses: &netguard.Guesses{}}
	return l.wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("inside")) }))
}

func send(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

const form = "application/x-www-form-urlencoded"

func credentialsForm(id, secret string) string {
	return url.Values{"client_id": {id}, "client_secret": {secret}}.Encode()
}

func TestAPersonLogsIn(t *testing.T) {
	for _, secure := range []bool{false, true} {
		d := newLogin(secure)
		if w := send(d, "GET", "/", "", "Accept", "text/html"); w.Code != 303 || w.Header().Get("Location") != "/login" {
			t.Fatalf("GET / = %d to %q, want the login page", w.Code, w.Header().Get("Location"))
		}
		if w := send(d, "GET", "/login", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `name="client_secret"`) ||
			strings.Contains(w.Header().Get("Content-Security-Policy"), "unsafe") || w.Header().Get("Referrer-Policy") != "same-origin" {
			t.Fatalf("the login page: %d %v\n%s", w.Code, w.Header(), w.Body)
		}
		if w := send(d, "POST", "/login", credentialsForm(clientID, "wrong"), "Content-Type", form); w.Code != 401 || len(w.Result().Cookies()) != 0 {
			t.Fatalf("wrong secret: %d, cookies %v", w.Code, w.Result().Cookies())
		}
		w := send(d, "POST", "/login", credentialsForm(clientID, clientSecret), "Content-Type", form)
		cookies := w.Result().Cookies()
		if w.Code != 303 || len(cookies) != 1 {
			t.Fatalf("right secret: %d, cookies %v", w.Code, cookies)
		}
		c := cookies[0]
		if !c.HttpOnly || c.Secure != secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" ||
			strings.HasPrefix(c.Name, "__Host-") != secure || strings.Contains(c.Value, clientSecret) {
			t.Errorf("cookie %v", c)
		}
		sent := c.Name + "=" + c.Value
		if w := send(d, "GET", "/sandbox/v1/state", "", "Cookie", sent); w.Body.String() != "inside" {
			t.Errorf("with the cookie: %d %s", w.Code, w.Body)
		}
		if w := send(d, "POST", "/sandbox/v1/reset", "", "Cookie", sent); w.Code != 403 {
			t.Errorf("a write that does not say where it comes from: %d, want 403", w.Code)
		}
		if w := send(d, "POST", "/sandbox/v1/reset", "", "Cookie", sent, "Sec-Fetch-Site", "same-origin"); w.Body.String() != "inside" {
			t.Errorf("a write from the page: %d", w.Code)
		}
		at, other := len(sent)-8, "A" // within: what is behind the last whole byte counts for nothing
		if sent[at] == 'A' {
			other = "B"
		}
		if w := send(d, "GET", "/sandbox/v1/state", "", "Cookie", sent[:at]+other+sent[at+1:]); w.Code != 401 {
			t.Errorf("a forged cookie: %d, want 401", w.Code)
		}
		if w := send(d, "POST", "/logout", "", "Cookie", sent); len(w.Result().Cookies()) != 1 || w.Result().Cookies()[0].MaxAge >= 0 {
			t.Errorf("logout: %v", w.Result().Cookies())
		}
	}
}

func TestAToolShowsCredentials(t *testing.T) {
	basic := func(id, secret string) string {
		req := httptest.NewRequest("GET", "/", nil)
		req.SetBasicAuth(id, secret)
		return req.Header.Get("Authorization")
	}
	for _, test := range []struct {
		name, path, authorization string
		want                      int
	}{
		{"nothing", "/sandbox/v1/state", "", 401},
		{"nothing, for the page", "/assets/app.js", "", 401},
		{"Basic", "/sandbox/v1/state", basic(clientID, clientSecret), 200},
		{"Basic, wrong secret", "/sandbox/v1/state", basic(clientID, clientSecret+"x"), 401},
		{"Basic, wrong ID", "/sandbox/v1/state", basic("x", clientSecret), 401},
		{"Basic, empty", "/sandbox/v1/state", basic("", ""), 401},
		{"Bearer", "/sandbox/v1/state", "Bearer " + clientSecret, 200},
		{"Bearer, wrong", "/sandbox/v1/state", "Bearer x", 401},
		{"another scheme", "/sandbox/v1/state", "Digest " + clientSecret, 401},
		{"the vendor's API has tokens of its own", "/webhooks/subscriptions", "", 200},
		{"and gives them out", "/Auth/connect/token", "", 200},
		{"no way around", "/webhooksx", "", 401},
		{"probes", "/readyz", "", 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := send(newLogin(false), "GET", test.path, "", "Authorization", test.authorization)
			if w.Code != test.want {
				t.Errorf("%d, want %d", w.Code, test.want)
			}
			if strings.Contains(strings.ToLower(w.Header().Get("WWW-Authenticate")), "basic") {
				t.Error("a browser would ask for Basic credentials, and send them along for ever")
			}
		})
	}
}

func TestGuessingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, way := range []struct {
			name, method, path string
			try                func(secret string) (body string, header []string)
			in                 int // status of who is let in
		}{
			{"Bearer", "GET", "/sandbox/v1/state", func(secret string) (string, []string) { return "", []string{"Authorization", "Bearer " + secret} }, 200},
			{"Basic", "GET", "/sandbox/v1/state", func(secret string) (string, []string) {
				return "", []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(clientID+":"+secret))}
			}, 200},
			{"the page", "POST", "/login", func(secret string) (string, []string) {
				return credentialsForm(clientID, secret), []string{"Content-Type", form}
			}, 303},
		} {
			d := newLogin(false)
			try := func(secret string) *httptest.ResponseRecorder {
				body, header := way.try(secret)
				return send(d, way.method, way.path, body, header...)
			}
			for i := range 20 {
				if w := try("x"); w.Code != 401 {
					t.Fatalf("%s: wrong one %d: %d, want 401", way.name, i, w.Code)
				}
			}
			if w := try(clientSecret); w.Code != 429 || w.Header().Get("Retry-After") != "3" {
				t.Errorf("%s: after 20 wrong ones: %d, Retry-After %q, want 429 and 3", way.name, w.Code, w.Header().Get("Retry-After"))
			}
			time.Sleep(3 * time.Second)
			if w := try(clientSecret); w.Code != way.in {
				t.Errorf("%s: after the wait: %d, want %d", way.name, w.Code, way.in)
			}
		}
	})
}

func TestCookiesEnd(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	s := newSessions([]byte("key"), clientID, clientSecret)
	cookie := s.issue(now.Add(loginFor))
	for _, test := range []struct {
		name string
		s    sessions
		text string
		at   time.Time
		want bool
	}{
		{"at once", s, cookie, now, true},
		{"just before its end", s, cookie, now.Add(loginFor - time.Second), true},
		{"at its end", s, cookie, now.Add(loginFor), false},
		{"another secret", newSessions([]byte("key"), clientID, "other"), cookie, now, false},
		{"another key", newSessions([]byte("yek"), clientID, clientSecret), cookie, now, false},
		{"cut", s, cookie[:len(cookie)-4], now, false},
		{"nothing", s, "", now, false},
	} {
		if got := test.s.valid(test.text, test.at); got != test.want {
			t.Errorf("%s: valid = %v, want %v", test.name, got, test.want)
		}
	}
}
