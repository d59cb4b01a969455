package engine

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// prefetchModel plays with a prefetch whose store is a map. It must give out every delivery
// that waits when its moment has come, and none twice at a time.
type prefetchModel struct {
	t      *testing.T
	seed   uint64
	random *rand.Rand
	now    time.Time
	next   int64
	kept   map[int64]store.Delivery // those that wait
	tries  map[int64]int
	memory prefetch
	page   []*delivery // read, and not yet in memory
	more   bool
	out    []*delivery // with the consumer
}

func (m *prefetchModel) add() {
	m.next++
	kept := store.Delivery{Number: m.next, State: store.Waiting, Due: m.now}
	m.kept[m.next] = kept
	m.memory.add(&delivery{Delivery: kept})
}

func (m *prefetchModel) read() {
	after := m.memory.startFetch()
	m.page = nil
	for _, kept := range m.kept {
		if d := (&delivery{Delivery: kept}); d.key().compare(after) >= 0 {
			m.page = append(m.page, d)
		}
	}
	slices.SortFunc(m.page, byDue)
	m.more = len(m.page) >= pageSize
	m.page = m.page[:min(len(m.page), pageSize)]
}

// take gives out what is due.
func (m *prefetchModel) take() {
	p := &m.memory
	for len(m.out) < 64 {
		d := p.next(m.now)
		if d == nil {
			break
		}
		if slices.ContainsFunc(m.out, func(o *delivery) bool { return o.Number == d.Number }) {
			m.t.Fatalf("seed %d: %d is out twice", m.seed, d.Number)
		}
		if kept, waits := m.kept[d.Number]; !waits || d.Due != kept.Due {
			m.t.Fatalf("seed %d: %d does not wait, or not for that moment", m.seed, d.Number)
		}
		m.out = append(m.out, d)
	}
	if len(p.waiting) > mostInMemory {
		m.t.Fatalf("seed %d: %d deliveries in memory", m.seed, len(p.waiting))
	}
}

// finish says what an attempt came to.
func (m *prefetchModel) finish(i int) {
	d := m.out[i]
	m.out = slices.Delete(m.out, i, i+1)
	m.tries[d.Number]++
	if m.tries[d.Number] < 3 && m.random.IntN(2) == 0 {
		d.Due = m.now.Add(time.Duration(m.random.IntN(2000)) * time.Millisecond)
		m.kept[d.Number] = d.Delivery
		m.memory.forget(d, true)
		return
	}
	delete(m.kept, d.Number)
	m.memory.forget(d, false)
}

// step does something at random.
func (m *prefetchModel) step() {
	switch r := m.random.IntN(10); {
	case r < 4:
		m.add()
	case r < 5:
		m.now = m.now.Add(time.Duration(m.random.IntN(20)) * time.Millisecond)
	case r < 7 && len(m.out) > 0:
		m.finish(m.random.IntN(len(m.out)))
	case r < 8 && m.memory.fetching:
		m.memory.fetched(m.page, m.more)
	case r < 9 && m.memory.needsPage(m.now) && !m.memory.fetching:
		m.read()
	default:
		m.take()
	}
}

// drain goes on without anything new until nothing waits.
func (m *prefetchModel) drain() {
	for round := 0; len(m.kept) > 0; round++ {
		if round > 10_000 {
			m.t.Fatalf("seed %d: %d are never given out", m.seed, len(m.kept))
		}
		m.now = m.now.Add(time.Millisecond)
		if !m.memory.fetching && m.memory.needsPage(m.now) {
			m.read()
		}
		if m.memory.fetching {
			m.memory.fetched(m.page, m.more)
		}
		m.take()
		for len(m.out) > 0 {
			m.finish(0)
		}
	}
}

func TestNoDeliveryIsForgotten(t *testing.T) {
	for seed := range uint64(60) {
		m := &prefetchModel{t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 1)), now: time.Unix(1_700_000_000, 0),
			kept: map[int64]store.Delivery{}, tries: map[int64]int{}}
		m.memory.init()
		for range 3000 {
			m.step()
		}
		m.drain()
	}
}

func TestABacklogIsDeliveredInTheOrderOfEachConversation(t *testing.T) {
	h := open(t, Options{Connections: 4})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "*")
	h.change("s", func(s *store.Subscription) { s.URL = c.url })
	const calls = 200
	run := h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max, Options: store.Playing{Count: calls}})
	h.until("the run ends", func() bool { return h.run(run.ID).State == store.RunEnded })
	h.until("all is delivered", func() bool {
		_, deliveries := h.store.Counts()
		return deliveries[store.Delivered] == calls*number
	})
	c.judge(t, calls*number)
	place := map[string]int{}
	for i, id := range c.firsts() {
		place[id] = i
	}
	last := map[string]int{}
	var before int64
	for more := true; more; more = before != 0 {
		list, next, err := h.store.Notifications(t.Context(), store.Filter{Before: before, Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range list { // the newest first
			if later, seen := last[n.Conversation]; seen && later < place[n.ID] {
				t.Errorf("%s %s came behind the next one of its conversation", n.Type, n.ID)
			}
			last[n.Conversation] = place[n.ID]
		}
		before = next
	}
}
