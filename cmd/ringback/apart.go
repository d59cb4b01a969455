package main

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/report"
)

// touched is a file that a command reads or writes, and what the user wrote for it.
type touched struct {
	flag  string // with its value, such as --log x.ndjson
	path  string
	place *report.Place // nil of a log
}

// after reports whether a file may hold this behind what the one before it writes: Markdown behind Markdown.
func (t *touched) after(first *touched) bool {
	markdown := func(p *report.Place) bool { return p != nil && p.Format == string(report.Markdown) }
	return markdown(first.place) && markdown(t.place) && t.place.Append
}

// written are the files of --log, if there is one, and of --report.
func written(log string, places []report.Place) (all []touched) {
	if log != "" {
		all = append(all, touched{flag: "--log " + log, path: log})
	}
	for i := range places {
		if p := &places[i]; p.Path != "" { // what was wrong has none
			all = append(all, touched{flag: "--report " + p.String(), path: p.Path, place: p})
		}
	}
	return all
}

// updated are flags of files that are written, and of those that are read and may be written anew.
var updated = []string{"baseline", "log", "report", "html", "md", "json", "xml"}

// read are the files that a command reads: its arguments, and those of flags that name one, as "FILE" in their help says.
func read(cmd *cobra.Command, args []string) (all []touched) {
	for _, arg := range args {
		all = append(all, touched{flag: arg, path: arg})
	}
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if name, _ := pflag.UnquoteUsage(flag); !strings.Contains(name, "FILE") || slices.Contains(updated, flag.Name) {
			return
		}
		for _, text := range valuesOf(flag.Value) {
			all = append(all, touched{flag: "--" + flag.Name + " " + text, path: strings.TrimPrefix(text, "@")})
		}
	})
	return all
}

// valuesOf are the values of a flag.
func valuesOf(v pflag.Value) []string {
	if c, is := v.(*collecting); is {
		v = c.Value
	}
	if list, is := v.(pflag.SliceValue); is {
		return list.GetSlice()
	}
	return []string{v.String()}
}

// apart returns an error for each file that a command would write twice, or read and write: what was written first, or is
// read, would be lost. Devices and pipes lose nothing.
func apart(cmd *cobra.Command, args []string, written []touched) error {
	var errs []error
	for i := range written {
		to := &written[i]
		for j := range written[:i] {
			if first := &written[j]; !to.after(first) && report.SameFile(first.path, to.path) {
				errs = append(errs, usage("%s and %s write the same file, which would hold one of them; name two files", first.flag, to.flag))
			}
		}
		for _, from := range read(cmd, args) {
			if _, err := os.Stat(from.path); err == nil && report.SameFile(from.path, to.path) {
				errs = append(errs, usage("%s would write into %s, which is read; name another file", to.flag, from.flag))
			}
		}
	}
	return errors.Join(errs...)
}

// logNamed returns an error if nobody means the name of a log.
func logNamed(path string) error {
	if err := report.CheckName(path); err != nil {
		return usage("--log: %w; rows are appended in any case", err)
	}
	return nil
}
