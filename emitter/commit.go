package emitter

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

// This file commits the faults that are about tokens and about what an answer to them is
// worth. Faults of the body are in the plan already; those of the connection are the
// sender's, see BodyFault.

// keys make the tokens of one worker. Signers are made when they are first needed.
type keys struct {
	current, next signature.Secret
	signers       [2]*signature.Signer
	stranger      *signature.Signer
}

// signer is that of the secret in use after so many rotations.
func (k *keys) signer(rotations uint32) *signature.Signer {
	which := rotations % 2
	if k.signers[which] == nil {
		secret := k.current
		if which == 1 {
			secret = k.next
		}
		k.signers[which] = signature.NewSigner(secret)
	}
	return k.signers[which]
}

// expiredFor is how long ago the token of the fault expired-token expired.
const expiredFor = time.Hour

// appendToken appends the token of an attempt, which may be a wrong one on purpose.
func (k *keys) appendToken(dst []byte, d *delivery, now time.Time) []byte {
	vouched := d.body
	if d.note.Signed != nil {
		vouched = d.note.Signed
	}
	signer := k.signer(d.note.Keys)
	switch d.note.Fault {
	case fault.Unsigned:
		return dst[:0]
	case fault.WrongKey:
		if k.stranger == nil {
			sum := sha256.Sum256(append([]byte("another key than "), k.current...))
			k.stranger = signature.NewSigner(sum[:])
		}
		signer = k.stranger
	case fault.ExpiredToken:
		now = now.Add(-expiredFor - signature.Lifetime)
	case fault.AlgNone:
		return unsecured(signer.Append(dst, vouched, now), len(dst))
	}
	return signer.Append(dst, vouched, now)
}

// unsecured turns the token behind the first n bytes into one that names no algorithm and
// has no signature, with the same claims.
func unsecured(dst []byte, n int) []byte {
	parts := bytes.SplitN(bytes.Clone(dst[n:]), []byte{'.'}, 3)
	dst = base64.RawURLEncoding.AppendEncode(dst[:n], []byte(`{"alg":"none","typ":"JWT"}`))
	dst = append(append(dst, '.'), parts[1]...)
	return append(dst, '.')
}

// refuses tells whether an answer to what a correct consumer refuses says what the consumer
// thinks of it. No answer, and an answer that puts off, say nothing: they are tried again.
func (d *delivery) refuses(a *Answer) bool {
	return d.note.Want.Refuse() && a.Status != 0 && a.Status != http.StatusRequestTimeout &&
		a.Status != http.StatusTooManyRequests && a.Status != http.StatusServiceUnavailable
}

// refusal judges such an answer. There is no second attempt.
func (d *delivery) refusal(a *Answer, f Failure) (Outcome, Failure) {
	switch {
	case a.Status >= 400 && a.Status <= 499:
		return Refused, Failure{}
	case f == Failure{}:
		return WronglyAccepted, Failure{Class: ClassWronglyAccepted, Text: fmt.Sprintf("%s accepted with %s: a correct consumer would %s",
			d.note.Fault, statusText(a.Status), d.note.Want)}
	}
	f.Text = fmt.Sprintf("%s answered with %s: a correct consumer would %s", d.note.Fault, statusText(a.Status), d.note.Want)
	return GivenUp, f
}

// rotatable tells whether the notifications that come after a rotation can be signed.
func (o *outbox) rotatable() error {
	if len(o.secret) > 0 && len(o.nextSecret) == 0 {
		return fmt.Errorf("target %s: the plan rotates the key, but there is no next secret to sign with", o.tally.Name)
	}
	return nil
}

// rotatable ends the run if a target has no next secret.
func (r *run) rotatable() bool {
	for _, o := range r.boxes {
		if err := o.rotatable(); err != nil {
			r.rows.end(err)
			return false
		}
	}
	return true
}

// bodyFault is what goes wrong with the body in this attempt: a connection is cut once.
func bodyFault(n *plan.Notification, attempt int) BodyFault {
	switch {
	case n.Fault == fault.SlowBody:
		return SlowBody
	case n.Fault == fault.Reset && attempt == 1:
		return CutOff
	}
	return NoBodyFault
}
