package report

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A consumer's response may repeat the request. Tokens and the credentials of URLs are hidden
// wherever they stand.
var (
	tokenForm    = regexp.MustCompile(`eyJ[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){0,2}`)
	userInfoForm = regexp.MustCompile(`(://)[^/?#@\s"'<>]*@`)
)

// shortestHidden is the least length of a hidden text in bytes: hiding shorter ones would
// garble ordinary sentences.
const shortestHidden = 8

// Scrubber returns a function that removes tokens, the credentials of URLs and the given
// texts from a text, also where the end of the text, or of a quotation in it, cuts them off.
// Texts of less than 8 bytes are not hidden.
func Scrubber(hide []string) func(string) string {
	var pairs, secrets []string
	for _, secret := range hide {
		if len(secret) >= shortestHidden {
			pairs = append(pairs, secret, hidden)
			secrets = append(secrets, secret)
		}
	}
	whole := strings.NewReplacer(pairs...)
	return func(text string) string {
		text = whole.Replace(text)
		for _, secret := range secrets {
			text = hideCut(text, secret)
		}
		text = tokenForm.ReplaceAllString(text, "(token)")
		return userInfoForm.ReplaceAllString(text, "$1")
	}
}

const hidden = "(hidden)"

// hideCut hides the beginning of a secret that something cut.
func hideCut(text, secret string) string {
	if !strings.Contains(text, secret[:shortestHidden]) {
		return text
	}
	for n := len(secret) - 1; n >= shortestHidden; n-- {
		if rest, cut := strings.CutSuffix(text, secret[:n]); cut {
			text = rest + hidden
		}
		for _, end := range []string{"…", `"`} {
			text = strings.ReplaceAll(text, secret[:n]+end, hidden+end)
		}
	}
	return text
}

// clean takes secrets out of what was added to the summary after New made it.
func (s *Summary) clean() {
	if s.scrub == nil {
		s.scrub = Scrubber(nil)
	}
	for i := range s.Checks {
		c := &s.Checks[i]
		c.Name, c.Detail = s.scrub(c.Name), s.scrub(c.Detail)
	}
	for i := range s.Rules {
		s.Rules[i].Why = s.scrub(s.Rules[i].Why)
	}
	s.Cause = s.scrub(s.Cause)
	s.Invalid, s.Notes = s.scrubbed(s.Invalid), s.scrubbed(s.Notes)
	if s.Receiver != nil {
		s.Receiver.Violations, s.Receiver.Remarks = s.scrubbed(s.Receiver.Violations), s.scrubbed(s.Receiver.Remarks)
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
