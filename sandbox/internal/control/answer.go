package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
	"github.com/ringback/ringback/scenario"
)

// answer is a status and what is written as JSON; nothing if body is nil.
type answer struct {
	status int
	body   any
}

// ok is the answer to most requests.
func ok(body any) (answer, error) { return answer{http.StatusOK, body}, nil }

// done says that something was done and there is nothing to add.
func done() (answer, error) { return answer{status: http.StatusNoContent}, nil }

// problem is a request that cannot be fulfilled, and why.
type problem struct {
	status  int
	message string
}

func (p *problem) Error() string { return p.message }

func refuse(status int, format string, args ...any) error {
	return &problem{status, fmt.Sprintf(format, args...)}
}

// invalid refuses a request that was understood, because of what it says.
func invalid(format string, args ...any) error {
	return refuse(http.StatusUnprocessableEntity, format, args...)
}

// message is the form of all errors; some have more.
type message struct {
	Message  string           `json:"message"`
	Problems []place          `json:"problems,omitempty"`
	Allowed  []engine.Allowed `json:"allowed,omitempty"`
}

// explain finds the status and the text of an error. What it does not know is our fault, and
// not told to strangers.
func explain(err error) (int, message) {
	var p *problem
	var faults scenario.Faults
	var forbidden *engine.NotAllowed
	var unreadable vccapi.Malformed
	var unfit vccapi.Invalid
	var unmet *engine.Invalid
	switch {
	case errors.As(err, &p):
		return p.status, message{Message: p.message}
	case errors.As(err, &faults):
		return http.StatusUnprocessableEntity, message{Message: faulty(len(faults)), Problems: places(faults)}
	case errors.As(err, &forbidden):
		return http.StatusConflict, message{Message: forbidden.Error(), Allowed: forbidden.Allowed}
	case errors.As(err, &unreadable):
		return http.StatusBadRequest, message{Message: unreadable.Error()}
	case errors.As(err, &unfit):
		return http.StatusUnprocessableEntity, message{Message: unfit.Error()}
	case errors.As(err, &unmet):
		return http.StatusUnprocessableEntity, message{Message: unmet.Error()}
	case errors.Is(err, engine.ErrEnded):
		return http.StatusConflict, message{Message: "it has ended and cannot be changed"}
	case errors.Is(err, store.ErrNotFound):
		return http.StatusNotFound, message{Message: "not found, or past retention"}
	case errors.Is(err, store.ErrNameTaken):
		return http.StatusConflict, message{Message: "another subscription has this name"}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, message{Message: "the request was cancelled"}
	}
	return http.StatusInternalServerError, message{Message: "internal error; see the log of the sandbox"}
}

func faulty(n int) string {
	if n == 1 {
		return "the text has a problem"
	}
	return fmt.Sprintf("the text has %d problems", n)
}

// serve makes a handler of a route.
func (d *desk) serve(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		var a answer
		var err error
		switch {
		case rt.raw != nil:
			if err = rt.raw(d, w, r); err == nil {
				return
			}
		case rt.once && r.Header.Get(keyHeader) != "":
			a, err = d.onlyOnce(rt.do, r)
		default:
			a, err = rt.do(d, r)
		}
		if err != nil {
			d.fail(w, r, err)
			return
		}
		d.write(w, r, a)
	}
}

// fail writes an error.
func (d *desk) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, m := explain(err)
	if status == http.StatusInternalServerError {
		d.broken(r, err)
	}
	d.write(w, r, answer{status, m})
}

// broken logs what is our fault.
func (d *desk) broken(r *http.Request, err error) {
	d.Log(fmt.Sprintf("control API: %s %s: %v", r.Method, r.URL.Path, err))
}

// write writes an answer. An error in writing means that nobody reads it any more.
func (d *desk) write(w http.ResponseWriter, r *http.Request, a answer) {
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	text, err := json.Marshal(a.body)
	if err != nil {
		d.broken(r, err)
		a.status, text = http.StatusInternalServerError, []byte(`{"message":"internal error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(append(text, '\n'))
}

// list is s, but never null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
