package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/show"
)

// headingOf is the annotation of a flag that names its heading in help.
const headingOf = "heading"

// section adds flags to a command under a heading. Help lists headings, and the flags below
// them, in the order in which they were added.
func section(cmd *cobra.Command, heading string, add ...func(*pflag.FlagSet)) {
	flags := pflag.NewFlagSet(heading, pflag.ContinueOnError)
	flags.SortFlags = false
	for _, a := range add {
		a(flags)
	}
	flags.VisitAll(func(f *pflag.Flag) { f.Annotations = map[string][]string{headingOf: {heading}} })
	cmd.Flags().SortFlags = false // or AddFlagSet would sort them
	cmd.Flags().AddFlagSet(flags)
}

// printUsage writes what stands below a command's description in help.
func printUsage(cmd *cobra.Command) error {
	var b strings.Builder
	line := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		line = cmd.CommandPath() + " COMMAND"
	}
	fmt.Fprintf(&b, "Usage:\n  %s\n", line)
	if cmd.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	list := func(title string, listed func(*cobra.Command) bool) {
		for _, sub := range cmd.Commands() {
			if listed(sub) {
				fmt.Fprintf(&b, "%s  %-*s   %s\n", title, sub.NamePadding(), sub.Name(), sub.Short)
				title = ""
			}
		}
	}
	list("\nCommands:\n", func(sub *cobra.Command) bool { return sub.IsAvailableCommand() || sub.Name() == "help" })
	fmt.Fprintf(&b, "\n%s\n", flagHelp(cmd.LocalFlags()))
	list("\nTopics:\n", (*cobra.Command).IsAdditionalHelpTopicCommand)
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n\"%s COMMAND --help\" says more about a command.\n", cmd.CommandPath())
	}
	_, err := io.WriteString(cmd.OutOrStdout(), b.String())
	return err
}

// flagHelp lists flags under their headings.
func flagHelp(flags *pflag.FlagSet) string {
	var headings []string
	below := map[string][]*pflag.Flag{}
	width := 0
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		heading := ""
		if named := f.Annotations[headingOf]; named != nil {
			heading = named[0]
		}
		if below[heading] == nil {
			headings = append(headings, heading)
		}
		below[heading] = append(below[heading], f)
		name, _ := flagName(f)
		width = max(width, len(name))
	})
	var b strings.Builder
	for _, heading := range headings {
		switch {
		case heading != "":
			b.WriteString(heading + ":\n")
		case len(headings) == 1:
			b.WriteString("Flags:\n")
		default:
			b.WriteString("Other:\n")
		}
		for _, f := range below[heading] {
			name, text := flagName(f)
			for i, line := range wrap(text, max(helpWidth-width-3, 30)) {
				if i > 0 {
					name = ""
				}
				fmt.Fprintf(&b, "%-*s   %s\n", width, name, line)
			}
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}

// helpWidth is how wide help is, in characters.
const helpWidth = 110

// flagName is a flag as help names it, with the value that it wants, and its description. In
// the source, the description begins with the value in backquotes.
func flagName(f *pflag.Flag) (name, text string) {
	value, text := pflag.UnquoteUsage(f)
	text = strings.TrimPrefix(text, value+" ")
	name = "      --" + f.Name
	if f.Shorthand != "" {
		name = "  -" + f.Shorthand + ", --" + f.Name
	}
	switch {
	case value == "":
	case f.NoOptDefVal != "":
		name += "[=" + value + "]"
	default:
		name += " " + value
	}
	switch f.DefValue {
	case "", "0", "0s", "false", "[]":
		return name, text
	}
	shown := f.DefValue
	if f.Value.Type() == "duration" {
		d, _ := time.ParseDuration(shown) // the flag wrote it
		shown = show.Brief(d)
	}
	if more, open := strings.CutSuffix(text, ")"); open {
		return name, more + "; default " + shown + ")"
	}
	return name, text + " (default " + shown + ")"
}

// wrap breaks a text into lines of so many characters.
func wrap(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// readsJSON says in the help of commands that read recordings which files these are.
const readsJSON = `A file may hold one object a line, pretty-printed ones, an array, or several one after the
other, and may be packed with gzip; - is standard input.`
