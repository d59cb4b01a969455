package expect

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// Most is how many conversations are asked about.
const Most = 1000

// Asker asks a consumer.
type Asker struct {
	Client   Doer
	Base     string // scheme and host of the consumer, for paths; without credentials
	Commands bool   // commands of expectations may be run
}

// Played is what was played.
type Played interface {
	Conversations() uint64
	Truth(i uint64) plan.Truth
}

// Check asks about the first Most conversations; of says what is expected of each. A check
// stands for one expectation of one conversation, and a last one says so if there were
// more. The time of every expectation begins with the call, so that all together take
// little more than the longest one. When ctx ends, what was not asked has failed.
func (a *Asker) Check(ctx context.Context, p Played, of func(i uint64) []scenario.Expectation) []report.Check {
	var all []report.Check
	begin := time.Now()
	for i := range min(p.Conversations(), Most) {
		expected := of(i)
		if len(expected) == 0 {
			continue
		}
		truth := p.Truth(i)
		for j := range expected {
			all = append(all, a.check(ctx, &truth, &expected[j], begin, p.Conversations() > 1))
		}
	}
	if n := p.Conversations(); n > Most && len(all) > 0 {
		all = append(all, report.Check{Name: "conversations that were not asked about", Passed: true,
			Detail: fmt.Sprintf("%d of %d: the first %d stand for all", n-Most, n, Most)})
	}
	return all
}

// check asks until one expectation is fulfilled or its time is over.
func (a *Asker) check(ctx context.Context, truth *plan.Truth, x *scenario.Expectation, begin time.Time, many bool) report.Check {
	c := report.Check{Name: a.name(x)}
	if many {
		c.Name += fmt.Sprintf(" (conversation %d)", truth.Story+1)
	}
	var unknown error
	facts := func(f scenario.Fact) string {
		text, err := fact(truth, f)
		if err != nil {
			unknown = err
		}
		return text
	}
	get, run := scenario.Facts(x.Get, facts), make([]string, len(x.Run))
	for i, word := range x.Run {
		run[i] = scenario.Facts(word, facts)
	}
	switch {
	case len(run) > 0 && !a.Commands:
		c.Detail = "the command was not run: --allow-commands allows it"
		return c
	case unknown != nil:
		c.Detail = unknown.Error()
		return c
	}
	within := scenario.DefaultWithin
	if !x.Within.IsZero() {
		within = x.Within.Min()
	}
	c.Detail = Poll(ctx, max(0, within-time.Since(begin)), func(ctx context.Context) string {
		answer, err := a.ask(ctx, get, run)
		if err != nil {
			return show.Line(err.Error(), maxText)
		}
		wrong := answer.wrong(x, facts)
		if unknown != nil {
			return unknown.Error()
		}
		return show.Line(wrong, maxText)
	})
	c.Passed = c.Detail == ""
	return c
}

// name is an expectation in a line, as it stands in the file: it is the same in every run.
func (a *Asker) name(x *scenario.Expectation) string {
	if len(x.Run) > 0 {
		return show.Line("expect at line "+strconv.Itoa(x.Pos.Line)+": run "+x.Run[0], maxText)
	}
	return show.Line("expect at line "+strconv.Itoa(x.Pos.Line)+": get "+path(x.Get), maxText)
}

// fact is what the truth says.
func fact(t *plan.Truth, f scenario.Fact) (string, error) {
	first := func(all []string) (string, error) {
		if len(all) == 0 {
			return "", errors.New("the conversation has no channels")
		}
		return all[0], nil
	}
	switch f.Name {
	case "conversationId":
		return first(t.Conversations)
	case "interactionId":
		return first(t.Interactions)
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

// path is a URL without the parts in which secrets travel.
func path(get string) string {
	get, _, _ = strings.Cut(get, "?")
	get, _, _ = strings.Cut(get, "#")
	return withoutUser(get)
}

// withoutUser is a URL without user and password.
func withoutUser(get string) string {
	scheme, rest, found := strings.Cut(get, "://")
	if !found {
		return get
	}
	host, tail, slash := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	if slash {
		tail = "/" + tail
	}
	return scheme + "://" + host + tail
}
