package recording

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
)

// Options say which recorded notifications are sent again, and how. The zero value sends all
// that were accepted, unchanged, at the pace at which they were received.
type Options struct {
	Types    []string  // patterns of event types; none: all
	Subjects []string  // patterns of subjects; none: all
	From     time.Time // only bodies sent at this moment or later, as they say; zero: no limit
	Until    time.Time // only bodies sent before this moment; zero: no limit
	All      bool      // also rows whose response was no success

	ByTime bool // paced by the times in the bodies; bare bodies always are

	Renew bool   // new identifiers of notifications, conversations, interactions and channels
	Seed  uint64 // of the new identifiers

	Shift      bool      // all times move by the same whole seconds …
	Anchor     time.Time // … so that the first notification is sent in the second of this moment
	AnchorLast bool      // … or the last one is
}

// Replay is a recording as a plan: what is sent, and when. Only one notification of it is in memory
// at a time, and some 40 bytes for each conversation.
type Replay struct {
	name   string
	open   func() (io.ReadCloser, error)
	opts   Options
	change change
	found  survey
	err    error
}

// NewReplay reads a recording to its end, so that a damaged line is an error now and not while
// it is sent. Open is called now and for each walk; name stands in errors.
// It is also an error if nothing is selected, or if times would leave what notification
// IDs can hold.
func NewReplay(name string, open func() (io.ReadCloser, error), o Options) (*Replay, error) {
	r := &Replay{name: name, open: open, opts: o, change: change{renew: o.Renew, seed: o.Seed}}
	if err := r.survey(); err != nil {
		return nil, err
	}
	if err := r.decideShift(); err != nil {
		return nil, err
	}
	sum := r.found.sum
	fmt.Fprintf(sum, "ringback replay 1 renew %t shift %d", o.Renew, r.change.shift)
	if o.Renew {
		fmt.Fprintf(sum, " seed %d", o.Seed)
	}
	r.found.hash = hex.EncodeToString(sum.Sum(nil))
	return r, nil
}

// Seed is the random seed of the new identifiers.
func (r *Replay) Seed() uint64 { return r.opts.Seed }

// Start is the time in the body of the first notification, after the shift.
func (r *Replay) Start() time.Time { return r.found.first.Add(r.change.shift).UTC() }

// Hash identifies what is sent: equal hashes mean equal notifications, byte for byte.
func (r *Replay) Hash() string { return r.found.hash }

// Conversations is how many conversations are sent, each agent's presence counted as one.
func (r *Replay) Conversations() uint64 { return uint64(len(r.found.stories)) }

// Length is the time from the first to the last notification.
func (r *Replay) Length() time.Duration { return r.found.length }

// Count is how many notifications are sent; Rest is how many others the recording holds,
// of which Unaccepted were left out only because they were not answered with success.
func (r *Replay) Count() uint64 { return r.found.count }

// Rest is how many notifications were not selected.
func (r *Replay) Rest() uint64 { return r.found.lines - r.found.count }

// Unaccepted is how many notifications are left out because they were not accepted.
func (r *Replay) Unaccepted() uint64 { return r.found.unaccepted }

// Err is the error of the last walk through the notifications: the file changed or could no
// longer be read. Call it after the walk.
func (r *Replay) Err() error { return r.err }

// Notifications walks the recording in the order of the file. Due never falls: a
// notification that was received before the line above it is due with that one. At is the
// moment of the event after that of the first one, or Due where the body does not say.
func (r *Replay) Notifications() iter.Seq[plan.Notification] {
	return func(yield func(plan.Notification) bool) {
		p := pace{opts: &r.opts}
		seq := uint64(0)
		for e, err := range r.lines() {
			if err != nil {
				r.err = fmt.Errorf("%w (the file changed while it was sent)", err)
				return
			}
			if !e.selected(&r.opts) {
				continue
			}
			n := r.notification(e)
			n.Seq, n.Due = seq, p.due(e)
			n.At = p.at(&e.head, n.Due)
			if seq++; !yield(n) {
				return
			}
		}
		if seq != r.found.count {
			r.err = fmt.Errorf("%s: %d notifications were found at first and %d while they were sent: the file changed", r.name, r.found.count, seq)
		}
	}
}

// lines walks the recording from its file.
func (r *Replay) lines() iter.Seq2[*entry, error] {
	return func(yield func(*entry, error) bool) {
		file, err := r.open()
		if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		for rec, err := range Records(file, r.name) {
			if !yield(&entry{rec, HeadOf(rec.Body)}, err) {
				return
			}
		}
	}
}

// notification builds the notification of a line: typed if it encodes to the same bytes.
func (r *Replay) notification(e *entry) plan.Notification {
	body := r.change.apply(e.Body)
	n := plan.Notification{Story: r.found.stories[e.head.story()], Name: e.head.party()}
	if e, err := event.Parse(body); err == nil && bytes.Equal(event.Append(nil, e), body) {
		n.Event = e
		return n
	}
	n.Raw = append([]byte{}, body...)
	now := HeadOf(body)
	n.RawRef = plan.RawRef{Type: now.Type, ID: now.ID, ConversationID: now.ConversationID}
	return n
}
