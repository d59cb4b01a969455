package control

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/figures"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
	"github.com/ringback/ringback/scenario"
)

// problem is an error with its status and its text for the client.
type problem struct {
	status  int
	message string
}

func (p *problem) Error() string { return p.message }

func refuse(status int, format string, args ...any) error {
	return &problem{status, fmt.Sprintf(format, args...)}
}

// invalid refuses a well-formed request with status 422.
func invalid(format string, args ...any) error {
	return refuse(http.StatusUnprocessableEntity, format, args...)
}

// message is the body of all errors.
type message struct {
	Message  string            `json:"message"`
	Members  map[string]string `json:"members,omitempty"` // what is wrong with a member of a subscription
	Problems []place           `json:"problems,omitempty"`
	Allowed  []engine.Allowed  `json:"allowed,omitempty"`
}

// explain finds the status and the body of an error. An unknown error is internal, and its text
// is not shown to clients.
func explain(err error) (int, message) {
	if several := joined(err); len(several) > 1 {
		return explainAll(several)
	}
	var p *problem
	var found scenario.Problems
	var forbidden *engine.NotAllowed
	var unreadable vccapi.Malformed
	var invalid vccapi.Invalid
	var refused *engine.Invalid
	switch {
	case errors.As(err, &p):
		return p.status, message{Message: p.message}
	case errors.As(err, &found):
		text := "the text has a problem"
		if len(found) > 1 {
			text = fmt.Sprintf("the text has %d problems", len(found))
		}
		return http.StatusUnprocessableEntity, message{Message: text, Problems: places(found)}
	case errors.As(err, &forbidden):
		return http.StatusConflict, message{Message: forbidden.Error(), Allowed: forbidden.Allowed}
	case errors.As(err, &unreadable):
		return http.StatusBadRequest, message{Message: unreadable.Error(), Members: members(unreadable.Invalid)}
	case errors.As(err, &invalid):
		return http.StatusUnprocessableEntity, message{Message: invalid.Error(), Members: members(invalid)}
	case errors.As(err, &refused):
		return http.StatusUnprocessableEntity, message{Message: refused.Error()}
	case errors.Is(err, engine.ErrEnded):
		return http.StatusConflict, message{Message: "it has ended and cannot be changed"}
	case errors.Is(err, store.ErrNotFound):
		return http.StatusNotFound, message{Message: "not found, or past retention"}
	case errors.Is(err, figures.ErrBusy):
		return http.StatusServiceUnavailable, message{Message: figures.ErrBusy.Error()}
	case errors.Is(err, store.ErrNameTaken):
		const taken = "another subscription has this name"
		return http.StatusConflict, message{Message: taken, Members: map[string]string{"name": taken}}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, message{Message: "the request was cancelled"}
	}
	if status, text, is := vccapi.Unavailable(err); is {
		return status, message{Message: text}
	}
	return http.StatusInternalServerError, message{Message: "internal error; see the log of the sandbox"}
}

// members are the problems of a subscription, by the members that they are about.
func members(problems vccapi.Invalid) map[string]string {
	all := map[string]string{}
	for _, text := range problems {
		name := text[:len(text)-len(strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyz"))]
		if !slices.Contains([]string{"name", "url", "events", "enabled", "secret"}, name) {
			continue
		}
		if all[name] != "" {
			text = all[name] + "; " + text
		}
		all[name] = text
	}
	return all
}

// explainAll is explain for several problems: the status is that of the first, or internal.
func explainAll(several []error) (status int, whole message) {
	var texts []string
	for _, err := range several {
		its, m := explain(err)
		if its == http.StatusInternalServerError {
			return its, m
		}
		status = cmp.Or(status, its)
		texts, whole.Problems = append(texts, m.Message), append(whole.Problems, m.Problems...)
		if whole.Members == nil {
			whole.Members = map[string]string{}
		}
		maps.Copy(whole.Members, m.Members)
	}
	whole.Message = strings.Join(texts, "; ")
	return status, whole
}

// serve makes the handler of a route. A response without a body has status 204. What a route
// returns with an error is not looked at.
func (h *handler) serve(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		if rt.created {
			status = http.StatusCreated
		}
		var body any
		var err error
		if rt.plain {
			err = queried(r).err()
		}
		if rt.bare {
			err = decodeIfAny(r, &struct{}{}).err()
		}
		done := func() {}
		if rt.heavy && err == nil {
			done, err = h.alone(r)
		}
		switch {
		case err != nil:
		case rt.raw != nil:
			if err = rt.raw(h, w, r); err == nil {
				return
			}
		default:
			body, err = h.do(rt, r, status, done)
		}
		if err == nil && rt.then != nil {
			body, err = rt.then(h, r, body)
		}
		switch {
		case err != nil:
			h.fail(w, r, err)
		case body == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			h.write(w, r, status, body)
		}
	}
}

// do does what a route is for.
func (h *handler) do(rt route, r *http.Request, status int, done func()) (any, error) {
	defer done()
	if rt.once && r.Header.Get(keyHeader) != "" {
		return h.onlyOnce(rt.do, r, status)
	}
	return rt.do(h, r)
}

// fail writes an error.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, m := explain(err)
	if status == http.StatusInternalServerError {
		h.logError(r, err)
	}
	h.write(w, r, status, m)
}

// logError logs an internal error.
func (h *handler) logError(r *http.Request, err error) {
	h.Log(fmt.Sprintf("control API: %s %s: %v", r.Method, r.URL.Path, err))
}

// write writes a response. A failed write means that the client has gone.
func (h *handler) write(w http.ResponseWriter, r *http.Request, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		h.logError(r, err)
		status, text = http.StatusInternalServerError, []byte(`{"message":"internal error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

// list is a copy of s that is never null in JSON.
func list[T any](s []T) []T { return append([]T{}, s...) }
