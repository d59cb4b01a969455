package main

import (
	"cmp"
	"time"
)

// countsTwice takes what comes twice for two notifications.
func countsTwice() *consumer {
	c := correct()
	c.about = "is not idempotent: counts duplicates twice"
	c.repeats = true
	return c
}

// subjectIsInteraction takes subject, the channel, for the interaction.
func subjectIsInteraction() *consumer {
	c := correct()
	c.about = "takes subject for the interaction"
	c.inter = func(n *notification) string { return n.Subject }
	return c
}

// tiesByArrival orders by timestamp, and trusts arrival where timestamps are equal.
func tiesByArrival() *consumer {
	c := correct()
	c.about = "trusts the order of arrival where timestamps are equal"
	c.order, c.possible = func(a, b fact) int { return a.at.Compare(b.at) }, false
	return c
}

// trustsArrival takes what comes last for what happened last.
func trustsArrival() *consumer {
	c := correct()
	c.about = "trusts the order of arrival"
	c.order, c.possible = nil, false
	return c
}

// cutsTime holds time as a Date of JavaScript does, in milliseconds, and orders by that where timestamps are equal.
func cutsTime() *consumer {
	c := correct()
	c.about = "cuts time to milliseconds"
	c.order, c.possible = bySent(time.Millisecond), false
	return c
}

// bySent orders simultaneous notifications by when they were sent, to that precision.
func bySent(precision time.Duration) func(a, b fact) int {
	return func(a, b fact) int {
		return cmp.Or(a.at.Compare(b.at), a.sent.Truncate(precision).Compare(b.sent.Truncate(precision)))
	}
}
