package main

// countsTwice takes what comes twice for two notifications.
func countsTwice() *consumer {
	c := correct()
	c.about = "is not idempotent: counts duplicates twice"
	c.repeats = true
	return c
}
