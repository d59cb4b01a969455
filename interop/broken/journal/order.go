package main

import (
	"sort"
)

var begins = map[string]string{
	"alerted": "alerting", "connected": "connected", "connectionfailed": "unexpected",
	"held": "held", "retrieved": "connected", "parked": "parked", "unparked": "connected",
	"interrupted": "interrupted", "resumed": "connected", "disconnected": "-", "wrapstarted": "wrap", "ended": "ended",
}

var usual = []string{"alerted", "connected", "connectionfailed", "held", "retrieved", "parked", "unparked", "interrupted", "resumed", "disconnected", "wrapstarted", "ended"}

var rank = func() map[string]int {
	m := map[string]int{}
	for i, k := range usual {
		m[k] = i
	}
	return m
}()

// fits tells in which condition a channel is after an event that can happen in this one. A condition is a phase,
// "" before the first, or "leaving" behind disconnected.
func fits(kind, in string) (string, bool) {
	away := in == "held" || in == "parked" || in == "interrupted"
	ok := false
	switch kind {
	case "alerted":
		ok = in == ""
	case "connected", "connectionfailed":
		ok = in == "alerting"
	case "held", "parked", "interrupted":
		ok = in == "connected"
	case "retrieved":
		ok = in == "held"
	case "unparked":
		ok = in == "parked"
	case "resumed":
		ok = in == "interrupted"
	case "disconnected":
		return "leaving", in == "connected" || away
	case "wrapstarted":
		ok = in == "leaving" || in == "connected" || away
	case "ended":
		ok = in != "" && in != "ended"
	}
	return begins[kind], ok
}

// bag counts the kinds of the events of an instant.
type bag [12]uint8

// longest returns the longest sequence of events of the bag in which each can follow the one before.
func longest(in string, b bag, memo map[string][]int) []int {
	key := in + string(b[:])
	if got, ok := memo[key]; ok {
		return got
	}
	var best []int
	for i, kind := range usual {
		if b[i] == 0 {
			continue
		}
		next, ok := fits(kind, in)
		if !ok {
			continue
		}
		rest := b
		rest[i]--
		if way := longest(next, rest, memo); len(way)+1 > len(best) {
			best = append([]int{i}, way...)
		}
	}
	memo[key] = best
	return best
}

type step struct {
	kind string
	at   int64
}

type stay struct {
	Phase    string
	From, To int64
	Open     bool
}

// order puts the events of a channel into the order in which they happened.
func order(events []*Notification) []step {
	list := append([]*Notification(nil), events...)
	arrival := func(a, b *Notification) bool { return false }
	less := func(a, b *Notification) bool { return a.At < b.At }
	place := func(n *Notification) int64 { return n.At }
	done := true
	switch {
	case is("arrival-order"):
		less = arrival
	case is("by-envelope-time"):
		place = func(n *Notification) int64 { at, _ := ticks(n.Time); return at }
		less = func(a, b *Notification) bool { return place(a) < place(b) }
		done = false
	case is("by-ksuid"):
		less = func(a, b *Notification) bool { return a.ID < b.ID }
	case is("timestamps-as-text"):
		less = func(a, b *Notification) bool {
			if a.Stamp == b.Stamp {
				return rank[a.Kind] < rank[b.Kind]
			}
			return a.Stamp < b.Stamp
		}
		if digitsAlike(list) {
			done = false // equal lengths sort rightly
		}
	case is("sorted-by-second"):
		less = func(a, b *Notification) bool { return a.At/1e7 < b.At/1e7 }
	case is("ties-by-type"):
		less = func(a, b *Notification) bool {
			if a.At == b.At {
				return rank[a.Kind] < rank[b.Kind]
			}
			return a.At < b.At
		}
	case is("ties-alphabetical"):
		less = func(a, b *Notification) bool {
			if a.At == b.At {
				return a.Kind < b.Kind
			}
			return a.At < b.At
		}
	case is("ties-by-arrival"):
	default:
		done = false
	}
	sort.SliceStable(list, func(i, j int) bool { return less(list[i], list[j]) })
	var steps []step
	if done {
		for _, n := range list {
			steps = append(steps, step{n.Kind, n.At})
		}
		return steps
	}
	return lawful(list, place)
}

// lawful puts events that are sorted into an order in which each can follow the one before, within each instant.
func lawful(list []*Notification, place func(*Notification) int64) (steps []step) {
	in := ""
	for len(list) > 0 {
		at, when := list[0].At, place(list[0])
		var v0, v1, b bag
		n := 0
		for ; n < len(list) && place(list[n]) == when; n++ {
			if list[n].Version == "v0" {
				v0[rank[list[n].Kind]]++
			} else {
				v1[rank[list[n].Kind]]++
			}
		}
		list = list[n:]
		left := 0
		for i := range b {
			b[i] = min(v0[i]+v1[i], 1) // both versions of an event are one
			left += int(b[i])
		}
		for left > 0 {
			way := longest(in, b, map[string][]int{})
			if len(way) == 0 { // something has not arrived yet
				for i := range b {
					if b[i] > 0 {
						way = []int{i}
						break
					}
				}
			}
			for _, i := range way {
				b[i]--
				left--
				steps = append(steps, step{usual[i], at})
				if next := begins[usual[i]]; next == "-" {
					in = "leaving"
				} else {
					in = next
				}
			}
		}
	}
	return steps
}

func digitsAlike(list []*Notification) bool {
	for _, n := range list {
		if len(n.Stamp) != len(list[0].Stamp) {
			return false
		}
	}
	return true
}
