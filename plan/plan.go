// Package plan turns scenarios into the ordered notifications of a run.
//
// Checked scenarios, a seed, a start moment and options come in; notifications in the
// order of their planned sending come out. It promises the same notifications for the
// same input on every platform, whatever else runs, in memory that grows with the live
// conversations only. It never reads a clock, draws from a shared random source, starts a
// goroutine or touches a file or socket.
package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
)

// DefaultLag is the time from an event to its sending unless Options.Lag says otherwise: around
// the half second of the documented v0 examples, such as channel.alerted, whose time is 525 ms
// behind its timestamp. It is drawn once for each moment of a conversation, whose notifications
// keep their order; a lag that is given is drawn for each one, so that they pass one another.
func DefaultLag() scenario.Span {
	const mean, sd = 500, 120 // ms
	return story.Distributed(story.Normal, mean, sd).Within(100*time.Millisecond, 2*time.Second)
}

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
	if err := nearest.OneOf(text, versionNames[:]); err != nil {
		return 0, err
	}
	return Versions(slices.Index(versionNames[:], text)), nil
}

// String is v0, v1 or both.
func (v Versions) String() string { return versionNames[v] }

// Options say how scenarios are played. The zero value of every field but Start is
// usable.
type Options struct {
	Seed     uint64
	Start    time.Time            // the moment of the first step; from 2014-05-13T16:53:20Z to about 2140, because of the KSUIDs; bodies show it to the millisecond
	Versions Versions             // which generations of events are sent
	Count    uint64               // number of conversations; 0: each scenario once, or as many as For allows
	Calls    scenario.Rate        // how often a conversation begins; zero: all at once
	For      time.Duration        // no conversation begins later than this after Start; 0: no limit
	AtEnd    AtEnd                // what becomes of those that are under way then, or when the Arrivals are over
	Lag      *scenario.Span       // from an event to its sending; nil: DefaultLag
	Assume   assume.Set           // over what the scenarios themselves assume
	Faults   []scenario.FaultRule // besides those of the scenarios themselves

	// Unordered lets nothing wait for an answer within a conversation, as the real sender does:
	// its notifications leave in bursts of up to 8, which follow from the seed, in an order that
	// does, too. All of a burst leave when the last of them is due.
	Unordered bool

	// At most one of Calls, Events, Arrivals and Population is given.
	Events     scenario.Rate // notifications sent in a time, by as many conversations as that takes; not with a Pool
	Arrivals   []Stretch     // when conversations begin, stretch by stretch
	Population int           // conversations alive at the same time: when one's story is over and its last notification due, the next begins

	Weights         []float64    // how often each scenario is played, drawn at random; nil: they take turns
	Pool            *Pool        // agents whom all conversations share; nil: each brings its own
	ConversationIDs []event.GUID // of the first conversation of each play, in their order; nil: seeded
	Shard           Shard        // the part that is walked

	Memory int64        // bytes that a walk may take for what is alive in it; 0: defaultMemory
	Stop   *atomic.Bool // once it is true, planning and walks end soon; nil: nothing ends them
}

// errStopped means that Options.Stop ended the planning.
var errStopped = errors.New("planning was stopped")

// stopped reports whether somebody ended the planning.
func (p *Plan) stopped() bool { return p.opts.Stop != nil && p.opts.Stop.Load() }

// Plan is what a run will do. It can be walked any number of times, also concurrently.
type Plan struct {
	opts  Options
	lag   scenario.Span
	casts []*cast
	count uint64
	hash  string
	awake int // plays that a walk keeps
	cold  int // and how many more as bytes

	opening int64 // of a rate of events that has an end: before it, nothing is due
	until   int64 // from then on nothing is due

	arrivals *arrivals
	totals   atomic.Pointer[totals]
	past     atomic.Pointer[past] // once it was walked for that
	early    atomic.Pointer[past] // and of its first conversations
	staff    staff                // of the pool
	shares   []float64            // of each scenario and those before it; the last is 1
}

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
	if err := o.check(len(scs)); err != nil {
		return nil, err
	}
	for _, sc := range scs {
		if err := sc.CheckUnder(o.Assume); err != nil {
			return nil, err
		}
	}
	p := &Plan{opts: o, until: endless, lag: DefaultLag(), awake: defaultAwake, cold: defaultCold}
	if o.Lag != nil {
		p.lag = *o.Lag
	}
	p.opts.Start = o.Start.UTC()
	if o.Weights != nil {
		p.shares = weigh(o.Weights)
	}
	if err := p.decideCount(len(scs)); err != nil {
		return nil, err
	}
	if err := p.checkTime(); err != nil {
		return nil, err
	}
	if err := p.checkIDs(); err != nil {
		return nil, err
	}
	stride := 0
	for _, sc := range scs {
		stride = max(stride, len(sc.Program.Parties))
	}
	first, taken := numbering(scs)
	if o.Pool != nil {
		p.staff, first = o.hire(scs, first, taken)
	}
	for i, sc := range scs {
		p.casts = append(p.casts, newCast(sc, o, first, uint64(stride), taken))
		p.casts[i].place = i
	}
	if err := p.checkSilence(); err != nil {
		return nil, err
	}
	p.settleEnd()
	if err := p.checkMemory(); err != nil {
		return nil, err
	}
	if p.stopped() {
		return nil, errStopped
	}
	p.hash = p.fingerprint(scs)
	return p, nil
}

// check refuses what no plan can be made of.
func (o *Options) check(scenarios int) error {
	switch {
	case o.Versions > Both:
		return fmt.Errorf("unknown event versions %d", o.Versions)
	case o.For < 0 || o.For > maxArrivals:
		return fmt.Errorf("the duration %s is not between 0 and %s", o.For, maxArrivals)
	case !o.Calls.IsZero() && o.Calls.Per <= 0:
		return errors.New("a rate of calls needs a period")
	case o.Lag != nil && (o.Lag.Min() < 0 || o.Lag.Max() < o.Lag.Min()):
		return fmt.Errorf("the lag %s is negative", o.Lag)
	}
	if err := o.checkTraffic(scenarios); err != nil {
		return err
	}
	return o.checkEnd()
}

// Start is the moment of the first step.
func (p *Plan) Start() time.Time { return p.opts.Start }

// Seed is the random seed: all random choices follow from it.
func (p *Plan) Seed() uint64 { return p.opts.Seed }

// Conversations is how many times a scenario is played, in all shards. A population and a rate
// of events must be walked to find out, which is done once.
func (p *Plan) Conversations() uint64 {
	if p.opts.Population > 0 || !p.opts.Events.IsZero() {
		return p.counted().conversations
	}
	return p.count
}

// Notifications walks the plan, as Walk does.
func (p *Plan) Notifications() iter.Seq[Notification] { return p.Walk().Notifications() }

// Length is the time from the start to the planned sending of the last notification, of all
// shards. It walks all conversations, one after the other where they do not decide on one
// another.
func (p *Plan) Length() time.Duration {
	if p.coupled() && !p.faulty() {
		return p.counted().length
	}
	length, _ := p.LengthWithin(math.MaxUint64)
	return length
}

// ErrMore means that a plan has more notifications than were asked for.
var ErrMore = errors.New("the plan has more notifications")

// LengthWithin is Length of a plan of at most so many notifications. It fails with ErrMore if there are
// more, and then no more of them were planned, with errStopped, or with a *memoryError.
func (p *Plan) LengthWithin(most uint64) (length time.Duration, err error) {
	count := uint64(0)
	add := func(due time.Duration) bool {
		length = max(length, due)
		count++
		switch {
		case p.stopped():
			err = errStopped
		case count > most:
			err = ErrMore
		}
		return err == nil
	}
	if p.faulty() || p.coupled() { // faults move notifications, and conversations decide on one another
		w := &Walk{plan: p}
		for n := range w.Notifications() {
			if !add(n.Due) {
				return length, err
			}
		}
		return length, w.Err()
	}
	pl, clock := &play{texts: &texts{}}, births{plan: p}
	for i := range p.count {
		for pl.begin(p, i, clock.at(i)); pl.prepare() && pl.due() < p.until; pl.drop() {
			if !add(time.Duration(pl.pending[0].due)) {
				return length, err
			}
		}
		switch { // those that send nothing take time as well
		case p.stopped():
			return length, errStopped
		case i >= most:
			return length, ErrMore
		}
	}
	return length, nil
}

// planFormat changes whenever equal input gives another plan than before.
const planFormat = "ringback plan 3\n"

func (p *Plan) fingerprint(scs []*scenario.Scenario) string {
	h := sha256.New()
	h.Write([]byte(planFormat))
	o := p.opts
	lag := p.lag.String()
	if o.Lag == nil {
		lag += " in order"
	}
	fmt.Fprintf(h, "seed %d start %d versions %s count %d calls %d/%d lag %s assume %q\n", o.Seed,
		o.Start.UnixNano(), o.Versions, p.count, o.Calls.Times, o.Calls.Per, lag, o.Assume)
	// Traffic that is as plain as a count and a rate of calls adds nothing. The shard is no part
	// of it: all shards are of one plan.
	if !o.Events.IsZero() || o.Population > 0 {
		fmt.Fprintf(h, "events %d/%d population %d for %d\n", o.Events.Times, o.Events.Per, o.Population, o.For)
	}
	if p.until != endless {
		fmt.Fprintf(h, "ends after %d\n", p.until)
	}
	for _, s := range o.Arrivals {
		fmt.Fprintf(h, "arrivals %d/%d %d/%d over %d poisson %t\n", s.From.Times, s.From.Per, s.To.Times, s.To.Per, s.Over, s.Poisson)
	}
	if o.Weights != nil {
		fmt.Fprintf(h, "weights %g\n", o.Weights)
	}
	if o.Pool != nil {
		fmt.Fprintf(h, "pool %d patience ", o.Pool.Count)
		if o.Pool.Patience != nil {
			fmt.Fprintf(h, "%v", *o.Pool.Patience)
		}
		for _, u := range o.Pool.Agents {
			fmt.Fprintf(h, " %q %s", u.AgentID, u.UserID)
		}
		fmt.Fprintln(h)
	}
	switch {
	case p.cutsBursts():
		fmt.Fprintln(h, "order none, bursts cut short at the end")
	case o.Unordered:
		fmt.Fprintln(h, "order none")
	}
	for _, id := range o.ConversationIDs {
		fmt.Fprintf(h, "conversation %s\n", id)
	}
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
