package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/evidence"
	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/stub"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/settings"
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
	"fault":      faultRules,
	"gate":       func(typed string) ([]string, bool) { return gateFigures(typed), true },
	"types":      always(typePatterns),
	"check":      always(checks),
	"state-stub": always(stub.Languages),
	"answer":     answerWords,

	"client-scopes": always(func() []string { return []string{"admin:read", "admin:write"} }),
	"shard":         always(func() []string { return []string{"auto"} }),
}

// argumentWords are the words of arguments, by command and, with a blank, what stands before them, and how many arguments
// there are at most; whether files may stand there, too.
var argumentWords = map[string]struct {
	words
	most  int
	files bool
}{
	"run":          {always(storyNames), 1000, true},
	"plan":         {always(storyNames), 1000, true},
	"validate":     {always(storyNames), 1000, true},
	"show":         {always(storyNames), 1, false},
	"explain":      {always(subjects), 1, false},
	"schema":       {always(func() []string { return []string{"scenario", "event", "asyncapi"} }), 1, false},
	"schema event": {always(typeNames), 2, false},
}

// listed finds what a flag's usage lists, as in auto|http|lane, order,time,ids or N|max.
var listed = regexp.MustCompile(`[^|,]+`)

// isWord finds a value among what is listed: the others, such as N, stand for one.
var isWord = regexp.MustCompile(`^[a-z0-9-]+$`)

// complete lets shells complete what the program knows.
func complete(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		cmd.ValidArgsFunction = completeArgument
		if cmd.Name() == "help" {
			cmd.ValidArgsFunction = helpSubjects
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "set" {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, parameters)
			} else if w, known := wordsOf(f); known {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, w.complete(f.Name == "data")) // each flag is there, once
			} else if name, _ := pflag.UnquoteUsage(f); !namesFile.MatchString(name) {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions)
			}
		})
	}
}

// namesFile finds the flags whose values are files or folders, as their usage calls them.
var namesFile = regexp.MustCompile(`FILE|DIR|COMMAND|DSN`)

// helpSubjects are the commands below what was typed, and the topics of the help.
func helpSubjects(cmd *cobra.Command, args []string, typed string) (all []string, _ cobra.ShellCompDirective) {
	above, rest, err := cmd.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	for _, c := range above.Commands() {
		if (c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() || c.Name() == cmd.Name()) && strings.HasPrefix(c.Name(), typed) {
			all = append(all, c.Name()+"\t"+c.Short)
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}

// answerWords are what an answer of a consumer begins with, and behind that what may follow.
func answerWords(typed string) (all []string, more bool) {
	all = []string{"200", "204", "400", "401", "408", "429", "500", "503", "hang", "reset"}
	if strings.TrimLeft(typed, " ") != "" && strings.Contains(strings.TrimLeft(typed, " "), " ") {
		all = []string{"retry-after 30s", "oversize", "x1", "x2", "x3", "1%", "10%", "50%"}
	}
	before := typed[:strings.LastIndexByte(typed, ' ')+1]
	for i := range all {
		all[i] = before + all[i]
	}
	return all, true
}

// completeArgument completes arguments: by words, where the command has some, and else by the names of files, if it takes any.
func completeArgument(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	w, known := argumentWords[strings.Join(append([]string{cmd.Name()}, args...), " ")]
	if !known {
		w, known = argumentWords[cmd.Name()]
	}
	switch {
	case known && len(args) >= w.most, cmd.Args(cmd, append(args, typed)) != nil && cmd.Args(cmd, append(args, typed, typed)) != nil:
		return nil, cobra.ShellCompDirectiveNoFileComp
	case !known:
		return nil, cobra.ShellCompDirectiveDefault
	}
	return w.complete(w.files)(cmd, args, typed)
}

// parameters are those of the scenarios among the arguments.
func parameters(_ *cobra.Command, args []string, _ string) (all []string, directive cobra.ShellCompDirective) {
	directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	if slices.Contains(args, "-") { // standard input is the shell's
		return nil, directive
	}
	t, err := settings.Loader{}.Load(args)
	if err != nil {
		return nil, directive
	}
	for _, sc := range t.Scenarios {
		for _, p := range sc.Params {
			all = append(all, p.Name+"=\t"+p.Default)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), directive
}

// wordsOf are the words of a flag, if it takes one of some.
func wordsOf(f *pflag.Flag) (w words, known bool) {
	if w, known = flagWords[f.Name]; known {
		return w, true
	}
	name, _ := pflag.UnquoteUsage(f)
	var all []string
	for _, part := range listed.FindAllString(name, -1) {
		if isWord.MatchString(part) && part != name {
			all = append(all, part)
		}
	}
	return always(func() []string { return all }), all != nil
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

// faultRules are kinds first, and patterns of types behind "of".
func faultRules(typed string) (all []string, more bool) {
	const of = " of "
	if at := strings.LastIndex(typed, of); at >= 0 {
		for _, pattern := range typePatterns() {
			all = append(all, typed[:at]+of+pattern)
		}
		return all, false
	}
	for _, r := range fault.Rows() {
		all = append(all, r.Name+"\t"+r.Doc)
	}
	return all, false
}

// gateFigures are figures first, and statistics behind one that has some.
func gateFigures(typed string) (all []string) {
	for _, r := range gate.Rows() {
		all = append(all, string(r.Figure)+"\t"+r.Doc)
		if r.Kind == gate.Spread && strings.HasPrefix(typed, string(r.Figure)+" ") {
			for _, statistic := range []string{"p50", "p99", "p99.9", "min", "mean", "max"} {
				all = append(all, string(r.Figure)+" "+statistic)
			}
		}
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
