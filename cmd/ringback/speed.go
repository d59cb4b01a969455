package main

import (
	"strconv"
	"strings"

	"github.com/ringback/ringback/emitter"
)

// parseSpeed reads a speed: a number, with or without an x, or max.
func parseSpeed(text string) (float64, error) {
	if text == "max" {
		return emitter.Max, nil
	}
	number := strings.TrimSuffix(text, "x")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v > 0) || v > 1e9 {
		return 0, usage("--speed: want a number above 0, such as 1, 20 or 0.5, or max, got %q", text)
	}
	return v, nil
}

// formatSpeed is the speed for people.
func formatSpeed(v float64) string {
	if v >= emitter.Max {
		return "maximum speed"
	}
	return "speed " + strconv.FormatFloat(v, 'g', -1, 64)
}
