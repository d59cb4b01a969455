package main

import (
	"fmt"

	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

// nextSecret reads the secret that takes the place of another one when the key is rotated.
// Nothing given is none, except beside the development secret, which has a second one.
func nextSecret(value string, development bool) (signature.Secret, error) {
	if value == "" && development {
		value = signature.DevelopmentNextSecret
	}
	if value == "" {
		return nil, nil
	}
	secret, _, err := readSecret(value)
	if err != nil {
		return nil, usage("next %v", err)
	}
	return secret, nil
}

// rotatable finds targets that could not be sent to after a rotation of the key, before
// anything is sent.
func (r *playing) rotatable() error {
	p, ok := r.plan.(interface{ Commits(fault.Kind) bool })
	if !ok || !p.Commits(fault.RotateKey) {
		return nil
	}
	for i := range r.emitter.Targets {
		t := &r.emitter.Targets[i]
		if len(t.Secret) == 0 || len(t.NextSecret) > 0 {
			continue
		}
		name := t.Name
		if name == "" {
			name = redacted(t.URL)
		}
		return &statusError{exitUsage, fmt.Errorf("%s: the fault %s needs a next secret: give --next-secret, or next-secret in the targets file",
			name, fault.RotateKey)}
	}
	return nil
}
