package engine

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ringback/ringback/internal/policy"
)

// Together is how much was in flight at once to one subscription since the engine was opened. Attempts
// count from their beginning to the end of the answer, retries too.
type Together struct {
	MostOfConversation int `json:"most_of_conversation"` // attempts of one conversation
	MostOfChannel      int `json:"most_of_channel"`      // of one channel
}

// flights are the attempts under way to one subscription, no more than it has connections. The zero value is ready.
type flights struct {
	mu       sync.Mutex
	underway []*delivery
}

// begin notes that an attempt begins.
func (f *flights) begin(d *delivery, most *mostTogether) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.underway = append(f.underway, d)
	now := Together{}
	for _, other := range f.underway {
		if d.note.Conversation != "" && other.note.Conversation == d.note.Conversation { // else it is of an agent, say
			now.MostOfConversation++
		}
		if d.note.Channel != "" && other.note.Channel == d.note.Channel {
			now.MostOfChannel++
		}
	}
	most.reach(now)
}

// done notes that it has ended.
func (f *flights) done(d *delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	last := len(f.underway) - 1
	f.underway[slices.Index(f.underway, d)] = f.underway[last]
	f.underway[last] = nil
	f.underway = f.underway[:last]
}

// mostTogether is the most of all subscriptions. The zero value is ready.
type mostTogether struct{ conversation, channel atomic.Int64 }

// reach notes how much is in flight, if it is more than ever.
func (m *mostTogether) reach(now Together) {
	raise(&m.conversation, int64(now.MostOfConversation))
	raise(&m.channel, int64(now.MostOfChannel))
}

func raise(most *atomic.Int64, now int64) {
	for before := most.Load(); now > before && !most.CompareAndSwap(before, now); {
		before = most.Load()
	}
}

// clear forgets the most; what is under way still counts.
func (m *mostTogether) clear() {
	m.conversation.Store(0)
	m.channel.Store(0)
}

// Together is how much was in flight at once.
func (e *Engine) Together() Together {
	return Together{MostOfConversation: int(e.together.conversation.Load()), MostOfChannel: int(e.together.channel.Load())}
}

// Connections is how many connections to consumers are open, for people.
type Connections struct {
	Open      int    `json:"open"`       // also those that are being opened
	Idle      int    `json:"idle"`       // of these, without a request; they end after 30 s
	Most      int    `json:"most"`       // open at once
	Waiting   int    `json:"waiting"`    // attempts that wait for one
	Waited    uint64 `json:"waited"`     // attempts that had to wait since the engine was opened
	FileLimit int    `json:"file_limit"` // files that this process may have open; 0: any number
}

// Connections is how they stand now.
func (e *Engine) Connections() Connections {
	c := Connections{Most: e.options.AllConnections, FileLimit: policy.OpenFiles()}
	if c.FileLimit == math.MaxInt {
		c.FileLimit = 0
	}
	c.Open, c.Idle, c.Waiting, c.Waited = e.options.sockets.State()
	return c
}

// String says what to do if attempts wait for connections.
func (c Connections) String() string {
	return fmt.Sprintf("deliveries wait, because all %d connections that this process may have are in use: it may open %d files; raise that limit (ulimit -n), or choose fewer connections per subscription", c.Most, c.FileLimit)
}
