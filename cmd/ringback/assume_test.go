package main

import (
	"net/http"
	"net/http/httptest"
	"os"
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

// What is chosen and changes nothing gets a warning, wherever it stands; a variable of the shell, which
// is for all commands, gets none.
func TestAssumptionsWithoutEffectGetAWarning(t *testing.T) {
	const api = "missing-scope=403 changes nothing here: it is about the API of serve\n"
	dir := folderWith(t, map[string]string{"api.yaml": goodStory + "assume: {missing-scope: 403}\n", "plain.yaml": goodStory,
		"workload.yaml": "name: w\nstory: W.\narrivals: [{rate: 1/s, over: 1s}]\nassume: {missing-scope: 403}\nmix: [{scenario: ./plain.yaml, weight: 1}]\n"})
	recorded := filepath.Join(dir, "recorded.ndjson")
	if _, bodies, _ := call(t, "", "plan", filepath.Join(dir, "plain.yaml"), "--format", "ndjson"); os.WriteFile(recorded, []byte(bodies), 0o600) != nil {
		t.Fatal("no recording")
	}
	for _, c := range []struct{ args, want string }{
		{"run DIR/plain.yaml --speed max --assume missing-scope=403", "warning: --assume: " + api},
		{"run DIR/plain.yaml --speed max --assume missing-scope=401", "warning: --assume: missing-scope=401 changes nothing"},
		{"run DIR/plain.yaml --dry-run --assume missing-scope=403 --assume retry-after=obey", "warning: --assume: " + api},
		{"run DIR/api.yaml --speed max", "warning: short: assume: " + api},
		{"run DIR/workload.yaml --speed max", "warning: w: assume: " + api},
		{"plan DIR/plain.yaml --assume missing-scope=403", "warning: --assume: " + api},
		{"run DIR/plain.yaml --speed max --assume held-channel=both --assume retry-after=obey", ""},
		{"run DIR/plain.yaml --speed max --output quiet --assume missing-scope=403", ""},
		{"plan DIR/plain.yaml --assume retry-after=obey", ""},
		{"replay DIR/recorded.ndjson --speed max --assume held-channel=both", "warning: --assume: held-channel=both changes nothing here: it is about what is planned\n"},
		{"replay DIR/recorded.ndjson --speed max --assume success=2xx", ""},
	} {
		_, _, errs := call(t, "", strings.Fields(strings.ReplaceAll(c.args, "DIR", dir))...)
		if strings.Count(errs, "warning: ") != min(1, len(c.want)) || !strings.Contains(errs, c.want) {
			t.Errorf("%s: got\n%s\nwant %q", c.args, errs, c.want)
		}
	}
	t.Setenv("RINGBACK_ASSUME", "missing-scope=403")
	if _, _, errs := call(t, "", "plan", filepath.Join(dir, "plain.yaml")); errs != "" {
		t.Errorf("a variable: got %s", errs)
	}
}
