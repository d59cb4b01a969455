package settings

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/textfile"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
)

// Text says how traffic is played, as users write it in flags and in JSON. Empty fields
// mean the defaults of a plan.
type Text struct {
	Versions        string // v0, v1 or both
	Seed            string // empty: a random one
	Start           string // such as 2025-03-03T09:00:00Z
	Count           uint64 // conversations; 0: each scenario once, or as many as For allows
	Calls           string // rate at which conversations begin, such as 5/s
	Events          string // rate of notifications
	Population      int    // conversations alive at the same time
	For             string // no conversation begins later, such as 10m
	AtEnd           string // finish, drain or cut; empty: as usual
	Lag             string // from an event to its sending, such as 250ms or 100ms..2s
	Order           string // conversation or none
	ConversationIDs string // file with an ID per line
	Shard           string // K/N, or auto
	Faults          []string
	Assume          []string // NAME=VALUE

	Agents        string // how many there are in the pool, or @FILE
	AgentPatience string // such as 30s..2m
}

// mostRules is how many faults may be given, each of which is asked for each notification, and how many assumptions, of which
// there are fewer.
const mostRules = 100

// mostText is how long a text may be that says one figure, in bytes.
const mostText = 100

// few refuses a list that is too long.
func few(f Field, got, most int) error {
	if got > most {
		return problem(f, "want at most %d, got %d", most, got)
	}
	return nil
}

// Options reads the texts, and the file of conversation IDs. Each problem is a *Problem, and
// all of them are joined; problems in the file are scenario.Problems.
func (t *Text) Options() (o plan.Options, err error) {
	o.Count, o.Population = t.Count, t.Population
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	for _, one := range []struct {
		field Field
		text  *string
	}{{Versions, &t.Versions}, {Seed, &t.Seed}, {Start, &t.Start}, {Calls, &t.Calls}, {Events, &t.Events}, {For, &t.For}, {AtEnd, &t.AtEnd}, {Lag, &t.Lag}, {Order, &t.Order}, {Shard, &t.Shard}} {
		if len(*one.text) > mostText { // it is kept with the run, and listed
			return o, problem(one.field, "want at most %d characters, got %d", mostText, len(*one.text))
		}
	}
	note(read(Versions, t.Versions, &o.Versions, plan.ParseVersions))
	o.Seed, err = ParseSeed(t.Seed)
	note(wrong(Seed, err))
	note(read(Start, t.Start, &o.Start, ParseTime))
	note(read(Calls, t.Calls, &o.Calls, parseRate))
	note(read(Events, t.Events, &o.Events, parseRate))
	if t.Population < 0 || t.Population > scenario.MaxAtOnce {
		note(problem(Population, "want a whole number from 1 to %d, got %d", scenario.MaxAtOnce, t.Population))
	}
	if t.Count > scenario.MaxConversations {
		note(problem(Count, "want a whole number from 1 to %d, got %d", uint64(scenario.MaxConversations), t.Count))
	}
	note(read(For, t.For, &o.For, ParseDuration))
	note(read(AtEnd, t.AtEnd, &o.AtEnd, plan.ParseAtEnd))
	note(read(Lag, t.Lag, &o.Lag, parseSpan))
	note(read(Order, t.Order, &o.Unordered, ParseOrder))
	note(few(Faults, len(t.Faults), mostRules))
	note(few(Assume, len(t.Assume), mostRules))
	for _, text := range t.Faults[:min(len(t.Faults), mostRules)] {
		rule, err := scenario.ParseFault(text)
		note(wrong(Faults, err))
		o.Faults = append(o.Faults, rule)
	}
	if begin := fieldsOf(given{Calls, !o.Calls.IsZero()}, given{Events, !o.Events.IsZero()}, given{Population, o.Population > 0}); len(begin) > 1 {
		note(&Problem{Field: begin[1], Reason: "more than one setting says when conversations begin", Cure: "use only %s", With: begin})
	}
	o.Shard, err = ParseShard(t.Shard, os.LookupEnv)
	note(err)
	o.Assume, err = ParseAssume(t.Assume[:min(len(t.Assume), mostRules)])
	note(err)
	if t.ConversationIDs != "" {
		text, err := textfile.ReadFile(t.ConversationIDs, scenario.MaxIDsFile)
		if err != nil {
			note(wrong(ConversationIDs, err))
		} else if o.ConversationIDs, err = scenario.ReadConversationIDs(t.ConversationIDs, text); err != nil {
			note(err)
		}
	}
	return o, errors.Join(errs...)
}

// Pool reads the settings of the pool, and the file of agents. A problem is a *Problem;
// problems in the file are scenario.Problems.
func (t *Text) Pool() (pool Pool, err error) {
	impatient := read(AgentPatience, t.AgentPatience, &pool.Patience, parseSpan)
	err = t.readAgents(&pool)
	return pool, errors.Join(impatient, err)
}

func (t *Text) readAgents(pool *Pool) (err error) {
	path, isFile := strings.CutPrefix(t.Agents, "@")
	switch {
	case t.Agents == "":
		return nil
	case !isFile:
		pool.Count, err = strconv.Atoi(t.Agents)
		if err != nil || pool.Count < 1 || pool.Count > scenario.MaxPool {
			return problem(Agents, "want a whole number from 1 to %d, or @FILE, got %q%s", scenario.MaxPool, t.Agents, isFileNamed(t.Agents))
		}
		return nil
	}
	text, err := textfile.ReadFile(path, scenario.MaxAgentsFile)
	if err != nil {
		return wrong(Agents, err)
	}
	pool.Agents, err = scenario.ReadAgents(path, text)
	pool.Count = len(pool.Agents)
	return err
}

// read reads a text unless it is empty. A problem is a *Problem.
func read[T any](f Field, text string, into *T, parse func(string) (T, error)) (err error) {
	if text != "" {
		*into, err = parse(text)
	}
	return wrong(f, err)
}

func parseSpan(text string) (*scenario.Span, error) {
	span, err := scenario.ParseSpan(text)
	return &span, err
}

// parseRate reads a rate above 0.
func parseRate(text string) (r scenario.Rate, err error) {
	if r, err = scenario.ParseRate(text); err == nil && r.IsZero() {
		err = fmt.Errorf("want a rate above 0, got %q", text)
	}
	return r, err
}

// ParseSeed reads a seed; an empty text is a random one.
func ParseSeed(text string) (uint64, error) {
	if text == "" {
		var b [8]byte
		rand.Read(b[:4]) // 32 bits are easier to copy than 64; it never fails
		return binary.LittleEndian.Uint64(b[:]), nil
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("want a whole number from 0 to 2^64-1, got %q", text)
	}
	return seed, nil
}

// ParseTime reads a moment; an empty text is none.
func ParseTime(text string) (t time.Time, err error) {
	if text == "" {
		return t, nil
	}
	if t, err = time.Parse(time.RFC3339Nano, text); err != nil || t.IsZero() { // which would mean none
		return t, fmt.Errorf("want a time such as 2025-03-03T09:00:00Z, got %q", text)
	}
	return t, nil
}

// ParseDuration reads a time above 0 and at most scenario.MaxSpan, such as 30s; an empty text is none.
func ParseDuration(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	if d, err := scenario.ReadDuration(text); err == nil && (d < time.Millisecond || d > scenario.MaxSpan) {
		return 0, fmt.Errorf("want 1ms to %s, such as 30s or 10m, got %q", show.Brief(scenario.MaxSpan), text)
	}
	span, err := scenario.ParseSpan(text)
	if err == nil && span.Min() != span.Max() {
		return 0, fmt.Errorf("want one time such as 10m, got %q", text)
	}
	if err != nil || span.IsZero() {
		return 0, fmt.Errorf("want a time such as 30s or 10m, got %q%s", text, MeantTime(text))
	}
	return span.Min(), nil
}

// MeantTime suggests how to write a time that lacks its unit, or is in days, for which there is none; empty for all others.
func MeantTime(text string) string {
	number, inDays := strings.CutSuffix(text, "d")
	switch n, err := strconv.ParseUint(number, 10, 16); {
	case err != nil || n == 0:
		return ""
	case inDays:
		return fmt.Sprintf(" (write %dh)", 24*n)
	default:
		return fmt.Sprintf(" (add a unit: %ds)", n)
	}
}

// ParseAssume reads choices of the form NAME=VALUE. Each problem is a *Problem, and all of
// them are joined.
func ParseAssume(pairs []string) (set assume.Set, err error) {
	var errs []error
	for _, pair := range pairs {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=") // a list may have blanks behind its commas
		if !ok {
			errs = append(errs, problem(Assume, "want NAME=VALUE, got %q", pair))
		} else {
			errs = append(errs, wrong(Assume, set.Change(name, value)))
		}
	}
	return set, errors.Join(errs...)
}
