package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/render"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/rulebook"
)

// listed are the rules that --check asks for, also by trials that are about them: all without it.
func (x *examination) listed() (all []rulebook.Rule, err error) {
	var wanted []rulebook.ID
	for _, name := range x.Only {
		if !strings.Contains(name, "/") {
			wanted = append(wanted, rulebook.ID(name))
			continue
		}
		t, err := x.Trial(name)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, t.Rules...)
	}
	for _, r := range rulebook.Rules() {
		if len(x.Only) == 0 || slices.Contains(wanted, r.ID) {
			all = append(all, r)
		}
	}
	return all, nil
}

// listRules prints the rules by level.
func (x *examination) listRules() error {
	all, err := x.listed()
	if err != nil {
		return err
	}
	if x.flags.output == "json" {
		return x.rulesAsJSON(all)
	}
	first := true
	for _, level := range rulebook.Levels() {
		if !slices.ContainsFunc(all, func(r rulebook.Rule) bool { return r.Level == level }) {
			continue
		}
		if !first {
			fmt.Fprintln(x.out)
		}
		first = false
		fmt.Fprintf(x.out, "%s: %s\n", level, level.About())
		for _, r := range all {
			if r.Level == level {
				fmt.Fprintf(x.out, "  %-25s %s\n", r.ID, r.Demand)
			}
		}
	}
	return nil
}

// rulesAsJSON prints the rules for programs.
func (x *examination) rulesAsJSON(all []rulebook.Rule) error {
	type row struct {
		ID     rulebook.ID `json:"rule"`
		Level  string      `json:"level"`
		Demand string      `json:"demand"`
		Broken string      `json:"broken"`
		Mend   string      `json:"mend"`
	}
	rows := make([]row, len(all))
	for i, r := range all {
		rows[i] = row{r.ID, r.Level.String(), r.Demand, r.Broken, r.Mend}
	}
	return jsontext.WriteIndented(x.out, struct {
		SchemaVersion int   `json:"schema_version"`
		Rules         []row `json:"rules"`
	}{render.Schema, rows})
}
