//go:build race

package control

// raced reports whether the race detector looks on, which allocates by itself.
const raced = true
