//go:build race

package store_test

// kills are few: with the race detector, a process takes a second to start, and there is
// nothing for it to find in one that is killed.
const kills = 5
