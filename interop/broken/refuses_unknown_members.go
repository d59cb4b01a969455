package main

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// refusesUnknownMembers wants the documented members and no others.
func refusesUnknownMembers() *consumer {
	c := correct()
	c.about = "refuses members that it does not know"
	c.refusal = http.StatusBadRequest
	c.decode = func(body []byte, n *notification) error {
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		return d.Decode(n)
	}
	return c
}
