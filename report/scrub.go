package report

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// What a consumer answers may repeat what it was sent. These forms are hidden wherever they
// stand: tokens, and the credentials of URLs.
var (
	tokenForm    = regexp.MustCompile(`eyJ[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){0,2}`)
	userInfoForm = regexp.MustCompile(`(://)[^/?#@\s"'<>]*@`)
)

// shortestHidden is in bytes: shorter texts would tear every sentence apart.
const shortestHidden = 8

// scrubber returns a function that takes tokens, the credentials of URLs and the given
// texts out of a text.
func scrubber(hide []string) func(string) string {
	var pairs []string
	for _, secret := range hide {
		if len(secret) >= shortestHidden {
			pairs = append(pairs, secret, "(hidden)")
		}
	}
	secrets := strings.NewReplacer(pairs...)
	return func(text string) string {
		text = secrets.Replace(text)
		text = tokenForm.ReplaceAllString(text, "(token)")
		return userInfoForm.ReplaceAllString(text, "$1")
	}
}

func (s *Summary) scrubbed(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = s.scrub(text)
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
