// Package examine finds out what is wrong with a consumer, and names it.
//
// A consumer, a way to be told its state and a budget come in; findings go out, each with the rule
// that is broken, the mistake that explains it, and the least that shows it. It plays the trials of
// all dimensions, asks for the states, and looks for the mistakes that explain the answers and states
// which a correct consumer does not give. It promises that nothing is judged that was not tested,
// that what a correct consumer may do is no finding, and that it ends within its budget.
package examine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// DefaultBudget is how long an examination may take.
const DefaultBudget = time.Minute

// Examination holds the settings of an examination. The zero values of all fields but Sending are
// usable.
type Examination struct {
	// Sending says which consumer is examined, and how it is killed.
	Sending transport.Options

	// State is how the consumer tells its state. Nil: what the state alone shows is not tested.
	State ask.Way

	// Settle is how long the state may take to become right; 0 means 2 s.
	Settle time.Duration

	// Profile is what the consumer claims. Nothing else is demanded.
	Profile dimension.Profile

	// Budget is how long the examination may take, in real time; 0 means a minute. What was not
	// reached is said.
	Budget time.Duration

	// Late is how long after the first time a call comes again whose duplicates come late, as far as the budget allows. 0 waits
	// for nothing: they come when everything else has been sent.
	Late time.Duration

	// Only names the rules, or the trials, to examine; empty means all.
	Only []string

	// Repeat is how often the first trial of Only is played at the most, until it goes wrong; 0 means once.
	Repeat int

	// Seed and Start make the notifications.
	Seed  uint64
	Start time.Time

	// Round other than 0 sends the same notifications under other identifiers, so that a consumer that has seen those of
	// Seed and Start takes them for new. Rounds are multiples of RoundStep.
	Round int

	// On is called when something was reached. Nil does nothing.
	On func(Progress)
}

// Progress is how far an examination has come.
type Progress struct {
	Dimension dimension.Name
	Sent      int           // deliveries
	Left      time.Duration // of the budget
}

// Check finds what is wrong with the settings. Run makes the same check.
func (x *Examination) Check() error {
	if x.Budget < 0 {
		return fmt.Errorf("the budget is %s, want more than 0", x.Budget)
	}
	for _, name := range x.Only {
		if !known(name) {
			return fmt.Errorf("%q is neither a rule nor a trial%s", name, didYouMean(name))
		}
	}
	if x.Repeat != 0 {
		if x.Repeat < 0 || x.Repeat > mostRepeats {
			return fmt.Errorf("a trial is to be repeated %d times, want 0 to %d", x.Repeat, mostRepeats)
		}
		if len(x.Only) == 0 || rulebook.Of(rulebook.ID(x.Only[0])).ID != "" {
			return errors.New("what is to be repeated is the first trial that is named: name one, such as concurrency/channel/all/1")
		}
	}
	t := x.Sending.Target
	return t.Check()
}

// run is one examination.
type run struct {
	*Examination
	transport *transport.Transport
	asker     *ask.Asker // nil without a state
	planner   *dimension.Planner
	aspects   trial.Aspect // that the state told before anything was examined
	begun     time.Time
	end       time.Time // of the budget
	until     time.Time // when what is going on has to end

	all          []*trial.Played
	cut          map[*trial.Played]bool // broken off, or not asked about, when the time was over
	unreached    map[dimension.Name]int // trials that the budget did not allow
	missed       map[rulebook.ID]int    // of them, by rule
	spared       map[rulebook.ID]int    // those of them that were left out for a type that has no answer in time
	untold       []untold               // trials whose state could not be read
	words        words                  // names and values in states that are none
	repeatedWell int                    // how often a trial that is repeated has been played without going wrong
	lateUnknown  bool                   // duplicates came late, and nobody knows what became of them
	drops        bool                   // it stores nothing of the forgeries that it accepts
	theory       bool                   // nothing is sent: what would be found is found out
	rounds       int                    // of trials that were played again
	failure      error                  // why it ended early
	unkilled     bool                   // the consumer was to be killed, and was never seen to end
	probes       int                    // of whether anything is accepted any more
	sent         int
	paces        paces
	times        map[rulebook.ID]time.Duration // on sending and asking, by the first rule of the trials
	inTime       context.Context               // ends at inTimeUntil
	inTimeUntil  time.Time
	release      []context.CancelFunc // of these contexts

	asked     int           // states
	asking    time.Duration // in all
	lateness  time.Duration // of the latest duplicates
	restarted time.Time     // when the consumer was killed last

	suspects    []*trial.Played // some of those whose states were wrong last
	less        int             // how often less was told of a conversation than a moment before
	stillBehind int             // trials whose state was not waited for any longer, though it went on to change
	settledLate int             // trials whose state became right after it had been waited for
	unsettled   []string        // conversations whose state was another one each time

	overlapped   map[string]bool        // trials that were played to find out whether others may go on at the same time
	sideBySide   bool                   // they may
	wrong        map[*trial.Played]bool // states
	habit        mistake.Habit          // as the states told it
	unexplained  map[*trial.Played]bool // states that are wrong in a way that no known mistake explains exactly
	accepts      map[string]bool        // types, at least once
	hastes       hastes                 // how it answers each type
	failed       map[string]int         // how often types failed that were never accepted
	refusedInRow int                    // notifications of types that were accepted before
	controls     []*trial.Played        // what was played before the examination: beside a few trials it shows what the consumer does well
	contrasts    []*trial.Played        // what was played beside some rules for the same purpose
	stopsAnyway  bool                   // it has stopped, and does so without what it refuses or cannot use, too
	together     map[*trial.Played]bool // sent at the same time as others
	goesOn       bool                   // it has stopped, and without what it refuses or cannot use it does not
	silenced     bool                   // there was no answer in time so often that nothing more is sent
	stopped      int                    // the trial from which on nothing was accepted; -1: none
	basic        *refusal               // found before anything was examined: everything else follows
}

func (x *Examination) prepared(t *transport.Transport) *run {
	r := &run{Examination: x, transport: t, unreached: map[dimension.Name]int{}, missed: map[rulebook.ID]int{}, spared: map[rulebook.ID]int{}, cut: map[*trial.Played]bool{}, overlapped: map[string]bool{}, together: map[*trial.Played]bool{}, begun: time.Now(), end: time.Now().Add(cmp.Or(x.Budget, DefaultBudget)),
		wrong: map[*trial.Played]bool{}, times: map[rulebook.ID]time.Duration{}, accepts: map[string]bool{}, failed: map[string]int{}, hastes: hastes{of: map[string]haste{}}, stopped: -1}
	r.until = r.end
	if x.State != nil {
		r.asker = &ask.Asker{Way: x.State, Settle: x.Settle, Secrets: ask.Secrets(&x.Sending.Target)}
	}
	return r
}

// Run examines the consumer. The error is a *Preflight if it cannot be examined, and no rule was tested then; or it says what ended the
// examination, and the report has what was found before.
func (x *Examination) Run(ctx context.Context) (*Report, error) {
	if err := x.Check(); err != nil {
		return nil, err
	}
	sending := x.Sending
	sending.Restart = cmp.Or(sending.Restart, min(30*time.Second, max(5*time.Second, cmp.Or(x.Budget, DefaultBudget)/2)))
	t, err := transport.New(sending)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	r := x.prepared(t)
	defer func() {
		for _, release := range r.release {
			release()
		}
	}()
	if err := r.preflight(ctx); err != nil {
		if _, is := errors.AsType[*Preflight](err); is {
			out := nothing()
			out.Began, out.Took = r.begun, time.Since(r.begun)
			return out, err
		}
		return nil, err
	}
	profile := x.Profile
	profile.Aspects = r.aspects
	profile.Restart = x.Sending.Kill != nil
	profile.NextSecret = len(x.Sending.Target.NextSecret) > 0
	r.planner = dimension.New(dimension.Options{Seed: x.Seed, Start: x.Start, Round: x.Round, Profile: profile})
	if r.basic == nil {
		if err = r.dimensions(ctx); err == nil {
			err = r.contrast(ctx)
		}
		if err == nil {
			err = r.tryWithout(ctx)
		}
		r.failure = err
	}
	r.until = r.end
	report := r.report(ctx)
	report.Began, report.Took = r.begun, time.Since(r.begun)
	return report, errors.Join(err, ctx.Err())
}

// wanted reports whether trials of some rules are to be played.
func (x *Examination) wanted(rules []rulebook.ID) bool {
	return len(x.Only) == 0 || slices.ContainsFunc(rules, func(id rulebook.ID) bool { return slices.Contains(x.Only, string(id)) })
}

// untold is a trial whose state could not be read, and why.
type untold struct {
	*trial.Played
	err error
}
