package ringbacktest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// load finds and checks the scenarios that a test names.
func load(names []string) ([]*scenario.Scenario, error) {
	if len(names) == 0 {
		return nil, errors.New(`no scenario: name at least one, such as "inbound-call-with-hold"`)
	}
	var all []*scenario.Scenario
	var errs []error
	for _, name := range names {
		sc, err := loadOne(name)
		all, errs = append(all, sc), append(errs, err)
	}
	return all, errors.Join(errs...)
}

func loadOne(name string) (*scenario.Scenario, error) {
	var doc scenario.Document
	var err error
	if strings.Contains(name, "\n") {
		doc, err = scenario.ParseDocument("scenario text", []byte(name))
	} else {
		doc, err = settings.Loader{In: strings.NewReader("")}.Document(name)
	}
	if err == nil && doc.Scenario == nil {
		return nil, fmt.Errorf("%s is a workload; a test names the scenarios of its mix, and a Count", name)
	}
	return doc.Scenario, err
}

// options are those of the plan.
func (r Run) options() (plan.Options, error) {
	text := settings.Text{Count: r.Count, Faults: r.Faults}
	for _, name := range slices.Sorted(maps.Keys(r.Assume)) {
		text.Assume = append(text.Assume, name+"="+r.Assume[name])
	}
	o, err := text.Options()
	o.Seed, o.Start, o.Versions = r.Seed, r.Start, r.Versions
	if o.Start.IsZero() {
		o.Start = DefaultStart()
	}
	return o, err
}
