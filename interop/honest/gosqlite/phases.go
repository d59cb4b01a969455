package main

import (
	"cmp"
	"slices"
)

type happening struct {
	kind    string
	version int
	ticks   int64
}

// interval is a stay of a channel in a phase. It is open if until is nil.
type interval struct {
	phase string
	from  int64
	until *int64
}

// The rows of the table "What happened to a channel": kinds in the order in which they are taken where none fits.
var table = []struct{ kind, in, begins string }{
	{"alerted", "", "alerting"},
	{"connected", "alerting", "connected"},
	{"connectionfailed", "alerting", "unexpected"},
	{"held", "connected", "held"},
	{"parked", "connected", "parked"},
	{"interrupted", "connected", "interrupted"},
	{"retrieved", "held", "connected"},
	{"unparked", "parked", "connected"},
	{"resumed", "interrupted", "connected"},
	// What follows comes last in its instant: it may happen in many phases, and leads to nothing but the end.
	{"disconnected", "-", ""},
	{"wrapstarted", "-", "wrap"},
	{"ended", "-", "ended"},
}

var back = map[string]string{"held": "retrieved", "parked": "unparked", "interrupted": "resumed"}

// intervals works the phases of a channel out from all that is known to have happened to it.
func intervals(events []happening) []interval {
	slices.SortStableFunc(events, func(a, b happening) int { return cmp.Compare(a.ticks, b.ticks) })
	var out []interval
	phase := ""
	for len(events) > 0 && phase != "ended" {
		at := events[0].ticks
		n := 1
		for n < len(events) && events[n].ticks == at {
			n++
		}
		left := count(events[:n])
		events = events[n:]
		for len(left) > 0 {
			kind, begins := next(left, phase)
			if left[kind]--; left[kind] == 0 {
				delete(left, kind)
			}
			if begins == "" || begins == phase || phase == "ended" {
				continue
			}
			if len(out) > 0 {
				out[len(out)-1].until = &at
			}
			out = append(out, interval{phase: begins, from: at})
			phase = begins
		}
	}
	return out
}

// count says how often each kind happened in an instant. Version 0 and version 1 of an event are one happening.
func count(events []happening) map[string]int {
	var of [2]map[string]int
	of[0], of[1] = map[string]int{}, map[string]int{}
	for _, e := range events {
		of[e.version][e.kind]++
	}
	for kind, n := range of[1] {
		of[0][kind] = max(of[0][kind], n)
	}
	return of[0]
}

// next takes from what is left of an instant what can happen in the phase. If several can, those come first from
// which there is a way back: somebody held, retrieved and parked in one instant is parked in the end.
func next(left map[string]int, phase string) (kind, begins string) {
	first := func(fits func(kind, in string) bool) bool {
		for _, row := range table {
			if left[row.kind] > 0 && fits(row.kind, row.in) {
				kind, begins = row.kind, row.begins
				return true
			}
		}
		return false
	}
	_ = first(func(kind, in string) bool { return in == phase && back[kind] != "" && left[back[kind]] >= left[kind] }) ||
		first(func(_, in string) bool { return in == phase }) ||
		first(func(_, _ string) bool { return true }) // one is missing yet: as the table has it
	return kind, begins
}
