package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/ringback/ringback/assume"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/scenario"
)

// DefaultLag is the time from an event to its sending unless Options.Lag says otherwise.
const DefaultLag = 250 * time.Millisecond

// Versions selects the generations of event types; the zero value is v0 alone.
type Versions uint8

// The selections. Both sends two notifications for each event.
const (
	OnlyV0 Versions = iota
	OnlyV1
	Both
)

var versionNames = [...]string{OnlyV0: "v0", OnlyV1: "v1", Both: "both"}

// ParseVersions reads v0, v1 or both.
func ParseVersions(text string) (Versions, error) {
	for v, name := range versionNames {
		if name == text {
			return Versions(v), nil
		}
	}
	return 0, fmt.Errorf("want v0, v1 or both, got %q", text)
}

// String is v0, v1 or both.
func (v Versions) String() string { return versionNames[v] }

// Options say how scenarios are played. The zero value of every field but Start is
// usable.
type Options struct {
	Seed     uint64
	Start    time.Time            // the moment of the first step; from 2014-05-13T16:53:20Z to about 2140, because of the KSUIDs
	Versions Versions             // which generations of events are sent
	Count    uint64               // conversations altogether; 0: each scenario once, or as many as For allows
	Calls    scenario.Rate        // how often a conversation begins; zero: all at once
	For      time.Duration        // no conversation begins later than this after Start; 0: no limit
	Lag      *scenario.Span       // from an event to its sending; nil: DefaultLag
	Assume   assume.Set           // over what the scenarios themselves assume
	Faults   []scenario.FaultRule // besides those of the scenarios themselves

	// At most one of Calls, Events, Arrivals and Population is given.
	Events     scenario.Rate // notifications sent in a time, by as many conversations as that takes
	Arrivals   []Stretch     // when conversations begin, stretch by stretch
	Population int           // conversations alive at the same time: where one ends, the next begins

	Weights         []float64    // how often each scenario is played, drawn at random; nil: they take turns
	Pool            *Pool        // agents whom all conversations share; nil: each brings its own
	ConversationIDs []event.GUID // of the first conversation of each play, in their order; nil: seeded
	Shard           Shard        // the part that is walked
}

// Plan is what a run will do. It can be walked any number of times, also concurrently.
type Plan struct {
	opts  Options
	lag   scenario.Span
	casts []*cast
	count uint64
	hash  string
	awake int // plays that a walk keeps; 0 means defaultAwake
}

func (p *Plan) most() int { return cmp.Or(p.awake, defaultAwake) }

// New plans a scenario.
func New(sc *scenario.Scenario, o Options) (*Plan, error) {
	return NewMix([]*scenario.Scenario{sc}, o)
}

// NewMix plans several scenarios, played in turn: conversation i plays scenario i modulo
// their number. Scenarios must come from the parser of package scenario.
func NewMix(scs []*scenario.Scenario, o Options) (*Plan, error) {
	if len(scs) == 0 {
		return nil, errors.New("there is no scenario to plan")
	}
	for i, sc := range scs {
		if sc == nil || sc.Program == nil {
			return nil, fmt.Errorf("scenario %d was not made by scenario.Parse", i)
		}
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	p := &Plan{opts: o, lag: scenario.Constant(DefaultLag)}
	if o.Lag != nil {
		p.lag = *o.Lag
	}
	p.opts.Start = o.Start.UTC()
	if err := p.decideCount(len(scs)); err != nil {
		return nil, err
	}
	if err := p.checkTime(); err != nil {
		return nil, err
	}
	stride := 0
	for _, sc := range scs {
		stride = max(stride, len(sc.Program.Parties))
	}
	first, taken := numbersFrom(scs), takenIDs(scs)
	for _, sc := range scs {
		p.casts = append(p.casts, newCast(sc, o, first, uint64(stride), taken))
	}
	p.hash = p.fingerprint(scs)
	return p, nil
}

// check refuses what no plan can be made of.
func (o *Options) check() error {
	switch {
	case o.Versions > Both:
		return fmt.Errorf("there are no event versions %d", o.Versions)
	case o.For < 0 || o.For > maxArrivals:
		return fmt.Errorf("the duration %s is not between 0 and %s", o.For, maxArrivals)
	case !o.Calls.IsZero() && o.Calls.Per <= 0:
		return errors.New("a rate of calls needs a period")
	case o.Lag != nil && (o.Lag.Min() < 0 || o.Lag.Max() < o.Lag.Min()):
		return fmt.Errorf("the lag %s is negative", o.Lag)
	}
	return nil
}

// maxArrivals is how long conversations may go on to begin. With scenario.MaxStory it
// keeps every moment within what times and notification IDs can hold.
const maxArrivals = 50 * 365 * 24 * time.Hour

// checkTime refuses plans that begin or end outside of what notification IDs can hold.
func (p *Plan) checkTime() error {
	start, last := p.opts.Start, int64(0)
	if p.count > 0 {
		last = p.beginning(p.count - 1)
	}
	if time.Duration(last) > maxArrivals {
		return fmt.Errorf("the last conversation would begin %d years after the first: use a higher rate or a lower count",
			time.Duration(last)/(365*24*time.Hour))
	}
	latest := seeded.LastTime.Add(-scenario.MaxStory - scenario.MaxSpan)
	if start.Before(seeded.FirstTime) || start.Add(time.Duration(last)).After(latest) {
		return fmt.Errorf("the start %s is outside of what notification IDs can hold: from %s to %s",
			start.Format(time.RFC3339), seeded.FirstTime.Format(time.RFC3339), latest.Add(-time.Duration(last)).Format(time.RFC3339))
	}
	return nil
}

// decideCount finds how many conversations the options ask for.
func (p *Plan) decideCount(scenarios int) error {
	o := p.opts
	switch {
	case o.Calls.IsZero() && o.For > 0:
		return errors.New("a duration needs a rate of calls, such as 5/s")
	case !o.Calls.IsZero() && o.For == 0 && o.Count == 0:
		return errors.New("a rate of calls needs an end: a count or a duration")
	case o.For == 0:
		p.count = o.Count
		if p.count == 0 {
			p.count = uint64(scenarios)
		}
		return nil
	}
	low, high := uint64(0), uint64(1)<<62 // the first conversation at or after For
	if o.Count > 0 {
		high = o.Count
	}
	for low < high {
		middle := low + (high-low)/2
		if o.Calls.Moment(middle) < o.For {
			low = middle + 1
		} else {
			high = middle
		}
	}
	p.count = low
	return nil
}

// planFormat changes whenever equal input gives another plan than before.
const planFormat = "ringback plan 1\n"

func (p *Plan) fingerprint(scs []*scenario.Scenario) string {
	h := sha256.New()
	h.Write([]byte(planFormat))
	o := p.opts
	fmt.Fprintf(h, "seed %d start %d versions %s count %d calls %d/%d lag %s assume %q\n", o.Seed,
		o.Start.UnixNano(), o.Versions, p.count, o.Calls.Times, o.Calls.Per, p.lag, o.Assume)
	for _, sc := range scs {
		sc.Fingerprint(h)
	}
	for _, r := range o.Faults {
		r.Fingerprint(h)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Hash identifies the plan: equal hashes mean equal notifications, byte for byte.
func (p *Plan) Hash() string { return p.hash }

// Start is the moment of the first step; Seed is what all random choices come from.
func (p *Plan) Start() time.Time { return p.opts.Start }

// Seed is what all random choices come from.
func (p *Plan) Seed() uint64 { return p.opts.Seed }

// Conversations is how many times a scenario is played.
func (p *Plan) Conversations() uint64 { return p.count }

// Notifications walks the plan in the order of the planned sending; what is due at the
// same moment comes in the order of the conversations. Its memory grows with the
// conversations that are alive at the same time, not with their number.
func (p *Plan) Notifications() iter.Seq[Notification] {
	if p.faulty() {
		return p.bent()
	}
	return func(yield func(Notification) bool) {
		m := merge{plan: p}
		for {
			n, ok := m.next()
			if !ok || !yield(n) {
				return
			}
		}
	}
}

// castOf is the cast of a conversation.
func (p *Plan) castOf(story uint64) *cast { return p.casts[story%uint64(len(p.casts))] }

// Length is the time from the start to the planned sending of the last notification. It
// walks all conversations, one after the other.
func (p *Plan) Length() time.Duration {
	var last int64
	if p.faulty() { // faults move notifications
		for n := range p.Notifications() {
			last = max(last, int64(n.Due))
		}
		return time.Duration(last)
	}
	pl := &play{}
	for i := range p.count {
		for pl.begin(p, i); pl.prepare(); pl.drop() {
			last = max(last, pl.pending[0].due)
		}
	}
	return time.Duration(last)
}
