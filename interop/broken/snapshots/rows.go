package snapshots

import (
	"net/http"
	"slices"

	"github.com/ringback/ringback/internal/rulebook"
)

// Row is one consumer.
type Row struct {
	Name   string
	About  string      // what is wrong with it, in a sentence
	Breaks rulebook.ID // the rule that it breaks; "" of the correct one

	change func(*consumer)
}

// Handler is the consumer as a web server: notifications at /events, the state at
// /calls/{conversationId}, a simulated crash at /crash. The first secret is the subscription's, the
// second one that which comes next. Serve it with Serve: elsewhere
// the one that knows headers in one spelling finds them in any.
func (r Row) Handler(secrets ...[]byte) http.Handler {
	c := correct()
	r.change(c)
	return c.handler(secrets...)
}

// Rows lists all consumers, the correct one first.
func Rows() []Row {
	return slices.Concat([]Row{{"correct", "makes no mistake", "", func(*consumer) {}}},
		bodies, wire, forgeries, hashes, identity, order, durations, roles, concurrency, crashes)
}
