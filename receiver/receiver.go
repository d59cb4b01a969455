// Package receiver is the reference consumer of VCC notifications.
//
// Requests come in, or bodies and events that reached the caller in another way; responses go
// out, one Judgement of each, and on demand a Report of every channel's life. It promises
// to refuse what is not signed, fresh and well-formed, to count a duplicate once, and to
// reach the same lives whatever the order of arrival. It reports as a violation only what breaks
// a documented fact, no assumption allows and no missing notification explains. It never grows beyond its bound of
// memory, judges a gap before Report is called, or shares code with the planner: the
// lifecycle here is a second, independent one.
package receiver

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/signature"
)

// The defaults of Options.
const (
	defaultMaxBody     = 1 << 20 // bytes
	defaultRemember    = 1 << 16 // notifications
	defaultRememberIDs = 1 << 20
)

// Options are the settings of a Receiver. All but Secrets may be zero.
type Options struct {
	// Secrets are the keys that a signature may be made with: while a key is rotated, the
	// old and the new one. Without any, every signature is refused with WrongKey.
	Secrets []signature.Secret

	// SignaturePrefix is removed from the value of the header if it is there, such as
	// signature.BearerPrefix for the assumption signature-prefix.
	SignaturePrefix string

	// Now is the clock for the age of signatures and the time of receipt; nil means time.Now.
	// It is called by many goroutines at once.
	Now func() time.Time

	// MaxBody is the longest body in bytes; 0 or less means 1 MiB.
	MaxBody int64

	// Remember is how many notifications are kept to rebuild lives; 0 or less means 65,536, which take about 35 MB at five a
	// channel. Beyond it, the histories of whole conversations are evicted: first of the least recently used one in
	// which all channels have ended, or if there is none, of another one or an agent. An evicted history is judged as it
	// stands then. Its violations stay in the Report, its life does not. A notification that comes late to a channel
	// that had ended counts, and is judged no more; one to another channel begins a life of which the beginning is not missed. Of an
	// agent the last 500 presences are kept at least.
	Remember int

	// RememberIDs is how many IDs of evicted notifications are kept, besides the others, to recognise duplicates; 0 or less means
	// 1,048,576, which take about 30 MB. They are kept for 25 hours, since a sender tries for 24 hours, or until twice
	// as many have come. That a duplicate of one has another content is not seen any more.
	RememberIDs int

	// Partial says that notifications may be missing, as in a recording that began in the middle
	// of calls. What a channel's life then seems to break is a note instead of a violation, if its
	// alerted is not there, or if what should follow its disconnected may be missing.
	Partial bool

	// On is called for every judgement before the response is sent: one at a time, in the order
	// in which they were recorded. It may call Report and Lives, but no method that judges.
	// While it runs, all other requests wait.
	On func(Judgement)
}

// Receiver is a consumer of notifications and an http.Handler. It is safe for concurrent use.
type Receiver struct {
	options Options

	order sync.Mutex // held while a judgement is recorded and On is called

	mu     sync.Mutex // guards the memory; taken inside order, and alone to read
	memory *memory
}

// New returns a receiver that has received nothing.
func New(o Options) *Receiver {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.Remember <= 0 {
		o.Remember = defaultRemember
	}
	if o.RememberIDs <= 0 {
		o.RememberIDs = defaultRememberIDs
	}
	return &Receiver{options: o, memory: newMemory(o.Remember, o.RememberIDs, o.Partial)}
}

// Judge judges and records a body with the value of its signature header, as a request
// brings them. The body must be the bytes as they came.
func (r *Receiver) Judge(header string, body []byte) Judgement {
	now := r.options.Now()
	return r.finish(r.judge(header, body, now), now)
}

// Inspect returns what Judge would return, and records nothing: nothing is counted or
// remembered, and On is not called.
func (r *Receiver) Inspect(header string, body []byte) Judgement {
	now := r.options.Now()
	j := r.judge(header, body, now)
	j.At = now
	r.mu.Lock()
	defer r.mu.Unlock()
	if j.Result == Accepted && r.memory.knows(keyOf(j.Event.Type.Kind, j.Event.ID)) {
		j.Result, j.Reason = Duplicate, duplicateReason
	}
	return j
}

// JudgeUnsigned judges and records a body without a signature, such as a line of a file.
func (r *Receiver) JudgeUnsigned(body []byte) Judgement {
	return r.finish(judgeBody(body), r.options.Now())
}

// Add records an event that event.Read or event.Parse returned, or that event.Append can write.
func (r *Receiver) Add(e event.Event) Judgement {
	return r.finish(Judgement{Result: Accepted, Status: http.StatusOK, Event: e}, r.options.Now())
}

// judge accepts a signature of any of the secrets. What is refused for another reason than a
// wrong key is of the right one, or would be refused with any.
func (r *Receiver) judge(header string, body []byte, now time.Time) Judgement {
	header = strings.TrimPrefix(header, r.options.SignaturePrefix)
	err := signature.Verify(nil, header, body, now)
	for _, secret := range r.options.Secrets {
		if errors.Is(err, signature.ErrWrongKey) {
			err = signature.Verify(secret, header, body, now)
		}
	}
	if err == nil {
		return judgeBody(body)
	}
	code := MalformedSignature
	for _, c := range signatureCodes {
		if errors.Is(err, c.err) {
			code = c.code
		}
	}
	return refused(http.StatusUnauthorized, code, err.Error())
}

// finish records a judgement and calls On. Every judgement goes through it.
func (r *Receiver) finish(j Judgement, at time.Time) Judgement {
	j.At = at
	var digest [8]byte
	if j.Result == Accepted {
		digest = r.memory.digest(&j.Event)
	}
	r.order.Lock()
	defer r.order.Unlock()
	j = r.record(j, digest)
	if r.options.On != nil {
		r.options.On(j)
	}
	return j
}

const duplicateReason = "a notification with this source and ID was received before"

func (r *Receiver) record(j Judgement, digest [8]byte) Judgement {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j.Result == Accepted && !r.memory.add(&j.Event, digest, j.At) {
		j.Result, j.Reason = Duplicate, duplicateReason
	}
	switch counts := &r.memory.report; j.Result {
	case Accepted:
		counts.Accepted++
	case Duplicate:
		counts.Duplicates++
	case Ignored:
		counts.Ignored++
	case Refused:
		counts.Refused[j.Code]++
	}
	return j
}
