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
	"unicode/utf8"

	"github.com/ringback/ringback/sandbox/internal/store"
)

const (
	defaultPage = 100  // rows of a page
	maxPage     = 1000 // rows of a page
)

// query holds the query parameters of a request, and their first problem.
type query struct {
	values map[string]string
	err    error
}

// queried reads the query parameters of a request. Those not named are refused, since a filter
// without effect misleads.
func queried(r *http.Request, names ...string) *query {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return &query{err: malformed("the parameters cannot be read: %v", err)}
	}
	q := &query{values: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(values)) { // so that the same request always gets the same error
		all := values[name]
		switch {
		case q.err != nil:
		case len(names) == 0:
			q.err = malformed("unknown parameter %q; this path has none", name)
		case !slices.Contains(names, name):
			q.err = malformed("unknown parameter %q; known are %s", name, strings.Join(names, ", "))
		case len(all) > 1:
			q.err = malformed("%s: given twice", name)
		}
		q.values[name] = all[0]
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
	if (err != nil || n < least || n > most) && q.err == nil {
		q.err = malformed("%s: want a whole number from %d to %d, got %q", name, least, most, text)
	}
	return n
}

// page reads the parameters that choose a page of notifications or deliveries: before, limit and
// those named.
func page(r *http.Request, names ...string) (store.Filter, error) {
	q := queried(r, append(names, "before", "limit")...)
	v := q.values
	f := store.Filter{
		Before: q.number("before", 0, 1, 1<<62), Limit: int(q.number("limit", defaultPage, 1, maxPage)), Notification: q.number("notification", 0, 1, 1<<62),
		Type: v["type"], Conversation: v["conversation"], Run: v["run"], Subscription: v["subscription"], State: store.DeliveryState(v["state"]),
	}
	if q.err == nil && !slices.Contains([]store.DeliveryState{"", store.Waiting, store.Delivered, store.Failed, store.Cancelled}, f.State) {
		q.err = malformed("state: want %s, %s, %s or %s, got %q", store.Waiting, store.Delivered, store.Failed, store.Cancelled, f.State)
	}
	return f, q.err
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
	maxDepth = 16      // of objects and lists in one another
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
// by exactly their names, appear once and have values of their kind.
func decode(r *http.Request, into any) error {
	text, err := readJSON(r)
	if err != nil {
		return err
	}
	if !utf8.Valid(text) {
		return malformed("the body is not UTF-8")
	}
	var whole json.RawMessage
	err = json.Unmarshal(text, &whole)
	if wrong, is := errors.AsType[*json.SyntaxError](err); is {
		return malformed("the body is not JSON: %v at byte %d", err, wrong.Offset)
	}
	if err := known("", bytes.TrimSpace(text), reflect.TypeOf(into).Elem(), maxDepth); err != nil {
		return err
	}
	err = json.Unmarshal(text, into)
	if wrong, is := errors.AsType[*json.UnmarshalTypeError](err); is {
		return malformed("%s: want %s, got %s", wrong.Field, inJSON(wrong.Type.Kind()), wrong.Value)
	}
	if err != nil {
		return malformed("%v", err)
	}
	return nil
}

// decodeIfAny is decode for an optional body.
func decodeIfAny(r *http.Request, into any) error {
	text, err := read(r)
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	return decode(r, into)
}

func malformed(format string, args ...any) error {
	return refuse(http.StatusBadRequest, format, args...)
}

// known checks names, repetitions and depth of the members of a valid JSON text for a type.
// Package json does not: it accepts names in any case, and the last of several.
func known(path string, text []byte, t reflect.Type, depth int) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case path == "" && text[0] != '{':
		return malformed("the body is not a JSON object")
	case text[0] != '{' && text[0] != '[':
		return nil
	case depth == 0:
		return malformed("%s: more than %d objects and lists in one another", path, maxDepth)
	case text[0] == '[':
		item := reflect.TypeFor[any]()
		if t.Kind() == reflect.Slice {
			item = t.Elem()
		}
		var items []json.RawMessage
		_ = json.Unmarshal(text, &items)
		for i, value := range items {
			if err := known(fmt.Sprintf("%s[%d]", path, i), value, item, depth-1); err != nil {
				return err
			}
		}
		return nil
	}
	seen := map[string]bool{}
	dec := json.NewDecoder(bytes.NewReader(text))
	_, _ = dec.Token() // {
	for dec.More() {
		token, _ := dec.Token()
		name, _ := token.(string)
		at := strings.TrimPrefix(path+"."+name, ".")
		if seen[name] {
			return malformed("%s: given twice", at)
		}
		seen[name] = true
		member, names := field(t, name)
		if member == nil {
			return malformed("%s: unknown member; known are %s", at, names)
		}
		var value json.RawMessage
		_ = dec.Decode(&value)
		if err := known(at, value, member, depth-1); err != nil {
			return err
		}
	}
	return nil
}

// field finds the type of a member by its name in JSON, or lists the known names. Other types
// than structs take any name; json.Unmarshal checks them later.
func field(t reflect.Type, name string) (reflect.Type, string) {
	if t.Kind() != reflect.Struct {
		return reflect.TypeFor[any](), ""
	}
	var names []string
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if tag == name {
			return t.Field(i).Type, ""
		}
		names = append(names, tag)
	}
	if names == nil {
		return nil, "none"
	}
	return nil, strings.Join(names, ", ")
}

// inJSON names a kind of types as JSON does.
func inJSON(kind reflect.Kind) string {
	return cmp.Or(map[reflect.Kind]string{
		reflect.String: "a text", reflect.Bool: "true or false", reflect.Slice: "a list", reflect.Struct: "an object", reflect.Float64: "a number",
	}[kind], "a whole number in range")
}
