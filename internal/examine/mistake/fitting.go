package mistake

import "slices"

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

// fitting takes events as they arrive, if the phase that the channel is in allows them. Strict allows the end of a call only where
// one goes on.
func fitting(strict bool) change {
	return func(c *consumer) { keepsFitting(c, strict) }
}

func keepsFitting(c *consumer, strict bool) {
	from := map[string][]string{
		"channel.alerted": {""}, "channel.connected": {"", "alerting"}, "channel.connectionfailed": {"alerting"},
		"channel.held": {"connected"}, "channel.retrieved": {"held"}, "channel.parked": {"connected"}, "channel.unparked": {"parked"},
		"channel.interrupted": {"connected"}, "channel.resumed": {"interrupted"}, "channel.wrapstarted": {"connected"},
		"channel.ended": {"alerting", "connected", "held", "parked", "interrupted", "unexpected", "wrap"},
	}
	if !strict {
		from["channel.connected"] = []string{"alerting"}
		delete(from, "channel.wrapstarted")
		delete(from, "channel.ended")
	}
	c.order = nil
	keeping(func(c *consumer, facts []fact) (kept []fact) {
		phase := ""
		for _, f := range facts {
			next, any := c.phase(f.kind)
			if allowed, known := from[f.kind]; any && (known || strict) && !slices.Contains(allowed, phase) {
				continue
			}
			if kept = append(kept, f); any {
				phase = next
			}
		}
		return kept
	})(c)
}
