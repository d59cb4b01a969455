package mischief

import (
	"net/http"
	"strconv"
	"time"
)

// Answers say how to respond to requests. They are a script, whose last answer is for all
// that follow, or a mix, from which each request draws. With the zero value the consumer
// responds.
type Answers struct {
	list  []Answer
	mixed bool
}

// Answer is one way to respond.
type Answer struct {
	// Status is that of the response, from 200 to 599. With one from 200 to 299 the request
	// reaches the consumer, whose own response goes out if it is no success. With all others
	// it does not. 0 is for Hang and Reset.
	Status int

	Cut        Cut           // no response at all
	RetryAfter time.Duration // value of the header; 0 for none
	Oversize   bool          // the body has OversizeBytes

	times int     // of a script: how often; 0: for ever
	share float64 // of a mix, 0 to 1
}

// Cut is how a connection ends without a response.
type Cut uint8

// The cuts.
const (
	Uncut Cut = iota
	Hang      // no response until the sender closes the connection
	Reset     // the connection is closed at once
)

// OversizeBytes is the length of an oversize response, more than any sender needs to read.
const OversizeBytes = 4 << 20

func success(status int) bool { return status >= 200 && status <= 299 }

// String is the answer in words, such as "503 Service Unavailable" or "hang".
func (a Answer) String() string {
	if text := http.StatusText(a.Status); text != "" {
		return a.Short() + " " + text
	}
	return a.Short()
}

// Short is the answer in a word, such as 503 or hang.
func (a Answer) Short() string {
	switch a.Cut {
	case Hang:
		return "hang"
	case Reset:
		return "reset"
	}
	return strconv.Itoa(a.Status)
}

// IsZero reports whether all responses are the consumer's own.
func (a *Answers) IsZero() bool { return len(a.list) == 0 }

// Random reports whether answers are drawn.
func (a *Answers) Random() bool { return a.mixed }

// pick is the answer to request number n, from 0, of one notification; at is a random
// number from [0, 1).
func (a *Answers) pick(n uint64, at float64) Answer {
	if len(a.list) == 0 {
		return Answer{}
	}
	for _, x := range a.list {
		switch {
		case a.mixed:
			if at -= x.share; at < 0 {
				return x
			}
		case x.times == 0 || n < uint64(x.times):
			return x
		default:
			n -= uint64(x.times)
		}
	}
	return a.list[len(a.list)-1] // the script is over; the shares of a mix add up to 1, but for rounding
}
