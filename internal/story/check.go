package story

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/source"
)

// Bounds on what the check of one story may cost: about a second and a hundred megabytes.
const (
	maxExplored   = 2_000_000 // operations that are tried, over all paths together
	maxSituations = 100_000   // different situations at forks
)

// Check plays the story on every path that chance, choose and repeat allow, and records
// what is not possible. Paths that reach the same situation at the same operation continue
// as one, so that twenty chances in a row do not make a million paths. Where the story is long, which
// is said to be longer than Inactivity, it lists the agents who rest for so long, on a path to each step.
func Check(f *source.File, prog *Program, rules Rules, long bool) []Rest {
	c := &checker{file: f, prog: prog, seen: map[string]bool{}, told: map[*Op]bool{}, long: long}
	start := &path{state: &State{}, rounds: make([]int, prog.loops), rest: c.resting()}
	start.state.Reset(prog, &rules)
	c.next = append(c.next, start)
	for len(c.next) > 0 {
		p := c.next[0] // first come, first served: a problem is told with a shortest path to it
		c.next[0], c.next = nil, c.next[1:]
		c.follow(p)
		if c.explored > maxExplored || len(c.seen) > maxSituations {
			f.Errorf(Pos{Line: 1, Column: 1}, "the story has too many different paths to be checked").
				Hint = "use fewer chance, choose and repeat steps, or several scenarios in a workload's mix"
			break
		}
	}
	return c.rested
}

type checker struct {
	file     *source.File
	prog     *Program
	next     []*path
	seen     map[string]bool
	told     map[*Op]bool
	explored int
	long     bool // agents may rest for longer than Inactivity
	rested   []Rest
}

// path is one way to an operation, and the situation there.
type path struct {
	at     int
	state  *State
	rounds []int // of each repeat step
	faulty bool  // something was told on the way
	silent uint8 // causes that were told on the way, one bit each
	last   *decision
	rest   []int64 // how long each party has done nothing, see resting
}

// decision is a link in the list of what was decided on a path.
type decision struct {
	before *decision
	line   int
	name   string
	round  bool // of a repeat step that goes on
}

func noMove(*Channel, *lifecycle.Edge) {}

// follow goes along a path up to its next fork, or its end.
func (c *checker) follow(p *path) {
	for p.at < len(c.prog.ops) {
		op := &c.prog.ops[p.at]
		if c.explored++; c.explored > maxExplored {
			return
		}
		switch op.Code {
		case Choose:
			for _, w := range op.Ways {
				c.fork(p, op, w.To, w.Name, -1)
			}
			return
		case LoopBegin:
			if op.Step.Times.Min == 0 {
				c.fork(p, op, op.To, "happens 0 times", -1)
			}
			p.rounds[op.Loop] = 0
			p.at++
		case LoopEnd:
			c.endRound(p, op)
			return
		case Jump:
			p.at = op.To
		default:
			if p.at++; !c.apply(p, op) {
				return
			}
		}
	}
	if cur := p.state.current(); cur != nil && !cur.waits() && !p.faulty {
		c.tell(p, &Op{Step: cur.begun}, problem("%s: this never ends", cur.begun.Word).
			hint(`end it, for example with "hangup: %s" or "finish: 10s"`, p.state.customer(cur)))
	}
}

func (c *checker) endRound(p *path, op *Op) {
	times := op.Step.Times
	done := p.rounds[op.Loop] + 1
	if l := p.last; l != nil && l.round && l.line == op.Step.Pos.Line { // nothing was decided in it
		p.last = l.before
	}
	name := ""
	if times.Min != times.Max {
		name = "happens " + show.Counted(uint64(done), "time")
	}
	if done >= times.Min {
		c.fork(p, op, p.at+1, name, 0)
	}
	if done < times.Max {
		c.fork(p, op, op.To, fmt.Sprintf("begins round %d", done+1), done)
	}
}

// fork continues at an operation with a copy of the situation, unless another path has been
// there in the same one. A round of -1 leaves the loop's count alone.
func (c *checker) fork(p *path, op *Op, to int, name string, round int) {
	q := *p
	q.at, q.state, q.rounds = to, p.state.clone(), slices.Clone(p.rounds)
	q.rest = slices.Clone(p.rest)
	if round >= 0 {
		q.rounds[op.Loop] = round
	}
	if name != "" {
		q.last = &decision{p.last, op.Step.Pos.Line, name, round > 0}
	}
	key := fmt.Sprint(to, q.rounds, q.silent, q.faulty) + q.state.key()
	if !c.seen[key] {
		c.seen[key] = true
		c.next = append(c.next, &q)
	}
}

// apply does an operation, or records why it is not possible and recovers. It is false where
// the path cannot continue.
func (c *checker) apply(p *path, op *Op) bool {
	s := p.state
	if op.Settles() {
		s.Settle(noMove, func(ch *Channel) {})
		finishWraps(s)
	}
	if op.Party == nobody { // an unknown name, which has been told
		p.faulty = true
		return c.recover(p, op)
	}
	c.rests(p, op)
	refusal := s.Apply(op, noMove)
	c.pass(p, op)
	if refusal == nil {
		finishWraps(s) // how long a wrap takes forbids nothing
		return true
	}
	if bit := uint8(1) << refusal.cause; refusal.cause == causeOwn || p.silent&bit == 0 {
		p.silent |= bit &^ 1
		c.tell(p, op, refusal)
	}
	p.faulty = true
	return c.recover(p, op)
}

// recover leaves a faulty step behind, so that one mistake does not hide the next.
func (c *checker) recover(p *path, op *Op) bool {
	s := p.state
	switch op.Code {
	case Begin, Dial:
		return false
	case Alert:
		if op.Step.Word == "internal" {
			return false
		}
		p.silent |= 1 << causeNobody
		p.at = op.To
		if op.Step.Word != "ring" && op.Step.Word != "callback" { // inside a consult, transfer or conference
			s.drop(op.Step)
			return false
		}
	case Call:
		s.drop(op.Step)
		return false
	case Hold, HandOver, ParkBegin, AwaitInterrupt, InterruptBegin, MeanwhileBegin:
		p.at = op.To
	case Join:
		p.at = max(p.at, op.To)
	case ToVoicemail:
		p.silent |= 1 << causeNobody
	case End:
		if cur := s.current(); cur != nil {
			s.end(cur, op.Step, noMove)
			finishWraps(s)
			s.prune()
		}
	case Retrieve, ParkEnd, InterruptEnd, MeanwhileEnd:
		for b := s.blocks[len(s.blocks)-1]; s.current() != nil && s.current().ordinal > b.interaction; {
			s.end(s.current(), op.Step, noMove)
		}
		s.do(op, noMove)
		finishWraps(s)
		s.prune()
	}
	return true
}

// drop forgets the hold of a step.
func (s *State) drop(step *Step) {
	if n := len(s.blocks); n > 0 && s.blocks[n-1].step == step {
		s.blocks = s.blocks[:n-1]
	}
}

func finishWraps(s *State) {
	scheduled := func(c *Channel) bool { return c.Scheduled }
	for c := s.first(scheduled); c != nil; c = s.first(scheduled) {
		s.FinishWrap(c.Ordinal, noMove)
	}
	for party := range s.parties {
		s.Return(party)
	}
}

// tell records a problem once for each operation, with the path that leads to it.
func (c *checker) tell(p *path, op *Op, refusal *Refusal) {
	for told := range c.told {
		if told.Step == op.Step && told.Code == op.Code {
			return
		}
	}
	c.told[op] = true
	text := refusal.Text
	var way []string
	for d := p.last; d != nil; d = d.before {
		way = append([]string{fmt.Sprintf("line %d %s", d.line, d.name)}, way...)
	}
	if len(way) > 0 {
		const most = 6
		if len(way) > most {
			way = append([]string{"…"}, way[len(way)-most:]...)
		}
		text += "; on the path where " + strings.Join(way, ", ")
	}
	c.file.Errorf(op.Step.Pos, "%s", text).Hint = refusal.Hint
}

// clone is a copy that shares nothing that changes.
func (s *State) clone() *State {
	g := *s
	g.channels, g.interactions = slices.Clone(s.channels), slices.Clone(s.interactions)
	g.blocks, g.parties = slices.Clone(s.blocks), slices.Clone(s.parties)
	return &g
}

// key tells apart situations in which a story can go on differently.
func (s *State) key() string {
	index := map[int]byte{}
	var b []byte
	for i, x := range s.interactions {
		index[x.ordinal] = byte(i + 1)
		b = append(append(b, x.medium()...), oneIf(x.answered), oneIf(x.since != nil), byte(x.asker), byte(x.asker>>8))
	}
	for _, c := range s.channels {
		b = append(b, index[c.Interaction], byte(c.Party), byte(c.Party>>8), byte(c.Role), byte(c.Phase), oneIf(c.coaches)|oneIf(c.joined)<<1)
	}
	for _, x := range s.blocks {
		b = append(b, 'b', byte(x.code), index[x.interaction], byte(x.held), byte(x.held>>8))
	}
	for _, x := range s.parties {
		b = append(b, byte(x.presence), byte(x.intended), oneIf(x.lastChannel > 0), oneIf(x.noAnswer))
	}
	return string(append(b, oneIf(s.conversations > 0), oneIf(s.excused)))
}

func oneIf(on bool) byte {
	if on {
		return 1
	}
	return 0
}
