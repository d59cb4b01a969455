package story

import (
	"fmt"

	"github.com/ringback/ringback/internal/source"
)

// Lower makes the program of a story. It is sound unless a name stands for parties of two
// kinds; then nothing more can be said about the story.
func Lower(f *source.File, agents []Agent, steps []Step) (prog *Program, sound bool) {
	l := &lowering{file: f, index: map[string]int{}, declared: len(agents) > 0}
	for i := range agents {
		a := &agents[i]
		l.index[a.Name] = len(l.Parties)
		l.Parties = append(l.Parties, Party{a.Name, a, a.Pos})
	}
	l.steps(steps)
	return &l.Program, !l.mixed
}

func (l *lowering) steps(steps []Step) {
	for i := range steps {
		s := &steps[i]
		if s.Chance == 1 {
			l.lower(s)
			continue
		}
		at := l.emit(Op{Code: Choose, Step: s})
		l.lower(s)
		if s.Chance > 0 {
			l.ops[at].Ways = append(l.ops[at].Ways, Way{s.Chance, at + 1, "happens"})
		}
		l.ops[at].Ways = append(l.ops[at].Ways, Way{1, len(l.ops), "does not happen"})
	}
}

// ofNamed are the operations of the words that name somebody who takes part.
var ofNamed = map[string]Code{"leave": Leave, "coach": Coach, "join": JoinIn, "alternate": Alternate, "hangup": End}

// lower appends the operations of a step to the program, by its word.
func (l *lowering) lower(s *Step) {
	switch s.Word {
	case "call", "email", "chat", "case":
		l.begin(s)
	case "callback":
		defer l.skip(len(l.ops))
		l.outbound(s, Alert, Fail, Asker)
	case "dial":
		l.outbound(s, Dial, DialFail, l.outside(s.Name, s))
	case "internal":
		l.internal(s)
	case "queue", "talk", "work", "wait":
		l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
	case "ring":
		defer l.skip(len(l.ops))
		l.offer(s)
	case "hold":
		l.block(s, Hold, Retrieve)
	case "meanwhile":
		l.block(s, MeanwhileBegin, MeanwhileEnd)
	case "park":
		l.block(s, ParkBegin, ParkEnd)
	case "interrupt":
		if s.Timed {
			l.block(s, InterruptBegin, InterruptEnd)
		} else {
			l.block(s, AwaitInterrupt, InterruptEnd)
		}
	case "consult", "transfer", "conference":
		l.callIn(s)
	case "monitor":
		l.monitor(s)
	case "leave", "coach", "join", "alternate", "hangup":
		l.emit(Op{Code: ofNamed[s.Word], Step: s, Party: l.named(s.Name, s)})
	case "voicemail":
		l.emit(Op{Code: ToVoicemail, Step: s, Party: l.outside(VoicemailParty, s)})
		l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
	case "abandon":
		l.emit(Op{Code: End, Step: s})
	case "finish":
		l.emit(Op{Code: End, Step: s})
		l.emit(Op{Code: WrapUp, Step: s, Span: &s.Time})
	case "wrap":
		l.emit(Op{Code: WrapUp, Step: s, Span: &s.Time})
	case "presence":
		l.emit(Op{Code: SetPresence, Step: s, Party: l.agent(s.Agent, s), Presence: presenceOf(s.Presence)})
	case "choose":
		l.choose(s)
	case "repeat":
		l.repeat(s)
	case "send":
		l.emit(Op{Code: SendBody, Step: s})
	default:
		panic("story: no operations for the word " + s.Word)
	}
}

// VoicemailParty is the name under which voicemail takes part in a story.
const VoicemailParty = "voicemail"

// begin is the beginning of an inbound interaction, whose party may ask to be called back.
func (l *lowering) begin(s *Step) {
	party := l.outside(s.Name, s)
	l.emit(Op{Code: Begin, Step: s, Party: party})
	if s.Callback {
		l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
		l.emit(Op{Code: End, Step: s})
		l.emit(Op{Code: Requeue, Step: s, Party: party})
	}
}

// outbound rings an agent, who calls somebody then. The first operation is begin, and missed the
// one that follows if the agent does not answer.
func (l *lowering) outbound(s *Step, begin, missed Code, to int) {
	agent := l.agent(s.Agent, s)
	l.lasting(s)
	l.emit(Op{Code: begin, Step: s, Party: agent})
	l.emit(Op{Code: Wait, Step: s, Span: &s.AgentRing})
	if s.misses() {
		if s.Fails != "" {
			l.file.Errorf(s.Pos, "%s: %s does not answer, so nobody is dialled whose call could fail", s.Word, s.Agent).
				Hint = `leave out "then" or "fails"`
		}
		l.emit(Op{Code: missed, Step: s, Party: agent})
		return
	}
	l.emit(Op{Code: Answer, Step: s, Party: agent})
	l.emit(Op{Code: Call, Step: s, Party: to})
	l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
	if s.Fails != "" {
		l.emit(Op{Code: DialFail, Step: s, Party: to})
		return
	}
	l.emit(Op{Code: Answer, Step: s, Party: to})
}

// internal is a call from one agent to another.
func (l *lowering) internal(s *Step) {
	from, to := l.agent(s.Agent, s), l.agent(s.Name, s)
	l.lasting(s)
	l.emit(Op{Code: Dial, Step: s, Party: from})
	l.emit(Op{Code: Wait, Step: s, Span: &s.AgentRing})
	l.emit(Op{Code: Answer, Step: s, Party: from})
	l.emit(Op{Code: Alert, Step: s, Party: to})
	l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
	if s.misses() {
		l.emit(Op{Code: DialFail, Step: s, Party: to})
		return
	}
	l.emit(Op{Code: Answer, Step: s, Party: to})
}

func (l *lowering) monitor(s *Step) {
	supervisor := l.agent(s.Agent, s)
	begun := l.emit(Op{Code: Join, Step: s, Party: supervisor})
	l.lasting(s)
	if s.monitorsAtOnce() {
		return
	}
	defer l.skip(begun)
	l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
	if s.misses() {
		l.emit(Op{Code: Fail, Step: s, Party: supervisor})
		return
	}
	l.emit(Op{Code: Answer, Step: s, Party: supervisor})
}

// skip notes at an operation, once those of its step are all there, where the step ends.
func (l *lowering) skip(begun int) { l.ops[begun].To = len(l.ops) }

// offer lets an agent's channel alert for a time, and says whether the agent answers.
func (l *lowering) offer(s *Step) (agent int, answers bool) {
	agent = l.agent(s.Agent, s)
	l.lasting(s)
	l.emit(Op{Code: Alert, Step: s, Party: agent})
	l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
	switch s.Then {
	case "no-answer", "reject":
		l.emit(Op{Code: Fail, Step: s, Party: agent})
	case "abandon":
		l.emit(Op{Code: End, Step: s})
	default:
		l.emit(Op{Code: Answer, Step: s, Party: agent})
		return agent, true
	}
	return agent, false
}

// lasting refuses a time for a failure where nothing fails.
func (l *lowering) lasting(s *Step) {
	if s.Unexpected != nil && !s.Failing() {
		hint := `leave it out, or add "then: no-answer"`
		if s.Word == "dial" || s.Word == "callback" { // two may fail
			hint += ` for the agent, or "fails: no-answer" for the other party`
		}
		l.file.Errorf(s.Pos, "%s: unexpected is how long a channel lasts that does not connect, but this one connects", s.Word).Hint = hint
	}
}

// block is what happens between two operations: time, or steps.
func (l *lowering) block(s *Step, begin, end Code) {
	at := l.emit(Op{Code: begin, Step: s})
	defer l.skip(at)
	if s.Word == "hold" && s.Name != "" {
		l.ops[at].Party = l.named(s.Name, s)
	}
	if s.Timed {
		l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
	} else {
		l.steps(s.Steps)
	}
	l.emit(Op{Code: end, Step: s})
}

// target calls in whom a consult, transfer or conference names, and says whether somebody comes.
func (l *lowering) target(s *Step) (party int, comes bool) {
	if s.Queued {
		l.emit(Op{Code: Wait, Step: s, Span: &s.Queue})
	}
	switch {
	case s.Agent != "":
		return l.offer(s)
	case s.Name == "":
		return nobody, false // whoever waits in the queue gives up
	}
	party = l.outside(s.Name, s)
	l.lasting(s)
	l.emit(Op{Code: Call, Step: s, Party: party})
	l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
	code := Answer
	if s.misses() {
		code = Fail
	}
	l.emit(Op{Code: code, Step: s, Party: party})
	return party, code == Answer
}

// callIn puts the call on hold while somebody is called in; or lets go of it at once.
func (l *lowering) callIn(s *Step) {
	if s.atOnce() {
		defer l.skip(l.emit(Op{Code: HandOver, Step: s}))
		l.target(s)
		return
	}
	defer l.skip(l.emit(Op{Code: Hold, Step: s}))
	if target, comes := l.target(s); comes && s.Word != "conference" {
		l.emit(Op{Code: Wait, Step: s, Span: &s.Talk})
		if s.Word == "consult" {
			l.emit(Op{Code: Leave, Step: s, Party: target})
		} else {
			l.emit(Op{Code: LeaveFirst, Step: s})
		}
	}
	l.emit(Op{Code: Retrieve, Step: s})
}

// choose lays the ways out one after the other; each jumps behind the last.
func (l *lowering) choose(s *Step) {
	at := l.emit(Op{Code: Choose, Step: s})
	total, sum := 0.0, 0.0
	for _, b := range s.Branches {
		total += b.Weight
	}
	var ways []Way
	var jumps []int
	for i, b := range s.Branches {
		sum += b.Weight
		ways = append(ways, Way{sum / total, len(l.ops), fmt.Sprintf("goes way %d", i+1)})
		l.steps(b.Steps)
		jumps = append(jumps, l.emit(Op{Code: Jump, Step: s}))
	}
	ways[len(ways)-1].UpTo = 1
	l.ops[at].Ways = ways
	for _, j := range jumps {
		l.skip(j)
	}
}

func (l *lowering) repeat(s *Step) {
	loop := l.loops
	l.loops++
	begin := l.emit(Op{Code: LoopBegin, Step: s, Loop: loop})
	defer l.skip(begin)
	l.steps(s.Steps)
	l.emit(Op{Code: LoopEnd, Step: s, Loop: loop, To: begin + 1})
}
