package settings

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario/assume"
)

// sending lists the assumptions about requests and responses. They belong to a run as a
// whole, since a target has one way to answer whatever scenario a notification is from.
var sending = [...]assume.Name{assume.Success, assume.RetryAfter, assume.Redirects, assume.SignaturePrefix, assume.ContentType, assume.TokenClock}

// IsSending reports whether an assumption is about requests and responses.
func IsSending(n assume.Name) bool { return slices.Contains(sending[:], n) }

// Idle lists the choices of a set that change nothing where only some assumptions count, and says of
// each what it is about. Nobody's run is changed by what the API of the sandbox answers.
func Idle(set assume.Set, counts func(assume.Name) bool) (all []string) {
	for i := range assume.Rows() {
		n := assume.Name(i)
		value, chosen := set.Chosen(n)
		about := "what is planned"
		switch {
		case !chosen || n != assume.MissingScope && counts(n):
			continue
		case n == assume.MissingScope:
			about = "the API of serve"
		case IsSending(n):
			about = "how notifications are sent"
		}
		all = append(all, fmt.Sprintf("%s=%s changes nothing here: it is about %s", n, value, about))
	}
	return all
}

// ApplySending hands the assumptions about requests and responses to an emitter.
func ApplySending(e *emitter.Emitter, set assume.Set) {
	if set.Is(assume.Success, "2xx") {
		e.Success = emitter.Success2xx
	}
	if set.Is(assume.RetryAfter, "obey") {
		e.RetryAfter = emitter.ObeyRetryAfter
	}
	if set.Is(assume.Redirects, "follow") {
		e.Redirects = emitter.FollowRedirects
	}
	e.SignaturePrefix, e.ContentType = SignaturePrefix(set), set.Get(assume.ContentType)
	e.TokenClock, _ = time.ParseDuration(set.Get(assume.TokenClock)) // the set has only spans; none is 0
}

// SignaturePrefix is the text before the token. A word without its blank gets one, since
// shells and files lose blanks at the end.
func SignaturePrefix(set assume.Set) string {
	text := set.Get(assume.SignaturePrefix)
	if text != "" && !strings.HasSuffix(text, " ") {
		text += " "
	}
	return text
}

// Sending is what a run assumes about requests and responses: what top chooses, which is
// that of the flags over the workload's, and otherwise what a scenario chooses. Scenarios
// that choose differently are a problem, because a target can be sent to in one way only.
// A scenario without a choice goes along with the others.
func (t *Traffic) Sending(top assume.Set) (assume.Set, error) {
	for _, n := range sending {
		if _, chosen := top.Chosen(n); chosen {
			continue
		}
		value, from := "", ""
		for _, sc := range t.Scenarios {
			own, chosen := sc.Assume.Chosen(n)
			switch {
			case !chosen:
			case from == "":
				value, from = own, sc.Name
			case own != value:
				return top, &Problem{Field: Assume, Reason: fmt.Sprintf("%s has %s=%s and %s has %s=%s, but one run sends in one way", from, n, value, sc.Name, n, own),
					Cure: "choose one for all with %s", With: []Field{Assume}}
			}
		}
		if from == "" {
			continue
		}
		if err := top.Change(n.String(), value); err != nil {
			return top, err
		}
	}
	return top, nil
}

// SendText says how to send, as users write it.
type SendText struct {
	Speed                string // a number, with or without an x, or max
	Connections, Waiting int
	Timeout              time.Duration
	RetryFor, Patience   time.Duration // 0 means none, unlike in an emitter; a patience below 0 has no end
	Engine               emitter.Engine
	Traceparent          bool
}

// Emitter reads the texts. Each problem is a *Problem, and all of them are joined.
func (t *SendText) Emitter() (emitter.Emitter, error) {
	e := emitter.Emitter{Pacing: emitter.Kernel, Waiting: t.Waiting, Connections: t.Connections, Timeout: t.Timeout,
		RetryFor: t.RetryFor, Patience: t.Patience, Traceparent: t.Traceparent, Engine: t.Engine}
	var errs []error
	within := func(f Field, got, least, most any, ok bool) {
		if d, is := got.(time.Duration); is {
			got = show.Long(d)
		}
		if !ok {
			errs = append(errs, problem(f, "want %v to %v, got %v", least, most, got))
		}
	}
	within(Connections, t.Connections, 1, policy.MostConnections, t.Connections >= 1 && t.Connections <= policy.MostConnections)
	within(Waiting, t.Waiting, 1, policy.MostWaiting, t.Waiting >= 1 && t.Waiting <= policy.MostWaiting)
	within(Timeout, t.Timeout, show.Brief(policy.ShortestTimeout), show.Brief(policy.LongestTimeout), t.Timeout >= policy.ShortestTimeout && t.Timeout <= policy.LongestTimeout)
	within(RetryFor, t.RetryFor, "0", show.Brief(policy.LongestRetry), t.RetryFor >= 0 && t.RetryFor <= policy.LongestRetry)
	within(Patience, t.Patience, "0", show.Brief(policy.LongestRetry)+", or less than 0 for ever", t.Patience <= policy.LongestRetry)
	if t.RetryFor == 0 { // the zero value of the emitter means its default
		e.RetryFor = -1
	}
	if t.Patience == 0 {
		e.Patience = time.Nanosecond
	}
	var err error
	e.Speed, err = ParseSpeed(t.Speed)
	return e, errors.Join(append(errs, wrong(Speed, err))...)
}

// The values of the setting order.
const (
	InConversation = "conversation" // first attempts of a conversation wait for one another
	NoOrder        = "none"         // they do not, and leave in bursts
)

// ParseOrder reads the order in which first attempts of a conversation are made: conversation or
// none.
func ParseOrder(text string) (unordered bool, err error) {
	return text == NoOrder, nearest.OneOf(text, []string{InConversation, NoOrder})
}

// OrderName is what ParseOrder reads.
func OrderName(unordered bool) string {
	if unordered {
		return NoOrder
	}
	return InConversation
}

// CheckOrder refuses targets that notifications without order could not reach side by side.
// Connections are those of targets without a number of their own.
func CheckOrder(targets []emitter.Target, connections int) error {
	for i := range targets {
		if cmp.Or(targets[i].Connections, connections) < 2 {
			return &Problem{Field: Order, Reason: fmt.Sprintf("with one connection nothing of a conversation can be in flight together at %s", targets[i].Label()),
				Cure: "raise %s", With: []Field{Connections}}
		}
	}
	return nil
}

// speeds finds what is a speed.
var speeds = regexp.MustCompile(`^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?x?$`)

// ParseSpeed reads a speed: a number, with or without an x, or max.
func ParseSpeed(text string) (float64, error) {
	if text == "max" {
		return emitter.Max, nil
	}
	v, err := strconv.ParseFloat(strings.TrimSuffix(text, "x"), 64)
	if !speeds.MatchString(text) || err != nil || !(v >= policy.LeastSpeed && v <= policy.MostSpeed) {
		return 0, fmt.Errorf("want %v to %d, such as 1, 20 or 0.5, or max for as fast as it goes, got %q%s",
			policy.LeastSpeed, policy.MostSpeed, text, nearest.DidYouMean(text, []string{"max"}))
	}
	return v, nil
}
