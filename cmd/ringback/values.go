package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario"
)

// collecting is a flag that keeps what its parser refuses, and its value, so that all wrong
// values are told together.
type collecting struct {
	pflag.Value
	flag    *pflag.Flag
	all     *pflag.FlagSet // of the command
	refused *[]error
	full    bool // it has too many values, which was said
}

// mostValues is how many values a flag may have that may be repeated, or a variable that has a list.
const mostValues = 1000

// isList reports whether the flag may be repeated.
func (c *collecting) isList() bool {
	_, is := c.Value.(pflag.SliceValue)
	return is
}

// Set never fails. An empty text, which a script gives with an unset variable, is refused,
// too: --to "" must not play to somebody else.
func (c *collecting) Set(text string) error {
	before, reason := c.String(), "the value is empty"
	if next, isFlag := strings.CutPrefix(text, "--"); isFlag && c.all.Lookup(next) != nil {
		reason = "the value is missing in front of " + text
	} else if strings.TrimSpace(text) != "" {
		if c.full {
			return nil
		}
		err := c.Value.Set(withinReach(c.flag, text))
		if list, is := c.Value.(pflag.SliceValue); err == nil && is && len(list.GetSlice()) > mostValues {
			c.full, err = true, fmt.Errorf("want at most %d values", mostValues)
		}
		if err == nil {
			return nil
		}
		reason = valueProblem(c.flag, text, err)
		if !c.isList() {
			_ = c.Value.Set(before) // it was good enough before
		}
	}
	*c.refused = append(*c.refused, usage("--%s: %s", c.flag.Name, reason))
	return nil
}

// withinReach is the text of a flag, or the longest time in place of a longer one: whoever checks the range refuses it.
func withinReach(f *pflag.Flag, text string) string {
	if f.Value.Type() == "duration" {
		if d, err := scenario.ReadDuration(text); err == nil {
			return d.String()
		}
	}
	return text
}

// value is a flag whose text is parsed when it is set: an error then names the flag, or the
// variable, that the text came from.
type value[T any] struct {
	text  string
	into  *T
	parse func(string) (T, error)
}

func (v *value[T]) String() string { return v.text }

func (v *value[T]) Type() string { return "text" }

func (v *value[T]) Set(text string) (err error) {
	v.text = text
	*v.into, err = v.parse(text)
	return err
}

// parsed adds a flag with a parser. An empty initial text leaves into as it is.
func parsed[T any](flags *pflag.FlagSet, into *T, name, initial, usage string, parse func(string) (T, error)) {
	v := &value[T]{into: into, parse: parse}
	if initial != "" {
		if err := v.Set(initial); err != nil {
			panic(err) // the program's own default
		}
	}
	flags.Var(v, name, usage)
}

// choose adds a flag that takes one of some words, of which the first is the default.
func choose(flags *pflag.FlagSet, into *string, name, usage string, words ...string) {
	parsed(flags, into, name, words[0], "`"+strings.Join(words, "|")+"` "+usage, oneOf(words...))
}

// switched adds a flag that takes one of two words: off, which is the default, or on.
func switched(flags *pflag.FlagSet, into *bool, name, off, on, usage string) {
	parsed(flags, into, name, off, "`"+off+"|"+on+"` "+usage, func(text string) (bool, error) {
		word, err := oneOf(off, on)(text)
		return word == on, err
	})
}

// oneOf parses one of at least two words.
func oneOf(words ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		return text, nearest.OneOf(text, words)
	}
}

// upTo parses a whole number from 1 to the most that there may be.
func upTo[T int | uint64](most T) func(string) (T, error) {
	return func(text string) (T, error) {
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil || n < 1 || n > uint64(most) {
			return 0, fmt.Errorf("want a whole number from 1 to %d, got %q", most, text)
		}
		return T(n), nil
	}
}

// addSeed adds --seed, which is random by default.
func addSeed(flags *pflag.FlagSet, into *uint64, usage string) {
	*into, _ = settings.ParseSeed("") // an empty text has no error
	parsed(flags, into, "seed", "", "`N` "+usage+" (default a random one, printed)", settings.ParseSeed)
}

// parseTimeout reads how long a response may take.
func parseTimeout(text string) (time.Duration, error) {
	d, err := settings.ParseDuration(text)
	if err == nil && d > policy.LongestTimeout {
		err = fmt.Errorf("want %s to %s, got %q", show.Brief(policy.ShortestTimeout), show.Brief(policy.LongestTimeout), text)
	}
	return d, err
}
