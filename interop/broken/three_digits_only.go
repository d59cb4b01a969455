package main

import "time"

// threeDigitsOnly reads timestamps with exactly three fractional digits.
func threeDigitsOnly() *consumer {
	c := correct()
	c.about = "reads exactly three fractional digits"
	c.moment = func(text string) (time.Time, error) { return time.Parse("2006-01-02T15:04:05.000Z", text) }
	return c
}
