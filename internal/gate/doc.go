// Package gate is the small language of conditions on the result of a run.
//
// A text such as "answer p99 < 500ms" comes in, and later the figure's value; what is asked
// and whether it holds come out. It promises that every figure is in one table with its
// unit and a sentence, and that an error names the place and the nearest figure. It never
// measures anything: where a value comes from, only its caller knows.
package gate
