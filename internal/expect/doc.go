// Package expect asks a consumer what it knows after a story, and compares.
//
// Expectations of a scenario, the truth of its plan and a way to ask come in; a check for
// each expectation of each conversation goes out. It promises to ask again until the answer
// is right or the time of the expectation is over, and to wait no longer than that. It never
// looks at what was sent or answered, and runs no command unless that was allowed.
package expect
