package main

import (
	"context"
	"errors"
	"strings"

	"github.com/ringback/ringback/emitter"
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
		r.local = newLocal(secret, next, prefix(set), nil)
		targets = []emitter.Target{r.local.target(types)}
	}
	r.emitter.Targets = targets
	assumeSending(&r.emitter, set)
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

// assumeSending hands the assumptions about sending to the emitter.
func assumeSending(e *emitter.Emitter, set assume.Set) {
	if set.Is(assume.Success, "2xx") {
		e.Success = emitter.Success2xx
	}
	if set.Is(assume.RetryAfter, "obey") {
		e.RetryAfter = emitter.ObeyRetryAfter
	}
	if set.Is(assume.Redirects, "follow") {
		e.Redirects = emitter.FollowRedirects
	}
	e.SignaturePrefix = prefix(set)
}

// prefix is what stands before the token: a word without its blank is completed, since
// blanks at the end get lost in shells and files.
func prefix(set assume.Set) string {
	text := set.Get(assume.SignaturePrefix)
	if text != "" && !strings.HasSuffix(text, " ") {
		text += " "
	}
	return text
}
