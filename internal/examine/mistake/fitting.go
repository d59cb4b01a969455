package mistake

import (
	"slices"
	"strings"
)

// backFirst is the rank of a type in a list that has retrieved before held.
func backFirst(f *fact) int {
	switch f.kind {
	case "channel.alerted", "channel.connected":
		return f.rank
	case "channel.retrieved", "channel.unparked", "channel.resumed":
		return 100
	case "channel.held", "channel.parked", "channel.interrupted", "channel.connectionfailed":
		return 101
	}
	return 102 + f.rank
}

// machine says in which phases an event may happen; an event that it does not have may always happen. Behind disconnected the phase is
// "leaving" for a machine that has it among these.
type machine map[string]string

// table makes a machine of lines, each with a type and the phases; "none" is that before the first.
func table(lines string) machine {
	m := machine{}
	for line := range strings.Lines(lines) {
		if kind, phases, any := strings.Cut(strings.TrimSpace(line), ": "); any {
			m["channel."+kind] = phases
		}
	}
	return m
}

// machines are those of consumers that take events as they arrive, if these may happen in the phase that the channel is in: one that lets a
// call end at any time, one that lets it do so only where it goes on, and one that is exact.
var machines = []machine{
	table(`alerted: none
		connected: alerting
		connectionfailed: alerting
		held: connected
		retrieved: held
		parked: connected
		unparked: parked
		interrupted: connected
		resumed: interrupted`),
	table(`alerted: none
		connected: none alerting
		connectionfailed: alerting
		held: connected
		retrieved: held
		parked: connected
		unparked: parked
		interrupted: connected
		resumed: interrupted
		wrapstarted: connected
		ended: alerting connected held parked interrupted unexpected wrap`),
	table(`alerted: none
		connected: alerting
		connectionfailed: alerting
		held: connected
		retrieved: held
		parked: connected
		unparked: parked
		interrupted: connected
		resumed: interrupted
		disconnected: connected held parked interrupted
		wrapstarted: leaving connected held parked interrupted
		ended: leaving alerting connected held parked interrupted unexpected wrap`),
}

// allows reports whether an event may happen behind others.
func (m machine) allows(before []fact, f *fact) bool {
	phases, known := m[f.kind]
	if !known {
		return true
	}
	phase, leaves := "none", strings.Contains(m["channel.ended"], "leaving")
	for i := range before {
		if next, any := begins(before[i].kind); any {
			phase = next
		} else if leaves {
			phase = "leaving"
		}
	}
	return slices.Contains(strings.Fields(phases), phase)
}

// unfit are consumers that drop what does not follow from the phase that they know: each counts it all the same or does not, and takes what
// is left as it arrived or in its right order.
func unfit() (all []change) {
	for _, m := range machines {
		for _, drop := range dropped(m.allows) {
			all = append(all, drop, func(c *consumer) {
				drop(c)
				c.order = nil
			})
		}
	}
	return all
}

// onwards are consumers of which each also goes on behind ended.
func onwards(changes ...change) (all []change) {
	for _, change := range changes {
		all = append(all, change, func(c *consumer) {
			change(c)
			c.onward = true
		})
	}
	return all
}
