package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

// Long lists of flags stand under headings, and no line of help is too wide to read.
func TestHelpIsInSections(t *testing.T) {
	want := map[string][]string{
		"run":     {"Target", "Traffic", "Pace", "Faults and assumptions", "Watching", "Result", "Other"},
		"replay":  {"Target", "Selection", "Changes", "Pace", "Assumptions", "Watching", "Result", "Other"},
		"plan":    {"Traffic", "Faults and assumptions", "Output", "Other"},
		"serve":   {"Server", "State", "Delivery", "Other"},
		"receive": {"Receiver", "Misbehaviour", "Other"},
		"examine": {"Target", "State", "Crash", "Extent", "Result", "Other"},
	}
	root := newRoot(&program{stdio: stdio{&bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}}})
	for _, cmd := range root.Commands() {
		cmd.InitDefaultHelpFlag()
		help := flagHelp(cmd.LocalFlags())
		var got []string
		for line := range strings.Lines(help) {
			line = strings.TrimRight(line, "\n")
			if heading, is := strings.CutSuffix(line, ":"); is && line[0] != ' ' {
				got = append(got, heading)
			}
			if n := utf8.RuneCountInString(line); n > helpWidth {
				t.Errorf("%s: a line has %d characters: %s", cmd.Name(), n, line)
			}
		}
		if headings, has := want[cmd.Name()]; has && !slices.Equal(got, headings) {
			t.Errorf("%s has the headings %q, want %q", cmd.Name(), got, headings)
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			value, _ := pflag.UnquoteUsage(f)
			if _, text := flagName(f); value != "" && strings.HasPrefix(text, value) {
				t.Errorf("%s --%s: the description repeats the value: %s", cmd.Name(), f.Name, text)
			}
		})
	}
}

// What ends otherwise after an interrupt says so in its help, of all that it does.
func TestHelpTellsOfInterrupts(t *testing.T) {
	root := newRoot(&program{stdio: stdio{&bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}}})
	for name, want := range map[string]int{"": 1, "examine": 1, "capacity": 1, "report": 2} { // of shards, and of a comparison
		cmd, _, err := root.Find(strings.Fields(name))
		if err != nil {
			t.Fatal(err)
		}
		_, statuses, _ := strings.Cut(cmd.Long, "Exit status")
		if got := strings.Count(strings.ReplaceAll(statuses, "\n", " "), "130 "); got != want {
			t.Errorf("%q tells %d times of exit status 130, want %d:\n%s", name, got, want, statuses)
		}
	}
}

// What reads recordings says which files it reads, all of them in the same words.
func TestHelpSaysWhichFilesAreRead(t *testing.T) {
	root := newRoot(&program{stdio: stdio{&bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}}})
	for _, name := range []string{"verify", "replay", "diff"} {
		cmd, _, err := root.Find([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		if help := cmd.Long + cmd.Use; !strings.Contains(help, readsJSON) || strings.Contains(help, "per line") || strings.Contains(cmd.Use, "ndjson") {
			t.Errorf("%s: %s\n%s", name, cmd.Use, cmd.Long)
		}
	}
}

func TestDefaultsInHelp(t *testing.T) {
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	flags.Duration("day", 24*3600e9, "`D` a day")
	flags.Duration("half", 1800e9, "`D` half an hour (0: never)")
	flags.Int("none", 0, "`N` a number")
	flags.String("file", "", "`FILE` a file")
	flags.Lookup("file").NoOptDefVal = "-"
	flags.BoolP("yes", "y", false, "a switch")
	want := strings.Join([]string{"Flags:", "      --day D         a day (default 24h)", "      --file[=FILE]   a file",
		"      --half D        half an hour (0: never; default 30m)", "      --none N        a number", "  -y, --yes           a switch"}, "\n")
	if got := flagHelp(flags); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
