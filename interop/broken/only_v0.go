package main

import (
	"errors"
	"net/http"
	"strings"
)

// onlyV0 wants the beta generation of event types.
func onlyV0() *consumer {
	c := correct()
	c.about = "takes v0 only"
	c.refusal = http.StatusUnprocessableEntity
	c.check = func(n *notification) error {
		if strings.HasSuffix(n.Type, ".v1") {
			return errors.New("another version")
		}
		return nil
	}
	return c
}
