// Package dimension plans the trials of an examination.
//
// A seed, a start and a profile come in; trials come out, dimension by dimension, those of most worth
// first. It promises that a trial follows from these and its ID alone, so that it can be made again
// by itself, and that each trial has conversations and identifiers of its own. It sends nothing,
// and does not know what a consumer answered.
package dimension

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// Name is that of a dimension; IDs of trials begin with it.
type Name string

// The dimensions, in the order in which they are best played: what is more basic comes first.
const (
	Bytes        Name = "bytes"
	Authenticity Name = "authenticity"
	Stories      Name = "stories"
	Identity     Name = "identity"
	Order        Name = "order"
	Concurrency  Name = "concurrency"
	Crash        Name = "crash"
	Endurance    Name = "endurance"
)

// LateNews is the trial whose news come as late as can be, but before the consumer is killed: a crash forgets what is only in memory.
const LateNews = "identity/news/after-a-minute"

// SpentTokens is the trial that sends tokens again when they have expired: before the consumer is killed, too, but not at once.
const SpentTokens = "authenticity/spent"

// AtTheEnd are the trials that are best begun before all others: some of each comes at the very end.
func AtTheEnd() []string {
	return []string{"identity/duplicates/after-a-minute", LateNews, SpentTokens}
}

// Names lists the dimensions in their order.
func Names() []Name {
	return []Name{Bytes, Authenticity, Stories, Identity, Order, Concurrency, Crash, Endurance}
}

// Profile is what a consumer claims. What it does not claim is left out. The zero value claims
// everything but a next secret and a restart.
type Profile struct {
	Versions   []event.Version // that it takes; empty: both
	Types      []string        // that it takes, such as channel.* or channel.held.v1; empty: all
	Aspects    trial.Aspect    // that its state tells; 0: all
	NextSecret bool            // it accepts one beside the current secret
	Restart    bool            // it can be killed and started again
}

// takes reports whether the consumer claims a type.
func (p *Profile) takes(t event.Type) bool {
	return (len(p.Versions) == 0 || slices.Contains(p.Versions, t.Version)) && p.subscribed(t.String())
}

// versions are those that are claimed, by the types of channels as well: whoever takes those of one version only is sent calls in that one.
func (p *Profile) versions() (all []event.Version) {
	if len(p.Versions) == 1 || len(p.Types) == 0 {
		return p.Versions
	}
	for _, t := range event.Types() {
		if t.Kind != event.PresenceChanged && p.subscribed(t.String()) && !slices.Contains(all, t.Version) {
			all = append(all, t.Version)
		}
	}
	if len(all) == 0 { // nothing but presence
		for _, t := range event.Types() {
			if p.subscribed(t.String()) {
				all = append(all, t.Version)
			}
		}
	}
	if len(all) != 1 {
		return nil
	}
	for _, t := range event.Types() { // presence may come in another one
		if t.Kind == event.PresenceChanged && p.subscribed(t.String()) && t.Version != all[0] {
			return nil
		}
	}
	return all
}

// takesUnknown reports whether a type that nobody knows would come to the consumer.
func (p *Profile) takesUnknown(name string) bool {
	return p.subscribed(name) && (len(p.Versions) == 0 || slices.ContainsFunc(p.Versions, func(v event.Version) bool { return strings.HasSuffix(name, "."+v.String()) }))
}

func (p *Profile) subscribed(name string) bool {
	return len(p.Types) == 0 || slices.ContainsFunc(p.Types, func(pattern string) bool { return event.Match(pattern, name) })
}

// Options are what trials follow from, beside their ID.
type Options struct {
	Seed    uint64
	Start   time.Time // when stories begin that need no certain date
	Round   int       // other than 0: trials are the same under other identifiers; see trial.Renamed
	Profile Profile
}

// Apart are options whose trials are the same under identifiers that have nothing in common with those of o.
func (o Options) Apart() Options {
	source := seeded.From(o.Seed).WithText("apart").Source()
	o.Seed = source.Uint64()
	return o
}

// CheckStart refuses a start of which some stories could not be planned, which play in the year before it.
func CheckStart(start time.Time) error {
	first, last := seeded.FirstTime.AddDate(1, 0, 1), seeded.LastTime.Add(-scenario.MaxStory-scenario.MaxSpan)
	if start.Before(first) || start.After(last) {
		return &plan.StartError{Start: start, First: first, Last: last}
	}
	return nil
}

// Planner plans trials. It is for one goroutine at a time.
type Planner struct {
	Options
	parsed map[string]*scenario.Scenario
	orders map[int][][]int // by how many notifications are put in order
	known  map[Name][]recipe
}

// New prepares a planner.
func New(o Options) *Planner {
	o.Start = o.Start.UTC().Truncate(time.Second)
	o.Profile.Versions = o.Profile.versions()
	return &Planner{Options: o, parsed: map[string]*scenario.Scenario{}, orders: map[int][][]int{}, known: map[Name][]recipe{}}
}

// recipe says how a trial is made.
type recipe struct {
	id    string // behind the dimension
	story string // in words; "" for that of the first scenario that is played
	rules []rulebook.ID
	needs trial.Aspect // one of these must be told, or the trial finds nothing out; 0: none
	make  func(*maker)
}

// recipes lists them by dimension.
var recipes = map[Name]func(*Planner) []recipe{
	Bytes: bytesRecipes, Authenticity: authenticityRecipes, Stories: storyRecipes, Identity: identityRecipes,
	Order: orderRecipes, Concurrency: concurrencyRecipes, Crash: crashRecipes, Endurance: enduranceRecipes,
}

// Planned is a trial that may be made.
type Planned struct {
	ID    string
	Rules []rulebook.ID
	Make  func() (*trial.Trial, error) // without deliveries if all of its types are not claimed; the error is one of the machine
}

// Planned lists the trials of a dimension, those of most worth first: whatever does not fit into a budget is best cut from the end.
func (p *Planner) Planned(d Name) (all []Planned) {
	for _, r := range p.recipes(d) {
		all = append(all, Planned{string(d) + "/" + r.id, r.rules, func() (*trial.Trial, error) { return p.make(d, &r) }})
	}
	return all
}

// Trials makes the trials of a dimension that have deliveries.
func (p *Planner) Trials(d Name) iter.Seq2[*trial.Trial, error] {
	return func(yield func(*trial.Trial, error) bool) {
		for _, planned := range p.Planned(d) {
			t, err := planned.Make()
			if err == nil && len(t.Deliveries) == 0 {
				continue
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// Make makes a trial from its ID.
func (p *Planner) Make(id string) (*trial.Trial, error) {
	d, rest, _ := strings.Cut(id, "/")
	if recipes[Name(d)] == nil {
		return nil, fmt.Errorf("trial %q: no dimension is called %q", id, d)
	}
	all := p.recipes(Name(d))
	i := slices.IndexFunc(all, func(r recipe) bool { return r.id == rest })
	if i < 0 {
		return nil, fmt.Errorf("trial %q: there is none; another version of ringback, or another profile, may have it", id)
	}
	return p.make(Name(d), &all[i])
}

// recipes lists those of a dimension that the profile leaves.
func (p *Planner) recipes(d Name) []recipe {
	if p.known[d] == nil {
		told := cmp.Or(p.Profile.Aspects, ^trial.Aspect(0))
		one := p.versions(plan.OnlyV0) == p.versions(plan.OnlyV1)
		p.known[d] = slices.DeleteFunc(recipes[d](p), func(r recipe) bool {
			return r.needs != 0 && r.needs&told == 0 || one && slices.Contains(r.rules, rulebook.AcceptVersions)
		})
	}
	return p.known[d]
}

func (p *Planner) make(d Name, r *recipe) (*trial.Trial, error) {
	m := &maker{Planner: p, Trial: &trial.Trial{ID: string(d) + "/" + r.id, Story: r.story, Rules: r.rules}}
	m.key = seeded.From(p.Seed).WithText(m.ID)
	r.make(m)
	if m.err != nil {
		return nil, fmt.Errorf("trial %s: %w", m.ID, m.err)
	}
	if len(p.Profile.Types) > 0 {
		m.Rules = shown(m.Trial)
	}
	return m.Trial.Renamed(p.Round), nil
}

// IDs lists the IDs of the trials of a dimension, in their order. Some may be empty, by the profile.
func (p *Planner) IDs(d Name) (all []string) {
	for _, r := range p.recipes(d) {
		all = append(all, string(d)+"/"+r.id)
	}
	return all
}

// Dear reports whether a trial takes seconds, and not milliseconds, even if the consumer is fast.
func Dear(t *trial.Trial) bool { return len(t.Deliveries) > 2000 || len(t.Later) > 0 }
