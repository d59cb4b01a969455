package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// What a scenario assumes about requests and responses holds as if a flag had said it: the
// flag stands over the workload, and the workload over its scenarios.
func TestAssumptionsAboutSendingCountWhereverTheyStand(t *testing.T) {
	consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		case r.URL.Path == "/bearer" && !strings.HasPrefix(r.Header.Get("Vonage-Signature"), "Bearer ey"):
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/charset" && r.Header.Get("Content-Type") != "application/cloudevents+json; charset=utf-8":
			w.WriteHeader(http.StatusUnsupportedMediaType)
		case r.URL.Path == "/206":
			w.WriteHeader(http.StatusPartialContent)
		}
	}))
	defer consumer.Close()
	assuming := func(name, assume string) string { return strings.Replace(goodStory, "short", name, 1) + assume }
	dir := folderWith(t, map[string]string{
		"plain.yaml":    goodStory,
		"2xx.yaml":      assuming("lenient", "assume: {success: 2xx}\n"),
		"strict.yaml":   assuming("strict", "assume: {success: 200-205}\n"),
		"follow.yaml":   assuming("follow", "assume: {redirects: follow}\n"),
		"bearer.yaml":   assuming("bearer", "assume: {signature-prefix: Bearer}\n"),
		"charset.yaml":  assuming("charset", "assume: {content-type: application/cloudevents+json; charset=utf-8}\n"),
		"workload.yaml": "name: w\nstory: W.\narrivals: [{rate: 1/s, over: 2s}]\nassume: {success: 200-205}\nmix: [{scenario: ./2xx.yaml, weight: 1}]\n",
		"mix.yaml":      "name: m\nstory: M.\narrivals: [{rate: 1/s, over: 2s}]\nmix: [{scenario: ./2xx.yaml, weight: 1}, {scenario: ./strict.yaml, weight: 1}]\n",
	})
	for _, c := range []struct {
		args, path string
		status     int
		says       string
	}{
		{"2xx.yaml", "/206", exitOK, ""},
		{"plain.yaml", "/206", exitFailed, ""},
		{"plain.yaml 2xx.yaml", "/206", exitOK, ""},
		{"2xx.yaml --assume success=200-205", "/206", exitFailed, ""},
		{"workload.yaml", "/206", exitFailed, ""},
		{"workload.yaml --assume success=2xx", "/206", exitOK, ""},
		{"follow.yaml", "/moved", exitOK, ""},
		{"plain.yaml", "/moved", exitFailed, ""},
		{"bearer.yaml", "/bearer", exitOK, ""},
		{"plain.yaml", "/bearer", exitFailed, ""},
		{"charset.yaml", "/charset", exitOK, ""},
		{"charset.yaml --engine http", "/charset", exitOK, ""},
		{"plain.yaml", "/charset", exitFailed, ""},
		{"charset.yaml --assume content-type=application/cloudevents+json", "/charset", exitFailed, ""},
		{"2xx.yaml strict.yaml", "/206", exitUsage, "--assume: lenient has success=2xx and strict has success=200-205"},
		{"mix.yaml", "/206", exitUsage, "choose one for all with --assume"},
		{"mix.yaml --assume success=2xx", "/206", exitOK, ""},
	} {
		t.Run(c.args+" to "+c.path, func(t *testing.T) {
			args := []string{"run", "--to", consumer.URL + c.path, "--speed", "max", "--retry-for", "0"}
			for _, arg := range strings.Fields(c.args) {
				if filepath.Ext(arg) == ".yaml" {
					arg = filepath.Join(dir, arg)
				}
				args = append(args, arg)
			}
			status, out, errs := call(t, "", args...)
			if status != c.status || !strings.Contains(errs, c.says) {
				t.Errorf("status %d, want %d and %q\n%s%s", status, c.status, c.says, out, errs)
			}
		})
	}
}
