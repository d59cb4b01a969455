// Package judge checks what scenarios expect a consumer to know.
//
// A Checker queries the consumer after a run, over HTTP or with a command, and compares what it
// tells with the truth of the plan, until it is right or its time is over. It does not know how the
// consumer works.
package judge

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// MaxQueried is how many conversations a Checker queries.
const MaxQueried = 1000

// Checker compares what a consumer knows with what scenarios expect of it.
type Checker struct {
	Client   Doer
	Base     string // scheme and host of the consumer, for expectations with a path only
	Commands bool   // commands of expectations may be run

	Secrets *redact.Secrets // what the result must not show though the consumer repeats it
}

// Played is the plan of a run.
type Played interface {
	Conversations() uint64
	Truth(i uint64) plan.Truth
}

// Check queries the first MaxQueried conversations; of returns what is expected of each. It
// returns a check for each expectation of each conversation, and a last one that says so if
// there were more. The time of every expectation begins with the call, so that all together
// take little more than the longest one. When ctx ends, expectations not yet met have failed.
func (c *Checker) Check(ctx context.Context, p Played, of func(i uint64) []scenario.Expectation) []report.Check {
	var all []report.Check
	begin, cut := time.Now(), 0
	for i := range min(p.Conversations(), MaxQueried) {
		expected := of(i)
		if len(expected) == 0 {
			continue
		}
		truth := p.Truth(i)
		if truth.Cut { // nobody wrote what is to be known in the middle of a story
			cut++
			continue
		}
		for j := range expected {
			began := time.Now()
			all = append(all, c.check(ctx, &truth, &expected[j], begin, p.Conversations() > 1))
			all[len(all)-1].Took = time.Since(began)
		}
	}
	if cut > 0 {
		all = append(all, report.Check{Name: "conversations that the end of the traffic cut off", Passed: true, Detail: fmt.Sprintf("%d were not checked", cut)})
	}
	if n := p.Conversations(); n > MaxQueried && len(all) > 0 {
		all = append(all, report.Check{Name: "conversations that were not checked", Passed: true,
			Detail: fmt.Sprintf("%d of %d: only the first %d are checked", n-MaxQueried, n, MaxQueried)})
	}
	return all
}

// check queries until one expectation is met or its time is over.
func (c *Checker) check(ctx context.Context, truth *plan.Truth, x *scenario.Expectation, begin time.Time, many bool) report.Check {
	result := report.Check{Name: checkName(x)}
	if many {
		result.Name += fmt.Sprintf(" (conversation %d)", truth.Story+1)
	}
	var unknown error
	facts := func(f scenario.Fact) string {
		text, err := fact(truth, f)
		if err != nil {
			unknown = err
		}
		return text
	}
	address, run := scenario.Facts(x.Get, facts), make([]string, len(x.Run))
	for i, word := range x.Run {
		run[i] = scenario.Facts(word, facts)
	}
	switch {
	case len(run) > 0 && !c.Commands:
		result.Detail = "the command was not run: commands are not allowed"
		return result
	case unknown != nil:
		result.Detail = unknown.Error()
		return result
	}
	within := scenario.DefaultWithin
	if !x.Within.IsZero() {
		within = x.Within.Min()
	}
	result.Detail = poll(ctx, max(0, within-time.Since(begin)), func(ctx context.Context) string {
		got, err := c.query(ctx, address, run)
		if err != nil {
			return show.Line(c.Secrets.Sentence(err.Error()), maxText)
		}
		different := got.compare(x, facts, c.shownJSON)
		if unknown != nil {
			return unknown.Error()
		}
		return show.Line(different, maxText)
	})
	result.Passed = result.Detail == ""
	return result
}

// query makes the request of an expectation, or runs its command.
func (c *Checker) query(ctx context.Context, address string, run []string) (answer, error) {
	if len(run) > 0 {
		return command(ctx, run)
	}
	if strings.HasPrefix(address, "/") {
		address = strings.TrimSuffix(c.Base, "/") + address
	}
	return get(ctx, c.Client, address)
}

// checkName names an expectation as it stands in the file, so that it is the same in every
// run. Of a URL it has no part in which secrets travel.
func checkName(x *scenario.Expectation) string {
	address, _, _ := strings.Cut(x.Get, "?")
	address, _, _ = strings.Cut(address, "#")
	what := "get " + credentials.ReplaceAllString(address, "://")
	if len(x.Run) > 0 {
		what = "run " + x.Run[0]
	}
	return show.Line("expect at line "+strconv.Itoa(x.Pos.Line)+": "+what, maxText)
}

var credentials = regexp.MustCompile(`://[^/]*@`)

// fact returns what the plan knows of a conversation.
func fact(t *plan.Truth, f scenario.Fact) (string, error) {
	if f.Name == "conversationId" || f.Name == "interactionId" {
		all := t.Conversations
		if f.Name == "interactionId" {
			all = t.Interactions
		}
		if len(all) == 0 {
			return "", errors.New("the conversation has no channels")
		}
		return all[0], nil
	}
	c := t.Of(f.Party)
	if c == nil {
		return "", fmt.Errorf("{{%s %s}}: %s has no channel in this conversation", f.Name, f.Party, f.Party)
	}
	switch f.Name {
	case "channelId":
		return c.ChannelID, nil
	case "agentId":
		return c.AgentID, nil
	case "phase":
		return c.Phase.String(), nil
	case "count":
		return strconv.Itoa(c.Counts[f.Kind]), nil
	case "millis":
		return strconv.FormatInt(c.Duration(f.Phase).Milliseconds(), 10), nil
	}
	return strconv.FormatFloat(float64(c.Duration(f.Phase))/float64(time.Second), 'f', -1, 64), nil
}

// compare says how an answer differs from an expectation; empty if it does not.
func (a *answer) compare(x *scenario.Expectation, facts func(scenario.Fact) string, shown func(any) string) string {
	if len(x.Run) == 0 {
		if want := cmp.Or(x.Status, http.StatusOK); a.status != want {
			return fmt.Sprintf("status %d, want %d", a.status, want)
		}
	}
	if len(x.JSON) == 0 {
		return ""
	}
	if err := jsontext.Check(a.body); err != nil {
		return fmt.Sprintf("the response is not JSON: %v", err)
	}
	var value any
	_ = json.Unmarshal(a.body, &value) // it is JSON
	var all []string
	for _, c := range x.JSON {
		var want any
		_ = json.Unmarshal([]byte(c.Want), &want) // the parser wrote it
		if text := difference(c.Path.Find(value), expand(want, facts), shown); text != "" {
			all = append(all, c.Path.String()+text)
		}
	}
	return strings.Join(all, "; ")
}

// expand replaces placeholders in a value by facts. A text that is one placeholder becomes a
// number if the fact is one.
func expand(value any, facts func(scenario.Fact) string) any {
	switch v := value.(type) {
	case string:
		text := scenario.Facts(v, facts)
		if f, err := scenario.ReadFact(v); err == nil && text != v && slices.Contains([]string{"count", "duration", "millis"}, f.Name) {
			if x, err := strconv.ParseFloat(text, 64); err == nil {
				return x
			}
		}
		return text
	case []any:
		for i := range v {
			v[i] = expand(v[i], facts)
		}
	case map[string]any:
		for k := range v {
			v[k] = expand(v[k], facts)
		}
	}
	return value
}

// difference says how what was found differs from what is wanted, to be put behind the path;
// empty if it does not. All values that were found must be right; what was found is shown as the last argument says.
func difference(found []any, want any, shown func(any) string) string {
	if len(found) == 0 {
		return " is not there, want " + shortJSON(want)
	}
	for _, got := range found {
		if !equal(got, want) {
			return " is " + shown(got) + ", want " + shortJSON(want)
		}
	}
	return ""
}

// tolerance is how far a duration in seconds may be off: consumers may count in milliseconds.
const tolerance = 0.0011

// equal reports whether values, as encoding/json decodes them, are equal. Objects may have
// members besides those that are wanted.
func equal(got, want any) bool {
	switch w := want.(type) {
	case float64:
		g, ok := got.(float64)
		if w == math.Trunc(w) && g == math.Trunc(g) {
			return ok && g == w
		}
		return ok && math.Abs(g-w) <= tolerance
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !equal(g[i], w[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		g, ok := got.(map[string]any)
		for name, value := range w {
			inner, there := g[name]
			if !there || !equal(inner, value) {
				return false
			}
		}
		return ok
	}
	return got == want
}

// shownJSON is a value that the consumer tells, as JSON of at most 200 characters.
func (c *Checker) shownJSON(v any) string {
	text, _ := json.Marshal(v) // it was JSON
	return show.Line(c.Secrets.Text(string(text)), maxText)
}

// shortJSON is a value as JSON of at most 200 characters.
func shortJSON(v any) string {
	text, _ := json.Marshal(v) // it was JSON
	return show.Line(string(text), maxText)
}
