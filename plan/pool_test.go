package plan_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// simple is a call that is answered at once and lasts for a random time: the customer of a
// textbook.
const simple = `name: simple
story: A call is answered at once.
steps:
  - call: customer
  - ring: {agent: alice, for: 0s}
  - talk: {exponential: {mean: 100s}, max: 720h}
  - hangup: customer
`

func poisson(t testing.TB, text string, over time.Duration) []plan.Stretch {
	t.Helper()
	r := rate(t, text)
	return []plan.Stretch{{From: r, To: r, Over: over, Poisson: true}}
}

func spanOf(t testing.TB, text string) *scenario.Span {
	t.Helper()
	sc := story(t, "  - call: customer\n  - queue: "+text+"\n  - abandon\n")
	return &sc.Steps[1].Time
}

// walked is the activity of a whole walk.
func walked(p *plan.Plan) plan.Activity {
	w := p.Walk()
	for range w.Notifications() {
	}
	return w.Activity()
}

// erlangC is the share of those who wait, and how long everybody waits on average, in units of
// the mean handling time, with c agents and offered load a.
func erlangC(c int, a float64) (waits, mean float64) {
	term, sum := 1.0, 1.0
	for k := 1; k < c; k++ {
		term *= a / float64(k)
		sum += term
	}
	last := term * a / float64(c) * float64(c) / (float64(c) - a)
	waits = last / (sum + last)
	return waits, waits / (float64(c) - a)
}

// erlangA is the share of those who give up, and how long everybody waits on average, with
// patience of mean 1/theta.
func erlangA(c int, a, theta float64) (gives, mean float64) {
	p, sum, queue, lost := 1.0, 1.0, 0.0, 0.0
	for n := 1; n < 2000; n++ {
		p *= a / (math.Min(float64(n), float64(c)) + math.Max(0, float64(n-c))*theta)
		sum += p
		queue += p * math.Max(0, float64(n-c))
		lost += p * math.Max(0, float64(n-c)) * theta
	}
	return lost / sum / a, queue / sum / a
}

// within holds the mean of batches to what is predicted, by four standard errors.
func within(t *testing.T, what string, batches []float64, want float64) {
	t.Helper()
	mean, variance := 0.0, 0.0
	for _, x := range batches {
		mean += x / float64(len(batches))
	}
	for _, x := range batches {
		variance += (x - mean) * (x - mean) / float64(len(batches)-1)
	}
	se := math.Sqrt(variance / float64(len(batches)))
	t.Logf("%s: %.4f, predicted %.4f, standard error %.4f", what, mean, want, se)
	if math.Abs(mean-want) > 4*se || se > want/4 {
		t.Errorf("%s is %.4f, want %.4f within four standard errors of %.4f", what, mean, want, se)
	}
}

func TestThePoolIsAsErlangPredicts(t *testing.T) {
	slow(t)
	const agents, load, handling = 10, 7.0, 100.0 // 252 calls an hour of 100 s
	sc := parse(t, simple)
	var waits, mean, gives, meanWithPatience, busy []float64
	for seed := range uint64(16) {
		o := plan.Options{Seed: seed, Arrivals: poisson(t, "252/h", 10*time.Hour), Pool: &plan.Pool{Count: agents}}
		f := walked(planned(t, sc, o))
		waits = append(waits, float64(f.Queued)/float64(f.Offered))
		mean = append(mean, f.Wait.Mean()/1000)
		busy = append(busy, f.MeanBusy())
		o.Arrivals = poisson(t, "360/h", 10*time.Hour) // as many as there are agents
		o.Pool.Patience = spanOf(t, "{exponential: {mean: 60s}}")
		f = walked(planned(t, sc, o))
		gives = append(gives, float64(f.Abandoned)/float64(f.Offered))
		meanWithPatience = append(meanWithPatience, f.Wait.Mean()/1000)
	}
	c, w := erlangC(agents, load)
	within(t, "the share of those who wait", waits, c)
	within(t, "the mean wait in seconds", mean, w*handling)
	within(t, "the number of busy agents", busy, load)
	a, w := erlangA(agents, 10, handling/60)
	within(t, "the share of those who give up", gives, a)
	within(t, "the mean wait with patience in seconds", meanWithPatience, w*handling)
}

// A service level and an occupancy follow from what is counted.
func TestTheActivityIsCounted(t *testing.T) {
	sc := story(t, "  - call: customer\n  - ring: {agent: alice, for: 0s}\n  - talk: 60s\n  - hangup: customer\n")
	f := walked(planned(t, sc, plan.Options{Count: 4, Calls: rate(t, "6/m"), Lag: span(t, "0s"), Pool: &plan.Pool{Count: 2, Patience: span(t, "45s")}}))
	// At 0 and 10 s answered at once; at 20 s after 40 s; at 30 s after 40 s.
	if f.Offered != 4 || f.Answered != 4 || f.Queued != 2 || f.Abandoned != 0 || f.PeakQueued != 2 || f.PeakLive != 4 || f.PeakBusy != 2 || f.Agents != 2 {
		t.Errorf("got %+v", f)
	}
	if got := f.Span; got != 130*time.Second {
		t.Errorf("the span is %s, want 130s", got)
	}
	if got, want := f.Occupancy(), 240.0/260; math.Abs(got-want) > 1e-9 {
		t.Errorf("the occupancy is %g, want %g", got, want)
	}
	if got := f.ServiceLevel(20 * time.Second); got != 0.5 {
		t.Errorf("the service level is %g, want 0.5", got)
	}
	if got, want := f.MeanLive(), (60+60+100+100)/130.0; math.Abs(got-want) > 1e-9 {
		t.Errorf("%g conversations were alive on average, want %g", got, want)
	}
	if none := (&plan.Activity{}); none.Occupancy() != 0 || none.ServiceLevel(1) != 1 || none.MeanLive() != 0 {
		t.Error("an empty activity has figures")
	}
}

// alerts tells by whom and when each conversation was offered to an agent.
func alerts(ns []plan.Notification) (agents []string, stories []uint64, at []time.Duration) {
	for _, n := range ns {
		if e := n.Event; e.Type.Kind == event.Alerted && e.Channel.Party.Role == event.Agent {
			agents, stories, at = append(agents, e.Channel.Party.User.AgentID), append(stories, n.Story), append(at, n.At)
		}
	}
	return agents, stories, at
}

func TestWhoHasWaitedForTheLongestIsNext(t *testing.T) {
	for _, patience := range []*scenario.Span{nil, span(t, "0s..5m")} {
		o := plan.Options{Seed: 2, Count: 300, Calls: rate(t, "6/m"), Lag: span(t, "0s"), Pool: &plan.Pool{Count: 10, Patience: patience}}
		_, stories, _ := alerts(pick(t, parse(t, simple), o))
		if !slices.IsSorted(stories) || len(stories) < 150 {
			t.Errorf("the conversations are answered in the order %v", stories)
		}
	}
}

func TestTheAgentWhoHasBeenFreeForTheLongestIsNext(t *testing.T) {
	pool := &plan.Pool{Count: 3, Agents: []event.User{{AgentID: "0007"}}}
	short := story(t, "  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - talk: 3s\n  - hangup: customer\n")
	agents, _, _ := alerts(pick(t, short, plan.Options{Count: 6, Calls: rate(t, "6/m"), Pool: pool}))
	if want := []string{"0007", "1002", "1003", "0007", "1002", "1003"}; !slices.Equal(agents, want) {
		t.Errorf("the agents are %v, want %v", agents, want)
	}
}

// The pool decides how long a party queues before an offer; other queueing is the story's.
func TestAQueueStepBeforeAnOfferTakesNoTime(t *testing.T) {
	sc := story(t, "  - call: customer\n  - queue: 20s\n  - ring: {agent: alice, for: 1s}\n  - hangup: customer\n"+
		"  - call: second\n  - queue: 30s\n  - abandon\n")
	ns := pick(t, sc, plan.Options{Pool: &plan.Pool{Count: 1}})
	if _, _, at := alerts(ns); at[0] != 0 {
		t.Errorf("the agent is rung at %s, want at once", at[0])
	}
	if last := ns[len(ns)-1]; last.At != 31*time.Second {
		t.Errorf("the second call ends at %s, want 31s", last.At)
	}
}

func TestADeadlockIsBrokenByWhoHasWaitedForTheLongest(t *testing.T) {
	for _, c := range []struct {
		name, steps string
		agents      int
	}{
		{"a transfer with one agent", "  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - talk: 10s\n  - transfer: {agent: bob, ring: 2s}\n  - talk: 9s\n  - hangup: customer\n", 1},
		{"a transfer with two", "  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - talk: 10s\n  - transfer: {agent: bob, ring: 2s}\n  - talk: 9s\n  - hangup: customer\n", 2},
		{"a call to a colleague", "  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - park:\n      - dial: {agent: bob, to: other, ring: 2s}\n      - hangup: other\n  - hangup: customer\n", 1},
		{"a presence", "  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - presence: {agent: bob, to: break}\n  - hangup: customer\n  - presence: {agent: bob, to: ready}\n  - call: second\n  - ring: {agent: bob, for: 1s}\n  - hangup: second\n", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := planned(t, story(t, c.steps), plan.Options{Count: 20, Calls: rate(t, "6/m"), Pool: &plan.Pool{Count: c.agents}})
			ns := all(p)
			f := walked(p)
			lawful(t, p, ns)
			judge(t, ns, true)
			apart(t, ns, true)
			if f.Conversations != 20 || c.agents == 1 && f.Abandoned != 20 {
				t.Errorf("%d conversations began and %d gave up, want 20", f.Conversations, f.Abandoned)
			}
		})
	}
}

// Whoever gives up in a call that interrupts something else lets that go on.
func TestTheStoryGoesOnBehindTheBlockOfWhoGivesUp(t *testing.T) {
	sc := story(t, "  - email: writer\n  - ring: {agent: alice, for: 1s}\n  - work: 10s\n  - park:\n      - call: caller\n"+
		"      - ring: {agent: bob, for: 1s}\n      - talk: 1m\n      - hangup: caller\n  - work: 5s\n  - finish: 3s\n")
	got := timeline(pick(t, sc, plan.Options{Pool: &plan.Pool{Count: 1, Patience: span(t, "7s")}}))
	want := `0 writer alerted
0 writer connected
0 alice alerted
1 alice connected
11 writer parked
11 alice parked
11 caller alerted
11 caller connected
11 caller disconnected
11 caller ended
11 writer unparked
11 alice unparked
16 writer disconnected
16 writer ended
16 alice disconnected
16 alice wrapstarted
19 alice ended`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
