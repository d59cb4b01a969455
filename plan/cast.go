package plan

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
)

// cast is what all plays of one scenario have in common.
type cast struct {
	place  int // of the scenario in the mix
	prog   *story.Program
	ops    []story.Op // of prog
	rules  story.Rules
	wire   wire
	fixed  []event.User // of declared agents, by party; zero for the others
	number []uint64     // of undeclared agents, by party: a number within the play
	first  uint64       // the first of those numbers in display IDs
	stride uint64       // how many of them a play takes

	presences []event.Presence // by number, from 1

	faults     []scenario.FaultRule
	stepFaults bool // there are faults of single steps

	roles *roles // nil unless agents come from a pool
}

// wire is how the assumptions shape bodies.
type wire struct {
	nullIDs                                bool
	reason, disconnected                   string
	form                                   idForm
	style                                  jsontext.Style
	mixed                                  bool // the style is drawn for each notification
	channelDigits, agentDigits, timeDigits uint8
}

// The first part of each name of a random choice. The numbers must never change: they
// decide what a seed means.
const (
	nameAccount  = 1 // what belongs to the account and not to a conversation
	namePlay     = 2
	nameDraw     = 3 // times, ways and rounds
	nameWrap     = 4
	nameLag      = 5
	nameEvent    = 6
	nameConv     = 7
	nameInter    = 8
	nameChannel  = 9
	nameUser     = 10
	namePresence = 11
	nameFault    = 12
	nameDelay    = 13
	nameExtra    = 14
	nameStart    = 15
	nameMix      = 16
	nameArrival  = 17
	namePatience = 18
	nameLive     = 19
	nameDigits   = 20
	nameStyle    = 21
	nameFailed   = 22
	nameBurst    = 23
)

// released is the only value of reason that is documented.
const released = "released"

func newCast(sc *scenario.Scenario, o Options, first, stride uint64, taken map[string]bool) *cast {
	set := sc.Assume.Over(o.Assume)
	c := &cast{prog: sc.Program, ops: story.Ops(sc.Program), rules: story.RulesOf(set), first: first, stride: stride, faults: sc.Faults}
	c.wire = wire{nullIDs: set.Is(assume.AbsentIDs, "null"), form: formOf(set), reason: cmp.Or(set.Get(assume.Reason), released), disconnected: set.Get(assume.DisconnectedReason),
		channelDigits: digits(set.Get(assume.TimestampDigits), 3), agentDigits: digits(set.Get(assume.TimestampDigits), 7),
		timeDigits: digits(set.Get(assume.TimeDigits), 7)}
	c.wire.style = jsontext.Style(max(0, slices.Index(jsontext.Styles(), set.Get(assume.BodyStyle))))
	c.wire.mixed = set.Is(assume.BodyStyle, "mixed")
	c.fixed = make([]event.User, len(sc.Program.Parties))
	c.number = make([]uint64, len(sc.Program.Parties))
	agents := uint64(0)
	for i, party := range sc.Program.Parties {
		switch {
		case party.Agent == nil:
		case identified(party.Agent):
			c.fixed[i] = c.wire.form.declared(party.Agent, taken)
		default:
			c.number[i] = agents
			agents++
		}
	}
	if o.Pool != nil {
		c.roles = newRoles(sc.Program)
	}
	for _, op := range c.ops {
		c.stepFaults = c.stepFaults || op.Step.Fault != fault.None
	}
	c.presences = []event.Presence{{}}
	for i, p := range scenario.Presences() {
		c.presences = append(c.presences, event.Presence{
			PresenceID:  c.wire.form.guid(account.With(namePresence).With(uint64(i))),
			Category:    story.CategoryOf(p, set),
			Description: p.Description,
		})
	}
	return c
}

// ScenarioOf is which scenario of the mix the i-th conversation plays, from 0.
func (p *Plan) ScenarioOf(i uint64) int {
	if p.shares == nil {
		return int(i % uint64(len(p.casts)))
	}
	src := seeded.From(p.opts.Seed).With(nameMix).With(i).Source()
	at, last := src.Float(), 0
	for k, upTo := range p.shares {
		if k == 0 && upTo > 0 || k > 0 && upTo > p.shares[k-1] {
			if last = k; at < upTo {
				break
			}
		}
	}
	return last
}

// weigh makes the shares of the scenarios.
func weigh(weights []float64) (shares []float64) {
	sum, upTo := 0.0, 0.0
	for _, w := range weights {
		sum += w
	}
	for _, w := range weights {
		upTo += w
		shares = append(shares, upTo/sum)
	}
	return shares
}

// account names what belongs to the account and to no run: agents, presences. A consumer
// that several runs are played to, with whatever seeds, meets the same agents again.
var account = seeded.From(0).With(nameAccount)

// identified reports whether a file says who an agent is. Agents of whom it only says how
// they wrap are new in every conversation, as are those of whom it says nothing.
func identified(a *scenario.Agent) bool { return a.AgentID != "" || a.UserID != "" }

// declared completes the identity of an agent that the file identifies: for ever the
// same, in every conversation. What is missing follows from what is there.
func (f idForm) declared(a *scenario.Agent, taken map[string]bool) event.User {
	key := account.With(nameUser).WithText(a.AgentID).WithText(a.UserID)
	u := event.User{AgentID: a.AgentID}
	source := key.Source()
	for at := source.Below(seededNumbers); u.AgentID == ""; at = (at + 1) % seededNumbers {
		if id := strconv.FormatUint(firstNumber+at, 10); !taken[id] {
			u.AgentID = id
		}
	}
	var err error
	if u.UserID, err = event.ParseGUID(a.UserID); err != nil { // none given: the parser refuses others
		u.UserID = f.guid(key)
	}
	return u
}

// seededID is the user ID of an agent of whom only a number is known.
func (f idForm) seededID(number uint64) event.GUID {
	return f.guid(account.With(nameUser).With(number))
}

// idForm is what assumption id-form says of GUIDs.
type idForm uint8

const (
	version4 idForm = iota
	anyForm
	channelIsInteraction
)

func formOf(set assume.Set) idForm {
	return idForm(1 + slices.Index(assume.Rows()[assume.IDForm].Others, set.Get(assume.IDForm)))
}

// guid is the identifier that a key names.
func (f idForm) guid(k seeded.Key) (id event.GUID) {
	f.put(&id, k)
	return id
}

// put writes guid to a place.
func (f idForm) put(to *event.GUID, k seeded.Key) {
	if f == anyForm {
		k.PutGUID((*[36]byte)(to))
	} else {
		k.PutUUID((*[36]byte)(to))
	}
}

// The display IDs of agents whom no file identifies count from firstNumber, or from behind
// the numbers that files use.
const (
	firstNumber   = 1001
	seededNumbers = 8999 // how many there are for agents with a user ID alone
)

// numbering finds where those IDs begin, so that no two agents of a run share one, and the
// display IDs that the files of a mix use. A user without one must not get one of these. Two of
// them may get the same number, by a chance of one in thousands; it is the same one in every run
// with the seed.
func numbering(scs []*scenario.Scenario) (first uint64, taken map[string]bool) {
	first, taken = firstNumber, map[string]bool{}
	for _, sc := range scs {
		for _, a := range sc.Agents {
			taken[a.AgentID] = true
			first = max(first, behind(a.AgentID, a.UserID != ""))
		}
	}
	return first, taken
}

// behind is the first number that is free of an agent's display ID, or of the one that it
// gets because it has a user ID alone; 0 if any number is.
func behind(agentID string, hasUserID bool) uint64 {
	if n, err := strconv.ParseUint(agentID, 10, 48); err == nil {
		return n + 1
	}
	if agentID == "" && hasUserID {
		return firstNumber + seededNumbers
	}
	return 0
}

func digits(value string, otherwise uint8) uint8 {
	if value == "" {
		return otherwise
	}
	return value[0] - '0'
}
