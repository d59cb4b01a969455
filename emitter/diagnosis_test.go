package emitter

import (
	"strings"
	"testing"
)

// A target that hangs lets more notifications find no room than time out. That is not why it
// never responded.
func TestNoRoomIsNoReasonForSilence(t *testing.T) {
	result := TargetResult{Name: "a", Figures: Figures{Counts: Counts{Silent: true, Failures: map[Class]FailuresOfClass{
		ClassFull: {Count: 900, Example: "100 notifications waited"}, ClassTimeout: {Count: 9, Example: "no complete response within 1s"}}}}}
	lines := result.Diagnoses()
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "a never responded: no complete response within 1s") || !strings.HasPrefix(lines[1], "a: full, 900 times") {
		t.Errorf("%q; want the time-out as the reason, and what found no room behind it", lines)
	}
}

// A port without TLS has no certificate to trust.
func TestOnlyCertificatesBringTheHintAboutThem(t *testing.T) {
	for example, hinted := range map[string]bool{
		"the certificate is not accepted: signed by an unknown authority":     true,
		"tls: target speaks plain HTTP; use http://":                          false,
		"tls: target does not speak TLS; use http:// if it speaks plain HTTP": false,
		"tls: server selected unsupported protocol version 301":               false,
	} {
		result := TargetResult{Name: "consumer", Figures: Figures{Counts: Counts{Failures: map[Class]FailuresOfClass{ClassTLS: {Count: 1, Example: example}}}}}
		if got := strings.Join(result.Diagnoses(), "\n"); strings.Contains(got, "trust its authority (ca)") != hinted {
			t.Errorf("hinted %v, want %v: %s", !hinted, hinted, got)
		}
	}
}

// A server with TLS ends a connection without it, and says no word.
func TestSilenceWithoutTLSMayBeForWantOfIt(t *testing.T) {
	for url, hinted := range map[string]bool{"http://127.0.0.1:1/": true, "https://127.0.0.1:1/": false} {
		for _, silent := range []bool{true, false} {
			result := TargetResult{Name: "consumer", URL: url, Figures: Figures{Counts: Counts{Silent: silent, Failures: map[Class]FailuresOfClass{ClassReset: {Count: 1, Example: "EOF"}}}}}
			if got := strings.Join(result.Diagnoses(), "\n"); strings.Contains(got, "write https://") != (hinted && silent) {
				t.Errorf("%s, silent %v: %s", url, silent, got)
			}
		}
	}
}

func TestAPortWithTLSIsToldByItsAnswer(t *testing.T) {
	for example, hinted := range map[string]bool{
		`400 Bad Request "Client sent an HTTP request to an HTTPS server."`:                             true,
		`400 Bad Request "<title>400 The plain HTTP request was sent to HTTPS port</title>"`:            true,
		`400 Bad Request "Reason: You're speaking plain HTTP to an SSL-enabled server port."`:           true,
		`400 Bad Request "no such field"`:                                                               false,
		`500 Internal Server Error "An HTTP request was sent to HTTPS port 443 of the database, again"`: false,
	} {
		result := TargetResult{Name: "consumer", URL: "http://127.0.0.1:8443/", Figures: Figures{Counts: Counts{Failures: map[Class]FailuresOfClass{ClassStatus: {Count: 1, Example: example}}}}}
		if got := strings.Join(result.Diagnoses(), "\n"); strings.Contains(got, "write https://") != hinted {
			t.Errorf("hinted %v, want %v: %s", !hinted, hinted, got)
		}
	}
}
