package sandbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/published"
)

// start opens a sandbox and serves it for the rest of the test.
func start(t *testing.T, o Options) *Sandbox {
	t.Helper()
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() { stop(t, s); <-served })
	return s
}

func stop(t *testing.T, s *Sandbox) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// call sends a request and returns status and body.
func call(t *testing.T, client *http.Client, method, url, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// token gets an access token as any client does, for all scopes unless some are named.
func token(t *testing.T, client *http.Client, s *Sandbox, scopes ...published.Token) string {
	t.Helper()
	scope := published.Both
	if scopes != nil {
		scope = scopes[0]
	}
	c := s.Credentials()
	status, text := call(t, client, "POST", s.URL()+"/Auth/connect/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ID},
		"client_secret": {c.Secret}, "scope": {string(scope)}}.Encode(), "Content-Type", form)
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Token == "" {
		t.Fatalf("no token: %d %s", status, text)
	}
	return answer.Token
}

func TestAllPartsAreThere(t *testing.T) {
	s := start(t, Options{})
	for _, test := range []struct {
		path string
		want int
		text string // part of the body
	}{
		{"/healthz", 200, "ok"},
		{"/readyz", 200, "ok"},
		{"/", 200, "<title>"},
		{"/sandbox/v1/state", 200, s.Credentials().ID},
		{"/sandbox/v1/openapi.json", 200, "openapi"},
		{"/webhooks/openapi.json", 200, "openapi"},
		{"/webhooks/subscriptions", 401, "access token is missing"},
		{"/login", 404, ""},
		{"/nothing", 404, ""},
	} {
		status, text := call(t, http.DefaultClient, "GET", s.URL()+test.path, "")
		if status != test.want || !strings.Contains(text, test.text) || strings.Contains(text, s.Credentials().Secret) {
			t.Errorf("GET %s: %d %.200s", test.path, status, text)
		}
	}
	if status, _ := call(t, http.DefaultClient, "GET", s.URL()+"/webhooks/subscriptions", "",
		"Authorization", "Bearer "+token(t, http.DefaultClient, s), "Accept", "application/vnd.newvoicemedia.v1+json"); status != 200 {
		t.Errorf("with a token: %d", status)
	}
	if status, _ := call(t, http.DefaultClient, "GET", s.URL()+"/sandbox/v1/state", "", "Origin", "http://127.0.0.1:1"); status != 403 {
		t.Errorf("from another origin: %d, want 403", status)
	}
}

func TestASecondStartGoesOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	first, err := Open(t.Context(), Options{Listen: "127.0.0.1:0", Data: dir})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- first.Serve() }()
	bearer := token(t, http.DefaultClient, first)
	status, text := call(t, http.DefaultClient, "POST", first.URL()+"/sandbox/v1/subscriptions",
		`{"name": "kept", "url": "http://127.0.0.1:1/", "events": ["*"]}`, "Content-Type", "application/json")
	if status != 201 {
		t.Fatalf("subscribe: %d %s", status, text)
	}
	if _, err := Open(t.Context(), Options{Listen: "127.0.0.1:0", Data: dir}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second process on the folder: %v, want an error with its path", err)
	}
	if _, err := Open(t.Context(), Options{Listen: first.listener.Addr().String()}); err == nil || !strings.Contains(err.Error(), "Options.Listen") {
		t.Errorf("a second process on the port: %v", err)
	}
	modes(t, dir)
	stop(t, first)
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}

	second := start(t, Options{Data: dir})
	if c := second.Credentials(); c.Fresh || c.ID != first.Credentials().ID || c.Secret != first.Credentials().Secret {
		t.Errorf("other credentials: %v, fresh %v", c, c.Fresh)
	}
	status, text = call(t, http.DefaultClient, "GET", second.URL()+"/webhooks/subscriptions", "",
		"Authorization", "Bearer "+bearer, "Accept", "application/vnd.newvoicemedia.v1+json")
	if status != 200 || !strings.Contains(text, `"kept"`) {
		t.Errorf("the old token at the new start: %d %s", status, text)
	}
}

// modes checks that nobody else may read what is in the folder.
func modes(t *testing.T, dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		t.Fatalf("%v, %v", entries, err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, want 0600", e.Name(), info.Mode())
		}
	}
}

func TestOtherMachinesGetInByTLSAndCredentials(t *testing.T) {
	cert, key, pool := certificate(t)
	s := start(t, Options{Listen: "0.0.0.0:0", CertFile: cert, KeyFile: key})
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if !s.Login() || !strings.HasPrefix(s.URL(), "https://127.0.0.1:") {
		t.Errorf("login %v at %s", s.Login(), s.URL())
	}
	for _, test := range []struct {
		name, path string
		header     []string
		want       int
	}{
		{"nothing shown", "/sandbox/v1/state", nil, 401},
		{"the secret", "/sandbox/v1/state", []string{"Authorization", "Bearer " + s.Credentials().Secret}, 200},
		{"a browser", "/", []string{"Accept", "text/html"}, 303},
		{"the login page", "/login", nil, 200},
		{"a probe", "/readyz", nil, 200},
		{"another origin", "/login", []string{"Origin", "https://evil.example"}, 403},
	} {
		if status, text := call(t, client, "GET", s.URL()+test.path, "", test.header...); status != test.want {
			t.Errorf("%s: %d %s, want %d", test.name, status, text, test.want)
		}
	}
	if bearer := token(t, client, s); bearer == "" {
		t.Error("no token")
	}
	plain, err := http.Get(strings.Replace(s.URL(), "https:", "http:", 1) + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Body.Close()
	if plain.StatusCode != 400 {
		t.Errorf("without TLS: %d, want 400", plain.StatusCode)
	}
}

func TestWhatIsWrongIsSaidBeforeAnythingIsOpened(t *testing.T) {
	for _, test := range []struct {
		name string
		o    Options
		err  string
	}{
		{"no such certificate", Options{Listen: "127.0.0.1:0", CertFile: "nowhere.pem", KeyFile: "nowhere.pem"}, "nowhere.pem"},
		{"a file as folder", Options{Listen: "127.0.0.1:0", Data: "options.go"}, "options.go"},
		{"an address of nobody", Options{Listen: "192.0.2.1:0", InsecureHTTP: true}, "192.0.2.1"},
	} {
		if s, err := Open(t.Context(), test.o); err == nil || s != nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// certificate writes one for 127.0.0.1, signed by itself.
func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for path, text := range map[string][]byte{certFile: cert, keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return certFile, keyFile, pool
}
