package engine

import (
	"fmt"
	"math"
	"sync"

	"github.com/ringback/ringback/internal/policy"
)

// Together is how much was in flight at once to one subscription since the engine was opened. Attempts
// count from their beginning to the end of the answer, retries too.
type Together struct {
	MostOfConversation int `json:"most_of_conversation"` // attempts of one conversation
	MostOfChannel      int `json:"most_of_channel"`      // of one channel
}

// flight is what attempts that overlap have in common.
type flight struct{ subscription, of string }

// flights are the attempts under way. The zero value is ready.
type flights struct {
	mu       sync.Mutex
	most     Together
	underway map[flight]int
}

// begin notes that an attempt begins.
func (f *flights) begin(d *delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count(flight{d.Subscription, d.note.Conversation}, &f.most.MostOfConversation)
	f.count(flight{d.Subscription, d.note.Channel}, &f.most.MostOfChannel)
}

// done notes that it has ended.
func (f *flights) done(d *delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end(flight{d.Subscription, d.note.Conversation})
	f.end(flight{d.Subscription, d.note.Channel})
}

func (f *flights) count(k flight, most *int) {
	if k.of == "" { // of an agent, say
		return
	}
	if f.underway == nil {
		f.underway = map[flight]int{}
	}
	f.underway[k]++
	*most = max(*most, f.underway[k])
}

func (f *flights) end(k flight) {
	if k.of == "" {
		return
	}
	if f.underway[k]--; f.underway[k] <= 0 {
		delete(f.underway, k)
	}
}

// clear forgets the most; what is under way still counts.
func (f *flights) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.most = Together{}
}

// Together is how much was in flight at once.
func (e *Engine) Together() Together {
	e.together.mu.Lock()
	defer e.together.mu.Unlock()
	return e.together.most
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
