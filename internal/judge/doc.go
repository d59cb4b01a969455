// Package certify examines a consumer: it tells a correct one from a broken one, and says
// what is broken.
//
// A consumer's address comes in, and perhaps where it tells what it knows; a finding for
// each check goes out. It promises that every check is a row of one table, says what a
// correct consumer does and is judged by answers and by the state that the consumer itself
// tells. It never judges what it did not ask: such checks are skipped, and say why.
package judge
