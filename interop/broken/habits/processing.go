package habits

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"
)

// processing are habits of what happens between request and state.
var processing = []Row{
	row("v0-only", "stores v0, and ignores v1", func(c *consumer) { c.versions = []string{"v0"} }),
	row("v1-only", "stores v1, and ignores v0", func(c *consumer) { c.versions = []string{"v1"} }),
	row("pairs-versions", "counts v0 and v1 of one event as one", func(c *consumer) {
		c.tell = func(c *consumer, l *life, facts []*note) map[string]any {
			m := everything(c, l, facts)
			m["notifications"] = events(facts)
			return m
		}
	}),
	row("unknown-aside", "keeps types that it does not know beside the channels", func(c *consumer) {
		c.unknown = func(k *call, n *note) { k.aside = append(k.aside, n) }
	}),
	row("unknown-counted", "keeps types that it does not know with their channel, and counts them", func(c *consumer) {
		c.unknown = func(k *call, n *note) {
			if n.channel != "" {
				k.life(n).facts = append(k.life(n).facts, n)
			}
		}
	}),
	row("raw-bodies", "keeps the bodies, and reads them again when it is asked", func(c *consumer) {
		fold := c.fold
		c.fold = func(facts []*note) []*note {
			read := []*note{}
			for _, n := range facts {
				read = append(read, readNote(n.raw))
			}
			return fold(read)
		}
	}),
	row("other-ties", "puts disconnected behind wrapstarted and ended where they have one timestamp, which is lawful too", func(c *consumer) { c.fold = order{last: true}.sort }),
	row("slow", "takes 50 ms for an answer", func(c *consumer) {
		store := c.store
		c.store = func(c *consumer, n *note) answer {
			time.Sleep(50 * time.Millisecond)
			return store(c, n)
		}
	}),
	row("serial", "handles one request at a time, for 5 ms each", func(c *consumer) {
		turn := make(chan struct{}, 1)
		c.around = func(next http.HandlerFunc) http.HandlerFunc {
			turn = make(chan struct{}, 1)
			return func(w http.ResponseWriter, r *http.Request) {
				turn <- struct{}{}
				defer func() { <-turn }()
				next(w, r)
				time.Sleep(5 * time.Millisecond)
			}
		}
	}),
	row("lock-of-the-channel", "takes 5 ms to store, under a lock for each channel", func(c *consumer) {
		locks := newLocks()
		c.store = func(c *consumer, n *note) answer {
			l := locks.of(n.channel)
			l <- struct{}{}
			defer func() { <-l }()
			time.Sleep(5 * time.Millisecond)
			return c.locked(n)
		}
	}),
	row("optimistic", "stores when nothing has changed since it read, and begins anew otherwise", func(c *consumer) {
		c.store = func(c *consumer, n *note) answer {
			for {
				version := c.version()
				time.Sleep(time.Millisecond)
				if a, ok := c.storeAt(version, n); ok {
					return a
				}
			}
		}
	}),
	settles("settles-late", "tells a notification 1.5 s after it has accepted it", 1500*time.Millisecond),
	settles("settles-soon", "tells a notification 50 ms after it has accepted it", 50*time.Millisecond),
}

func settles(name, about string, d time.Duration) Row {
	return row(name, about, func(c *consumer) { c.settles = d })
}

// events counts those that differ in more than their version.
func events(facts []*note) (n int) {
	count := map[string]int{}
	for _, f := range facts {
		key := fmt.Sprint(f.kind, f.at.UnixNano())
		count[key+f.version]++
		count[key] = max(count[key], count[key+f.version])
	}
	for key, c := range count {
		if !strings.HasSuffix(key, "v0") && !strings.HasSuffix(key, "v1") {
			n += c
		}
	}
	return n
}

// version is how much was stored.
func (c *consumer) version() int {
	c.lock <- struct{}{}
	defer func() { <-c.lock }()
	return len(c.disk)
}

// storeAt stores if nothing was stored since.
func (c *consumer) storeAt(version int, n *note) (answer, bool) {
	c.lock <- struct{}{}
	defer func() { <-c.lock }()
	if len(c.disk) != version {
		return answer{}, false
	}
	return c.learn(n), true
}

// locks are a lock for each name.
type locks struct {
	mu  sync.Mutex
	all map[string]chan struct{}
}

func newLocks() *locks { return &locks{all: map[string]chan struct{}{}} }

func (l *locks) of(name string) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all[name] == nil {
		l.all[name] = make(chan struct{}, 1)
	}
	return l.all[name]
}

// telling are habits of how the state is told.
var telling = []Row{
	tells("phases-only", "tells phases, and nothing else", only("phase")),
	tells("seconds-only", "tells durations, and nothing else", only("seconds")),
	tells("notifications-only", "tells numbers of notifications, and nothing else", only("notifications")),
	tells("whose-only", "tells whose channels there were, and nothing else", only("interactionId", "agentId", "role")),
	row("figures-only", "tells figures of the conversation, and no channels", func(c *consumer) {
		c.state = func(_ []map[string]any, lives []*life) any { return c.figures(lives) }
	}),
	row("figures-too", "tells figures of the conversation beside its channels", func(c *consumer) {
		c.state = func(channels []map[string]any, lives []*life) any {
			out := c.figures(lives)
			out["channels"] = channels
			return out
		}
	}),
	tells("whole-milliseconds", "tells seconds rounded to milliseconds", seconds(func(_ string, s float64) (float64, bool) { return math.Round(s*1000) / 1000, true })),
	tells("no-zeros", "leaves out phases of no length", seconds(func(_ string, s float64) (float64, bool) { return s, s != 0 })),
	tells("all-phases", "tells all phases, also those in which a channel never was", func(c *consumer, l *life, facts []*note) map[string]any {
		m := everything(c, l, facts)
		for _, p := range phases {
			m["seconds"].(map[string]float64)[p] += 0
		}
		return m
	}),
	tells("no-nulls", "leaves out what it does not know", func(c *consumer, l *life, facts []*note) map[string]any {
		m := everything(c, l, facts)
		if m["agentId"] == nil {
			delete(m, "agentId")
		}
		if m["phase"] == "" {
			delete(m, "phase")
		}
		return m
	}),
	row("another-form", "tells members and channels in another order, with others between them, and GUIDs in capitals", func(c *consumer) {
		c.state = func(channels []map[string]any, _ []*life) any {
			var out []string
			for i := len(channels) - 1; i >= 0; i-- {
				m := channels[i]
				out = append(out, fmt.Sprintf(`{"updated_at":"2025-03-03T09:00:00+01:00", "seconds":%s, "phase":%s, "tags":["a",{"b":null}], "notifications":%s,`+"\n"+
					`"agentId":%s, "interactionId":%s, "role":%s, "channelId":%s}`, text(m["seconds"]), text(m["phase"]), text(m["notifications"]),
					text(m["agentId"]), strings.ToUpper(text(m["interactionId"])), text(m["role"]), strings.ToUpper(text(m["channelId"]))))
			}
			return "{\n  \"version\": 3,\n  \"channels\": [" + strings.Join(out, ",\n") + "],\n  \"_links\": {\"self\": \"/\"}\n}\n"
		}
	}),
	row("empty-when-unknown", "answers 200 and no channels to a question about an unknown conversation", func(c *consumer) {
		c.missing = object(200, `{"channels":[]}`)
	}),
	row("page-when-unknown", "answers 404 and a page to a question about an unknown conversation", func(c *consumer) {
		c.missing = answer{status: 404, body: "<h1>Not Found</h1>"}.with("Content-Type", "text/html")
	}),
	row("slow-state", "takes 100 ms to tell its state", func(c *consumer) {
		c.state = func(channels []map[string]any, _ []*life) any {
			time.Sleep(100 * time.Millisecond)
			return map[string]any{"channels": channels}
		}
	}),
}

func tells(name, about string, tell func(*consumer, *life, []*note) map[string]any) Row {
	return row(name, about, func(c *consumer) { c.tell = tell })
}

// seconds changes the durations, or leaves some out.
func seconds(f func(phase string, s float64) (float64, bool)) func(*consumer, *life, []*note) map[string]any {
	return func(c *consumer, l *life, facts []*note) map[string]any {
		m := everything(c, l, facts)
		all := m["seconds"].(map[string]float64)
		for p, s := range all {
			if v, keep := f(p, s); keep {
				all[p] = v
			} else {
				delete(all, p)
			}
		}
		return m
	}
}
