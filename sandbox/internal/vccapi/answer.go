package vccapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// message is the documented body of an error.
type message struct {
	Message string `json:"message"`
}

// oauthError is the documented body of an error about a token, its members in the
// documented order.
type oauthError struct {
	Description string `json:"error_description"`
	Error       string `json:"error"`
}

const documentedCaching = "max-age=5, must-revalidate, private"

// answer writes v as JSON that must not be cached: errors, tokens, and responses with a secret.
func answer(w http.ResponseWriter, status int, v any) { write(w, status, "no-store", v) }

func write(w http.ResponseWriter, status int, caching string, v any) {
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false) // this is no page, and URLs have &
	if err := e.Encode(v); err != nil {
		panic(err) // values of this package can all be encoded
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", caching)
	w.WriteHeader(status)
	w.Write(bytes.TrimSuffix(body.Bytes(), []byte("\n")))
}

// refusal is an error with its status and its body, a message or an oauthError.
type refusal struct {
	status int
	body   any
}

func (r *refusal) Error() string { return fmt.Sprint(r.body) }

func refuse(status int, text string) error { return &refusal{status, message{text}} }

// operation answers a request with a body, nil for none, or with an error.
type operation func(http.ResponseWriter, *http.Request) (any, error)

// serve makes the handler of an operation. What answers a POST has a token or a secret in it.
func (a *api) serve(do operation) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		body, err := do(w, r)
		switch {
		case err != nil:
			refused := a.explain(r, err)
			answer(w, refused.status, refused.body)
		case r.Method == http.MethodPost:
			answer(w, http.StatusOK, body)
		case body == nil:
			w.Header().Set("Cache-Control", documentedCaching)
			w.WriteHeader(http.StatusNoContent)
		default:
			write(w, http.StatusOK, documentedCaching, body)
		}
	}
}

// explain finds the status and the body of an error. Internal errors go to the log only.
func (a *api) explain(r *http.Request, err error) *refusal {
	var refused *refusal
	var invalid Invalid
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &invalid):
		return &refusal{http.StatusBadRequest, message{invalid.Error()}}
	case errors.Is(err, store.ErrNameTaken):
		return &refusal{http.StatusBadRequest, message{"name is taken by another subscription"}}
	case errors.Is(err, store.ErrNotFound):
		return &refusal{http.StatusNotFound, message{"subscription not found"}}
	case r.Context().Err() != nil: // the client has gone
		return &refusal{http.StatusServiceUnavailable, message{"the request was cancelled"}}
	}
	if status, text, is := Unavailable(err); is {
		return &refusal{status, message{text}}
	}
	a.Log.ErrorContext(r.Context(), "the store failed", "method", r.Method, "path", r.Pattern, "error", err)
	return &refusal{http.StatusInternalServerError, message{"internal error"}}
}

// Unavailable is the status and the text of an error that says that the state cannot be used now,
// for this API and the control API alike. Is reports whether it says so.
func Unavailable(err error) (status int, text string, is bool) {
	if errors.Is(err, store.ErrTooLarge) {
		return http.StatusRequestEntityTooLarge, store.ErrTooLarge.Error(), true
	}
	t, is := errors.AsType[*store.Trouble](err)
	if !is {
		return 0, "", false
	}
	switch t.Kind {
	case store.OverLimit, store.DiskFull:
		status = http.StatusInsufficientStorage
	case store.ReadOnly, store.Moved, store.Locked, store.Unwritable:
		status = http.StatusServiceUnavailable
	default:
		status = http.StatusInternalServerError
	}
	return status, t.Error() + "; " + t.Advice(), true
}

// only calls the handler of the request's method, or lists the methods in a 405.
type only map[string]http.HandlerFunc

func (o only) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	h := o[method]
	if h == nil {
		methods := strings.Join(slices.Sorted(maps.Keys(o)), ", ")
		w.Header().Set("Allow", methods)
		answer(w, http.StatusMethodNotAllowed, message{"use " + methods + " here"})
		return
	}
	h(w, r)
}

// read reads a request's whole body.
func read(r *http.Request, refuse func(status int, text string) error) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		err = refuse(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d KiB", tooLarge.Limit>>10))
	case err != nil:
		err = refuse(http.StatusBadRequest, "the body ended too early")
	}
	return body, err
}
