package vccapi

import (
	"encoding/json"
	"fmt"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/signature"
)

// ReadChange reads the JSON object of a request that creates or changes a subscription:
// name, url, events, enabled and secret, each at most once, and nothing besides. The error is
// a Malformed that names the members; the change then holds the others. Null is no value: to
// keep a member as it is, leave it out.
func ReadChange(body []byte) (Change, error) {
	var c Change
	var problems Invalid
	all, err := jsontext.Members(body)
	if err != nil {
		return c, Malformed{Invalid{err.Error()}}
	}
	for _, m := range all {
		if m.Again {
			problems.addf("%s is given twice", m.Name)
			continue
		}
		switch m.Name {
		case "name":
			c.Name = text(m, &problems)
		case "url":
			c.URL = text(m, &problems)
		case "events":
			c.Events = texts(m, &problems)
		case "enabled":
			c.Enabled = value[bool](m, "a boolean", "true or false", &problems)
		case "secret":
			c.Secret, c.Given = secret(m, &problems)
		default:
			// Otherwise a typing error in "enabled" would go unnoticed.
			problems.addf("unknown member %q%s; there are name, url, events, enabled and secret", show.Clip(m.Name, 40),
				nearest.DidYouMean(m.Name, []string{"name", "url", "events", "enabled", "secret"}))
		}
	}
	if len(problems) > 0 {
		return c, Malformed{problems}
	}
	return c, nil
}

// value reads a member of a kind of JSON values, or reports what was wanted and is nil.
func value[T any](m jsontext.Member, kind, wanted string, problems *Invalid) *T {
	var v T
	if jsontext.TypeName(m.Value) != kind || json.Unmarshal(m.Value, &v) != nil {
		problems.addf("%s must be %s, and is %s", m.Name, wanted, jsontext.TypeName(m.Value))
		return nil
	}
	return &v
}

func text(m jsontext.Member, problems *Invalid) *string {
	return value[string](m, "a string", "a string", problems)
}

func texts(m jsontext.Member, problems *Invalid) *[]string {
	all := value[[]json.RawMessage](m, "an array", "an array of strings", problems)
	if all == nil {
		return nil
	}
	names := []string{}
	for i, v := range *all {
		s := text(jsontext.Member{Name: fmt.Sprintf("%s[%d]", m.Name, i), Value: v}, problems)
		if s == nil {
			return nil // one such problem is enough
		}
		names = append(names, *s)
	}
	return &names
}

// secret decodes a secret, which may be short or no clean Base64: that is worth a warning.
func secret(m jsontext.Member, problems *Invalid) (key, given signature.Secret) {
	s := text(m, problems)
	if s == nil {
		return nil, nil
	}
	key, err := signature.ParseSecret(*s)
	if err != nil {
		problems.addf("%v; leave it out to have one generated", err)
	}
	return key, signature.Secret(*s)
}
