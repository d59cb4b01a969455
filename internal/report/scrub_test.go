package report_test

import (
	"testing"

	"github.com/ringback/ringback/internal/report"
)

func TestSecretsAreTakenOut(t *testing.T) {
	scrub := report.Scrubber([]string{"open-sesame-1234", "short"})
	for _, c := range []struct{ name, text, want string }{
		{"nothing secret", "401 Unauthorized", "401 Unauthorized"},
		{"a secret", "key open-sesame-1234.", "key (hidden)."},
		{"a secret that the end cuts", "key open-sesame", "key (hidden)"},
		{"a secret that a quotation cuts", `401 "key open-sesam…"; right?`, `401 "key (hidden)…"; right?`},
		{"a few of its letters", "open-ses", "(hidden)"},
		{"fewer than anybody could use", "open-se", "open-se"},
		{"what is too short to be one", "a short story", "a short story"},
		{"a token", "Bearer eyJh.eyJi.c2ln!", "Bearer (token)!"},
		{"a cut token", "eyJhbGci", "(token)"},
		{"credentials", "see http://jo:pass@host/ and https://jo@host", "see http://host/ and https://host"},
		{"an address after a URL", "http://host/ jo@host", "http://host/ jo@host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := scrub(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
