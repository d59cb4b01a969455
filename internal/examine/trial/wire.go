package trial

// Wire is how a request travels. All ways are lawful HTTP/1.1, but for CutOff. The zero value is
// the usual one: head and body at once, with Content-Length.
type Wire struct {
	Way Way
	At  int // Split and CutOff: behind so many bytes of the body; -1: between head and body
}

// Way is a way to send a request.
type Way uint8

// The ways.
const (
	Whole     Way = iota
	Chunked       // Transfer-Encoding: chunked, in several chunks
	Slow          // in small pieces with pauses, for 400 ms in all
	Split         // in two pieces, in packets of their own
	LowerCase     // the names of headers in lower case
	NewClose      // a connection of its own, closed afterwards
	CutOff        // the connection is cut behind the piece; a whole attempt follows
)

var ways = [...]string{Whole: "whole", Chunked: "chunked", Slow: "slow", Split: "split", LowerCase: "lower-case",
	NewClose: "connection-of-its-own", CutOff: "cut-off"}

// String is the name of the way.
func (w Way) String() string { return ways[w] }
