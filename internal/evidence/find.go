package evidence

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/ringback/ringback/internal/nearest"
)

// Find explains a subject: all that are called so, or whose last part is, with the scenarios that
// show them. It is an *UnknownError if there is none. Case, blanks and hyphens make no difference,
// nor what users find beside a name: the value of an assumption, the bound of a gate, the words
// around a status, the host and the identifier of a path.
func Find(subject string) ([]Entry, error) {
	asked := normal(subject)
	ways := []func() []Entry{
		func() []Entry { return append(versioned(asked), named(asked, normal)...) },
		func() []Entry { return requested(subject) },
		func() []Entry { return named(beforeBound(asked), normal) },
		func() []Entry { return named(statusIn(asked), normal) },
		func() []Entry {
			if strings.Contains(asked, "/") {
				return nil // a path that there is not
			}
			return named(plain(asked), plain)
		},
	}
	for _, way := range ways {
		if found := way(); found != nil && asked != "" {
			return Shown(found), nil
		}
	}
	return nil, &UnknownError{subject}
}

// named are the entries that are called so as form writes names.
func named(asked string, form func(string) string) (found []Entry) {
	for _, e := range All() {
		is := func(name string) bool { return asked != "" && form(name) == asked }
		if is(e.Subject) || slices.ContainsFunc(e.aliases, is) || slices.ContainsFunc(alsoCalled[e.Subject], is) {
			found = append(found, e)
		}
	}
	return found
}

// alsoCalled are other words for subjects, as people use them.
var alsoCalled = map[string][]string{
	"answer-in-time": {"answers-in-time"}, "order-by-timestamp": {"disorder"}, "order-same-instant": {"same-instant"}, // as reports called them
	"agent-id-is-text": {"leading-zeros"}, "accept-versions": {"event-versions"}, "answer-unusable": {"unusable-body"},
	"recover-from-cut-off": {"cut-off"}, "concurrent-conversations": {"many-at-once"}, "store-before-answer": {"survives-restart"},
	"interaction-from-data": {"interaction"},
	"held":                  {"on hold"}, "wrap": {"wrap up", "wrap-up", "after-work", "after-call work"}, "alerting": {"ringing"}, "external": {"customer", "caller"},
	"monitor": {"supervisor"}, "Vonage-Signature": {"signature", "JWT", "signed webhooks"}, "alg": {"HS256"},
	"secret": {"webhook secret", "signing key", "signing secret", "subscription secret"}, "body": {"payload", "request body"},
	"response": {"status code", "HTTP response", "200", "201", "202", "203", "205"}, "retries": {"retry", "retry schedule", "redelivery"},
	"order": {"ordering"}, "access_token": {"bearer", "bearer token", "token"}, "Authorization": {"authorization header"},
	"DELETE /webhooks/subscriptions/{subscriptionId}": {"204"}, "400": {"bad request"}, "401": {"unauthorized"}, "403": {"forbidden"},
	"404": {"not found"}, "405": {"method not allowed"}, "406": {"not acceptable"}, "413": {"payload too large"},
	"429": {"too many requests", "rate limit"}, "data.presence": {"agent state"}, "id": {"event id", "notification id"},
	"specversion": {"cloudevents"}, "unexpected-time": {"no answer"}, "no-answer": {"no answer"},
}

// requested are the operations of the management API that a request is one of, as in "GET
// /subscriptions/1234": with or without method, host and /webhooks.
func requested(request string) (found []Entry) {
	words := strings.Fields(request)
	method := ""
	if len(words) > 1 {
		method, words = strings.ToUpper(words[0]), words[1:]
	}
	if len(words) != 1 || !strings.Contains(words[0], "/") {
		return nil
	}
	u, err := url.Parse(words[0])
	if err != nil {
		return nil
	}
	for _, e := range operations() {
		of, path, _ := strings.Cut(e.Subject, " ")
		if (method == "" || method == of) && (samePath(path, u.Path) || samePath(path, "/webhooks/"+strings.TrimPrefix(u.Path, "/"))) {
			found = append(found, e)
		}
	}
	return found
}

// samePath reports whether a path is one of a template such as /webhooks/subscriptions/{subscriptionId}.
func samePath(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(strings.TrimRight(path, "/"), "/")
	return slices.EqualFunc(want, got, func(w, g string) bool {
		return strings.EqualFold(w, g) || strings.HasPrefix(w, "{") && g != ""
	})
}

// beforeBound is what stands before the value of an assumption or the bound of a gate, or "".
func beforeBound(asked string) string {
	if i := strings.IndexAny(asked, "=<>!"); i >= 0 {
		return strings.TrimSpace(asked[:i])
	}
	return ""
}

var threeDigits = regexp.MustCompile(`^(?:http/?[0-9.]* |status |error )*([1-5][0-9][0-9])(?: |$)`)

// statusIn is the HTTP status in a text such as "HTTP 401" or "401 Unauthorized", or "".
func statusIn(asked string) string {
	if found := threeDigits.FindStringSubmatch(asked); found != nil {
		return found[1]
	}
	for _, e := range managementErrors() {
		var status int
		if _, err := fmt.Sscan(e.Subject, &status); err == nil && strings.EqualFold(http.StatusText(status), asked) {
			return e.Subject
		}
	}
	return ""
}

// plain is a name without anything but its letters and digits.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// unversioned finds the version of a type.
var unversioned = regexp.MustCompile(`\.v[0-9]+$`)

// UnknownError says that nothing is called so.
type UnknownError struct{ Subject string }

// An error names so many subjects that mention a word of so many bytes.
const mostMentions, shortestMention = 5, 3

// Error suggests the subjects whose explanations have the word, the nearest one, or those that are in
// what was asked.
func (e *UnknownError) Error() string {
	known := Subjects()
	var mentions, within []string // the word by itself, or within others
	asked := normal(e.Subject)
	whole := regexp.MustCompile(`(^|[^a-z0-9-])` + regexp.QuoteMeta(asked) + `s?($|[^a-z0-9-])`)
	for _, entry := range All() {
		known = append(known, entry.aliases...)
		switch {
		case len(asked) < shortestMention:
		case entry.mentions(whole.MatchString):
			mentions = append(mentions, entry.Subject)
		case entry.mentions(func(text string) bool { return strings.Contains(text, asked) }):
			within = append(within, entry.Subject)
		}
	}
	said := "nothing to explain is called " + quoted(e.Subject)
	if mentions == nil {
		for _, typed := range []string{e.Subject, unversioned.ReplaceAllString(e.Subject, "")} {
			if hint := nearest.DidYouMean(typed, known); hint != "" {
				return said + hint
			}
		}
		mentions = within
	}
	if mentions == nil {
		return said + parts(asked)
	}
	slices.Sort(mentions)
	mentions = slices.Compact(mentions)
	more := ""
	if n := len(mentions) - mostMentions; n > 0 {
		mentions, more = mentions[:mostMentions], fmt.Sprintf(" and %d more", n)
	}
	return said + "; it is mentioned in " + strings.Join(mentions, ", ") + more
}

// mentions reports whether an entry says something that has a word.
func (e *Entry) mentions(has func(text string) bool) bool {
	return has(normal(e.Subject)) || has(normal(e.Is)) || slices.ContainsFunc(e.Rules, func(r Rule) bool { return has(normal(r.Text)) })
}

// parts says which words of several are subjects.
func parts(asked string) string {
	var known []string
	if words := strings.Fields(asked); len(words) > 1 && len(words) <= mostMentions {
		for _, w := range words {
			if named(singular(w), singular) != nil {
				known = append(known, quoted(w))
			}
		}
	}
	if known == nil {
		return ""
	}
	return "; " + strings.Join(known, " and ") + " can be explained"
}

var arrows = strings.NewReplacer("->", " ", "→", " ", " to ", " ")

// normal is a word as it is compared: arrows and blanks between words are one blank.
func normal(word string) string {
	word = arrows.Replace(strings.ToLower(word))
	return strings.Join(strings.Fields(word), " ")
}
