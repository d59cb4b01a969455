// Package engine delivers notifications for the sandbox: it plays runs and conversations, and
// sends what happens to the subscriptions, which may change at any time.
//
// Runs, steps in conversations and changes of presence come in; requests to consumers go out,
// and messages about all of it to listeners. Planning, sending and retrying are those of
// package emitter and internal/policy. The engine adds durability: what it has accepted is in
// the store and is delivered or given up, first attempts in the order of each conversation,
// also after the program was killed. Runs then continue where they were, overdue notifications
// follow at once, and an attempt is repeated, with the same ID, only if its record was lost.
// Nothing is sent before the store has it, and a bounded number of deliveries is in memory.
package engine
