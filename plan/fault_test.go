package plan_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
)

// ruled parses rules of faults.
func ruled(t testing.TB, texts ...string) (rules []scenario.FaultRule) {
	t.Helper()
	for _, text := range texts {
		r, err := scenario.ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, r)
	}
	return rules
}

// everyFault has a rule for each kind, which fires as often as said.
func everyFault(t testing.TB, often string) []scenario.FaultRule {
	var texts []string
	for _, k := range fault.Kinds() {
		text := k.String() + " " + often
		if k == fault.Delay {
			text += " by 1s..90s"
		}
		texts = append(texts, text)
	}
	return ruled(t, texts...)
}

// conversations is how many a busy plan has.
const conversations = 100

// busy is a plan of many conversations.
func busy(t testing.TB, seed uint64, rules ...string) []plan.Notification {
	return pick(t, load(t, "hold"), plan.Options{Seed: seed, Count: conversations, Calls: rate(t, "2/s"), Faults: ruled(t, rules...)})
}

// transcript is all that a plan says of its notifications.
func transcript(ns []plan.Notification) []byte {
	var b bytes.Buffer
	for i := range ns {
		n := &ns[i]
		fmt.Fprintf(&b, "%d %d %d %d %s [%s %v %s %d %x] ", n.Seq, n.Story, n.Due, n.At, n.Name, n.Fault, n.Extra, n.Want, n.Keys, n.Signed)
		b.Write(append(n.AppendBody(nil), '\n'))
	}
	return b.Bytes()
}

// of picks those with a fault.
func of(ns []plan.Notification, k fault.Kind) (some []plan.Notification) {
	for _, n := range ns {
		if n.Fault == k {
			some = append(some, n)
		}
	}
	return some
}

// told is the bodies that a conversation tells truly, in the order of sending: without
// what is beside them.
func told(ns []plan.Notification, story uint64) (bodies []string) {
	for _, n := range ns {
		if n.Story == story && !n.Extra {
			bodies = append(bodies, string(n.AppendBody(nil)))
		}
	}
	return bodies
}

func TestTheSameSeedHasTheSameFaults(t *testing.T) {
	o := plan.Options{Seed: 3, Count: 50, Calls: rate(t, "1/s"), Faults: everyFault(t, "3%")}
	first := transcript(pick(t, load(t, "hold"), o))
	if again := transcript(pick(t, load(t, "hold"), o)); !bytes.Equal(first, again) {
		t.Error("a second plan has other faults")
	}
	o.Seed++
	if other := pick(t, load(t, "hold"), o); len(of(other, fault.None)) == 0 || bytes.Equal(first, transcript(other)) {
		t.Error("another seed has the same faults")
	}
}

func TestAnotherDayHasTheSameFaults(t *testing.T) {
	o := plan.Options{Seed: 3, Count: 50, Calls: rate(t, "1/s"), Faults: everyFault(t, "3%"), Start: dawn}
	first := pick(t, load(t, "hold"), o)
	o.Start = dawn.AddDate(1, 2, 3)
	second := pick(t, load(t, "hold"), o)
	if len(first) != len(second) {
		t.Fatalf("%d notifications, and %d on another day", len(first), len(second))
	}
	for i := range first {
		if a, b := first[i], second[i]; a.Fault != b.Fault || a.Due != b.Due || a.Story != b.Story || a.Keys != b.Keys {
			t.Fatalf("notification %d: %s at %s of %d, on another day %s at %s of %d", i, a.Fault, a.Due, a.Story, b.Fault, b.Due, b.Story)
		}
	}
}

func TestWhatIsSentNeverGoesBackInTime(t *testing.T) {
	slow(t)
	for _, versions := range []plan.Versions{plan.OnlyV0, plan.OnlyV1, plan.Both} {
		for seed := range uint64(6) {
			for _, lag := range []string{"0s", "250ms", "0s..3m"} {
				ns := pick(t, load(t, "everything"), plan.Options{Seed: seed, Count: 20, Calls: rate(t, "7/m"), Versions: versions,
					Lag: span(t, lag), Faults: everyFault(t, "5%")})
				for i := range ns {
					if ns[i].Seq != uint64(i) {
						t.Fatalf("seed %d, %s, lag %s: number %d is at %d", seed, versions, lag, ns[i].Seq, i)
					}
					if ns[i].Due < ns[i].At {
						t.Fatalf("seed %d, %s, lag %s: %d is sent before it happened", seed, versions, lag, i)
					}
					if i > 0 && ns[i].Due < ns[i-1].Due {
						t.Fatalf("seed %d, %s, lag %s: %d is due %s, after %s", seed, versions, lag, i, ns[i].Due, ns[i-1].Due)
					}
				}
			}
		}
	}
}

// Faults beside the truth leave it alone, and no fault invents or loses what happened.
func TestTheTruthIsToldOnceWhateverGoesWrong(t *testing.T) {
	plain := busy(t, 5)
	for _, k := range fault.Kinds() {
		t.Run(k.String(), func(t *testing.T) {
			text := k.String() + " 20%"
			if k == fault.Delay {
				text += " by 1s..90s"
			}
			withFaults := busy(t, 5, text)
			if len(of(withFaults, k)) == 0 {
				t.Fatal("it never fires")
			}
			for story := range uint64(conversations) {
				want, got := told(plain, story), told(withFaults, story)
				if k != fault.Delay && k != fault.Reorder && k != fault.LateRetry && k.Row().Class != fault.Form && !slices.Equal(got, want) {
					t.Fatalf("conversation %d is\n%q\nwant\n%q", story, got, want)
				}
				slices.Sort(want)
				slices.Sort(got)
				if k != fault.UnknownMember && k != fault.BodyStyle && !slices.Equal(got, want) {
					t.Fatalf("conversation %d has other notifications than without the fault", story)
				}
			}
			for _, n := range of(withFaults, k) {
				if row := k.Row(); n.Extra != row.Extra || n.Want != row.Want {
					t.Fatalf("%s: extra %v and want %s, not as the table says", k, n.Extra, n.Want)
				}
			}
		})
	}
}

func TestRulesFireAsOftenAsTheySay(t *testing.T) {
	all := len(busy(t, 7))
	held := 0
	for _, n := range busy(t, 7) {
		if n.Type() == "channel.held.v0" {
			held++
		}
	}
	for _, c := range []struct {
		rule string
		want int // exactly; -1: the expected number within four standard deviations
		mean float64
	}{
		{"unsigned every 10", all / 10, 0},
		{"unsigned every 10 count 3", 3, 0},
		{"unsigned 100%", all, 0},
		{"unsigned 100% count 1", 1, 0},
		{"unsigned 0%", 0, 0},
		{"unsigned 100% of channel.held.*", held, 0},
		{"unsigned every 2 of channel.held.*", held / 2, 0},
		{"unsigned 100% of agent.*", 0, 0},
		{"unsigned 1%", -1, 0.01},
		{"unsigned 10%", -1, 0.1},
		{"unsigned 50%", -1, 0.5},
	} {
		t.Run(c.rule, func(t *testing.T) {
			for seed := range uint64(5) {
				got := len(of(busy(t, seed, c.rule), fault.Unsigned))
				if c.want >= 0 && got != c.want {
					t.Errorf("it fires %d times, want %d", got, c.want)
				}
				n := float64(all)
				if off := math.Abs(float64(got) - n*c.mean); c.want < 0 && off > 4*math.Sqrt(n*c.mean*(1-c.mean)) {
					t.Errorf("seed %d: it fires %d times of %d, want about %.0f", seed, got, all, n*c.mean)
				}
			}
		})
	}
}

func TestEveryNthIsTheNth(t *testing.T) {
	for i, n := range busy(t, 1, "unknown-member every 7") {
		if want := i%7 == 6; (n.Fault == fault.UnknownMember) != want {
			t.Fatalf("notification %d has the fault %q, want one: %v", i+1, n.Fault, want)
		}
	}
}

func TestAnotherRuleMovesNothing(t *testing.T) {
	alone := busy(t, 11, "duplicate 20%")
	beside := busy(t, 11, "wrong-key 20%", "duplicate 20%", "unknown-type 10%")
	ids := func(ns []plan.Notification, k fault.Kind) map[string]time.Duration {
		all := map[string]time.Duration{}
		for _, n := range of(ns, k) {
			all[n.ID()] = n.Due
		}
		return all
	}
	before, after := ids(alone, fault.Duplicate), ids(beside, fault.Duplicate)
	if len(after) == 0 || len(after) >= len(before) {
		t.Fatalf("%d duplicates beside another rule, and %d alone; want fewer, since one notification has one fault", len(after), len(before))
	}
	for id, due := range after {
		if was, there := before[id]; !there || was != due {
			t.Fatalf("%s is sent again at %s; without the other rules at %s (%v)", id, due, was, there)
		}
	}
	truth := ids(alone, fault.None)
	for id := range ids(beside, fault.None) {
		if _, there := truth[id]; !there {
			t.Fatalf("the identifier %s is new", id)
		}
	}
}

func TestFaultsArePinned(t *testing.T) {
	var scs []*scenario.Scenario
	for _, name := range []string{"hold", "interrupt", "everything"} {
		scs = append(scs, load(t, name))
	}
	var b bytes.Buffer
	for _, v := range []plan.Versions{plan.OnlyV0, plan.OnlyV1, plan.Both} {
		p, err := plan.NewMix(scs, plan.Options{Start: dawn, Seed: 10, Count: 100, Calls: rate(t, "3/s"), Lag: span(t, "0s..3m"),
			Versions: v, Faults: everyFault(t, "3%")})
		if err != nil {
			t.Fatal(err)
		}
		ns := all(p)
		fmt.Fprintf(&b, "every fault, %s\n  %d notifications, %s\n  transcript %s\n  hash       %s\n  ", v, len(ns), p.Length(), digest(transcript(ns)), p.Hash())
		for _, k := range fault.Kinds() {
			fmt.Fprintf(&b, "%s %d ", k, len(of(ns, k)))
		}
		b.WriteByte('\n')
	}
	golden.Check(t, "testdata/pinned-faults.txt", b.Bytes())
}
