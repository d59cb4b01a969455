package emitter

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"sync"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
	"github.com/ringback/ringback/signature"
)

// keys make the tokens of one target, for all its workers: what makes one stays in the processor's cache if few others do.
type keys struct {
	current, next signature.Secret
	pool          sync.Pool // of *signers
}

// signers are made when they are first needed.
type signers struct {
	of       *keys
	rotated  [2]*signature.Signer
	stranger *signature.Signer
}

// signer is that of the secret in use after so many rotations.
func (s *signers) signer(rotations uint32) *signature.Signer {
	which := rotations % 2
	if s.rotated[which] == nil {
		secret := s.of.current
		if which == 1 {
			secret = s.of.next
		}
		s.rotated[which] = signature.NewSigner(secret)
	}
	return s.rotated[which]
}

// expiredFor is how long ago the token of the fault expired-token expired.
const expiredFor = time.Hour

// earlyBy is how far ahead the token of the fault early-token is issued. Its end is as far ahead.
const earlyBy = 90 * time.Second

// appendToken appends the token of an attempt, which may be a wrong one on purpose.
func (k *keys) appendToken(dst []byte, n *plan.Notification, body []byte, now time.Time) []byte {
	vouched := body
	if n.Signed != nil {
		vouched = n.Signed
	}
	s, _ := k.pool.Get().(*signers)
	if s == nil {
		s = &signers{of: k}
	}
	defer k.pool.Put(s)
	signer := s.signer(n.Keys)
	switch n.Fault {
	case fault.Unsigned:
		return dst[:0]
	case fault.WrongKey:
		if s.stranger == nil {
			sum := sha256.Sum256(append([]byte("another key than "), k.current...))
			s.stranger = signature.NewSigner(sum[:])
		}
		signer = s.stranger
	case fault.ExpiredToken:
		now = now.Add(-expiredFor - signature.Lifetime)
	case fault.EarlyToken:
		now = now.Add(earlyBy)
	case fault.AlgNone:
		// The same claims, but no algorithm and no signature.
		parts := bytes.SplitN(signer.Append(nil, vouched, now), []byte{'.'}, 3)
		dst = base64.RawURLEncoding.AppendEncode(dst, []byte(`{"alg":"none","typ":"JWT"}`))
		dst = append(append(dst, '.'), parts[1]...)
		return append(dst, '.')
	}
	return signer.Append(dst, vouched, now)
}

// rotatable reports whether the notifications that come after a rotation can be signed, and ends
// the run if not.
func (r *run) rotatable() bool {
	for _, o := range r.boxes {
		if len(o.target.Secret) > 0 && len(o.target.NextSecret) == 0 {
			r.rows.end(fmt.Errorf("target %s: the plan rotates the key, but there is no next secret to sign with", o.figures.Name))
			return false
		}
	}
	return true
}
