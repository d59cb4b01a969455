package control

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/sandbox/internal/store"
)

const (
	usualPage = 100
	longest   = 1000 // rows of a page
)

// query is the parameters behind the question mark of a request.
type query map[string]string

// queried reads the parameters of a request, of which only the named ones are known. An unknown
// one is refused, since a filter that does nothing misleads.
func queried(r *http.Request, names ...string) (query, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, malformed("the parameters cannot be read: %v", err)
	}
	q := query{}
	for _, name := range slices.Sorted(maps.Keys(values)) { // so that the same request always gets the same error
		all := values[name]
		switch {
		case !slices.Contains(names, name) && len(names) == 0:
			return nil, malformed("there is no parameter %q here", name)
		case !slices.Contains(names, name):
			return nil, malformed("there is no parameter %q here; known are %s", name, strings.Join(names, ", "))
		case len(all) > 1:
			return nil, malformed("%s: given twice", name)
		}
		q[name] = all[0]
	}
	return q, nil
}

// number reads a whole number from least to most, or is usual if it is not given.
func (q query) number(name string, usual, least, most int64) (int64, error) {
	text, given := q[name]
	if !given {
		return usual, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, malformed("%s: want a whole number from %d to %d, got %q", name, least, most, text)
	}
	return n, nil
}

// filter reads the parameters that choose a page of notifications or deliveries.
func (q query) filter() (store.Filter, error) {
	before, err := q.number("before", 0, 1, 1<<62)
	if err != nil {
		return store.Filter{}, err
	}
	limit, err := q.number("limit", usualPage, 1, longest)
	if err != nil {
		return store.Filter{}, err
	}
	of, err := q.number("notification", 0, 1, 1<<62)
	if err != nil {
		return store.Filter{}, err
	}
	state := store.DeliveryState(q["state"])
	states := []store.DeliveryState{"", store.Waiting, store.Delivered, store.GivenUp, store.Cancelled}
	if !slices.Contains(states, state) {
		return store.Filter{}, malformed("state: want %s, %s, %s or %s, got %q", store.Waiting, store.Delivered, store.GivenUp, store.Cancelled, state)
	}
	return store.Filter{
		Before: before, Limit: int(limit), Type: q["type"], Conversation: q["conversation"], Run: q["run"],
		Subscription: q["subscription"], State: state, Notification: of,
	}, nil
}

// numbered reads a number of a path.
func numbered(r *http.Request, name string) (int64, error) {
	text := r.PathValue(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, refuse(http.StatusNotFound, "%q is not a number that anything here has", text)
	}
	return n, nil
}
