package main

import (
	_ "embed" // the table of consumers
	"strings"
)

// table has a line for each consumer: its name, the rule that it breaks (none: it is correct), and what it does.
//
//go:embed consumers.tsv
var table string

// known are the names of mistakes, habits those of lawful habits.
var known, habits = func() (map[string]bool, map[string]bool) {
	k, h := map[string]bool{}, map[string]bool{"correct": true}
	for line := range strings.Lines(table) {
		if f := strings.Split(line, "\t"); len(f) > 2 && f[1] != "" {
			k[f[0]] = true
		} else {
			h[f[0]] = true
		}
	}
	return k, h
}()
