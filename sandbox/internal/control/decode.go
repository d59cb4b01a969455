package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"
)

const (
	maxBody  = 1 << 20 // bytes
	maxDepth = 16      // of objects and lists in one another
)

// read reads the body of a request, at most maxBody bytes of it.
func read(r *http.Request) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), len(text) > maxBody:
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body has more than %d bytes", maxBody)
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "the body ends too early")
	}
	return text, nil
}

// readJSON reads a body that says that it is JSON. What a form of another site can send never
// says so.
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
	if !json.Valid(text) {
		return malformed("the body is not JSON: %v", syntax(text))
	}
	if err := known("", text, reflect.TypeOf(into).Elem(), maxDepth); err != nil {
		return err
	}
	err = json.Unmarshal(text, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return malformed("%s: want %s, got %s", wrong.Field, inJSON(wrong.Type), wrong.Value)
	}
	if err != nil {
		return malformed("%v", err)
	}
	return nil
}

// decodeIfAny is decode for a body that may be left out.
func decodeIfAny(r *http.Request, into any) error {
	text, err := read(r)
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	return decode(r, into)
}

// nothing reads the body of a request that needs none: it is empty or an object without members.
func nothing(r *http.Request) error { return decodeIfAny(r, &struct{}{}) }

func malformed(format string, args ...any) error {
	return refuse(http.StatusBadRequest, format, args...)
}

// syntax says what is wrong with a text that is no JSON, and where.
func syntax(text []byte) error {
	var v any
	err := json.Unmarshal(text, &v)
	var wrong *json.SyntaxError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%w at byte %d", err, wrong.Offset)
	}
	return err
}

// known checks names, repetitions and depth of the members of an object for a struct type, as
// package json does not: it takes names in any case, and the last of several.
func known(path string, text []byte, t reflect.Type, depth int) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	first, err := dec.Token()
	switch {
	case err != nil:
		return malformed("the body is not JSON: %v", err)
	case depth == 0 && (first == json.Delim('{') || first == json.Delim('[')):
		return malformed("%s: more than %d objects and lists in one another", path, maxDepth)
	case first == json.Delim('['):
		return knownItems(path, dec, t, depth)
	case first != json.Delim('{'):
		if path == "" {
			return malformed("the body is not a JSON object")
		}
		return nil
	}
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return malformed("the body is not JSON: %v", err)
		}
		name, _ := token.(string)
		at := strings.TrimPrefix(path+"."+name, ".")
		if seen[name] {
			return malformed("%s: given twice", at)
		}
		seen[name] = true
		member, names := field(t, name)
		if member == nil {
			return malformed("%s: there is no such member; known are %s", at, names)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return malformed("the body is not JSON: %v", err)
		}
		if err := known(at, value, member, depth-1); err != nil {
			return err
		}
	}
	return nil
}

// knownItems checks each item of a list.
func knownItems(path string, dec *json.Decoder, t reflect.Type, depth int) error {
	if path == "" {
		return malformed("the body is not a JSON object")
	}
	item := reflect.TypeFor[any]()
	if t.Kind() == reflect.Slice {
		item = t.Elem()
	}
	for i := 0; dec.More(); i++ {
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return malformed("the body is not JSON: %v", err)
		}
		if err := known(fmt.Sprintf("%s[%d]", path, i), value, item, depth-1); err != nil {
			return err
		}
	}
	return nil
}

// field finds the type of a member by its name in JSON, or lists those that there are. What is
// no struct takes any name; its kind is judged later.
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

// inJSON is a type in the words of JSON.
func inJSON(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		return "an object"
	case reflect.Float64:
		return "a number"
	}
	return "a whole number in range"
}
