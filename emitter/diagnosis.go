package emitter

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/show"
)

// hints say what to do about a class of failures.
var hints = map[Class]string{
	ClassRedirect:    "send to that place, or follow redirects",
	ClassRefused:     "is the consumer running, and on this port?",
	ClassReset:       "does the consumer end connections on purpose, or crash?",
	ClassUnreachable: "is the address right, and the network up?",
	ClassAddress:     "allow it, if it is the right one",
	ClassDNS:         "is the host name right?",
	ClassTLS:         show.Distrusted,
	ClassTimeout:     "a consumer should respond first and work afterwards",
	ClassAnswer:      "is this an HTTP server?",
	ClassLocal:       "raise the limit of open files, or use fewer connections",
}

// statusHints are about single statuses; of those that came equally often, the first counts.
var statusHints = [...]struct {
	status int
	text   string
}{
	{401, "is the secret the same on both sides, and its decoded bytes the key?"},
	{403, "is the secret the same on both sides, and its decoded bytes the key?"},
	{404, "is the path of the URL right?"},
	{405, "does the consumer take POST at this path?"},
	{413, "does the consumer take bodies of some kilobytes?"},
	{415, "does the consumer take application/cloudevents+json?"},
	{429, "the consumer limits the rate"},
}

// saysTLS finds how servers with TLS, those of Go, nginx and Apache among them, answer 400 to plain HTTP.
var saysTLS = regexp.MustCompile(`400 .*(HTTP request to an HTTPS server|HTTP request was sent to HTTPS port|plain HTTP to an SSL-enabled server)`)

// Diagnoses explains each class of failures in one line, the most frequent first. It is
// empty if there were none. For a target that never responded, the first line says so.
func (t *TargetResult) Diagnoses() []string {
	classes := slices.SortedFunc(maps.Keys(t.Failures), func(a, b Class) int {
		return cmp.Or(cmp.Compare(t.Failures[b].Count, t.Failures[a].Count), cmp.Compare(a, b))
	})
	classes = slices.DeleteFunc(classes, func(c Class) bool { // the last two are told of with their faults
		return c == ClassSilent || c == ClassStopped || c == ClassCut || c == ClassWronglyAccepted
	})
	if i := slices.Index(classes, ClassFull); t.Silent && i >= 0 { // no reason why nothing answered
		classes = append(slices.Delete(classes, i, i+1), ClassFull)
	}
	var lines []string
	for i, class := range classes {
		f := t.Failures[class]
		line := fmt.Sprintf("%s: %s, %s: %s", t.Name, class, show.Counted(f.Count, "time"), f.Example)
		if i == 0 && t.Silent && class != ClassFull {
			line = fmt.Sprintf("%s never responded: %s", t.Name, f.Example)
		}
		if hint := t.hint(class); hint != "" {
			line += "; " + hint
		}
		lines = append(lines, line)
	}
	if t.Stale > 0 {
		lines = append(lines, fmt.Sprintf("%s: %s, none of them a failed attempt: %s; each request was sent again at once; say Connection: close or Keep-Alive: timeout in the responses, or keep idle connections for longer",
			t.Name, show.Counted(t.Stale, "stale connection"), t.stale))
	}
	if t.QueueFull > 0 {
		lines = append(lines, fmt.Sprintf("%s: %s given up early, because too many waited for a retry; raise the limit of waiting notifications", t.Name, show.Counted(t.QueueFull, "notification")))
	}
	return lines
}

// Hint says what to do about a failed attempt, if there is something to say. The URL is its target's.
func (a *Attempt) Hint(url string) string {
	t := TargetResult{Name: a.Target, URL: url, Figures: newFigures()}
	t.add(a)
	t.Silent = a.Status == 0
	return t.hint(a.Failure.Class)
}

// hint is what to do about a class of failures, if there is something to say.
func (t *TargetResult) hint(class Class) (text string) {
	switch {
	case class == ClassTLS && !strings.Contains(t.Failures[class].Example, "certificate"):
		return "" // the failure says itself what to do
	case class == ClassReset && t.Silent && strings.HasPrefix(t.URL, "http://"):
		return "does it crash, or speak TLS at this port? Then write https://"
	case class != ClassStatus:
		return hints[class]
	case strings.HasPrefix(t.URL, "http://") && saysTLS.MatchString(t.Failures[class].Example):
		return "it speaks TLS at this port: write https://"
	}
	var most uint64
	for _, h := range statusHints {
		if n := t.Statuses[h.status] - t.rightly[h.status] - t.unusable[h.status]; n > most {
			most, text = n, h.text
		}
	}
	if text == "" && t.unusable[401] > 0 {
		return "401 says that the signature is wrong: verify it first, and answer 204 or 400 to a signed body that cannot be used"
	}
	return text
}
