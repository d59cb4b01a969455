package plan

import (
	"fmt"
	"reflect"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario/fault"
)

// defaultMemory is how many bytes a walk may take for what is alive in it at the same time. The garbage collector may
// need as much again. A million conversations of a plain call take a quarter to a third of it.
const defaultMemory = 1 << 30

// memoryError is a plan, or a walk through it, that takes more memory than it may.
type memoryError struct {
	Alive uint64        // conversations at the same time, about as many where they are not counted
	Need  int64         // bytes that they take; 0: more than Most
	Most  int64         // bytes that there are for them
	At    time.Duration // moment of the plan at which it became too much; 0: it is known beforehand
}

// Error says how much is too much, and what makes it less.
func (e *memoryError) Error() string {
	const cure = "lower the rate, the population or the number of conversations, or shorten the stories"
	if e.Need == 0 {
		return fmt.Sprintf("%s after the start, %d conversations that are alive take more than the %s of memory that is for them: %s; where they wait for agents, add agents or patience",
			e.At.Round(time.Millisecond), e.Alive, inBytes(e.Most), cure)
	}
	about := e.Alive
	for unit := uint64(10); about/unit >= 100; unit *= 10 {
		about = about / unit * unit
	}
	return fmt.Sprintf("about %d conversations would be alive at once, which takes about %s of memory; want at most %s: %s", about, inBytes(e.Need), inBytes(e.Most), cure)
}

// inBytes writes a number of bytes.
func inBytes(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// Sizes in bytes.
var (
	sizeOfPlay         = int(reflect.TypeFor[play]().Size())
	sizeOfTurn         = int(reflect.TypeFor[turn]().Size())
	sizeOfConversation = int(reflect.TypeFor[conversation]().Size())
	sizeOfWait         = int(reflect.TypeFor[wait]().Size())
	sizeOfWaiter       = int(reflect.TypeFor[waiter]().Size())
	sizeOfEntry        = int(reflect.TypeFor[entry]().Size())
	sizeOfIdent        = int(reflect.TypeFor[ident]().Size())
	sizeOfUser         = int(reflect.TypeFor[event.User]().Size())
	sizeOfWrap         = int(reflect.TypeFor[wrapEnd]().Size())
	sizeOfNotification = int(reflect.TypeFor[Notification]().Size())
)

// sizeOfMembers is what maps and heaps need for a conversation or a notification beside what it is itself.
const sizeOfMembers = 48

// size is how much memory a play takes.
func (pl *play) size() int {
	return sizeOfPlay + pl.state.Size() + cap(pl.pending)*sizeOfEntry + cap(pl.channels)*sizeOfIdent + cap(pl.users)*sizeOfUser + cap(pl.wraps)*sizeOfWrap +
		8*(cap(pl.rounds)+cap(pl.free)) + 4*(cap(pl.changes)+cap(pl.bound)+cap(pl.played))
}

// memory is how much a walk takes, as far as that grows with what it plans.
type memory struct {
	most int64
	held func() int64 // by what stands behind the conversations: bursts and faults; nil: nothing
	err  *memoryError
}

// looks is how many conversations begin, and how many notifications are given, between two looks at the memory.
const looks = 1024

// limit is what a walk may take.
func (p *Plan) limit() *memory { return &memory{most: p.memory()} }

// look ends the walk if the memory is used up, or if somebody ended the planning as a whole.
func (l *living) look(at int64) {
	if l.plan.stopped() {
		l.stopped.Store(true)
	}
	if l.memory.err != nil {
		return
	}
	used := l.size()
	if l.memory.held != nil {
		used += l.memory.held()
	}
	if used > l.memory.most {
		l.memory.err = &memoryError{Alive: uint64(l.alive), Most: l.memory.most, At: max(1, time.Duration(at))}
		l.stopped.Store(true)
	}
}

// size is how much memory the living conversations take. Plays are too many to look at each of them.
func (l *living) size() int64 {
	const some = 64
	plays, seen := 0, 0
	for i := 0; i < len(l.plays); i += max(1, len(l.plays)/some) {
		plays += l.plays[i].size()
		seen++
	}
	kept := int64(0)
	if l.past != nil {
		kept = int64(cap(l.past.births)*8 + cap(l.past.fates)*int(sizeOfFate))
	}
	return int64(cap(l.heap)*sizeOfTurn+cap(l.convs)*sizeOfConversation+cap(l.vacant)*4+cap(l.waits)*sizeOfWait) + int64(len(l.plays))*int64(plays/max(1, seen)) + l.cold.bytes + kept
}

var sizeOfFate = reflect.TypeFor[fate]().Size()

// sample is what a few conversations of a plan show.
type sample struct {
	length        time.Duration // from the beginning to the last notification, on average
	notifications float64       // of a conversation, on average
	play, packed  int           // bytes of the largest play, and of one that is put away
	passed        int           // bytes of all sizes together that one has which is put away
}

// alone is a plan whose conversations get an agent at once.
func (p *Plan) alone() *Plan {
	alone := &Plan{opts: p.opts, lag: p.lag, shares: p.shares}
	for _, c := range p.casts {
		own := *c
		own.roles = nil
		alone.casts = append(alone.casts, &own)
	}
	return alone
}

// sampled plays the first conversations of a plan, as if each had an agent at once. Long stories need fewer of them.
func (p *Plan) sampled() (s sample) {
	const conversations, notifications = 200, 100_000
	alone := p.alone()
	pl, lengths, given := &play{texts: &texts{}}, time.Duration(0), 0
	var buf []byte
	var sizes [len(cold{}.sizes)]bool
	played := uint64(0)
	for ; played < min(conversations, p.count) && given < notifications; played++ {
		last, packed := int64(0), 0
		for pl.begin(alone, played, 0); pl.prepare() && given < notifications; pl.drop() {
			last = pl.due()
			if given++; played < 10 || packed == 0 || given%64 == 0 {
				buf = pl.pack(buf[:0])
				size := len(buf) + pl.casting.atMost(p)
				packed = max(packed, size)
				sizes[classOf(size)] = true
			}
			s.play = max(s.play, pl.size())
		}
		lengths += time.Duration(max(last, pl.now))
		s.packed = max(s.packed, packed)
	}
	for class, seen := range sizes {
		if seen {
			s.passed += lengthOf(class)
		}
	}
	played = max(1, played)
	s.length, s.notifications, s.packed = lengths/time.Duration(played), float64(given)/float64(played), lengthOf(classOf(s.packed))
	return s
}

// checkMemory refuses a plan of which more is alive at the same time than there is memory for, as far as a few of its
// conversations show that. What only a walk shows, it tells by itself.
func (p *Plan) checkMemory() error {
	if p.count <= uint64(p.awake) && p.widest() < 1000 { // most plans
		return nil
	}
	s := p.sampled()
	alive := min(float64(p.count), p.abreast(&s))
	need := p.takes(alive, &s)
	if need <= float64(p.memory()) {
		return nil
	}
	return &memoryError{Alive: uint64(alive), Need: int64(min(need, 1<<62)), Most: p.memory()}
}

// Memory is about how many bytes a walk takes for what is alive in it at the same time, if nobody has to wait for an agent, and those of the
// scenarios.
func (p *Plan) Memory() int64 {
	const ofOperation = 300 // with the step that it is from
	s := p.sampled()
	need, seen := p.takes(min(float64(p.count), p.abreast(&s)), &s), map[*story.Program]bool{}
	for _, c := range p.casts {
		if !seen[c.prog] {
			seen[c.prog] = true
			need += ofOperation * float64(len(c.ops))
		}
	}
	return int64(min(need, 1<<62))
}

// Queues reports whether conversations may wait for agents, so that more of them may be alive than Memory knows.
func (p *Plan) Queues() bool { return p.opts.Pool != nil }

// memory is how many bytes a walk may take.
func (p *Plan) memory() int64 {
	if p.opts.Memory > 0 {
		return p.opts.Memory
	}
	return defaultMemory
}

// widest is how many parties a story has, at most.
func (p *Plan) widest() (most int) {
	for _, c := range p.casts {
		most = max(most, len(c.prog.Parties))
	}
	return most
}

// abreast is how many conversations are alive at the same time, if nobody has to wait for an agent.
func (p *Plan) abreast(s *sample) float64 {
	lasts := max(s.length, time.Second)
	switch o := &p.opts; {
	case o.Population > 0:
		return float64(o.Population)
	case !o.Events.IsZero():
		return float64(o.Events.Times) * (float64(lasts) / float64(o.Events.Per)) / max(1, s.notifications)
	case !o.Calls.IsZero():
		return float64(o.Calls.Times) * (float64(lasts) / float64(o.Calls.Per))
	case p.arrivals != nil:
		return p.arrivals.within(lasts)
	}
	return float64(p.count)
}

// within is how many conversations begin in a time, at the busiest time.
func (a *arrivals) within(long time.Duration) (most float64) {
	first, begun := 0, 0.0 // the stretch in which the time begins, and how many begin from there on
	for i := range a.parts {
		last := &a.parts[i]
		begun += float64(last.count)
		from := last.start + int64(last.Over) - int64(long)
		for ; first < i && a.parts[first].start+int64(a.parts[first].Over) <= from; first++ {
			begun -= float64(a.parts[first].count)
		}
		before := float64(max(0, from-a.parts[first].start)) / float64(a.parts[first].Over)
		peak := max(perNanosecond(last.From), perNanosecond(last.To)) * float64(min(long, last.Over))
		most = max(most, begun-before*float64(a.parts[first].count), min(peak, float64(last.count)))
	}
	return most
}

// takes is how much memory so many living conversations take.
func (p *Plan) takes(alive float64, s *sample) float64 {
	awake := min(alive, float64(p.awake))
	cold := min(alive-awake, float64(p.cold))
	each := sizeOfTurn + sizeOfConversation + sizeOfMembers
	if p.opts.Pool != nil {
		each += sizeOfWait + sizeOfWaiter
	}
	if p.opts.Pool != nil || p.opts.Population > 0 { // those that decide on one another are not planned again
		cold = alive - awake
	}
	if p.opts.Unordered {
		each += sizeOfMembers + (mostTogether+1)/2*sizeOfNotification
	}
	packed := s.packed
	if o := &p.opts; o.Calls.IsZero() && o.Events.IsZero() && p.arrivals == nil { // all begin at once, and have each size at about the same time
		packed = s.passed
	}
	return awake*float64(s.play) + cold*float64(packed) + alive*float64(each) + p.delayed(alive, s)*float64(sizeOfNotification+2*sizeOfMembers)
}

// delayed is how many notifications wait for the end of a delay that a fault makes.
func (p *Plan) delayed(alive float64, s *sample) (waiting float64) {
	perSecond := alive * s.notifications / max(s.length, time.Second).Seconds()
	for _, r := range p.faultRules() {
		share := r.Rate
		if r.Every > 0 {
			share = 1 / float64(r.Every)
		}
		if r.Kind == fault.Delay && r.Count == 0 {
			waiting += perSecond * share * ((r.By.Min() + r.By.Max()) / 2).Seconds()
		}
	}
	return min(waiting, float64(p.count)*max(1, s.notifications))
}
