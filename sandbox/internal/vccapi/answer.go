package vccapi

import (
	"bytes"
	"encoding/json"
	"errors"
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

// answer writes v as JSON that must not be cached: errors, tokens, and responses with a secret.
func answer(w http.ResponseWriter, status int, v any) { write(w, status, "no-store", v) }

// cached writes v, which holds no secret, with the documented caching.
func cached(w http.ResponseWriter, v any) {
	write(w, http.StatusOK, "max-age=5, must-revalidate, private", v)
}

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

func refuse(w http.ResponseWriter, status int, text string) {
	answer(w, status, message{text})
}

// fail answers an error of the rules or of the store. Internal errors go to the log only.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	var invalid Invalid
	switch {
	case errors.As(err, &invalid):
		refuse(w, http.StatusBadRequest, invalid.Error())
	case errors.Is(err, store.ErrNameTaken):
		refuse(w, http.StatusBadRequest, "name is taken by another subscription")
	case errors.Is(err, store.ErrNotFound):
		refuse(w, http.StatusNotFound, "subscription not found")
	case r.Context().Err() != nil: // the client has gone
		refuse(w, http.StatusServiceUnavailable, "the request was cancelled")
	default:
		a.Log.ErrorContext(r.Context(), "the store failed", "method", r.Method, "path", r.Pattern, "error", err)
		refuse(w, http.StatusInternalServerError, "internal error")
	}
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
		refuse(w, http.StatusMethodNotAllowed, "the method must be one of "+methods)
		return
	}
	h(w, r)
}

// read reads a request's whole body, or returns the status and the text of the refusal.
func read(w http.ResponseWriter, r *http.Request) (body []byte, status int, text string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge, "the body is larger than 64 KiB"
	case err != nil:
		return nil, http.StatusBadRequest, "the body ended too early"
	}
	return body, 0, ""
}
