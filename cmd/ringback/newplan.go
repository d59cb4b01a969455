package main

import (
	"net/url"
	"time"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/plan"
)

// newPlan plans traffic. Where no start is given, it is now at speed 1, and otherwise so
// long ago that the last notification is sent now: nothing lies in the future.
func newPlan(t *traffic, o plan.Options, speed float64) (*plan.Plan, error) {
	given := !o.Start.IsZero()
	if !given {
		o.Start = time.Now().UTC().Truncate(time.Millisecond)
	}
	p, err := plan.NewMix(t.scenarios, o)
	if err == nil && !given && speed != 1 {
		o.Start = o.Start.Add(-p.Length()).Truncate(time.Millisecond)
		p, err = plan.NewMix(t.scenarios, o)
	}
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
