package settings

import (
	"fmt"
	"strings"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/scenario/assume"
)

// sending lists the assumptions about requests and responses. They belong to a run as a
// whole, since a target has one way to answer whatever scenario a notification is from.
var sending = [...]assume.Name{assume.Success, assume.RetryAfter, assume.Redirects, assume.SignaturePrefix}

// Send hands the assumptions about requests and responses to an emitter.
func Send(e *emitter.Emitter, set assume.Set) {
	if set.Is(assume.Success, "2xx") {
		e.Success = emitter.Success2xx
	}
	if set.Is(assume.RetryAfter, "obey") {
		e.RetryAfter = emitter.ObeyRetryAfter
	}
	if set.Is(assume.Redirects, "follow") {
		e.Redirects = emitter.FollowRedirects
	}
	e.SignaturePrefix = SignaturePrefix(set)
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
					Cure: "choose one for all with", With: []Field{Assume}}
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
