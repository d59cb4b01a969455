package main

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/evidence"
	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/stub"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/scenarios"
)

// words are what may be written in a place, each perhaps with a tab and what it means. What was typed so far says
// whether more follows a word.
type words func(typed string) (all []string, more bool)

// always are words that nothing follows.
func always(list func() []string) words {
	return func(string) ([]string, bool) { return list(), false }
}

// flagWords are the words of flags, by name. A name means the same in all commands.
var flagWords = map[string]words{
	"assume":     assumptions,
	"fault":      always(faultKinds),
	"gate":       func(string) ([]string, bool) { return gateFigures(), true },
	"types":      always(typePatterns),
	"check":      always(checks),
	"state-stub": always(stub.Languages),
}

// argumentWords are the words of arguments, by command, and whether files may stand there, too.
var argumentWords = map[string]struct {
	words
	files bool
}{
	"run":      {always(storyNames), true},
	"plan":     {always(storyNames), true},
	"validate": {always(storyNames), true},
	"show":     {always(storyNames), false},
	"explain":  {always(subjects), false},
	"schema":   {always(func() []string { return append([]string{"scenario", "event", "asyncapi"}, typeNames()...) }), false},
}

// listed finds a flag whose usage lists its values, as in auto|http|lane.
var listed = regexp.MustCompile(`^[a-z0-9-]+(\|[a-z0-9-]+)+$`)

// complete lets shells complete what the program knows.
func complete(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		if w, known := argumentWords[cmd.Name()]; known {
			cmd.ValidArgsFunction = w.complete(w.files)
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if w, known := wordsOf(f); known {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, w.complete(false)) // each flag is there, once
			}
		})
	}
}

// wordsOf are the words of a flag, if it takes one of some.
func wordsOf(f *pflag.Flag) (w words, known bool) {
	if w, known = flagWords[f.Name]; known {
		return w, true
	}
	name, _ := pflag.UnquoteUsage(f)
	return always(func() []string { return strings.Split(name, "|") }), listed.MatchString(name)
}

// complete is the words as cobra wants them. In a list with commas the last one is completed.
func (w words) complete(files bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		all, more := w(typed[len(before):])
		directive := cobra.ShellCompDirectiveNoFileComp
		if files {
			directive = cobra.ShellCompDirectiveDefault
		}
		if more {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		var fitting []string
		for _, word := range all {
			if strings.HasPrefix(before+word, typed) {
				fitting = append(fitting, before+word)
			}
		}
		return fitting, directive
	}
}

// assumptions are names first, and values behind the equals sign.
func assumptions(typed string) (all []string, more bool) {
	name, _, valued := strings.Cut(typed, "=")
	for _, r := range assume.Rows() {
		if !valued {
			all = append(all, r.Name+"=\t"+r.Doc)
		} else if r.Name == name {
			for _, v := range append([]string{r.Default}, r.Others...) {
				all = append(all, name+"="+v)
			}
		}
	}
	return all, !valued
}

func faultKinds() (all []string) {
	for _, r := range fault.Rows() {
		all = append(all, r.Name+"\t"+r.Doc)
	}
	return all
}

func gateFigures() (all []string) {
	for _, r := range gate.Rows() {
		all = append(all, string(r.Figure)+"\t"+r.Doc)
	}
	return all
}

func typeNames() (all []string) {
	for _, t := range event.Types() {
		all = append(all, t.String())
	}
	return all
}

func typePatterns() []string { return append([]string{"channel.*", "agent.*"}, typeNames()...) }

func checks() (all []string) {
	for _, r := range rulebook.Rules() {
		all = append(all, string(r.ID)+"\t"+r.Demand)
	}
	return append(all, (&examine.Examination{}).TrialIDs()...)
}

func storyNames() (all []string) {
	for _, e := range scenarios.List() {
		all = append(all, e.Name+"\t"+e.Story)
	}
	return all
}

func subjects() (all []string) {
	for _, e := range evidence.All() {
		all = append(all, e.Subject+"\t"+e.Is)
	}
	return all
}
