package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A certificate that is not accepted is told as such, in plain words, with the flags that help.
func TestCertificatesThatAreNotAccepted(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	for _, command := range []string{"wait --for 1s", "run chat --speed max --retry-for 0s --patience 1s", "examine --budget 2m"} {
		status, stdout, stderr := call(t, "", strings.Fields(command+" --to "+server.URL)...)
		text := stdout + stderr
		if status == exitOK || strings.Contains(text, "x509") {
			t.Errorf("%s: status %d\n%s", command, status, text)
		}
		for _, want := range []string{"the certificate is not accepted: signed by an unknown authority", "--ca FILE", "--insecure"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is missing\n%s", command, want, text)
			}
		}
	}
}
