package settings

import (
	"errors"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario"
)

// ParseSet reads values of parameters of the form NAME=VALUE; from says of each in errors where
// it was given. Each problem is a *Problem, and all of them are joined.
func ParseSet(pairs []string, from string) (set []scenario.Param, err error) {
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			err = errors.Join(err, problem(Set, "want NAME=VALUE, got %q", show.Clip(pair, 60)))
		}
		set = append(set, scenario.Param{Name: name, Value: value, From: from})
	}
	return set, err
}

// Given lists the parameters whose values no file has, each once.
func (t *Traffic) Given() (all []show.Given) {
	for _, sc := range t.Scenarios {
		for _, p := range sc.Params {
			if g := (show.Given{Name: p.Name, Value: p.Value, From: p.From}); p.Given && !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	return all
}
