package vccapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/signature"
)

// ReadChange reads the JSON object of a request that creates or changes a subscription:
// name, url, events, enabled and secret, each at most once, and nothing besides. The error is
// a Malformed that names the members. Null is no value: to keep a member as it is, leave it out.
func ReadChange(body []byte) (Change, error) {
	var c Change
	var problems Invalid
	all, err := members(body)
	if err != nil {
		return c, Malformed{Invalid{err.Error()}}
	}
	for _, m := range all {
		if m.again {
			problems.addf("%s is given twice", m.name)
			continue
		}
		switch m.name {
		case "name":
			c.Name = text(m, &problems)
		case "url":
			c.URL = text(m, &problems)
		case "events":
			c.Events = texts(m, &problems)
		case "enabled":
			c.Enabled = value[bool](m, "a boolean", "true or false", &problems)
		case "secret":
			c.Secret = secret(m, &problems)
		default:
			// Otherwise a typing error in "enabled" would go unnoticed.
			problems.addf("unknown member %q; there are name, url, events, enabled and secret", show.Clip(m.name, 40))
		}
	}
	if len(problems) > 0 {
		return Change{}, Malformed{problems}
	}
	return c, nil
}

// member is one name and value of an object.
type member struct {
	name  string
	value json.RawMessage
	again bool // the name was there before
}

// members lists those of an object in its own order. No text of an error repeats the input.
func members(body []byte) (all []member, err error) {
	if !utf8.Valid(body) {
		return nil, errors.New("the body is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, notObject(body, err)
	}
	seen := make(map[string]bool)
	for d.More() {
		var m member
		name, err := d.Token()
		if err == nil {
			m.name, _ = name.(string)
			err = d.Decode(&m.value)
		}
		if err != nil {
			return nil, notJSON(err, d)
		}
		m.again = seen[m.name]
		seen[m.name] = true
		all = append(all, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, notJSON(err, d)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON object of the body")
	}
	return all, nil
}

func notObject(body []byte, err error) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return errors.New("the body is missing; send a JSON object")
	}
	if err != nil {
		return errors.New("the body is not JSON")
	}
	return errors.New("the body must be a JSON object")
}

func notJSON(err error, d *json.Decoder) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the body is not JSON: it ends too early")
	}
	return fmt.Errorf("the body is not JSON, after %d bytes", d.InputOffset())
}

// value reads a member of a kind of JSON values, or reports what was wanted and is nil.
func value[T any](m member, kind, wanted string, problems *Invalid) *T {
	var v T
	if jsontext.TypeName(m.value) != kind || json.Unmarshal(m.value, &v) != nil {
		problems.addf("%s must be %s, and is %s", m.name, wanted, jsontext.TypeName(m.value))
		return nil
	}
	return &v
}

func text(m member, problems *Invalid) *string {
	return value[string](m, "a string", "a string", problems)
}

func texts(m member, problems *Invalid) *[]string {
	all := value[[]json.RawMessage](m, "an array", "an array of strings", problems)
	if all == nil {
		return nil
	}
	names := []string{}
	for i, v := range *all {
		s := text(member{name: fmt.Sprintf("%s[%d]", m.name, i), value: v}, problems)
		if s == nil {
			return nil // one such problem is enough
		}
		names = append(names, *s)
	}
	return &names
}

func secret(m member, problems *Invalid) signature.Secret {
	s := text(m, problems)
	if s == nil {
		return nil
	}
	key, err := signature.ParseSecret(*s)
	if err != nil {
		problems.addf("secret must be padded standard Base64 of at least %d bytes; leave it out to have one generated", signature.MinSecretLen)
		return nil
	}
	return key
}
