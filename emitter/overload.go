package emitter

import (
	"fmt"
	"time"

	"github.com/ringback/ringback/internal/show"
)

// Overload is the longest time in which all connections to a target were busy while more was to be sent.
type Overload struct {
	Seconds     float64 `json:"seconds"`         // real time
	Offered     float64 `json:"offered_per_s"`   // first attempts that became due, until the last of them; 0 if they all did within a second
	Sustained   float64 `json:"sustained_per_s"` // attempts that were accepted, or refused as they should be, retries too
	Connections int     `json:"connections"`     // how many there were
	Answering   float64 `json:"answering"`       // 0 to 1: the share of the connections' time between request and answer; the rest is the emitter's own

	steady bool // a response took no longer than before, and nearly all were right: what was short may be connections
	silent bool // no attempt got a response
}

// graver is the one of two in which less was sustained of what was offered; nil is none.
func graver(a, b *Overload) *Overload {
	if a == nil || b != nil && b.Sustained*a.Offered < a.Sustained*b.Offered {
		return b
	}
	return a
}

// stretch is a time in which all connections of an outbox are busy while more is to be sent. The outbox's
// lock guards it.
type stretch struct {
	began, last time.Time // the moments at which the first and the last of those offered were due; began is zero between stretches
	offered     uint64
	right       int64     // attempts that ended as they should
	responses   int64     // attempts that ended with one
	answered    latencies // of all attempts that ended
	before      latencies // of the first attempts that ended
	longest     *Overload
}

// latencies are a sum.
type latencies struct {
	n   int64
	sum time.Duration
}

func (l *latencies) add(d time.Duration) { l.n, l.sum = l.n+1, l.sum+d }

func (l *latencies) mean() time.Duration { return l.sum / time.Duration(max(l.n, 1)) }

const (
	early  = 10  // first responses, which nothing waits before
	longer = 1.5 // times as long as these take responses that wait for others
	nearly = 0.9 // of the attempts end as they should, with a consumer that only wants more connections
)

// offer notes that a first attempt is due while all connections are busy.
func (s *stretch) offer(due time.Time) {
	if s.began.IsZero() {
		*s = stretch{began: due, longest: s.longest, before: s.before}
	}
	s.last = due
	s.offered++
}

// settle notes the end of an attempt, with the status of its response; 0: there was none.
func (s *stretch) settle(outcome Outcome, status int, latency time.Duration) {
	if s.before.n < early {
		s.before.add(latency)
	}
	if s.began.IsZero() {
		return
	}
	if outcome == Accepted || outcome == Refused {
		s.right++
	}
	if status > 0 {
		s.responses++
	}
	s.answered.add(latency)
}

// end ends the stretch, if there is one: a connection has nothing to do.
func (s *stretch) end(clock func() time.Time, connections int) {
	if s.began.IsZero() {
		return
	}
	now := clock()
	took := now.Sub(s.began)
	over := s.last.Sub(s.began)
	s.began = time.Time{}
	if took <= 0 || s.longest != nil && took.Seconds() <= s.longest.Seconds {
		return
	}
	o := &Overload{Seconds: took.Seconds(), Sustained: float64(s.right) / took.Seconds(), Connections: connections}
	o.Answering = min(1, s.answered.sum.Seconds()/o.Seconds/float64(connections))
	o.silent = s.responses == 0
	o.steady = s.before.n > 0 && float64(s.right) >= nearly*float64(s.answered.n) && float64(s.answered.mean()) < longer*float64(s.before.mean())
	if over >= time.Second {
		o.Offered = float64(s.offered-1) / over.Seconds()
	}
	s.longest = o
}

// overloads says whose fault it is that targets did not get what was due in time, a sentence each: the emitter's own,
// or the target's. Where the limit of open files was felt, it is the emitter's; where no target missed anything for
// that, the limit is a remark.
func (r *run) overloads(total *Counts, busy float64) (own, targets, remarks []string) {
	if total.FileLimited > 0 {
		limit := fmt.Sprintf("%s waited for a connection: at most %d at once are possible with the limit of open files; raise it, or use fewer connections or targets",
			show.Counted(total.FileLimited, "attempt"), r.rules.Sockets.Most)
		if missed := total.missed(); missed != "" {
			return []string{"load generator saturated: " + missed + "; " + limit}, nil, nil
		}
		remarks = []string{limit}
	}
	for i := range r.result.Targets {
		t := &r.result.Targets[i]
		missed, who := t.missed(), "consumer"
		if len(r.boxes) > 1 {
			who += " " + t.Name
		}
		switch o := t.Overload; {
		case missed == "":
		case busy > busyShare:
			own = append(own, fmt.Sprintf("load generator too slow: it used %.0f %% of its processors: %s; use a lower rate or a faster machine", 100*busy, missed))
		case o == nil:
			targets = append(targets, fmt.Sprintf("%s too slow: %s", who, missed))
		case o.Answering < answeringShare:
			own = append(own, fmt.Sprintf("load generator too slow: %s busy for %s, but for %.0f %% of that with ringback's own work, such as its log, and not with waiting for responses: %s",
				o.all(), o.took(), 100*(1-o.Answering), missed))
		case o.Sustained == 0:
			targets = append(targets, fmt.Sprintf("%s sustained nothing%s: %s; %s busy for %s; %s", who, o.of(), o.nothing(), o.all(), o.took(), missed))
		case o.Offered <= o.Sustained:
			targets = append(targets, fmt.Sprintf("%s too slow: %s busy for %s; %s", who, o.all(), o.took(), missed))
		default:
			targets = append(targets, fmt.Sprintf("%s sustained %s; %s busy for %s; %s",
				who, show.PerSecond(o.Sustained)+o.of(), o.all(), o.took(), missed)+o.more())
		}
	}
	return own, targets, remarks
}

// of says what was offered, where that is a rate.
func (o *Overload) of() string {
	if o.Offered == 0 {
		return ""
	}
	return " of " + show.PerSecond(o.Offered)
}

// nothing says why nothing was sustained.
func (o *Overload) nothing() string {
	if o.silent {
		return "no response in time"
	}
	return "no response was as it should be"
}

// more says where more connections would help.
func (o *Overload) more() string {
	if !o.steady {
		return ""
	}
	return "; responses took no longer than before, so more connections may help"
}

func (o *Overload) all() string {
	if o.Connections == 1 {
		return "the only connection"
	}
	return fmt.Sprintf("all %d connections", o.Connections)
}

func (o *Overload) took() string {
	return show.Duration(time.Duration(o.Seconds * float64(time.Second)))
}

// missed says how many were late for want of a connection, or not sent: nothing where they are too few to count.
func (c *Counts) missed() (text string) {
	if c.CrowdedLate > 0 && c.CrowdedLate*crowdedShare > c.Attempts-c.Retries {
		text = show.Counted(c.CrowdedLate, "notification") + " sent over a second late"
	}
	if c.NotSent == 0 {
		return text
	}
	if text != "" {
		text += ", "
	}
	return text + fmt.Sprintf("%s of %s not sent, because too many were queued already", show.Grouped(c.NotSent), show.Counted(c.Matched, "notification"))
}
