package receiver

import "github.com/ringback/ringback/event"

// Phase is a phase of a channel's life.
type Phase uint8

// The phases. A channel is in phase Disconnected for no time: the notification that starts
// its wrap or ends it has the same timestamp. Spans show the phase only if that one is
// missing.
const (
	unborn Phase = iota
	Alerting
	Unexpected // connecting failed
	Connected
	Held
	Parked
	Interrupted
	Disconnected
	Wrap
	Ended
)

var phaseNames = [...]string{
	"unborn", "alerting", "unexpected", "connected", "held", "parked", "interrupted", "disconnected", "wrap", "ended",
}

// String is the name of the phase in lower case.
func (p Phase) String() string { return phaseNames[min(int(p), len(phaseNames)-1)] }

// phases is a set, one bit per phase.
type phases uint16

func (s phases) has(p Phase) bool { return s&(1<<p) != 0 }

// moves is the whole lifecycle: which phases an event may find a channel in, and which it
// leaves it in. Whatever an assumption allows is allowed here: disconnected while away
// (hangup-while-away), and both ways for an offer to be abandoned (abandon).
var moves = [...]struct {
	from phases
	to   Phase
}{
	event.Alerted:          {1 << unborn, Alerting},
	event.Connected:        {1 << Alerting, Connected},
	event.ConnectionFailed: {1 << Alerting, Unexpected},
	event.Held:             {1 << Connected, Held},
	event.Retrieved:        {1 << Held, Connected},
	event.Parked:           {1 << Connected, Parked},
	event.Unparked:         {1 << Parked, Connected},
	event.Interrupted:      {1 << Connected, Interrupted},
	event.Resumed:          {1 << Interrupted, Connected},
	event.Disconnected:     {1<<Connected | 1<<Held | 1<<Parked | 1<<Interrupted, Disconnected},
	event.WrapStarted:      {1 << Disconnected, Wrap},
	event.Ended:            {1<<Alerting | 1<<Unexpected | 1<<Disconnected | 1<<Wrap, Ended},
}

// move returns the phase that an event leaves a channel in, and whether it was lawful. After
// an unlawful one the event is believed, so that one missing notification does not make
// all that follow unlawful; but nothing raises the dead.
func move(from Phase, k event.Kind) (to Phase, lawful bool) {
	if from == Ended {
		return Ended, false
	}
	return moves[k].to, moves[k].from.has(from)
}
