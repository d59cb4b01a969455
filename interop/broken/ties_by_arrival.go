package main

// tiesByArrival orders by timestamp, and trusts arrival where timestamps are equal.
func tiesByArrival() *consumer {
	c := correct()
	c.about = "trusts the order of arrival where timestamps are equal"
	c.order = func(a, b fact) int { return a.at.Compare(b.at) }
	return c
}
