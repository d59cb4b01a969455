package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/render"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/redact"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
)

// run examines the consumer and tells what is wrong with it.
func (x *examination) run(ctx context.Context) error {
	if err := x.prepare(ctx); err != nil {
		return err
	}
	if x.State != nil {
		defer x.State.Close()
	}
	shown := &examineProgress{}
	if x.flags.output != "quiet" {
		x.noteIdle(x.assume, settings.IsSending)
		x.noteSecrets(x.senders.Development, x.senders.Warnings)
		if text := x.lateNote(); text != "" {
			fmt.Fprintln(x.err, "warning: "+x.named(text))
		}
		fmt.Fprintf(x.err, "warning: what is sent to %s is stored there if it is wrong: use a consumer that holds test data only\n", x.Sending.Target.Label())
		shown = newProgress(x.program)
	}
	x.begin()
	x.On = shown.show
	ctx, stop := x.untilSignal(ctx)
	defer stop()
	found, err := x.Run(ctx)
	shown.clear()
	interrupted := ctx.Err() != nil
	if preflight, is := errors.AsType[*examine.Preflight](err); is {
		text := flagged(preflight.Text) + x.cureOf(preflight.Text, preflight.Setting)
		return &statusError{exitUsage, errors.Join(errors.New(text), x.write(render.New(found, x.settings(false, text))))}
	}
	switch {
	case found == nil && interrupted:
		return &statusError{exitInterrupted, errors.New("interrupted before anything was judged")}
	case found == nil:
		return &statusError{exitFailed, err}
	}
	return x.tell(found, interrupted, err)
}

// cureOf names the flags of the setting that may be wrong, as the end of a text.
func (x *examination) cureOf(text, setting string) string {
	cure := map[string]string{"secret": "Pass it with --secret BASE64 or --secret @FILE.", "state": "See --state, --state-command and --state-sql."}[setting]
	if setting == "state" && x.flags.state.query != "" {
		cure = fmt.Sprintf("See --query %s and --state-sql.", x.flags.state.query)
	}
	switch {
	case cure == "":
		return ""
	case strings.HasSuffix(text, "?"):
		return " " + cure
	}
	return ". " + cure
}

// cures are the flags that make rules tested, by why they were not.
var cures = map[string]string{
	examine.NeedsState:      "pass --state URL, --state-command or --state-sql",
	examine.NeedsRestart:    "pass --pid or --restart COMMAND",
	examine.NeedsNextSecret: "pass --next-secret",
	examine.NeedsTime:       "the budget ran out; allow more with --budget",
	examine.NotKilled:       "the consumer was never seen to end when it was to be killed: does --pid name its process, and does --restart end it?",
	examine.NeedsSettle:     "--settle 5s waits longer",
	examine.NeedsLate:       "--late 1m --budget 2m waits for a minute to be over",
}

// lateNote says that the duplicates that come last cannot come as late as they are to; empty if they can.
func (x *examination) lateNote() string {
	latest := examine.Latest(x.Budget)
	if x.Late <= latest {
		return ""
	}
	return fmt.Sprintf("--late %s does not fit into --budget %s: the last duplicates come after %s at the latest; pass --budget %s", show.Brief(x.Late), show.Brief(x.Budget), show.Brief(latest), show.Brief(2*x.Late))
}

// settings are what a result tells beside the report.
func (x *examination) settings(interrupted bool, failure string) *render.Settings {
	s := &render.Settings{Failure: failure, Version: version(), Seed: x.Seed, Start: x.Start, Budget: x.Budget, State: x.State != nil, Interrupted: interrupted,
		Cures: cures, Notes: x.notes(), Trial: x.Trial, Again: x.command(nil), Hint: "without --new-ids the same bytes are sent: for a consumer that has seen none of them", Command: x.command}
	for _, a := range []trial.Aspect{trial.Phase, trial.Seconds, trial.Notifications, trial.InteractionID, trial.AgentID, trial.Role, trial.Figures} {
		if x.State != nil && x.Profile.Aspects&a != 0 {
			s.Claimed = append(s.Claimed, a.String())
		}
	}
	return s
}

// tell prints the result, writes the reports, and finds the exit status.
func (x *examination) tell(found *examine.Report, interrupted bool, err error) error {
	failure := ""
	if err != nil && !interrupted {
		failure = "the examination ended early: " + show.Line(err.Error(), 500)
	}
	r := render.New(found, x.settings(interrupted, failure))
	r.Waive(x.waivers, time.Now())
	if x.before != nil {
		r.Compare(x.before)
	}
	var printed error
	switch x.flags.output {
	case "json":
		printed = r.WriteAs(x.out, render.JSON)
	case "text":
		printed = r.WriteText(x.out, show.ColoursFor(x.out))
	}
	if err := errors.Join(printed, x.write(r)); err != nil {
		return &statusError{exitFailed, err}
	}
	causes := strings.Join(r.Causes(), "\n")
	if causes == "" {
		return nil
	}
	if x.flags.output == "quiet" {
		causes = fmt.Sprintf("%s (seed %d, start %s)", strings.ReplaceAll(causes, "\n", "; "), x.Seed, x.Start.Format(time.RFC3339))
	}
	switch {
	case interrupted:
		return &statusError{exitInterrupted, errors.New(causes)}
	case r.OnlyUndone():
		return &statusError{exitUsage, errors.New(causes)}
	}
	return &statusError{exitFailed, errors.New(causes)}
}

// write writes the reports, and on GitHub the summary of the step.
func (x *examination) write(r *render.Result) error {
	var errs []error
	for _, p := range x.places {
		if err := p.Write(func(w io.Writer) error { return r.WriteAs(w, render.Format(p.Format)) }); err != nil {
			errs = append(errs, fmt.Errorf("report: %w", err))
		}
	}
	x.summariseStep(func(w io.Writer) error { return r.WriteAs(w, render.Markdown) })
	return errors.Join(errs...)
}

// command repeats the examination, or some trials of it under identifiers of their own.
func (x *examination) command(f *examine.Finding) string {
	words := slices.Clone(x.again)
	trials, repeat := x.flags.checks, x.flags.repeat
	if f != nil {
		trials, repeat = f.Replay, f.Repeat
		if late := f.Late.Round(time.Second); late > x.Late {
			words = append(words, "--late", late.String())
		}
	}
	if len(trials) > 0 {
		words = append(words, "--check", strings.Join(trials, ","))
	}
	if repeat > 0 {
		words = append(words, "--repeat", strconv.Itoa(repeat))
	}
	words = append(words, "--seed", strconv.FormatUint(x.Seed, 10), "--start", x.Start.Format(time.RFC3339), "--new-ids")
	for i, word := range words {
		words[i] = quotedWord(word)
	}
	return x.name + " " + strings.Join(words, " ")
}

// notRepeated are flags that a command which repeats an examination has otherwise, or not at all.
var notRepeated = []string{"check", "repeat", "seed", "start", "new-ids", "report", "output", "baseline", "waive"}

// commandLine is the command with its flags. Secrets, and what may hold some, stand there as variables of the shell; it says which.
func commandLine(cmd *cobra.Command) (words, variables []string) {
	words = []string{cmd.Name()}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains(notRepeated, f.Name) {
			return
		}
		values := []string{f.Value.String()}
		if of, ours := f.Value.(*collecting); ours && of.isList() {
			values = of.Value.(pflag.SliceValue).GetSlice()
		}
		for i, value := range values {
			if f.Value.Type() == "bool" {
				words = append(words, "--"+f.Name)
				continue
			}
			if secretive(f.Name, value) {
				value = "$" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
				if i > 0 {
					value += "_" + strconv.Itoa(i+1)
				}
				variables = append(variables, fmt.Sprintf("%s in place of the value of --%s", value, f.Name))
			}
			words = append(words, "--"+f.Name, value)
		}
	})
	return words, variables
}

// secretive reports whether the value of a flag is a secret, or may hold one: headers, and URLs and commands with a password or a key.
func secretive(flag, value string) bool {
	switch flag {
	case "secret", "next-secret":
		return !strings.HasPrefix(value, "@")
	case "header":
		return true
	case "to", "state", "state-sql", "state-command", "restart", "metrics-push":
		return redact.HoldsSecret(value)
	}
	return false
}

// notes are what is to be known of the commands that repeat something.
func (x *examination) notes() []string {
	if len(x.secretive) == 0 {
		return nil
	}
	return []string{"the commands show " + strings.Join(x.secretive, ", ") + ", since a secret may be in it: set it as a variable of your shell before you run them"}
}

// quotedWord is a word as a shell reads it.
func quotedWord(word string) string {
	if strings.HasPrefix(word, "$") {
		return `"` + word + `"`
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=,@+%", r))
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
