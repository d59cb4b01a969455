package ringbacktest

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
)

// Result is the truth of what was played, and its result.
type Result struct {
	Seed     uint64
	Start    time.Time
	PlanHash string // equal hashes mean equal notifications, byte for byte

	// Notifications are all planned ones, in the order of sending; those whose Extra is set
	// tell nothing that happened.
	Notifications []plan.Notification

	// Channels are the lives of all channels as they really were, in the order of their first
	// notifications: what a consumer should believe in the end.
	Channels []Channel

	// Deliveries are the ends of the notifications, in the order in which they ended.
	Deliveries []Delivery

	Total emitter.Figures // the figures of the run

	allRight bool
}

// AllRight reports whether the consumer accepted everything that a correct consumer accepts,
// and refused the rest. If it did not, the test has failed already.
func (r *Result) AllRight() bool { return r.allRight }

// Channel returns the first channel of a party, named as in the scenario. With several
// conversations, look through Channels. It returns nil if the party has none.
func (r *Result) Channel(party string) *Channel {
	i := slices.IndexFunc(r.Channels, func(c Channel) bool { return c.Party == party })
	if i < 0 {
		return nil
	}
	return &r.Channels[i]
}

// Wrong are the deliveries that did not end as with a correct consumer, in the order of
// sending.
func (r *Result) Wrong() []Delivery {
	wrong := slices.DeleteFunc(slices.Clone(r.Deliveries), func(d Delivery) bool { return !d.Wrong() })
	slices.SortStableFunc(wrong, func(a, b Delivery) int { return cmp.Compare(a.Notification.Seq, b.Notification.Seq) })
	return wrong
}

// Channel is one channel of a party: who, and which phases from when to when.
type Channel struct {
	Party string // as the scenario calls it
	receiver.Life
}

// In is the time that the channel spent in a phase, all such phases together. A phase that
// lasts has no end, and does not count.
func (c *Channel) In(phase receiver.Phase) time.Duration {
	var sum time.Duration
	for _, s := range c.Spans {
		if s.Phase == phase && !s.To.IsZero() {
			sum += s.To.Sub(s.From)
		}
	}
	return sum
}

// Delivery is how one notification ended.
type Delivery struct {
	Notification plan.Notification
	Attempts     int
	Status       int // of the last answer; 0 if there was none
	Outcome      emitter.Outcome
	Failure      emitter.Failure // why it was not accepted; zero if it was
	Answer       string          // the first bytes of the answer, unless it accepts; without tokens
}

// Wrong reports whether a correct consumer would have let it end otherwise.
func (d *Delivery) Wrong() bool {
	return d.Outcome != emitter.Accepted && d.Outcome != emitter.Refused && d.Outcome != emitter.Dropped
}

// channels lets the reference consumer, which shares no code with the planner, live
// through what really happened.
func channels(notifications []plan.Notification) []Channel {
	reference := receiver.New(receiver.Options{Remember: len(notifications)})
	first := map[event.GUID]*plan.Notification{} // of each channel
	for i := range notifications {
		n := &notifications[i]
		if n.Extra || n.Event.Type == (event.Type{}) {
			continue
		}
		reference.Add(n.Event)
		if id := n.Event.Channel.ChannelID; first[id] == nil {
			first[id] = n
		}
	}
	lives := reference.Lives()
	slices.SortStableFunc(lives, func(a, b receiver.Life) int {
		return cmp.Compare(first[a.ChannelID].Seq, first[b.ChannelID].Seq)
	})
	all := make([]Channel, len(lives))
	for i, l := range lives {
		all[i] = Channel{Party: first[l.ChannelID].Name, Life: l}
	}
	return all
}

// tokens matches what is like a signature's token.
const tokens = `eyJ[\w-]*\.[\w-]*\.?[\w-]*`

// readable is the beginning of an answer in one line. A consumer that repeats the token
// that it was sent does not get it into the log.
func readable(excerpt []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(excerpt), "�")), " ")
	return regexp.MustCompile(tokens).ReplaceAllString(text, "(a token)")
}
