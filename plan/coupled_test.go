package plan_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// traffics is random traffic of all kinds, of few conversations.
func traffics(t testing.TB, r *rand.Rand, o *plan.Options, scenarios int) {
	t.Helper()
	o.Calls, o.Count = scenario.Rate{}, 3+r.Uint64N(6)
	pooled := r.IntN(2) == 0
	switch kind := r.IntN(5); {
	case kind == 0:
		o.Calls = rate(t, []string{"1/s", "7/m", "1000/s"}[r.IntN(3)])
	case kind == 1:
		o.Arrivals = []plan.Stretch{{From: rate(t, "0/s"), To: rate(t, "2/s"), Over: 4 * time.Second}, {From: rate(t, "1/s"), To: rate(t, "1/s"), Over: time.Minute, Poisson: true}}
	case kind == 2:
		o.Population = 1 + r.IntN(4)
	case kind == 3 && !pooled:
		o.Events = rate(t, []string{"1/s", "40/m", "1000/s"}[r.IntN(3)])
	}
	if pooled {
		o.Pool = &plan.Pool{Count: 1 + r.IntN(4)}
		if r.IntN(3) > 0 {
			o.Pool.Patience = span(t, []string{"0s", "1s..5s", "2s..1m"}[r.IntN(3)])
		}
	}
	if r.IntN(2) == 0 {
		for range scenarios {
			o.Weights = append(o.Weights, 0.1+r.Float64())
		}
	}
}

// Random stories in random traffic, with and without a pool, are lawful for the reference
// consumer, and keep what every plan promises.
func TestRandomTrafficIsLawful(t *testing.T) {
	t.Parallel()
	cases := 400
	if testing.Short() {
		cases = 100
	}
	gaveUp, interrupted := uint64(0), uint64(0)
	for seed := range uint64(cases) {
		r := rand.New(rand.NewPCG(seed, 2))
		text := (&author{Rand: r, folly: 0.02}).scenario()
		sc, err := scenario.Parse("random.yaml", []byte(text))
		if err != nil {
			continue
		}
		o := randomOptions(t, r)
		traffics(t, r, &o, 1)
		p, err := plan.New(sc, o)
		if err != nil {
			if strings.Contains(err.Error(), "produce no notifications") {
				continue
			}
			t.Fatalf("seed %d: %v", seed, err)
		}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("with %+v, pool %+v, and this story:\n%s", o, o.Pool, text)
				}
			}()
			w := p.Walk()
			var ns []plan.Notification
			for n := range w.Notifications() {
				ns = append(ns, n)
			}
			f := w.Activity()
			gaveUp, interrupted = gaveUp+f.Abandoned, interrupted+f.Interruptions
			lawful(t, p, ns)
			judge(t, ns, true)
			if f.Conversations != p.Conversations() || f.Offered != f.Answered+f.Abandoned {
				t.Errorf("%d conversations of %d, %d offers answered and %d abandoned of %d", f.Conversations, p.Conversations(), f.Answered, f.Abandoned, f.Offered)
			}
			if n := len(ns); n > 0 && p.Length() != ns[n-1].Due {
				t.Errorf("the length is %s, but the last notification is due at %s", p.Length(), ns[n-1].Due)
			}
			balanced(t, ns)
			apart(t, ns, o.Pool != nil)
			remembers(t, p, ns)
			sharded(t, sc, o, ns)
		})
		if t.Failed() {
			break
		}
	}
	t.Logf("%d gave up, %d interruptions", gaveUp, interrupted)
	if gaveUp < 50 || interrupted < 10 {
		t.Error("too little happens")
	}
}

// balanced adds the phases of all channels up.
func balanced(t *testing.T, ns []plan.Notification) {
	t.Helper()
	channels := map[lifecycle.Phase]int{}
	for i := range ns {
		channels[ns[i].Left]--
		channels[ns[i].Phase]++
		if e := &ns[i].Event; e.Type.Kind == event.Disconnected && ns[i].Left != ns[i].Phase {
			t.Errorf("disconnected leads from %s to %s; what follows it does", ns[i].Left, ns[i].Phase)
		}
	}
	delete(channels, lifecycle.New)
	delete(channels, lifecycle.Ended)
	for phase, n := range channels {
		if n != 0 {
			t.Errorf("at the end, %d channels are %s", n, phase)
		}
	}
}

// apart holds the agents of a pool to one conversation at a time.
func apart(t *testing.T, ns []plan.Notification, pooled bool) {
	t.Helper()
	if !pooled {
		return
	}
	type stay struct {
		story    uint64
		from, to time.Duration
	}
	open, stays := map[string]int{}, map[string][]stay{}
	slices.SortStableFunc(ns, func(a, b plan.Notification) int { return int(a.At - b.At) })
	for i := range ns {
		e := &ns[i].Event
		if ns[i].Raw != nil || e.Channel.Party.Role != event.Agent {
			continue
		}
		id := e.Channel.Party.User.AgentID
		k, known := open[channel(e)]
		if !known {
			k = len(stays[id])
			open[channel(e)] = k
			stays[id] = append(stays[id], stay{ns[i].Story, ns[i].At, 1 << 62})
		}
		if e.Type.Kind == event.Ended {
			stays[id][k].to = ns[i].At
		}
	}
	for id, all := range stays {
		for i, a := range all {
			for _, b := range all[i+1:] {
				if a.story != b.story && a.from < b.to && b.from < a.to {
					t.Fatalf("agent %s is in conversation %d from %s to %s, and in %d from %s", id, a.story, a.from, a.to, b.story, b.from)
				}
			}
		}
	}
	slices.SortFunc(ns, func(a, b plan.Notification) int { return int(a.Seq) - int(b.Seq) })
}

// remembers holds the truth of each conversation to what was sent of it.
func remembers(t *testing.T, p *plan.Plan, ns []plan.Notification) {
	t.Helper()
	type key struct{ channel, kind, agent, at string }
	sent := map[uint64]map[key]bool{}
	for i := range ns {
		e := &ns[i].Event
		if ns[i].Raw != nil || e.Type.Kind.Agent() {
			continue
		}
		if sent[ns[i].Story] == nil {
			sent[ns[i].Story] = map[key]bool{}
		}
		agent := ""
		if e.Channel.Party.Role.HasUser() {
			agent = e.Channel.Party.User.AgentID
		}
		at := "" // the truth tells when a channel began and ended
		if e.Type.Kind == event.Alerted {
			at = e.Timestamp.Truncated().String()
		}
		sent[ns[i].Story][key{e.Channel.ChannelID.String(), e.Type.Kind.String(), agent, at}] = true
	}
	for story := range p.Conversations() {
		truth := p.Truth(story)
		n := 0
		for _, c := range truth.Channels {
			for kind := range c.Counts {
				at := ""
				if kind == event.Alerted {
					at = c.Stays[0].From.String()
				}
				if !sent[story][key{c.ChannelID, kind.String(), c.AgentID, at}] {
					t.Fatalf("conversation %d: %s of %s, agent %q, at %s is true and was not sent", story, kind, c.Name, c.AgentID, at)
				}
				n++
			}
		}
		if n != len(sent[story]) {
			t.Fatalf("conversation %d: %d of %d kinds of events are true", story, n, len(sent[story]))
		}
	}
}

// sharded holds the shards of a plan to the plan.
func sharded(t *testing.T, sc *scenario.Scenario, o plan.Options, whole []plan.Notification) {
	t.Helper()
	const shards = 3
	parts := map[uint64][]plan.Notification{}
	for k := range uint64(shards) {
		o.Shard = plan.Shard{Index: k, Of: shards}
		parts[k] = all(planned(t, sc, o))
	}
	next := map[uint64]int{}
	for i := range whole {
		k := whole[i].Story % shards
		if next[k] >= len(parts[k]) {
			t.Fatalf("shard %d ends early", k)
		}
		n := &parts[k][next[k]]
		if n.Due != whole[i].Due || n.Keys != whole[i].Keys || n.Fault != whole[i].Fault || n.Seq != uint64(next[k]) || !bytes.Equal(n.AppendBody(nil), whole[i].AppendBody(nil)) {
			t.Fatalf("notification %d is %s at %s, in shard %d it is %s at %s with number %d", i, whole[i].AppendBody(nil), whole[i].Due, k, n.AppendBody(nil), n.Due, n.Seq)
		}
		next[k]++
	}
	for k, n := range next {
		if n != len(parts[k]) {
			t.Fatalf("shard %d has %d notifications, want %d", k, len(parts[k]), n)
		}
	}
}
