package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/netguard"
)

//go:embed login.html
var loginPage string

//go:embed login.css
var loginStyle string

// loginFor is how long a login lasts.
const loginFor = 12 * time.Hour

// login admits requests with credentials: a page's with its cookie, a tool's with HTTP Basic
// (client ID and secret) or with the secret alone as a Bearer token.
type login struct {
	sessions sessions
	id       string
	secret   string
	secure   func(*http.Request) bool // reports whether the browser uses https
	guesses  *netguard.Guesses
}

func (l *login) wrap(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) { page(w, http.StatusOK, "") })
	mux.HandleFunc("GET /login.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write([]byte(loginStyle))
	})
	mux.HandleFunc("POST /login", l.enter)
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, req *http.Request) {
		http.SetCookie(w, l.cookie(req, "", -1))
		http.Redirect(w, req, "/login", http.StatusSeeOther)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		if open(req.URL.Path) || l.admits(w, req) {
			next.ServeHTTP(w, req)
		}
	})
	return mux
}

// open reports whether a path needs no login: probes reveal nothing, and the vendor API has access
// tokens of its own.
func open(path string) bool {
	return path == "/healthz" || path == "/readyz" || strings.HasPrefix(path, "/Auth/") || path == "/webhooks" || strings.HasPrefix(path, "/webhooks/")
}

// admits reports whether a request may pass. If not, it has been answered.
func (l *login) admits(w http.ResponseWriter, req *http.Request) bool {
	if req.Header.Get("Authorization") != "" {
		return l.admitsTool(w, req)
	}
	if cookie, err := req.Cookie(l.cookieName(req)); err == nil && l.sessions.valid(cookie.Value, time.Now()) {
		reads := req.Method == http.MethodGet || req.Method == http.MethodHead
		if !reads && req.Header.Get("Origin") == "" && req.Header.Get("Sec-Fetch-Site") == "" {
			refuse(w, http.StatusForbidden, "a request that changes something with a cookie needs the header Origin or Sec-Fetch-Site")
			return false
		}
		return true
	}
	if req.Method == http.MethodGet && strings.Contains(req.Header.Get("Accept"), "text/html") && !strings.HasPrefix(req.URL.Path, "/sandbox/") {
		http.Redirect(w, req, "/login", http.StatusSeeOther)
		return false
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="ringback"`) // not Basic: browsers would prompt, and keep the credentials
	refuse(w, http.StatusUnauthorized, "log in at /login, or send client ID and secret (HTTP Basic) or the secret alone (Bearer)")
	return false
}

func (l *login) admitsTool(w http.ResponseWriter, req *http.Request) bool {
	id, secret, basic := req.BasicAuth()
	scheme, bearer, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	ok, wait := l.tries(req, id, func() bool {
		return basic && l.fits(id, secret) || strings.EqualFold(scheme, "Bearer") && netguard.SameSecret(strings.TrimSpace(bearer), l.secret)
	})
	switch {
	case wait > 0:
		after := netguard.RetryAfter(wait)
		w.Header().Set("Retry-After", after)
		refuse(w, http.StatusTooManyRequests, "too many failed logins; try again in "+after+" s")
	case !ok:
		w.Header().Set("WWW-Authenticate", `Bearer realm="ringback"`)
		refuse(w, http.StatusUnauthorized, "invalid credentials")
	}
	return ok
}

// tries looks at credentials with a client ID, perhaps none.
func (l *login) tries(req *http.Request, id string, right func() bool) (ok bool, wait time.Duration) {
	kind := netguard.Nameless
	if netguard.SameSecret(id, l.id) {
		kind = netguard.Named
	}
	return l.guesses.Try(req, kind, time.Now(), right)
}

// fits compares in constant time.
func (l *login) fits(id, secret string) bool {
	return netguard.SameSecret(id, l.id) && netguard.SameSecret(secret, l.secret)
}

// enter handles the form of the login page. The guard has checked its origin.
func (l *login) enter(w http.ResponseWriter, req *http.Request) {
	req.Body = http.MaxBytesReader(w, req.Body, 4<<10)
	if err := req.ParseForm(); err != nil {
		page(w, http.StatusBadRequest, "The form could not be read.")
		return
	}
	id, secret := strings.TrimSpace(req.PostForm.Get("client_id")), strings.TrimSpace(req.PostForm.Get("client_secret"))
	switch ok, wait := l.tries(req, id, func() bool { return l.fits(id, secret) }); {
	case wait > 0:
		after := netguard.RetryAfter(wait)
		w.Header().Set("Retry-After", after)
		page(w, http.StatusTooManyRequests, "Too many failed logins. Try again in "+after+" s.")
		return
	case !ok:
		page(w, http.StatusUnauthorized, "Invalid client ID or secret.")
		return
	}
	http.SetCookie(w, l.cookie(req, l.sessions.issue(time.Now().Add(loginFor)), int(loginFor/time.Second)))
	http.Redirect(w, req, "/", http.StatusSeeOther)
}

// cookieName has the prefix that binds a cookie to this host, where browsers allow it.
func (l *login) cookieName(req *http.Request) string {
	if l.secure(req) {
		return "__Host-ringback"
	}
	return "ringback"
}

func (l *login) cookie(req *http.Request, value string, age int) *http.Cookie {
	return &http.Cookie{Name: l.cookieName(req), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: l.secure(req), SameSite: http.SameSiteStrictMode}
}

// page shows the login page with an error.
func page(w http.ResponseWriter, status int, problem string) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Referrer-Policy", "same-origin") // under no-referrer a form has the origin null
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(strings.Replace(loginPage, "{{problem}}", problem, 1)))
}

// sessions issues and checks the cookies of logged-in browsers. It keeps no state: a cookie holds
// its own end, and a change of the client secret ends all of them.
type sessions struct{ key []byte }

// newSessions derives a key of its own, so that cookies and access tokens cannot be exchanged.
func newSessions(tokenKey []byte, id, secret string) sessions {
	h := hmac.New(sha256.New, tokenKey)
	h.Write([]byte("login\x00" + id + "\x00" + secret))
	return sessions{h.Sum(nil)}
}

func (s sessions) issue(until time.Time) string {
	text := binary.BigEndian.AppendUint64(nil, uint64(until.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(text, s.mac(text)...))
}

func (s sessions) valid(cookie string, now time.Time) bool {
	text, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || len(text) != 8+sha256.Size || !hmac.Equal(text[8:], s.mac(text[:8])) {
		return false
	}
	return now.Unix() < int64(binary.BigEndian.Uint64(text))
}

func (s sessions) mac(text []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write(text)
	return h.Sum(nil)
}
