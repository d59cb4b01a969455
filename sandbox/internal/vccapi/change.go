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
	for m, err := range members(body) {
		if err != nil {
			return Change{}, Malformed{Invalid{err.Error()}}
		}
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
			c.Enabled = truth(m, &problems)
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

// members walks an object in its own order. It ends with the first error, of which no text
// repeats the input.
func members(body []byte) func(yield func(member, error) bool) {
	return func(yield func(member, error) bool) {
		if !utf8.Valid(body) {
			yield(member{}, errors.New("the body is not UTF-8"))
			return
		}
		d := json.NewDecoder(bytes.NewReader(body))
		if open, err := d.Token(); err != nil || open != json.Delim('{') {
			yield(member{}, notObject(body, err))
			return
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
				yield(member{}, notJSON(err, d))
				return
			}
			m.again = seen[m.name]
			seen[m.name] = true
			if !yield(m, nil) {
				return
			}
		}
		if _, err := d.Token(); err != nil {
			yield(member{}, notJSON(err, d))
			return
		}
		if _, err := d.Token(); err != io.EOF {
			yield(member{}, errors.New("something follows the JSON object of the body"))
		}
	}
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

func text(m member, problems *Invalid) *string {
	var s string
	if m.value[0] != '"' || json.Unmarshal(m.value, &s) != nil {
		problems.addf("%s must be a string, and is %s", m.name, jsontext.TypeName(m.value))
		return nil
	}
	return &s
}

func truth(m member, problems *Invalid) *bool {
	var b bool
	if jsontext.TypeName(m.value) != "a boolean" || json.Unmarshal(m.value, &b) != nil {
		problems.addf("%s must be true or false, and is %s", m.name, jsontext.TypeName(m.value))
		return nil
	}
	return &b
}

func texts(m member, problems *Invalid) *[]string {
	var all []json.RawMessage
	if m.value[0] != '[' || json.Unmarshal(m.value, &all) != nil {
		problems.addf("%s must be an array of strings, and is %s", m.name, jsontext.TypeName(m.value))
		return nil
	}
	names := make([]string, 0, len(all))
	for i, v := range all {
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
