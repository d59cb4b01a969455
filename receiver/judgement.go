package receiver

import (
	"errors"
	"net/http"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/signature"
)

// Result is how a request ended.
type Result string

// The results. The status of all but Refused is 200, so that the sender does not retry.
const (
	Accepted  Result = "accepted"
	Duplicate Result = "duplicate" // source and ID were received before; dropped
	Ignored   Result = "ignored"   // a well-formed envelope of an unknown type
	Refused   Result = "refused"
)

// Code is the reason of a refusal, for programs. Codes are stable.
type Code string

// The codes, with the status that goes with each.
const (
	WrongMethod        Code = "wrong-method"        // 405: not POST
	WrongContentType   Code = "wrong-content-type"  // 415: not application/cloudevents+json
	BodyTooLarge       Code = "body-too-large"      // 413: longer than Options.MaxBody
	UnreadableBody     Code = "unreadable-body"     // 400: the request broke off
	MissingSignature   Code = "missing-signature"   // 401
	MalformedSignature Code = "malformed-signature" // 401
	ForbiddenAlgorithm Code = "forbidden-algorithm" // 401: not HS256
	WrongKey           Code = "wrong-key"           // 401: of none of the secrets, or altered
	ExpiredSignature   Code = "expired-signature"   // 401
	HashMismatch       Code = "hash-mismatch"       // 401: payload_hash is of another body
	FaultyBody         Code = "faulty-body"         // 400: see event.Read
)

// Judgement is the result of one request, and why.
type Judgement struct {
	Result Result
	Status int         // of the HTTP response
	Code   Code        // empty unless the result is Refused
	Reason string      // a sentence; empty if the result is Accepted
	Event  event.Event // zero if the result is Ignored or Refused
	At     time.Time   // the time of receipt
}

// signatureCodes are those of errors of signature.Verify, but for MalformedSignature.
var signatureCodes = [...]struct {
	err  error
	code Code
}{
	{signature.ErrMissing, MissingSignature},
	{signature.ErrAlgorithm, ForbiddenAlgorithm},
	{signature.ErrWrongKey, WrongKey},
	{signature.ErrExpired, ExpiredSignature},
	{signature.ErrHash, HashMismatch},
}

func refused(status int, code Code, reason string) Judgement {
	return Judgement{Result: Refused, Status: status, Code: code, Reason: reason}
}

// judgeBody judges a body whose signature is right. Whether it is a duplicate, only the
// memory knows.
func judgeBody(body []byte) Judgement {
	e, err := event.Read(body)
	if err == nil {
		return Judgement{Result: Accepted, Status: http.StatusOK, Event: e}
	}
	if problems, ok := errors.AsType[event.Problems](err); ok && problems.OnlyUnknownType() {
		return Judgement{Result: Ignored, Status: http.StatusOK, Reason: err.Error()}
	}
	return refused(http.StatusBadRequest, FaultyBody, err.Error())
}
