package main

import (
	"context"
	"errors"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/scenario/assume"
)

// aim points the emitter at the targets that flags name, or else at the built-in receiver,
// and finds out what is wrong with them without sending anything. Development tells that
// the development secret signs for some of them.
func (r *playing) aim(ctx context.Context, f *targetFlags, types []string, set assume.Set) (development bool, err error) {
	targets, secret, development, err := f.parse(types)
	if err != nil {
		return false, err
	}
	if len(targets) == 0 {
		next, err := nextSecret(f.next, development)
		if err != nil {
			return false, err
		}
		r.local = newLocal(secret, next, settings.SignaturePrefix(set), nil)
		targets = []emitter.Target{r.local.target(types)}
	}
	r.emitter.Targets = targets
	settings.Send(&r.emitter, set)
	r.emitter.Drain = r.drain
	if err := checkTargets(ctx, &r.emitter); err != nil {
		return false, &statusError{exitUsage, err}
	}
	return development, nil
}

// checkTargets finds out what is wrong with the targets without sending anything.
func checkTargets(ctx context.Context, e *emitter.Emitter) error {
	if err := e.Check(); err != nil {
		return err
	}
	var errs []error
	for i := range e.Targets {
		errs = append(errs, e.Targets[i].Look(ctx))
	}
	return errors.Join(errs...)
}
