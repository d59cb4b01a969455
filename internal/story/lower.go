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
			l.Ops[at].Ways = append(l.Ops[at].Ways, Way{s.Chance, at + 1, "happens"})
		}
		l.Ops[at].Ways = append(l.Ops[at].Ways, Way{1, len(l.Ops), "does not happen"})
	}
}

// lower appends the operations of a step to the program, by its word.
func (l *lowering) lower(s *Step) {
	switch s.Word {
	case "call", "email", "chat", "case":
		lowerBegin(l, s)
	case "dial":
		lowerDial(l, s)
	case "queue", "talk", "work", "wait":
		lowerWait(l, s)
	case "ring":
		lowerRing(l, s)
	case "hold":
		lowerHold(l, s)
	case "park":
		lowerPark(l, s)
	case "interrupt":
		lowerInterrupt(l, s)
	case "consult":
		lowerConsult(l, s)
	case "transfer":
		lowerTransfer(l, s)
	case "conference":
		lowerConference(l, s)
	case "leave":
		lowerLeave(l, s)
	case "monitor":
		lowerMonitor(l, s)
	case "voicemail":
		lowerVoicemail(l, s)
	case "hangup", "finish", "abandon":
		lowerEnd(l, s)
	case "wrap":
		lowerWrap(l, s)
	case "presence":
		lowerPresence(l, s)
	case "choose":
		lowerChoose(l, s)
	case "repeat":
		lowerRepeat(l, s)
	case "send":
		lowerSend(l, s)
	default:
		panic("story: no operations for the word " + s.Word)
	}
}

func lowerBegin(l *lowering, s *Step) {
	l.emit(Op{Code: Begin, Step: s, Party: l.outside(s.Name, s)})
}

func lowerDial(l *lowering, s *Step) {
	agent, to := l.agent(s.Agent, s), l.outside(s.Name, s)
	l.emit(Op{Code: Dial, Step: s, Party: agent, Other: to})
	l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
	if s.Then != "" {
		l.emit(Op{Code: DialFail, Step: s, Party: to})
		return
	}
	l.emit(Op{Code: Answer, Step: s, Party: to})
}

// skip notes, once the step's operations are all there, where the step that began at an
// operation ends.
func (l *lowering) skip(begun int) { l.Ops[begun].To = len(l.Ops) }

func lowerRing(l *lowering, s *Step) {
	defer l.skip(len(l.Ops))
	agent := l.offer(s)
	switch s.Then {
	case "no-answer", "reject":
		l.emit(Op{Code: Fail, Step: s, Party: agent})
	case "abandon":
		l.emit(Op{Code: End, Step: s})
	default:
		l.emit(Op{Code: Answer, Step: s, Party: agent})
	}
}

// offer lets an agent's channel alert for a time.
func (l *lowering) offer(s *Step) (agent int) {
	agent = l.agent(s.Agent, s)
	l.emit(Op{Code: Alert, Step: s, Party: agent})
	l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
	return agent
}

func lowerWait(l *lowering, s *Step) { l.emit(Op{Code: Wait, Step: s, Span: &s.Time}) }

// block is what happens between two operations: time, or steps.
func (l *lowering) block(s *Step, begin, end Code) {
	defer l.skip(l.emit(Op{Code: begin, Step: s}))
	if s.Timed {
		l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
	} else {
		l.steps(s.Steps)
	}
	l.emit(Op{Code: end, Step: s})
}

func lowerHold(l *lowering, s *Step) { l.block(s, Hold, Retrieve) }

func lowerPark(l *lowering, s *Step) { l.block(s, ParkBegin, ParkEnd) }

func lowerInterrupt(l *lowering, s *Step) {
	if s.Timed {
		l.block(s, InterruptBegin, InterruptEnd)
		return
	}
	l.block(s, AwaitInterrupt, InterruptEnd)
}

// joining puts the call on hold while a colleague is called in. It reports whether the
// colleague answers.
func (l *lowering) joining(s *Step) (agent int, answers bool) {
	l.emit(Op{Code: Hold, Step: s})
	agent = l.offer(s)
	if s.Then == "no-answer" || s.Then == "reject" {
		l.emit(Op{Code: Fail, Step: s, Party: agent})
		return agent, false
	}
	l.emit(Op{Code: Answer, Step: s, Party: agent})
	return agent, true
}

func lowerConsult(l *lowering, s *Step) {
	defer l.skip(len(l.Ops))
	if agent, answers := l.joining(s); answers {
		l.emit(Op{Code: Wait, Step: s, Span: &s.Talk})
		l.emit(Op{Code: Leave, Step: s, Party: agent})
	}
	l.emit(Op{Code: Retrieve, Step: s})
}

func lowerTransfer(l *lowering, s *Step) {
	defer l.skip(len(l.Ops))
	if _, answers := l.joining(s); answers {
		l.emit(Op{Code: Wait, Step: s, Span: &s.Talk})
		l.emit(Op{Code: LeaveFirst, Step: s})
	}
	l.emit(Op{Code: Retrieve, Step: s})
}

func lowerConference(l *lowering, s *Step) {
	defer l.skip(len(l.Ops))
	l.joining(s)
	l.emit(Op{Code: Retrieve, Step: s})
}

func lowerLeave(l *lowering, s *Step) {
	l.emit(Op{Code: Leave, Step: s, Party: l.named(s.Name, s)})
}

func lowerMonitor(l *lowering, s *Step) {
	l.emit(Op{Code: Join, Step: s, Party: l.agent(s.Agent, s)})
}

func lowerVoicemail(l *lowering, s *Step) {
	l.emit(Op{Code: ToVoicemail, Step: s, Party: l.outside(VoicemailParty, s)})
	l.emit(Op{Code: Wait, Step: s, Span: &s.Time})
}

// VoicemailParty is the name under which voicemail takes part in a story.
const VoicemailParty = "voicemail"

func lowerEnd(l *lowering, s *Step) {
	op := Op{Code: End, Step: s}
	if s.Word == "hangup" {
		op.Party = l.named(s.Name, s)
	}
	l.emit(op)
	if s.Word == "finish" {
		l.emit(Op{Code: WrapUp, Step: s, Span: &s.Time})
	}
}

func lowerWrap(l *lowering, s *Step) { l.emit(Op{Code: WrapUp, Step: s, Span: &s.Time}) }

func lowerPresence(l *lowering, s *Step) {
	l.emit(Op{Code: SetPresence, Step: s, Party: l.agent(s.Agent, s), Presence: presenceIndex(s.Presence)})
}

func lowerSend(l *lowering, s *Step) { l.emit(Op{Code: SendBody, Step: s}) }

// lowerChoose lays the ways out one after the other; each jumps behind the last.
func lowerChoose(l *lowering, s *Step) {
	at := l.emit(Op{Code: Choose, Step: s})
	total, sum := 0.0, 0.0
	for _, b := range s.Branches {
		total += b.Weight
	}
	var ways []Way
	var jumps []int
	for i, b := range s.Branches {
		sum += b.Weight
		ways = append(ways, Way{sum / total, len(l.Ops), fmt.Sprintf("goes way %d", i+1)})
		l.steps(b.Steps)
		jumps = append(jumps, l.emit(Op{Code: Jump, Step: s}))
	}
	ways[len(ways)-1].UpTo = 1
	l.Ops[at].Ways = ways
	for _, j := range jumps {
		l.Ops[j].To = len(l.Ops)
	}
}

func lowerRepeat(l *lowering, s *Step) {
	loop := l.Loops
	l.Loops++
	begin := l.emit(Op{Code: LoopBegin, Step: s, Loop: loop})
	l.steps(s.Steps)
	l.emit(Op{Code: LoopEnd, Step: s, Loop: loop, To: begin + 1})
	l.Ops[begin].To = len(l.Ops)
}
