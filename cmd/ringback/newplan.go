package main

import (
	"net/url"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
)

// newPlan plans traffic.
func newPlan(t *settings.Traffic, o plan.Options, speed float64) (*plan.Plan, error) {
	p, err := t.Plan(o, speed)
	if err != nil {
		return nil, &statusError{exitUsage, err}
	}
	return p, nil
}

// changed lists the flags that differ from their defaults, for reports. Values in which
// secrets travel are left out.
func changed(flags *pflag.FlagSet) map[string]string {
	all := map[string]string{}
	flags.Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "secret", "next-secret", "header":
			all[f.Name] = "(not shown)"
		case "to":
			all[f.Name] = "(see targets)"
		default:
			all[f.Name] = f.Value.String()
		}
	})
	return all
}

// redacted is a URL without what may be secret in it.
func redacted(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "(an unreadable URL)"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
