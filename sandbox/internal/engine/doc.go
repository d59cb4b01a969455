// Package room is the engine room of the sandbox: the same plan and emitter as those of run,
// for subscriptions that come and go.
//
// Runs, steps in conversations and changes of presence come in; requests to consumers go out,
// and messages about all of it to whoever listens. It promises that what it has accepted is
// delivered or given up on the vendor's ladder, first attempts in the order of each
// conversation, also after the program was killed: then runs go on where they were, what fell
// due meanwhile is made up for at once, and only an attempt whose record was lost is repeated,
// with the same id. It never sends what the store has not kept, and holds a bounded number of
// deliveries in memory.
package engine
