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
	DefaultMaxBody  = 1 << 20 // bytes
	DefaultRemember = 1 << 20 // notifications; about 330 MB once all are in use, at five a channel
)

// Options are what a receiver needs to know. All but Secrets may be zero.
type Options struct {
	// Secrets are the keys that a signature may be made with; while a key is rotated, the
	// old and the new one. With none, every signature is refused as of the wrong key.
	Secrets []signature.Secret

	// SignaturePrefix is cut off the header's value if it is there, for the other value of
	// assumption signature-prefix: signature.BearerPrefix.
	SignaturePrefix string

	// Now is the clock for the age of signatures and moments of receipt; nil means time.Now.
	// It is called by many goroutines at once.
	Now func() time.Time

	// MaxBody is the longest body in bytes; 0 or less means DefaultMaxBody.
	MaxBody int64

	// Remember is how many notifications are kept for telling duplicates and for rebuilding
	// lives; 0 or less means DefaultRemember. Beyond it whole histories are forgotten: first the
	// ended channel that was heard of least recently, then, if none has ended, the open
	// channel or agent so. A forgotten history is judged as it then stands; its violations
	// stay in the Report, its life does not, and a straggler begins a new one.
	Remember int

	// On is told of every judgement, before the answer is sent, one at a time and in the order
	// in which the memory took them in. It may call Report and Lives, but not what judges.
	// While it runs, all other requests wait.
	On func(Judgement)
}

// Receiver is a consumer of notifications and an http.Handler. It is safe for concurrent use.
type Receiver struct {
	options Options

	turn sync.Mutex // held from taking a judgement in until On has heard of it

	mu     sync.Mutex // guards all below; taken inside turn, and alone to read
	counts counts
	memory *memory
}

// counts are how many requests there were, by what became of them.
type counts struct {
	accepted, duplicates, ignored int
	refused                       map[Code]int
}

// New returns a receiver that has received nothing.
func New(o Options) *Receiver {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxBody <= 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.Remember <= 0 {
		o.Remember = DefaultRemember
	}
	return &Receiver{options: o, counts: counts{refused: map[Code]int{}}, memory: newMemory(o.Remember)}
}

// Judge takes in a body with the value of its signature header, as a request would bring
// them; the body must be the bytes as they came.
func (r *Receiver) Judge(header string, body []byte) Judgement {
	now := r.options.Now()
	if err := r.verify(header, body, now); err != nil {
		return r.conclude(refusedSignature(err), now)
	}
	return r.conclude(judgeBody(body), now)
}

// Inspect tells what Judge would say, and takes nothing in: nothing is counted or
// remembered, and On hears nothing.
func (r *Receiver) Inspect(header string, body []byte) Judgement {
	now := r.options.Now()
	j := judgeBody(body)
	if err := r.verify(header, body, now); err != nil {
		j = refusedSignature(err)
	}
	j.At = now
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.memory.seen[keyOf(j.Event.Type.Kind, j.Event.ID)]; known && j.Result == Accepted {
		j.Result, j.Reason = Duplicate, duplicateReason
	}
	return j
}

// JudgeUnsigned takes in a body whose origin is beyond doubt, such as a line of a file.
func (r *Receiver) JudgeUnsigned(body []byte) Judgement {
	return r.conclude(judgeBody(body), r.options.Now())
}

// Add takes in an event that event.Read or event.Parse returned, or that Append can write.
func (r *Receiver) Add(e event.Event) Judgement {
	return r.conclude(Judgement{Result: Accepted, Status: http.StatusOK, Event: e}, r.options.Now())
}

// verify accepts a signature of any of the secrets. Of the refusals it returns the one that
// got furthest: that a token of a known key has expired says more than that it is not of
// the other keys.
func (r *Receiver) verify(header string, body []byte, now time.Time) error {
	header = strings.TrimPrefix(header, r.options.SignaturePrefix)
	if len(r.options.Secrets) == 0 {
		return signature.Verify(nil, header, body, now)
	}
	var refusal error
	for _, secret := range r.options.Secrets {
		err := signature.Verify(secret, header, body, now)
		if err == nil {
			return nil
		}
		if refusal == nil || errors.Is(refusal, signature.ErrWrongKey) {
			refusal = err
		}
	}
	return refusal
}

// conclude is the one place through which every judgement goes.
func (r *Receiver) conclude(j Judgement, at time.Time) Judgement {
	j.At = at
	var digest uint64
	if j.Result == Accepted {
		digest = r.memory.digest(&j.Event)
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	j = r.takeIn(j, digest)
	if r.options.On != nil {
		r.options.On(j)
	}
	return j
}

const duplicateReason = "a notification with this source and ID was received before"

func (r *Receiver) takeIn(j Judgement, digest uint64) Judgement {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j.Result == Accepted && !r.memory.add(&j.Event, digest) {
		j.Result, j.Reason = Duplicate, duplicateReason
	}
	switch j.Result {
	case Accepted:
		r.counts.accepted++
	case Duplicate:
		r.counts.duplicates++
	case Ignored:
		r.counts.ignored++
	case Refused:
		r.counts.refused[j.Code]++
	}
	return j
}
