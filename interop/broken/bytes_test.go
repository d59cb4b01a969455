package main

import (
	"net/http/httptest"
	"os/exec"
	"testing"

	"github.com/ringback/ringback/signature"
)

// One switch is enough: without it nobody notices, with it the run fails. Whoever has the wrong key
// fails without any.
func TestOneSwitchCatchesWhoReliesOnTheBytes(t *testing.T) {
	ringback := buildProgram(t, "../..", "./cmd/ringback")
	play := func(c *consumer, story string, switches ...string) (status int, out string) {
		server := httptest.NewServer(c.handler(secret(t)))
		defer server.Close()
		args := append([]string{"run", story, "--to", server.URL + "/events", "--seed", "7", "--speed", "max", "--retry-for", "0"}, switches...)
		cmd := exec.CommandContext(t.Context(), ringback, args...)
		cmd.Dir = t.TempDir()
		text, _ := cmd.CombinedOutput()
		return cmd.ProcessState.ExitCode(), string(text)
	}
	for _, test := range []struct {
		consumer func() *consumer
		story    string
		switches []string
	}{
		{hashesReencoded, "inbound-call-with-hold", []string{"--assume", "body-style=spaced"}},
		{hashesReencoded, "inbound-call-with-hold", []string{"--assume", "body-style=pretty"}},
		{hashesReencoded, "inbound-call-with-hold", []string{"--assume", "body-style=escaped"}},
		{hashesReencoded, "inbound-call-with-hold", []string{"--assume", "body-style=newline"}},
		{hashesReencoded, "inbound-call-with-hold", []string{"--assume", "body-style=mixed"}},
		{hashesReencoded, "inbound-call-with-hold", []string{"--fault", "body-style every 2"}},
		{demandsVersion4, "inbound-call-with-hold", []string{"--assume", "id-form=any"}},
		{oneContentType, "inbound-call-with-hold", []string{"--assume", "content-type=application/cloudevents+json; charset=utf-8"}},
		{comparesIat, "inbound-call-with-hold", []string{"--assume", "token-clock=2m"}},
		{comparesIat, "inbound-call-with-hold", []string{"--fault", "early-token every 2"}},
		{secretAsText, "inbound-call-with-hold", nil},
		{secretUndecoded, "inbound-call-with-hold", nil},
	} {
		if status, out := play(test.consumer(), test.story); test.switches != nil && status != 0 {
			t.Errorf("%s: status %d without a switch, want 0\n%s", test.consumer().about, status, out)
		}
		if status, out := play(test.consumer(), test.story, test.switches...); status != 1 {
			t.Errorf("%s: status %d with %v, want 1\n%s", test.consumer().about, status, test.switches, out)
		}
		if status, out := play(correct(), test.story, test.switches...); status != 0 {
			t.Errorf("a correct consumer: status %d with %v, want 0\n%s", status, test.switches, out)
		}
	}
}

func secret(t *testing.T) signature.Secret {
	t.Helper()
	s, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
