// Package redact keeps secrets out of texts that somebody else wrote.
//
// What was sent to a consumer, or is known to it, comes in, and texts of that consumer; what may be
// shown of each text goes out. It promises that no secret, no half of one and no token is left in a
// text, as it stands or in an encoding that servers answer with, whatever its length: what cannot be
// taken out of a text takes the whole text with it. It looks at the first KiB of a text and gives no
// more, and never changes a text in which nothing secret is found.
package redact

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// What stands in the place of what is not shown.
const (
	Token   = "(token)"
	Hidden  = "(hidden)"
	Whole   = "(hidden: it repeats a secret)" // in place of a whole text
	MaxText = 1 << 10                         // bytes of a text that are looked at, and returned at the most
)

// shortestCut is the least length, in bytes, of a secret that is taken out of the middle of a text. What
// is left of a text without a shorter one tells which it was.
const shortestCut = 8

// Secrets are texts that must not be shown. They are safe for concurrent use; nil knows tokens and the
// credentials of URLs alone.
type Secrets struct {
	texts []string
	names []string // of whom they were sent to: no short secret is looked for in these
	once  sync.Once
	index index
	whole *strings.Replacer
	last  atomic.Pointer[answer] // consumers repeat themselves
}

// answer is what may be shown of a text.
type answer struct{ text, shown string }

// Of returns the secrets that these texts are, in whatever form they were given. Empty texts are none.
func Of(texts ...string) *Secrets {
	s := &Secrets{}
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" && !slices.Contains(s.texts, text) {
			s.texts = append(s.texts, text)
		}
	}
	return s
}

// Beside adds names and addresses that are shown anyway, and returns s: no secret of up to 3 characters is looked for in them.
// Call it before anything else.
func (s *Secrets) Beside(names ...string) *Secrets {
	s.names = append(s.names, names...)
	return s
}

// prepare makes what is looked up, with the first text: most consumers never say anything.
func (s *Secrets) prepare() {
	var pairs []string
	byLength := slices.SortedFunc(slices.Values(s.texts), func(a, b string) int { return len(b) - len(a) })
	for _, text := range byLength { // of two secrets, the one that holds the other
		if len(text) >= shortestCut {
			pairs = append(pairs, text, Hidden)
		}
	}
	s.whole = strings.NewReplacer(pairs...)
	s.index.fill(s.texts)
	var names []string
	for _, name := range s.names {
		if name != "" {
			names = append(names, fold(name), " ")
		}
	}
	s.index.names = strings.NewReplacer(names...)
}

// Text is what may be shown of a text. Sent are the tokens that the text answers, if there are any.
func (s *Secrets) Text(text string, sent ...string) string {
	if text == "" {
		return ""
	}
	text = text[:min(len(text), MaxText)]
	if s == nil {
		s = &Secrets{}
	}
	if last := s.last.Load(); last != nil && last.text == text {
		return last.shown
	}
	s.once.Do(s.prepare)
	shown := general(s.whole.Replace(text))
	if s.index.tells(shown, true, sent) {
		shown = Whole
	}
	s.last.Store(&answer{text, shown})
	return shown
}

// What is secret whoever sent it: tokens, and the credentials of URLs.
var (
	tokenForm    = regexp.MustCompile(`eyJ[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){0,2}`)
	longToken    = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8}`) // which no other text becomes by decoding
	userInfoForm = regexp.MustCompile(`(://)[^/?#@\s"'<>]*@`)
)

// general takes tokens and the credentials of URLs out of a text.
func general(text string) string {
	if strings.Contains(text, "eyJ") {
		text = tokenForm.ReplaceAllString(text, Token)
	}
	if strings.Contains(text, "://") && strings.Contains(text, "@") {
		text = userInfoForm.ReplaceAllString(text, "$1")
	}
	return text
}

// Sentence is what may be shown of a sentence of ours that quotes somebody else: of what is in quotation marks, that which repeats
// a secret is taken out alone. If the rest tells one, too, only the words before the first colon are left. Secrets of up to 3
// characters are looked for in quotations alone, since sentences have numbers in them.
func (s *Secrets) Sentence(text string) string {
	if text == "" {
		return ""
	}
	if s == nil {
		s = &Secrets{}
	}
	s.once.Do(s.prepare)
	text = general(s.whole.Replace(text))
	text = quotedForm.ReplaceAllStringFunc(text, func(quoted string) string {
		if s.index.tells(quoted[1:len(quoted)-1], true, nil) {
			return `"` + Hidden + `"`
		}
		return quoted
	})
	if !s.index.tells(text, false, nil) {
		return text
	}
	ours, _, quotes := strings.Cut(text, ": ")
	if !quotes || s.index.tells(ours, false, nil) {
		return Whole
	}
	return ours + ": " + Whole
}

// quotedForm is a quotation, with escapes as Go and JSON write them.
var quotedForm = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
