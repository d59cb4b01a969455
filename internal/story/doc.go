// Package story is what the checker of scenarios and the planner both run.
//
// The steps of a story come in; a program of operations comes out, and the state of the
// story (who is in which interaction, in which phase) that these operations change. It
// promises that both walk the same lifecycle table by the same rules, so that what passes the
// check can be planned on every path. It reads no YAML and no clock, and draws from a seeded
// source only what its caller asks for.
package story
