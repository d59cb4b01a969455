package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
)

// asInFiles is a word of the language, the operation that the checker judges, and the step by which
// it is done by hand. X is each party in turn; parties lists those of whom the word can be.
var asInFiles = []struct {
	code    story.Code
	step    scenario.Step
	parties string // agents or all; empty: the word names nobody
	byHand  LiveAction
}{
	{story.Alert, scenario.Step{Word: "ring"}, "agents", LiveAction{Step: "ring", Agent: "X"}},
	{story.Alert, scenario.Step{Word: "callback"}, "agents", LiveAction{Step: "ring", Agent: "X"}},
	{story.Hold, scenario.Step{Word: "hold"}, "", LiveAction{Step: "hold"}},
	{story.Hold, scenario.Step{Word: "hold", Name: "X"}, "all", LiveAction{Step: "hold", Party: "X"}},
	{story.Alternate, scenario.Step{Word: "alternate", Name: "X"}, "all", LiveAction{Step: "alternate", Party: "X"}},
	{story.ParkBegin, scenario.Step{Word: "park"}, "", LiveAction{Step: "park"}},
	{story.InterruptBegin, scenario.Step{Word: "interrupt"}, "", LiveAction{Step: "interrupt"}},
	{story.Hold, scenario.Step{Word: "consult"}, "agents", LiveAction{Step: "consult", Agent: "X"}},
	{story.Hold, scenario.Step{Word: "consult", Queued: true}, "", LiveAction{Step: "consult", Queue: true}},
	{story.Hold, scenario.Step{Word: "consult", Name: "lawyer"}, "", LiveAction{Step: "consult", Number: "lawyer"}},
	{story.Hold, scenario.Step{Word: "transfer", Kind: "warm"}, "agents", LiveAction{Step: "transfer", Agent: "X", Kind: "warm"}},
	{story.Hold, scenario.Step{Word: "transfer", Kind: "warm", Queued: true}, "", LiveAction{Step: "transfer", Queue: true, Kind: "warm"}},
	{story.Hold, scenario.Step{Word: "transfer", Kind: "assured-cold"}, "agents", LiveAction{Step: "transfer", Agent: "X", Kind: "assured-cold"}},
	{story.Hold, scenario.Step{Word: "transfer", Kind: "assured-cold", Queued: true}, "", LiveAction{Step: "transfer", Queue: true, Kind: "assured-cold"}},
	{story.Hold, scenario.Step{Word: "transfer", Kind: "assured-cold", Name: "lawyer"}, "", LiveAction{Step: "transfer", Number: "lawyer", Kind: "assured-cold"}},
	{story.HandOver, scenario.Step{Word: "transfer", Kind: "unassured-cold"}, "agents", LiveAction{Step: "transfer", Agent: "X", Kind: "unassured-cold"}},
	{story.HandOver, scenario.Step{Word: "transfer", Queued: true}, "", LiveAction{Step: "transfer", Queue: true}},
	{story.HandOver, scenario.Step{Word: "transfer", Kind: "unassured-cold", Name: "lawyer"}, "", LiveAction{Step: "transfer", Number: "lawyer", Kind: "unassured-cold"}},
	{story.Hold, scenario.Step{Word: "conference"}, "agents", LiveAction{Step: "consult", Agent: "X"}},
	{story.Hold, scenario.Step{Word: "conference", Name: "lawyer"}, "", LiveAction{Step: "consult", Number: "lawyer"}},
	{story.Hold, scenario.Step{Word: "conference", Queued: true}, "", LiveAction{Step: "consult", Queue: true}},
	{story.Join, scenario.Step{Word: "monitor"}, "agents", LiveAction{Step: "monitor", Agent: "X"}},
	{story.Coach, scenario.Step{Word: "coach"}, "all", LiveAction{Step: "coach", Party: "X"}},
	{story.JoinIn, scenario.Step{Word: "join"}, "all", LiveAction{Step: "join", Party: "X"}},
	{story.Leave, scenario.Step{Word: "leave"}, "agents", LiveAction{Step: "hangup", Party: "X"}},
	{story.End, scenario.Step{Word: "hangup"}, "all", LiveAction{Step: "hangup", Party: "X"}},
	{story.End, scenario.Step{Word: "abandon"}, "", LiveAction{Step: "hangup", Party: "customer"}},
	{story.ToVoicemail, scenario.Step{Word: "voicemail"}, "", LiveAction{Step: "voicemail"}},
}

// What a scenario file may say is possible by hand, wherever random steps lead. What is possible by
// hand is lawful in files, or Do would panic.
func TestWhatAFileMaySayHandMayDo(t *testing.T) {
	t.Parallel()
	sampling.Long(t)
	reached := map[string]int{}
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 6))
		o := LiveOptions{Seed: seed, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC), Medium: append(Media(), "call", "call", "call", "call")[r.IntN(8)]}
		for i, name := range []string{"alice", "bob", "carol"}[:1+r.IntN(3)] {
			o.Agents = append(o.Agents, LiveAgent{Name: name, User: event.User{AgentID: fmt.Sprint(1001 + i)}})
		}
		if o.Medium == "call" && r.IntN(3) == 0 {
			if o.Dial = "alice"; len(o.Agents) > 1 && r.IntN(2) == 0 {
				o.To = "bob"
			}
		}
		compareWithFiles(t, r, o, reached)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		if seed >= 20 && !sampling.Whole(sampling.Stories) && notReached(reached) == nil {
			break
		}
	}
	if missing := notReached(reached); missing != nil {
		t.Errorf("nothing allowed in a file %v", missing)
	}
}

// notReached lists what no conversation has allowed.
func notReached(reached map[string]int) (names []string) {
	for _, row := range asInFiles {
		if name := row.step.Word + " " + row.step.Kind + fmt.Sprint(row.step.Queued) + row.step.Name; reached[name] == 0 {
			names = append(names, name)
		}
	}
	return names
}

func compareWithFiles(t *testing.T, r *rand.Rand, o LiveOptions, reached map[string]int) {
	var acts []LiveAction
	again := func() *Live {
		l, _, err := NewLive(o, o.Start)
		for _, a := range acts {
			if _, err = l.Do(o.Start, a); err != nil {
				break
			}
		}
		if err != nil {
			t.Fatal(err, acts)
		}
		return l
	}
	for range 20 {
		l := again()
		if len(l.in(lifecycle.Alerting, lifecycle.Alerting)) == 0 && l.away != "transfer" && l.away != "consult" { // else a file is within a step
			compareHere(t, again, acts, reached)
		}
		allowed := l.Allowed()
		if len(allowed) == 0 {
			return
		}
		s := allowed[r.IntN(len(allowed))]
		for s.Step == "hangup" && r.IntN(8) > 0 {
			s = allowed[r.IntN(len(allowed))]
		}
		a := LiveAction{Step: s.Step, Party: s.Party}
		switch {
		case len(s.Agents) > 0:
			a.Agent = s.Agents[r.IntN(len(s.Agents))]
		case s.Queue:
			a.Queue = true
		case s.Number:
			a.Number = "supplier"
		}
		if _, why := l.choose(&a); why != "" {
			t.Fatal(why)
		}
		acts = append(acts, a)
	}
}

func compareHere(t *testing.T, again func() *Live, acts []LiveAction, reached map[string]int) {
	for _, row := range asInFiles {
		for party, p := range again().play.cast.prog.Parties {
			if row.parties == "" && party > 0 || row.parties == "agents" && p.Agent == nil ||
				row.byHand.Agent != "" && slices.Contains(again().in(lifecycle.Unexpected, lifecycle.Wrap), party) { // a file waits for that to end
				continue
			}
			l, step, a := again(), row.step, row.byHand
			for _, field := range []*string{&step.Name, &a.Agent, &a.Party} {
				*field = strings.ReplaceAll(*field, "X", p.Name)
			}
			if row.byHand.Agent != "" {
				step.Agent = p.Name
			}
			ops := []story.Op{{Code: row.code, Step: &step, Party: party}}
			if row.code == story.ToVoicemail {
				l.enter(len(l.play.cast.prog.Parties), story.VoicemailParty)
				ops[0].Party = len(l.play.cast.prog.Parties) - 1
			}
			if calls := row.code == story.Hold || row.code == story.HandOver; calls && row.parties == "agents" {
				ops = append(ops, story.Op{Code: story.Alert, Step: &step, Party: party})
			}
			refused := slices.ContainsFunc(ops, func(op story.Op) bool {
				return l.play.state.Apply(&op, func(*story.Channel, *lifecycle.Edge) {}) != nil
			})
			if refused {
				continue
			}
			reached[row.step.Word+" "+row.step.Kind+fmt.Sprint(row.step.Queued)+row.step.Name]++
			if _, err := again().Do(time.Now(), a); err != nil {
				t.Errorf("behind %v a file may say %s (%s), but by hand, %v", acts, step.Word, p.Name, err)
			}
		}
	}
}
