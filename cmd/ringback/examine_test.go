package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/signature"
)

// reference is the reference consumer at a loopback address.
func reference(t *testing.T) string {
	t.Helper()
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(receiver.New(receiver.Options{Secrets: []signature.Secret{secret}}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestExamineStatuses(t *testing.T) {
	believing := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer believing.Close()
	good := reference(t)
	for _, c := range []struct {
		name, args string
		status     int
		says       string // in either output
	}{
		{"a correct consumer", "--to " + good, 0, "28 checks: 22 ok, 0 failed, 6 skipped; seed "},
		{"one that believes everybody", "--to " + believing.URL, 1, "FAILED   wrong-key          does not verify the signature"},
		{"another secret", "--to " + good + " --secret " + signature.GenerateSecret().Base64(), 1, "FAILED   agent-channel"},
		{"one that is not there", "--to http://127.0.0.1:1", 1, "FAILED   answers-in-time"},
		{"the development secret is named", "--to " + good + " --check answers-in-time", 0, "signing with the public development secret"},
		{"a short secret is named", "--to " + good + " --check answers-in-time --secret c2hvcnQ=", 0, "warning: --secret: it decodes to 5 bytes, and should to at least 32"},
		{"the list", "--list", 0, "survives-restart   has stored"},
		{"no consumer", "", 2, "name it with --to URL"},
		{"two consumers", "--to " + good + " --to " + believing.URL, 2, "examine: want one consumer, got 2"},
		{"an unknown check", "--to " + good + " --check algnone", 2, `did you mean "alg-none"?`},
		{"a state for no conversation", "--to " + good + " --state " + good, 2, "no {conversationId} in it"},
		{"a public state", "--to " + good + " --state http://192.0.2.7/{conversationId}", 2, "--allow-target 192.0.2.7"},
		{"a wrong output", "--to " + good + " --output xml", 2, "want text or json"},
		{"no time", "--to " + good + " --within 0s", 2, "--within: want a time such as 2s"},
		{"a state that is none, and a restart that fails", "--to " + good + " --state " + good + "/{conversationId} --check agent-channel", 1, "the state URL responds with"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := call(t, "", append([]string{"examine", "--within", "1ms"}, strings.Fields(c.args)...)...)
			if status != c.status || !strings.Contains(stdout+stderr, c.says) {
				t.Errorf("status %d, want %d with %q\n%s%s", status, c.status, c.says, stdout, stderr)
			}
		})
	}
}

func TestExamineAsJSON(t *testing.T) {
	status, stdout, stderr := call(t, "", "examine", "--to", reference(t), "--output", "json", "--seed", "7", "--check", "wrong-key")
	var got struct {
		SchemaVersion int `json:"schema_version"`
		Seed          uint64
		Passed        bool
		Checks        []struct{ Check, Verdict, Want string }
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}
	if status != 0 || got.SchemaVersion != 1 || got.Seed != 7 || !got.Passed || len(got.Checks) != 3 ||
		got.Checks[2].Check != "wrong-key" || got.Checks[2].Verdict != "ok" {
		t.Errorf("status %d, %+v; want 0 and wrong-key to be the third, ok", status, got)
	}
}

// What is assumed about requests holds for those of an examination as well.
func TestExamineSendsAsAssumed(t *testing.T) {
	var got http.Header
	consumer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	defer consumer.Close()
	status, stdout, stderr := call(t, "", "examine", "--to", consumer.URL, "--check", "answers-in-time",
		"--assume", "content-type=application/cloudevents+json; charset=utf-8", "--assume", "signature-prefix=Bearer")
	if status != 0 || got.Get("Content-Type") != "application/cloudevents+json; charset=utf-8" || !strings.HasPrefix(got.Get(signature.HeaderName), "Bearer ey") {
		t.Errorf("status %d with the header %v\n%s%s", status, got, stdout, stderr)
	}
}
