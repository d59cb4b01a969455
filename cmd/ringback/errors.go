package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

// Exit statuses. They are part of the interface: see README.md.
const (
	exitOK          = 0
	exitFailed      = 1   // something was not accepted, refused, or could not be written
	exitUsage       = 2   // wrong flags, arguments or settings
	exitScenario    = 3   // a scenario or workload file has problems
	exitInvalid     = 4   // the generator could not keep its own schedule, or what was asked is undecided: nothing is proved
	exitInterrupted = 130 // stopped by a signal; the report covers what happened
)

// statusError is an error with an exit status of its own. A nil err prints nothing: what
// there is to say has been said.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// usage is an error of the caller's.
func usage(format string, args ...any) error {
	return &statusError{exitUsage, fmt.Errorf(format, args...)}
}

// printError prints an error, in the only place that does, and finds the exit status. Where a
// flag was set by a variable, the text names the variable.
func (p *program) printError(w io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	status := exitFailed
	var se *statusError
	if errors.As(err, &se) {
		if status = se.status; se.err == nil {
			return status
		}
	}
	var texts []string
	var notes []annotation
	defer func() { annotate(w, notes) }()
	for _, err := range flat(err) {
		var problems scenario.Problems
		if errors.As(err, &problems) {
			fmt.Fprintln(w, problems.Detail())
			notes = append(notes, placed(problems)...)
			continue
		}
		text := err.Error()
		if address, is := errors.AsType[*netguard.AddressError](err); is {
			text += "; use --allow-target " + address.Entry()
		}
		if _, is := errors.AsType[*scenarios.UnknownError](err); is {
			text += "; `ringback list` shows them all"
		}
		if !slices.Contains(texts, text) { // two looks at one setting say the same
			texts = append(texts, text)
		}
	}
	if texts == nil {
		return status
	}
	for i, line := range strings.Split(p.hinted(p.named(strings.Join(texts, "\n"))), "\n") {
		if !strings.HasPrefix(line, "see \"") {
			notes = append(notes, p.at(line))
		}
		if i == 0 {
			line = "ringback: " + line
		} else {
			line = "    " + line
		}
		fmt.Fprintln(w, line)
	}
	return status
}

// namedFlag finds the names of flags in a text, and the blank before a value.
var namedFlag = regexp.MustCompile(`--([a-z][a-z-]*)( [A-Z0-9@])?`)

// named puts the names of variables in the place of flags that they stand for, and the name of the program as it was
// called in that of its usual one.
func (p *program) named(text string) string {
	if p.name != usualName && p.name != "" {
		text = strings.NewReplacer("`ringback ", "`"+p.name+" ", `see "ringback `, `see "`+p.name+" ").Replace(text)
	}
	return namedFlag.ReplaceAllStringFunc(text, func(flag string) string {
		name, value, _ := strings.Cut(flag[2:], " ")
		switch variable := p.variables[name]; {
		case variable == "":
			return flag
		case value == "":
			return variable
		default:
			return variable + "=" + value
		}
	})
}

// inFlags joins errors about settings in the words of the command line. Problems of files
// alone have an exit status of their own, everything else is wrong usage.
func inFlags(errs ...error) error {
	status := exitScenario
	var all []error
	for _, err := range flat(errors.Join(errs...)) {
		if p, is := errors.AsType[*settings.Problem](err); is {
			err, status = &flagError{p}, exitUsage
		}
		if !errors.As(err, new(scenario.Problems)) {
			status = exitUsage
		}
		all = append(all, err)
	}
	if all == nil {
		return nil
	}
	return &statusError{status, errors.Join(all...)}
}

// flat lists errors that were joined, at any depth. The problems of a file stay together.
func flat(err error) (all []error) {
	if se, is := err.(*statusError); is {
		err = se.err
	}
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if _, one := err.(scenario.Problems); one || !ok {
		return []error{err}
	}
	for _, err := range joined.Unwrap() {
		all = append(all, flat(err)...)
	}
	return all
}

// flagError is a problem of a setting that a flag sets.
type flagError struct{ *settings.Problem }

func (e *flagError) Error() string { return e.Text(flagOf) }

func (e *flagError) Unwrap() error { return e.Problem }

// flagOf is the flag that sets a field.
func flagOf(f settings.Field) string {
	switch f {
	case settings.Versions:
		return "--event-version"
	case settings.Faults:
		return "--fault"
	case settings.Headers:
		return "--header"
	}
	return "--" + strings.ReplaceAll(string(f), "_", "-")
}

// flagProblem says in our words what the library for flags found.
func (p *program) flagProblem(cmd *cobra.Command, err error) string {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		return "unknown flag --" + unknown.GetSpecifiedName() + meantFlag(cmd, unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		return p.singleDash(cmd, unknown.GetSpecifiedShortnames())
	case errors.As(err, &missing) && missing.GetSpecifiedShortnames() == "":
		return "--" + missing.GetSpecifiedName() + ": the value is missing"
	case errors.As(err, &invalid):
		return "--" + invalid.GetFlag().Name + ": " + valueProblem(invalid.GetFlag(), invalid.GetValue(), err)
	}
	return err.Error()
}

// meantFlag suggests the flag that was probably meant, or says which commands have one of that name.
func meantFlag(cmd *cobra.Command, name string) string {
	if near := nearest.Word(name, flagNames(cmd)); near != "" {
		return fmt.Sprintf(" (did you mean --%s?)", near)
	}
	var having []string
	for _, other := range cmd.Root().Commands() {
		if slices.Contains(flagNames(other), name) {
			having = append(having, other.Name())
		}
	}
	if having == nil {
		return ""
	}
	return "; " + cmd.Name() + " has none, but " + strings.Join(having, ", ")
}

func flagNames(cmd *cobra.Command) (names []string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// singleDash is about an argument that begins with one dash. Letters are what the library did not know of it, with all
// that follows.
func (p *program) singleDash(cmd *cobra.Command, letters string) string {
	typed := "-" + letters
	for _, arg := range p.args {
		if strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--") && strings.HasSuffix(arg, letters) {
			typed = arg
			break
		}
	}
	name, _, _ := strings.Cut(typed[1:], "=")
	known := flagNames(cmd)
	switch near := nearest.Word(name, known); {
	case slices.Contains(known, name):
		return fmt.Sprintf("-%s: a flag begins with two dashes; write --%[1]s", name)
	case near != "":
		return fmt.Sprintf("unknown flag -%s (did you mean --%s?)", name, near)
	}
	return "unknown flag -" + name
}

// valueProblem describes the values that a flag takes.
func valueProblem(f *pflag.Flag, value string, err error) string {
	want := map[string]string{"duration": "a time such as 10s", "int": "a whole number", "uint64": "a whole number from 0", "bool": "true or false"}[f.Value.Type()]
	if want == "" {
		return err.Error()
	}
	hint := ""
	switch f.Value.Type() {
	case "bool":
		hint = nearest.DidYouMean(value, []string{"true", "false"})
	case "duration":
		hint = settings.MeantTime(value)
	}
	return fmt.Sprintf("want %s, got %q%s", want, value, hint)
}
