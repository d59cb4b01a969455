package control

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
)

const (
	defaultPage = 100  // rows of a page
	maxPage     = 1000 // rows of a page
)

// problems are those of one request, in their order.
type problems struct {
	all  []error
	told map[string]bool // what they are about: members of the body, or parameters
	over bool            // no more are told
}

// maxTold is how many problems of a request are told.
const maxTold = 20

// add adds the problems that err joins, unless one about the same was added before. What a
// problem is about stands before its first colon, or is named.
func (p *problems) add(err error, about ...string) {
	var now []string
	for _, err := range joined(err) {
		names := about
		if names == nil {
			name, _, _ := strings.Cut(err.Error(), ": ")
			names = []string{name}
		}
		switch {
		case p.over || slices.ContainsFunc(names, func(name string) bool { return p.told[name] }):
			continue
		case len(p.all) == maxTold:
			p.over, err = true, malformed("there are more problems")
		}
		p.all, now = append(p.all, err), append(now, names...)
	}
	if p.told == nil {
		p.told = map[string]bool{}
	}
	for _, name := range now {
		list, _, _ := strings.Cut(name, "[") // a problem of an item is one of its list
		p.told[name], p.told[list] = true, true
	}
}

// stop adds an error after which no other one is of interest.
func (p *problems) stop(err error) {
	p.add(err)
	p.over = p.over || err != nil
}

// err joins the problems; it is nil if there are none.
func (p *problems) err() error { return errors.Join(p.all...) }

// joined lists the errors that err joins, itself alone if it joins none. Those of a text stay
// together.
func joined(err error) (all []error) {
	several, is := err.(interface{ Unwrap() []error })
	_, ofText := err.(scenario.Problems)
	switch {
	case is && !ofText:
		for _, e := range several.Unwrap() {
			all = append(all, joined(e)...)
		}
	case err != nil:
		all = []error{err}
	}
	return all
}

// oneOf refuses a value that is none of the known words.
func oneOf(status int, name, got string, known []string) error {
	if slices.Contains(known, got) {
		return nil
	}
	return refuse(status, "%s: want one of %s, got %q%s", name, strings.Join(known, ", "), show.Clip(got, maxShown), nearest.DidYouMean(got, known))
}

// query holds the query parameters of a request, and their problems.
type query struct {
	problems
	values map[string]string
}

// queried reads the query parameters of a request. Those not named are refused, since a filter
// without effect misleads.
func queried(r *http.Request, names ...string) *query {
	q := &query{values: map[string]string{}}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		q.stop(malformed("the parameters cannot be read: %v", err))
	}
	for _, name := range slices.Sorted(maps.Keys(values)) { // so that the same request always gets the same error
		switch {
		case !slices.Contains(names, name):
			known := "known are " + strings.Join(names, ", ")
			if len(names) == 0 {
				known = "this path has none"
			}
			q.add(malformed("unknown parameter %q%s; %s", show.Clip(name, maxShown), nearest.DidYouMean(name, names), known))
		case len(values[name]) > 1:
			q.add(malformed("%s: given twice", name))
		}
		q.values[name] = values[name][0]
	}
	return q
}

// number is a whole number from least to most, or usual if it is not given.
func (q *query) number(name string, usual, least, most int64) int64 {
	text, given := q.values[name]
	if !given {
		return usual
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		q.add(malformed("%s: want a whole number from %d to %d, got %q", name, least, most, show.Clip(text, maxShown)))
	}
	return n
}

// page reads the parameters that choose a page of notifications or deliveries: before, limit and
// those named.
func page(r *http.Request, names ...string) (store.Filter, error) {
	q := queried(r, append(names, "before", "limit")...)
	f := q.filter()
	return f, q.err()
}

// filter is what the parameters choose.
func (q *query) filter() store.Filter {
	v := q.values
	f := store.Filter{
		Before: q.number("before", 0, 1, 1<<62), Limit: int(q.number("limit", defaultPage, 1, maxPage)), Notification: q.number("notification", 0, 1, 1<<62),
		Type: v["type"], Conversation: v["conversation"], Run: v["run"], Subscription: v["subscription"], State: store.DeliveryState(v["state"]),
		From: q.moment("from"), Until: q.moment("until"),
	}
	if f.State != "" {
		q.add(oneOf(http.StatusBadRequest, "state", v["state"], stateNames()))
	}
	if !f.From.IsZero() && !f.Until.IsZero() && !f.From.Before(f.Until) {
		q.add(malformed("until: want a moment after from, got %q", show.Clip(v["until"], maxShown)))
	}
	var err error
	if f.Search, err = store.ParseSearch(v["search"]); err != nil {
		q.add(malformed("search: %v", err))
	}
	return f
}

// moment is a moment, zero if it is not given.
func (q *query) moment(name string) time.Time {
	text, given := q.values[name]
	if !given {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1970 || at.Year() > 2200 {
		q.add(malformed("%s: want a moment such as 2026-03-31T14:05:00Z, got %q", name, show.Clip(text, maxShown)))
		return time.Time{}
	}
	return at
}

// stateNames are the states of deliveries.
func stateNames() (names []string) {
	for _, state := range store.States() {
		names = append(names, string(state))
	}
	return names
}

// numbered is a number in the path.
func numbered(r *http.Request, name string) (int64, error) {
	text := r.PathValue(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, refuse(http.StatusNotFound, "%q is not a number", text)
	}
	return n, nil
}

const (
	maxBody  = 1 << 20 // bytes
	maxShown = 60      // characters of a name or value in a problem
)

// read reads the body of a request, at most maxBody bytes of it.
func read(r *http.Request) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLarge || len(text) > maxBody:
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body has more than %d bytes", maxBody)
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "the body ends too early")
	}
	return text, nil
}

// readJSON reads a body with the media type of JSON. No form of another site can send that type.
func readJSON(r *http.Request) ([]byte, error) {
	text, err := read(r)
	if err != nil {
		return nil, err
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return nil, refuse(http.StatusUnsupportedMediaType, "Content-Type: want application/json, got %q", r.Header.Get("Content-Type"))
	}
	return text, nil
}

// decode reads the body of a request into the struct that into points to. Members must be known
// by exactly their names, appear once and have values of their kind; those that do not are the
// problems, and are not read.
func decode(r *http.Request, into any) *problems {
	p := &problems{}
	text, err := readJSON(r)
	if p.stop(err); err == nil {
		p.object("", text, reflect.ValueOf(into).Elem())
	}
	return p
}

// decodeIfAny is decode for an optional body.
func decodeIfAny(r *http.Request, into any) *problems {
	p := &problems{}
	text, err := read(r)
	if p.stop(err); err != nil || len(bytes.TrimSpace(text)) == 0 {
		return p
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	return decode(r, into)
}

func malformed(format string, args ...any) error {
	return refuse(http.StatusBadRequest, format, args...)
}

// value reads a JSON value that is known to be valid. Package json reads no structs here: it
// accepts names in any case, the last of several, and tells the first problem only.
func (p *problems) value(at string, text []byte, into reflect.Value) {
	_, itself := into.Addr().Interface().(json.Unmarshaler)
	switch {
	case into.Kind() == reflect.Struct && text[0] == '{' && !itself:
		p.object(at, text, into)
	case into.Kind() == reflect.Map && text[0] == '{':
		p.texts(at, text, into.Addr().Interface().(*map[string]string))
	case into.Kind() == reflect.Slice && text[0] == '[':
		var items []json.RawMessage
		_ = json.Unmarshal(text, &items)
		into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
		for i, item := range items {
			p.value(fmt.Sprintf("%s[%d]", at, i), item, into.Index(i))
		}
	default:
		err := json.Unmarshal(text, into.Addr().Interface())
		if wrong, is := errors.AsType[*json.UnmarshalTypeError](err); is {
			err = malformed("%s: want %s, got %s", at, inJSON(wrong.Type.Kind()), show.Line(string(text), maxShown))
		}
		p.add(err)
	}
}

// object reads the members of an object into the fields of a struct.
func (p *problems) object(path string, text []byte, into reflect.Value) {
	fields, names, mayLack := map[string]reflect.Value{}, []string{}, map[string]bool{}
	for f, v := range into.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name], names = v, append(names, name)
		mayLack[name] = options == "omitempty"
	}
	all, err := jsontext.Members(text)
	if err != nil { // the whole body, since others are valid
		p.stop(malformed("%v", err))
	}
	for _, m := range all {
		at := strings.TrimPrefix(path+"."+show.Line(m.Name, maxShown), ".")
		switch field, known := fields[m.Name]; {
		case m.Again:
			p.add(malformed("%s: given twice", at))
		case !known:
			p.add(malformed("%s: unknown member%s; known are %s", at, nearest.DidYouMean(m.Name, names), cmp.Or(strings.Join(names, ", "), "none")))
		default:
			p.value(at, m.Value, field)
			if mayLack[m.Name] && field.CanUint() && field.IsZero() && !bytes.Equal(m.Value, []byte("null")) {
				p.add(invalid("%s: want 1 or more, got 0; leave it out for what is usual", at)) // a number of 0 stands for none inside
			}
		}
	}
}

// texts reads the members of an object that may have any names.
func (p *problems) texts(path string, text []byte, into *map[string]string) {
	*into = map[string]string{}
	all, err := jsontext.Members(text)
	if err != nil {
		p.stop(malformed("%v", err))
	}
	for _, m := range all {
		at, value := path+"."+show.Line(m.Name, maxShown), ""
		if m.Again {
			p.add(malformed("%s: given twice", at))
		}
		p.value(at, m.Value, reflect.ValueOf(&value).Elem())
		(*into)[m.Name] = value
	}
}

// inJSON names a kind of types as JSON does.
func inJSON(kind reflect.Kind) string {
	return cmp.Or(map[reflect.Kind]string{
		reflect.String: "a text", reflect.Bool: "true or false", reflect.Slice: "a list", reflect.Struct: "an object", reflect.Map: "an object", reflect.Float64: "a number",
	}[kind], "a whole number, not negative and not too large")
}
