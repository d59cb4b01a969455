package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine"
	asks "github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/ask/sqlstate"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/profile"
	"github.com/ringback/ringback/internal/examine/render"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/waive"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/textfile"
	"github.com/ringback/ringback/scenario/assume"
)

// examination is what the flags ask for.
type examination struct {
	*program
	flags     *examineFlags
	again     []string // words of a command that repeats it, without what names seed, start and trials
	secretive []string // variables in these words, and what they stand for
	senders   settings.Senders
	killer    *killer
	waivers   []waive.Waiver
	before    *render.Result // the baseline; nil: there is none
	places    []report.Place
	query     string // SQL
	assume    assume.Set

	examine.Examination
}

// parse reads the flags and the files that they name. Nothing is dialled. What only prints needs no consumer, but what is given with it
// must be right.
func (x *examination) parse(cmd *cobra.Command) (err error) {
	f := x.flags
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	x.senders, err = f.target.Read(nil)
	prints := f.list || cmd.Flags().Changed("state-stub")
	if note(err); err == nil && len(x.senders.Targets) != 1 && !prints {
		note(usage("examine: want one consumer, got %d; name it with --to URL", len(x.senders.Targets)))
	}
	x.assume, err = parseAssume(f.assume)
	note(err)
	note(f.state.check(&x.query))
	x.Budget, x.Late, x.Seed, x.Settle, x.Repeat, x.Only = f.budget, f.late, f.seed, f.state.settle, f.repeat, f.checks
	if x.Start, err = settings.ParseTime(f.start); err != nil {
		note(usage("--start: %w", err))
	}
	if x.Start.IsZero() {
		x.Start = time.Now().Add(-time.Hour)
	}
	x.Start = x.Start.UTC().Truncate(time.Second)
	if err := dimension.CheckStart(x.Start); err != nil {
		note(usage("--start: %w", err))
	}
	if f.newIDs {
		x.Round = examine.RoundStep * (1 + rand.IntN(1_000_000))
	}
	if f.quiet && cmd.Flags().Changed("output") && f.output != "quiet" {
		note(usage("--quiet means --output quiet, but --output %s is given, too; leave out one of the two", f.output))
	} else if f.quiet {
		f.output = "quiet"
	}
	note(x.readFiles())
	note(apart(cmd, nil, written("", x.places)))
	if x.killer, err = newKiller(f.pid, f.restart); err != nil {
		note(err)
	}
	if len(x.senders.Targets) == 1 {
		x.sending(f.target.NextSecret != "")
	}
	if len(x.senders.Targets) == 1 || prints {
		note(x.checkOnly())
	}
	x.again, x.secretive = commandLine(cmd)
	err = inFlags(errs...)
	if se, is := errors.AsType[*statusError](err); is {
		se.status = exitUsage // of problems in files, too: they are settings, and no stories
	}
	return err
}

// check makes sure that there is one way to be told the state, and reads the query.
func (f *stateFlags) check(query *string) error {
	var given []string
	for _, way := range []struct{ flag, value string }{{"--state", f.url}, {"--state-command", f.command}, {"--state-sql", f.sql}} {
		if way.value != "" {
			given = append(given, way.flag)
		}
	}
	switch {
	case len(given) > 1:
		return usage("%s: use one of them", strings.Join(given, ", "))
	case f.sql != "" && f.query == "":
		return usage("--state-sql: the query is missing; add --query FILE")
	case f.sql == "" && f.query != "":
		return usage("--query: there is no database; add --state-sql DSN")
	case f.query == "":
		return nil
	}
	text, err := textfile.ReadFile(f.query, source.MaxSize)
	if err == nil && len(text) > source.MaxSize {
		err = fmt.Errorf("%s: a query has at most %d bytes", f.query, source.MaxSize)
	}
	if err != nil {
		return usage("--query: %w", err)
	}
	*query = string(text)
	return nil
}

// mostBeside bounds the files that an examination reads, in bytes. A baseline is a report, with a picture of each finding.
const mostBeside = 64 << 20

// readFiles reads the profile, the waivers and the baseline, and makes sure that reports can be written.
func (x *examination) readFiles() error {
	f := x.flags
	var errs []error
	read := func(flag, path string, parse func(name string, text []byte) error) {
		if path == "" {
			return
		}
		text, err := textfile.ReadFile(path, mostBeside)
		if err == nil && len(text) > mostBeside {
			err = fmt.Errorf("%s: it has more than %d MiB", path, mostBeside>>20)
		}
		if err != nil {
			errs = append(errs, usage("--%s: %w", flag, err))
			return
		}
		if err := parse(path, text); err != nil {
			errs = append(errs, &statusError{exitUsage, err})
		}
	}
	read("profile", f.profile, func(name string, text []byte) (err error) {
		x.Profile, err = profile.Read(name, text)
		return err
	})
	read("waive", f.waive, func(name string, text []byte) (err error) {
		x.waivers, err = waive.Read(name, text)
		return err
	})
	read("baseline", f.baseline, func(name string, text []byte) (err error) {
		if x.before, err = render.Read(text); err != nil {
			return fmt.Errorf("--baseline: %s: %w; write one with --report FILE.json", name, err)
		}
		return nil
	})
	var err error
	x.places, err = placesOf(f.reports, render.Endings())
	return errors.Join(append(errs, err)...)
}

// sending says how notifications are sent.
func (x *examination) sending(next bool) {
	var e emitter.Emitter
	settings.ApplySending(&e, x.assume)
	target := x.senders.Targets[0]
	if !next && bytes.Equal(target.NextSecret, x.senders.Next) {
		target.NextSecret = nil // it is the public one: whether one is accepted is examined only where somebody says so
	}
	x.Sending = transport.Options{Target: target, Prefix: e.SignaturePrefix, Media: e.ContentType, Clock: e.TokenClock, Timeout: x.flags.timeout}
	if x.killer != nil {
		x.killer.secrets = asks.Secrets(&target)
		x.Sending.Kill = x.killer.kill
	}
}

// formerly are checks of earlier versions, with the rules that took their places.
var formerly = map[string]rulebook.ID{"answers-in-time": rulebook.AnswerInTime, "agent-channel": rulebook.AcceptValid, "absent-ids": rulebook.AcceptExternal,
	"null-ids": rulebook.AcceptNullIDs, "wrong-key": rulebook.VerifySignature, "unsigned": rulebook.RequireToken, "alg-none": rulebook.OnlyHS256,
	"expired-token": rulebook.RefuseExpired, "early-token": rulebook.TolerateEarlyIat, "tampered-body": rulebook.CompareHash, "duplicate": rulebook.CountOnce,
	"disorder": rulebook.OrderByTimestamp, "same-instant": rulebook.OrderSameInstant, "interaction": rulebook.InteractionFromData,
	"leading-zeros": rulebook.AgentIDIsText, "timestamp-digits": rulebook.TimestampsOfAnyLength, "event-versions": rulebook.AcceptVersions,
	"unknown-type": rulebook.IgnoreUnknownTypes, "unknown-member": rulebook.IgnoreUnknownMembers, "body-style": rulebook.HashRawBody,
	"id-form": rulebook.GUIDsOfAnyForm, "presence": rulebook.AcceptPresence, "content-type": rulebook.IgnoreMediaParameters,
	"unusable-body": rulebook.AnswerUnusable, "slow-body": rulebook.ReadWholeBody, "cut-off": rulebook.RecoverFromCutOff,
	"many-at-once": rulebook.ConcurrentConversations, "survives-restart": rulebook.StoreBeforeAnswer}

// checkOnly makes sure that there are the rules and trials to which the examination is limited.
func (x *examination) checkOnly() error {
	var errs []error
	for _, name := range x.Only {
		known, isTrial := nearest.Names(rulebook.Rules(), func(r rulebook.Rule) string { return string(r.ID) }), strings.Contains(name, "/")
		if slices.Contains(known, name) {
			continue
		}
		if isTrial {
			whole, _, reduced := strings.Cut(name, "~")
			known = x.TrialIDs()
			if slices.Contains(known, whole) {
				if _, err := x.Trial(name); reduced && err != nil {
					errs = append(errs, usage("--check: %w", err))
				}
				continue
			}
		}
		hint := nearest.DidYouMean(name, known)
		if now := formerly[name]; now != "" {
			hint = fmt.Sprintf(" (it is called %q by now)", now)
		}
		what := cmp.Or(map[bool]string{true: "trial"}[isTrial], "rule")
		errs = append(errs, usage("--check: there is no %s %q%s; `ringback examine --list` lists the rules", what, name, hint))
	}
	return errors.Join(errs...)
}

// prepare finds out what must be there: the consumer's address, its process, and where it tells its state.
func (x *examination) prepare(ctx context.Context) error {
	f, target := &x.flags.state, &x.Sending.Target
	var errs []error
	errs = append(errs, x.Check(), target.Look(ctx), x.killer.check())
	var way asks.Way
	var err error
	switch {
	case f.url != "":
		if way, err = asks.OverHTTP(target, f.url, x.flags.timeout); err != nil {
			err = fmt.Errorf("--state: %w", err)
		}
	case f.command != "":
		way, err = asks.ByCommand(strings.Fields(f.command), x.flags.timeout)
	case f.sql != "":
		way, err = sqlstate.Open(ctx, f.sql, x.query, sqlstate.Options{Allow: target.Allow, Timeout: x.flags.timeout})
	}
	if err != nil {
		errs = append(errs, err)
	} else if way != nil {
		x.State = asks.Only(way, x.Profile.Aspects)
	}
	if err := errors.Join(errs...); err != nil {
		return &statusError{exitUsage, err}
	}
	return nil
}
