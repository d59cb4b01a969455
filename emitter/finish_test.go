package emitter_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/scenario/fault"
)

// A consumer is right whatever it answers to signed bodies that it cannot use, as long as they do not come again.
func TestAnswersToUnusableBodies(t *testing.T) {
	for _, c := range []struct {
		name     string
		statuses []int // of the unusable body, one attempt after the other
		accepted bool
		says     string // what is wrong; "" if nothing is
	}{
		{"no content", []int{204}, true, ""},
		{"accepted", []int{200}, true, ""},
		{"another success", []int{226}, true, ""},
		{"bad request", []int{400}, false, ""},
		{"forbidden", []int{403}, false, ""},
		{"conflict", []int{409}, false, ""},
		{"unprocessable", []int{422}, false, ""},
		{"cold, then done", []int{503, 500, 429, 204}, true, ""},
		{"cold, then refused", []int{502, 408, 400}, false, ""},
		{"not authentic", []int{401}, false, "status: malformed-json answered with 401 Unauthorized: a correct consumer would answer 204 or 400"},
		{"cold, then not authentic", []int{503, 401}, false, "status: malformed-json answered with 401 Unauthorized: a correct consumer would answer 204 or 400"},
		{"moved", []int{302}, false, "status: malformed-json answered with 302 Found: a correct consumer would answer 204 or 400"},
	} {
		t.Run(c.name, func(t *testing.T) { wantJudged(t, fault.MalformedJSON, c.statuses, c.accepted, c.says) })
	}
}

// What puts off again and again is wrong in the end, and only then.
func TestWhatIsPutOffForEverIsWrong(t *testing.T) {
	for kind, says := range map[fault.Kind]string{
		fault.Unsigned:      "status: unsigned answered with 500 Internal Server Error: a correct consumer would refuse with 401",
		fault.MalformedJSON: "status: malformed-json answered with 500 Internal Server Error: a correct consumer would answer 204 or 400",
	} {
		statuses := make([]int, 105) // the whole ladder
		for i := range statuses {
			statuses[i] = http.StatusInternalServerError
		}
		wantJudged(t, kind, statuses, false, says)
	}
}

// wantJudged plays a call with one fault, which gets the statuses, the last one at most.
func wantJudged(t *testing.T, kind fault.Kind, statuses []int, accepted bool, says string) {
	t.Helper()
	attempts := 0
	s := &sender{answer: func(_ context.Context, _ int, r *emitter.Request) emitter.Answer {
		if faulted := len(r.Signature) == 0 || !strings.HasSuffix(string(r.Body), "}"); !faulted {
			return emitter.Answer{Status: 200}
		}
		attempts++
		return emitter.Answer{Status: statuses[min(attempts, len(statuses))-1]}
	}}
	e := emitter.Emitter{Targets: to(s), Speed: emitter.Max}
	e.Targets[0].Secret = secret(t)
	result := play(t, &e, faulty(t, kind, "100% count 1"))
	total := result.Total()
	got, right := total.Faults[kind], says == ""
	if result.AllRight() != right || (got.Right == 1) != right || (got.Accepted == 1) != accepted || got.Example != says || got.Wrong+got.Right != 1 {
		t.Errorf("got %+v, want right: %v, accepted: %v, and %q", got, right, accepted, says)
	}
	if total.Accepted+total.Refused+total.GivenUp != total.Matched {
		t.Errorf("the outcomes do not add up: %+v", total)
	}
	if len(statuses) < 100 && attempts != len(statuses) {
		t.Errorf("%d attempts, want %d", attempts, len(statuses))
	}
}
