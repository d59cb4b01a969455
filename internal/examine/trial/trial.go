// Package trial describes what an examination sends to a consumer, and what came of it.
//
// A trial is a list of deliveries about conversations of its own: exact bytes, how they are signed,
// how they travel, and which of them are released together. Played, each delivery has an answer,
// and each conversation the state that the consumer told. The package holds data only: it neither
// plans nor sends nor judges.
package trial

import (
	"slices"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// Trial is traffic that is planned to find something out. It follows from the examination's
// seed and start and from its ID.
type Trial struct {
	ID         string        // names dimension, story and variant, such as order/inbound-call/17
	Story      string        // in words: what happened in the conversation, for reports
	Rules      []rulebook.ID // which rules are at stake; the first one names what nothing else explains
	Deliveries []Delivery    // in the order of sending
	Later      []Delivery    // sent at the end of the examination
	Ask        []string      // conversations whose state is asked for; nil: all of them
}

// Delivery is one notification on its way to the consumer.
type Delivery struct {
	Note
	Body  []byte
	Media string // value of Content-Type; "" means application/cloudevents+json
	Token Token
	Wire  Wire
	Party string // whose channel it is about, as the story calls it; "" if it is about none
	Burst int    // neighbours with the same number other than 0 are released together
	Kept  bool   // a burst that is sent over connections which are kept, and not held back until all are there: only its number matters
	Crash Crash  // of the consumer, and when
	Odd   bool   // lawful, but not as documented: it may be refused as well as accepted
}

// Want is what a correct consumer answers in the end.
type Want uint8

// The answers.
const (
	Accept Want = iota // 200 to 205
	Refuse             // 401 or 403; 400 will do
	Finish             // any 2xx, or any 4xx but 401, 408 and 429: it must not come again
	Either             // what Accept or Refuse want: the documentation leaves it open
)

// Want says which answer is right: forgeries are refused, what is signed but cannot be used is finished
// with, and all else is accepted.
func (d *Delivery) Want() Want {
	switch {
	case !d.Token.Authentic():
		return Refuse
	case !d.Usable:
		return Finish
	case d.Odd || d.Token >= UpperHash && d.Token <= Short:
		return Either
	}
	return Accept
}

// Crash is when the consumer is killed. The zero value is never.
type Crash struct {
	When  Moment
	After time.Duration // after the request was sent, with Within
	Share float64       // the same, as a share of how long answers usually take: it is in the midst of the work of quick ones, too
}

// Moment is a moment of a delivery.
type Moment uint8

// The moments.
const (
	Never  Moment = iota
	Behind        // when the answer has come
	Within        // while the answer is waited for; the delivery is then tried again
)

// Answer is what came of a delivery.
type Answer struct {
	Status   int           // of the last attempt; 0 if there was no response
	Failure  string        // why there was none: "" if there was one
	First    int           // status of the first attempt
	Attempts int           // how often it was sent
	Late     int           // attempts that had no response within the time limit
	Took     time.Duration // the last attempt, in real time
	Sent     time.Time     // when the last attempt was whole
	Page     bool          // the body of the response was a web page

	Connection int // over which the last attempt went, counted from 1; 0 if there was none
}

// Accepted reports whether the answer says that the notification has been taken.
func (a *Answer) Accepted() bool { return a.Status >= 200 && a.Status <= 205 }

// Fits reports whether the answer is right.
func (a *Answer) Fits(w Want) bool {
	switch w {
	case Refuse:
		return a.Status == 400 || a.Status == 401 || a.Status == 403
	case Either:
		return a.Fits(Accept) || a.Fits(Refuse)
	case Finish:
		return a.Status >= 200 && a.Status < 300 ||
			a.Status >= 400 && a.Status < 500 && a.Status != 401 && a.Status != 408 && a.Status != 429
	}
	return a.Accepted()
}

// Played is a trial, its answers, and what was told afterwards.
type Played struct {
	*Trial
	Answers []Answer          // one for each delivery, those of Later behind the others
	Told    map[string]*State // by identifier of the conversation; absent: the consumer does not know it
	Asked   time.Time         // when it was told; zero: never
	Overlap int               // the most deliveries that were seen in flight together
}

// Delivery is the one that the i-th answer is to.
func (p *Played) Delivery(i int) *Delivery {
	if n := len(p.Deliveries); i >= n {
		return &p.Later[i-n]
	}
	return &p.Deliveries[i]
}

// Conversations lists the identifiers of the conversations whose state is asked for.
func (t *Trial) Conversations() (all []string) {
	if t.Ask != nil {
		return t.Ask
	}
	for _, deliveries := range [][]Delivery{t.Deliveries, t.Later} {
		for i := range deliveries {
			if id := deliveries[i].Conversation; id != "" && !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
	}
	return all
}

// Loose reports whether chance decides what the consumer sees of a conversation: deliveries about it are
// released together, or the consumer crashes
// while it works on one.
func (t *Trial) Loose() bool {
	for _, deliveries := range [][]Delivery{t.Deliveries, t.Later} {
		for i := range deliveries {
			d := &deliveries[i]
			if d.Crash.When == Within {
				return true
			}
			for j := i - 1; d.Burst != 0 && j >= 0 && deliveries[j].Burst == d.Burst; j-- {
				if deliveries[j].Conversation == d.Conversation {
					return true
				}
			}
		}
	}
	return false
}
