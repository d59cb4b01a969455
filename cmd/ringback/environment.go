package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/nearest"
)

const ourVariables = "RINGBACK_"

// variableOf is the environment variable that sets a flag.
func variableOf(flag string) string {
	return ourVariables + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment sets the flags that were not given from RINGBACK_… variables, and remembers
// which they are. Flags that may be repeated take one value for each line.
func (p *program) fromEnvironment(flags *pflag.FlagSet, lookup func(string) (string, bool)) {
	flags.VisitAll(func(f *pflag.Flag) {
		name := variableOf(f.Name)
		value, set := lookup(name)
		to, ours := f.Value.(*collecting)
		if f.Changed || !set || value == "" || !ours {
			return
		}
		p.variables[f.Name] = name
		if !to.isList() {
			_ = to.Set(value) // it never fails
			return
		}
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); line != "" {
				_ = to.Set(line)
			}
		}
		if to.Type() == "stringArray" && strings.Contains(value, ",") && !strings.Contains(value, "\n") {
			p.commas = append(p.commas, name)
		}
	})
}

// oneALine says how several values are written in a variable.
const oneALine = " takes one value per line; a comma is part of the value"

// severalValues find a second value behind a comma, by flags that take such a text as one value without a problem, or tell
// the problem elsewhere.
var severalValues = map[string]*regexp.Regexp{
	"header": regexp.MustCompile(`, *[A-Za-z0-9-]+: `),
	"set":    regexp.MustCompile(`, *[A-Za-z0-9_-]+=`),
}

// hinted adds to errors about variables that hold commas how several values are written there.
func (p *program) hinted(text string) string {
	for _, name := range p.commas {
		if strings.Contains(text, name+":") {
			return text + "\n" + name + oneALine
		}
	}
	return text
}

// otherVariables are those that set no flag of the program.
var otherVariables = []string{"RINGBACK_SHARDS", "RINGBACK_PROGRESS"}

// warnOfVariables tells of variables that look like one of ours, and set nothing in any command, and of those that hold what
// looks like several values, and is one. Those that Kubernetes makes for a service of our name are none.
func (p *program) warnOfVariables(root *cobra.Command, environment []string) {
	known := slices.Clone(otherVariables)
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, variableOf(f.Name)) })
	}
	for flag, name := range p.variables {
		if several := severalValues[flag]; several != nil && slices.Contains(p.commas, name) && several.MatchString(os.Getenv(name)) {
			p.messages.Print("warning: " + name + oneALine)
		}
	}
	for _, line := range environment {
		name, value, _ := strings.Cut(line, "=")
		if upper := strings.ToUpper(name); upper != name && slices.Contains(known, upper) && runtime.GOOS != "windows" {
			p.messages.Print(fmt.Sprintf("warning: %s sets nothing (did you mean %s?)", name, upper))
			continue
		}
		rest, ours := strings.CutPrefix(name, ourVariables)
		if !ours || slices.Contains(known, name) || strings.Contains(name, "_SERVICE_") || strings.Contains(name, "_PORT_") || strings.Contains(value, "://") && rest == "PORT" {
			continue
		}
		meant := nearest.Word(rest, nearest.Names(known, func(k string) string { return strings.TrimPrefix(k, ourVariables) }))
		if meant != "" {
			p.messages.Print(fmt.Sprintf("warning: %s sets nothing (did you mean %s%s?)", name, ourVariables, meant))
		}
	}
}
