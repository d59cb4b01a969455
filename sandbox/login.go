package sandbox

import (
	_ "embed"
	"net/http"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/netguard"
)

//go:embed login.html
var loginPage string

//go:embed login.css
var loginStyle string

// loginFor is how long somebody stays logged in.
const loginFor = 12 * time.Hour

// door lets in who shows credentials: a page its cookie, a tool HTTP Basic with client ID and
// secret, or the secret alone as a Bearer token.
type door struct {
	badge    badge
	id       string
	secret   string
	secure   func(*http.Request) bool // tells whether the browser came by https
	guesses  *guesses
	loopback bool // no credentials needed
}

func (d *door) wrap(next http.Handler) http.Handler {
	if d.loopback {
		return next
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) { page(w, http.StatusOK, "") })
	mux.HandleFunc("GET /login.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write([]byte(loginStyle))
	})
	mux.HandleFunc("POST /login", d.enter)
	mux.HandleFunc("POST /logout", d.leave)
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		if open(req.URL.Path) || d.admits(w, req) {
			next.ServeHTTP(w, req)
		}
	})
	return mux
}

// open tells whether a path needs no login: probes say nothing of interest, and the vendor's
// API has access tokens of its own.
func open(path string) bool {
	return path == "/healthz" || path == "/readyz" || strings.HasPrefix(path, "/Auth/") || path == "/webhooks" || strings.HasPrefix(path, "/webhooks/")
}

// admits tells whether a request may go on. If not, it has been answered.
func (d *door) admits(w http.ResponseWriter, req *http.Request) bool {
	if req.Header.Get("Authorization") != "" {
		return d.admitsTool(w, req)
	}
	if cookie, err := req.Cookie(d.cookieName(req)); err == nil && d.badge.good(cookie.Value, time.Now()) {
		reads := req.Method == http.MethodGet || req.Method == http.MethodHead
		if !reads && req.Header.Get("Origin") == "" && req.Header.Get("Sec-Fetch-Site") == "" {
			refuse(w, http.StatusForbidden, "a write with a cookie must say from which page it comes")
			return false
		}
		return true
	}
	if req.Method == http.MethodGet && strings.Contains(req.Header.Get("Accept"), "text/html") && !strings.HasPrefix(req.URL.Path, "/sandbox/") {
		http.Redirect(w, req, "/login", http.StatusSeeOther)
		return false
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="ringback"`) // not Basic: browsers would ask, and remember
	refuse(w, http.StatusUnauthorized, "log in at /login, or send client ID and secret (HTTP Basic) or the secret alone (Bearer)")
	return false
}

func (d *door) admitsTool(w http.ResponseWriter, req *http.Request) bool {
	from := remote(req)
	if d.guesses.tooMany(from, time.Now()) {
		refuse(w, http.StatusTooManyRequests, "too many wrong credentials; wait a minute")
		return false
	}
	id, secret, basic := req.BasicAuth()
	scheme, bearer, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	if basic && d.fits(id, secret) || strings.EqualFold(scheme, "Bearer") && netguard.SameSecret(strings.TrimSpace(bearer), d.secret) {
		return true
	}
	d.guesses.wrong(from, time.Now())
	w.Header().Set("WWW-Authenticate", `Bearer realm="ringback"`)
	refuse(w, http.StatusUnauthorized, "these credentials are not right")
	return false
}

// fits compares in constant time.
func (d *door) fits(id, secret string) bool {
	return netguard.SameSecret(id, d.id) && netguard.SameSecret(secret, d.secret)
}

// enter takes the form of the login page. The guard has seen that it was sent from there.
func (d *door) enter(w http.ResponseWriter, req *http.Request) {
	from, now := remote(req), time.Now()
	if d.guesses.tooMany(from, now) {
		page(w, http.StatusTooManyRequests, "Too many wrong credentials. Wait a minute.")
		return
	}
	req.Body = http.MaxBytesReader(w, req.Body, 4<<10)
	if err := req.ParseForm(); err != nil {
		page(w, http.StatusBadRequest, "The form could not be read.")
		return
	}
	if !d.fits(strings.TrimSpace(req.PostForm.Get("client_id")), strings.TrimSpace(req.PostForm.Get("client_secret"))) {
		d.guesses.wrong(from, now)
		page(w, http.StatusUnauthorized, "This client ID and secret do not belong together.")
		return
	}
	http.SetCookie(w, d.cookie(req, d.badge.issue(now.Add(loginFor)), int(loginFor/time.Second)))
	http.Redirect(w, req, "/", http.StatusSeeOther)
}

func (d *door) leave(w http.ResponseWriter, req *http.Request) {
	http.SetCookie(w, d.cookie(req, "", -1))
	http.Redirect(w, req, "/login", http.StatusSeeOther)
}

// cookieName has the prefix that binds a cookie to this very host, where browsers allow it.
func (d *door) cookieName(req *http.Request) string {
	if d.secure(req) {
		return "__Host-ringback"
	}
	return "ringback"
}

func (d *door) cookie(req *http.Request, value string, age int) *http.Cookie {
	return &http.Cookie{Name: d.cookieName(req), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: d.secure(req), SameSite: http.SameSiteStrictMode}
}

// page shows the login page with a sentence about what was wrong.
func page(w http.ResponseWriter, status int, wrong string) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Referrer-Policy", "same-origin") // under no-referrer a form has the origin null
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(strings.Replace(loginPage, "{{wrong}}", wrong, 1)))
}
