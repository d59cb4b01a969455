package plan_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// act is one step of a walk, with its moment.
type act struct {
	at                 time.Time
	step, agent, party string
	number, kind       string
	queue              bool
}

func (a act) action() plan.LiveAction {
	return plan.LiveAction{Step: a.step, Agent: a.agent, Party: a.party, Number: a.number, Kind: a.kind, Queue: a.queue}
}

// walk is a live conversation, what was done in it, and what came of that.
type walk struct {
	*plan.Live
	opts plan.LiveOptions
	acts []act
	ns   []plan.Notification
}

func newWalk(t testing.TB, o plan.LiveOptions) *walk {
	t.Helper()
	l, ns, err := plan.NewLive(o, o.Start)
	if err != nil {
		t.Fatal(err)
	}
	return &walk{Live: l, opts: o, ns: ns}
}

func (w *walk) do(t testing.TB, a act) {
	t.Helper()
	ns, err := w.Do(a.at, a.action())
	if err != nil {
		t.Fatalf("%v\nallowed: %v\ndone: %v", err, w.Allowed(), w.acts)
	}
	w.acts, w.ns = append(w.acts, a), append(w.ns, ns...)
}

// steps takes steps such as "ring alice", one a second.
func (w *walk) steps(t testing.TB, list ...string) {
	t.Helper()
	for _, s := range list {
		word, who, _ := strings.Cut(s, " ")
		a := act{at: w.opts.Start.Add(time.Duration(len(w.acts)+1) * time.Second), step: word, party: who}
		if word == "ring" || word == "consult" || word == "transfer" || word == "monitor" {
			a.agent, a.kind, _ = strings.Cut(who, " ")
			a.party, a.queue = "", a.agent == "queue"
			if a.queue || a.agent == "supplier" {
				a.number, a.agent = strings.TrimPrefix(a.agent, "queue"), ""
			}
		}
		w.do(t, a)
	}
}

// allowed is what is possible, but for monitor, callback and voicemail, which nearly always are.
func (w *walk) allowed() string {
	var all []string
	for _, s := range w.Allowed() {
		if s.Step == "monitor" || s.Step == "callback" || s.Step == "voicemail" {
			continue
		}
		all = append(all, strings.Join(strings.Fields(s.Step+" "+s.Party+" "+strings.Join(s.Agents, "+")), " "))
	}
	return strings.Join(all, ", ")
}

// Random walks over what is allowed: all of it works, anything else is refused without an
// effect, the reference consumer finds nothing to complain of, and the same steps give the
// same bytes again.
func TestRandomLiveConversationsAreLawful(t *testing.T) {
	t.Parallel()
	cases := cases()
	taken := map[string]int{}
	for seed := range uint64(cases) {
		r := rand.New(rand.NewPCG(seed, 4))
		o := plan.LiveOptions{Seed: r.Uint64(), Start: dawn, Versions: plan.Versions(r.IntN(3)), Assume: randomSet(t, r),
			Medium: append(plan.Media(), "call", "call", "call", "call")[r.IntN(8)], From: []string{"", "Ms Jones"}[r.IntN(2)], Agents: liveAgents()[:min(3, r.IntN(6))]}
		if o.Medium == "call" && len(o.Agents) > 0 && r.IntN(2) == 0 {
			if o.Dial = "alice"; len(o.Agents) > 1 && r.IntN(2) == 0 {
				o.To = "bob"
			}
		}
		w := newWalk(t, o)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			for w.wander(t, r) {
				taken[w.acts[len(w.acts)-1].step]++
			}
			w.judged(t, r)
		})
		if t.Failed() {
			t.Fatalf("seed %d: %v\n%+v", seed, w.acts, o)
		}
	}
	for _, step := range plan.LiveSteps() {
		if want := cases / 60; taken[step] < want {
			t.Errorf("%s was taken %d times in all walks; want %d", step, taken[step], want)
		}
	}
}

// wander takes one allowed step. After 25 steps it heads for the end. It is false there.
func (w *walk) wander(t *testing.T, r *rand.Rand) bool {
	allowed := w.Allowed()
	if len(allowed) == 0 {
		if !w.Over() {
			t.Fatal("nothing is allowed, and it is not over")
		}
		return false
	}
	w.tryForbidden(t, r, allowed)
	s := allowed[r.IntN(len(allowed))]
	for _, rare := range allowed { // few walks get there otherwise
		if slices.Contains([]string{"monitor", "coach", "join", "alternate"}, rare.Step) && r.IntN(3) == 0 {
			s = rare
		}
	}
	if len(w.acts) > 25 {
		for _, s = range allowed {
			if s.Step == "hangup" || s.Step == "finish" {
				break
			}
		}
	} else {
		for (s.Step == "hangup" || s.Step == "finish" || s.Step == "callback" || s.Step == "voicemail") && r.IntN(10) > 0 { // or no walk would get far
			s = allowed[r.IntN(len(allowed))]
		}
	}
	if i := slices.IndexFunc(allowed, func(s plan.LiveStep) bool { return s.Step == "alternate" }); i >= 0 && r.IntN(2) == 0 {
		s = allowed[i]
	}
	a := act{at: w.opts.Start.Add(time.Duration(len(w.acts)) * time.Minute), step: s.Step, party: s.Party}
	a.at = a.at.Add(time.Duration(r.IntN(59)) * time.Second)
	switch {
	case s.Number && r.IntN(3) == 0:
		a.number = w.absent("supplier", "lawyer")
	case s.Queue && r.IntN(3) == 0 || len(s.Agents) == 0 && s.Queue:
		a.queue = true
	case len(s.Agents) > 0:
		a.agent = s.Agents[r.IntN(len(s.Agents))]
	case s.Number:
		a.number = w.absent("lawyer", "supplier")
	}
	if len(s.Kinds) > 0 && r.IntN(2) == 0 {
		a.kind = s.Kinds[r.IntN(len(s.Kinds))]
	}
	before := len(w.ns)
	waiting := !slices.ContainsFunc(w.Channels(), func(c plan.LiveChannel) bool { return c.Party == a.party && c.Phase != scenario.Ended }) // to be called back
	w.do(t, a)
	if len(w.ns) == before && !quiet(a.step) && !(a.step == "hangup" && waiting) && !a.queue {
		t.Errorf("%v tells nobody anything", a)
	}
	return true
}

// absent is the first of two outside parties, unless that one takes part.
func (w *walk) absent(name, other string) string {
	for _, c := range w.Channels() {
		if c.Party == name && c.Phase != lifecycle.Ended && c.Phase != lifecycle.Unexpected {
			return other
		}
	}
	return name
}

// quiet reports whether a step may move no channel: by the assumption held-channel, the agent
// who would be taken off hold can have left before, and is held whichever outside party is; and whom a
// supervisor speaks to is not told.
func quiet(step string) bool {
	return slices.Contains([]string{"hold", "retrieve", "alternate", "coach", "join"}, step)
}

// tryForbidden takes random steps of which no part is allowed.
func (w *walk) tryForbidden(t *testing.T, r *rand.Rand, allowed []plan.LiveStep) {
	t.Helper()
	words := append(plan.LiveSteps(), "fly")
	names := []string{"", "customer", "alice", "bob", "carol", "Ms Jones", "mallory"}
	for range 3 {
		step, agent, party := words[r.IntN(len(words))], names[r.IntN(len(names))], names[r.IntN(len(names))]
		if slices.ContainsFunc(allowed, func(s plan.LiveStep) bool {
			return s.Step == step && (len(s.Agents) == 0 || slices.Contains(s.Agents, agent))
		}) {
			continue
		}
		channels, before := fmt.Sprint(w.Channels()), w.allowed()
		ns, err := w.Do(w.opts.Start.Add(24*time.Hour), plan.LiveAction{Step: step, Agent: agent, Party: party})
		var f *plan.Forbidden
		if !errors.As(err, &f) || f.Why == "" || len(ns) > 0 {
			t.Fatalf("%s, agent %q, party %q: %v, %d notifications", step, agent, party, err, len(ns))
		}
		if fmt.Sprint(w.Channels()) != channels || w.allowed() != before {
			t.Fatalf("the refused %s changed something", step)
		}
	}
}

// judged holds a walk that is over to what it promises.
func (w *walk) judged(t *testing.T, r *rand.Rand) {
	ids := map[string]bool{}
	for i := range w.ns {
		n := &w.ns[i]
		if ids[n.ID()] || n.Seq != uint64(i) || n.Due != n.At || i > 0 && n.At < w.ns[i-1].At {
			t.Errorf("notification %d: ID %s, number %d, due %s, at %s", i, n.ID(), n.Seq, n.Due, n.At)
		}
		ids[n.ID()] = true
		if n.ConversationID() != w.ConversationID() {
			t.Errorf("notification %d is of conversation %s; want %s", i, n.ConversationID(), w.ConversationID())
		}
	}
	bodies := encoded(w.ns)
	judgeBodies(t, bodies, false)
	again := newWalk(t, w.opts)
	for _, a := range w.acts {
		again.do(t, a)
	}
	if !slices.EqualFunc(bodies, encoded(again.ns), bytes.Equal) {
		t.Error("the same steps give other bytes")
	}
	for _, c := range w.Channels() {
		if c.Phase.String() != "ended" || (c.AgentID == "") != (c.Role == "external" || c.Role == "voicemail") {
			t.Errorf("at the end there is %+v", c)
		}
	}
	r.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	judgeBodies(t, bodies, false)
}
