// Command broken is a webhook consumer that is wrong in one way, or in none.
//
// The name of a consumer, an address and a secret come in, then notifications; what it
// knows of a conversation goes out at /calls/{conversationId}. It promises that all
// consumers but "correct" make exactly one mistake, each in a file of its own, so that what
// tells them apart can be tested. It never shares code with the ringback receiver.
package main
