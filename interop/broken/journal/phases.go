package main

import (
	"sort"
)

// phaseOf tells what phase an event begins.
func phaseOf(kind string) string {
	switch {
	case is("park-is-hold") && kind == "parked":
		return "held"
	case is("interruption-ignored") && (kind == "interrupted" || kind == "resumed"):
		return "-"
	case is("failed-offer-ends") && kind == "connectionfailed":
		return "ended"
	case is("failed-offer-is-alerting") && kind == "connectionfailed":
		return "-"
	case is("failed-offer-is-connected") && kind == "connectionfailed":
		return "connected"
	case is("wrap-is-connected") && kind == "wrapstarted":
		return "-"
	case is("disconnected-is-ended") && (kind == "disconnected"):
		return "ended"
	}
	return begins[kind]
}

// life returns the phases of a channel.
func life(events []*Notification) []stay {
	if is("stale-dropped", "after-ended-dropped", "before-alerted-dropped", "impossible-dropped") {
		events = admitted(events)
	}
	var stays []stay
	for _, s := range order(events) {
		next := phaseOf(s.kind)
		phase := ""
		if len(stays) > 0 {
			phase = stays[len(stays)-1].Phase
		}
		if phase == "ended" {
			break // nothing follows
		}
		if next == "-" || next == phase {
			continue
		}
		if is("zero-length-skipped") && phase != "" && stays[len(stays)-1].From == s.at {
			continue // "the same moment: nothing has changed"
		}
		if phase != "" {
			last := &stays[len(stays)-1]
			last.To, last.Open = s.at, false
		}
		stays = append(stays, stay{Phase: next, From: s.at, Open: true})
	}
	return stays
}

// admitted returns what a state machine that works as notifications arrive lets in.
func admitted(events []*Notification) []*Notification {
	var in []*Notification
	condition := ""
	var newest int64
	ended := false
	for _, n := range events {
		switch {
		case is("stale-dropped"):
			if n.At < newest {
				continue
			}
			newest = n.At
		case is("after-ended-dropped"):
			if ended {
				continue
			}
			ended = n.Kind == "ended"
		case is("before-alerted-dropped"):
			if len(in) == 0 && n.Kind != "alerted" {
				continue
			}
		case is("impossible-dropped"):
			next, ok := fits(n.Kind, condition)
			if !ok {
				continue
			}
			condition = next
		}
		in = append(in, n)
	}
	return in
}

// seconds tells how long a channel was in each phase.
func seconds(c *Channel, phases []string) map[string]float64 {
	sums := map[string]float64{}
	for i, s := range c.Stays {
		if s.Open || s.Phase == "ended" {
			continue
		}
		next := ""
		if i+1 < len(c.Stays) {
			next = c.Stays[i+1].Phase
		}
		if is("ringing-closed-by-answer") && s.Phase == "alerting" && next != "connected" {
			continue
		}
		if is("unexpected-never-closed") && s.Phase == "unexpected" {
			continue
		}
		if is("away-closed-by-return") && (s.Phase == "held" || s.Phase == "parked" || s.Phase == "interrupted") && next != "connected" {
			continue
		}
		d := s.To - s.From
		switch {
		case is("time-of-day"):
			const day = 86400 * 1e7
			d = s.To%day - s.From%day
			if d < 0 {
				d = 0
			}
		case is("rounded-stays"):
			d = (d + 5e6) / 1e7 * 1e7
		case is("tenths"):
			d = d / 1e6 * 1e6
		case is("last-stay-counts"):
			sums[s.Phase] = 0
		}
		sums[s.Phase] += float64(d) / 1e7
	}
	if is("timers-at-arrival") {
		return c.timers
	}
	return sums
}

// timers measures phases with the clock of this machine.
func timers(events []*Notification) map[string]float64 {
	by := map[int64]int64{}
	list := append([]*Notification(nil), events...)
	sort.SliceStable(list, func(i, j int) bool { return list[i].At < list[j].At })
	for _, n := range list {
		if _, ok := by[n.At]; !ok {
			by[n.At] = n.Arrived
		}
	}
	sums := map[string]float64{}
	for _, s := range life(events) {
		if s.Open || s.Phase == "ended" {
			continue
		}
		if d := by[s.To] - by[s.From]; d > 0 {
			sums[s.Phase] += float64(d) / 1e9
		}
	}
	return sums
}
