package receiver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/ringback/ringback/signature"
)

const contentType = "application/cloudevents+json"

// ServeHTTP judges one notification. It responds with the status of the Judgement and a JSON
// object of its result, and its code and reason where they are set. A HEAD request only asks
// whether a consumer listens: it gets 405 and no judgement.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method == http.MethodHead {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	body, j := r.readRequest(w, req)
	if j.Result == Refused {
		j = r.finish(j, r.options.Now())
	} else {
		j = r.Judge(req.Header.Get(signature.HeaderName), body)
	}
	text, _ := json.Marshal(struct { // never fails: these are strings
		Result Result `json:"result"`
		Code   Code   `json:"code,omitempty"`
		Reason string `json:"reason,omitempty"`
	}{j.Result, j.Code, j.Reason})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(j.Status)
	w.Write(text) // a sender that has gone needs no response
}

// readRequest returns the body of a request, or the judgement on one whose method, type or
// length is wrong.
func (r *Receiver) readRequest(w http.ResponseWriter, req *http.Request) ([]byte, Judgement) {
	refuse := func(status int, code Code, format string, args ...any) ([]byte, Judgement) {
		return nil, refused(status, code, fmt.Sprintf(format, args...))
	}
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return refuse(http.StatusMethodNotAllowed, WrongMethod, "want POST, got %.20s", req.Method)
	}
	// Parameters do not matter, so neither do errors in them.
	switch got, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); got {
	case contentType:
	case "":
		return refuse(http.StatusUnsupportedMediaType, WrongContentType, "want content type %s, got none, or one that cannot be parsed", contentType)
	default:
		return refuse(http.StatusUnsupportedMediaType, WrongContentType, "want content type %s, got %.100s", contentType, got)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, r.options.MaxBody))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refuse(http.StatusRequestEntityTooLarge, BodyTooLarge, "the body has more than %d bytes", tooLarge.Limit)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, UnreadableBody, "the body could not be read to its end: %v", err)
	}
	return body, Judgement{}
}

// Server returns a server for r with limits against slow and hostile senders: 16 KiB of
// header within 5 seconds, the whole request within 10 s, the response within 30 s, and two
// minutes of idleness. The caller sets Addr, or calls Serve, and shuts it down.
func (r *Receiver) Server() *http.Server {
	return &http.Server{
		Handler:           r,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}
