package plan_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// sentBefore counts the notifications of a conversation that follow in the plain plan but
// are sent before the one at position at.
func sentBefore(withFaults []plan.Notification, at int, place map[string]int) (passed int) {
	n := withFaults[at]
	for _, before := range withFaults[:at] {
		if before.Story == n.Story && !before.Extra && before.Fault != fault.Drop && place[before.ID()] > place[n.ID()] {
			passed++
		}
	}
	return passed
}

// places are the positions of the notifications in a plan without faults.
func places(ns []plan.Notification) map[string]int {
	all := map[string]int{}
	for i := range ns {
		all[ns[i].ID()] = i
	}
	return all
}

func TestWhatIsReorderedIsPassedByOne(t *testing.T) {
	for _, rules := range [][]string{{"reorder 30%"}, {"reorder 100%"}, {"reorder every 3"}, {"reorder 30%", "duplicate 30%", "wrong-key 30%"}} {
		for seed := range uint64(3) {
			place, withFaults := places(busy(t, seed)), busy(t, seed, rules...)
			for i, n := range withFaults {
				if n.Fault != fault.Reorder {
					continue
				}
				if got := sentBefore(withFaults, i, place); got != 1 {
					t.Fatalf("%v, seed %d: %s is passed by %d, want 1", rules, seed, n.Type(), got)
				}
			}
			if len(of(withFaults, fault.Reorder)) == 0 {
				t.Fatalf("%v, seed %d: nothing is reordered", rules, seed)
			}
		}
	}
}

// Where everything else is moved or dropped, what waited to be passed is sent all the same.
func TestWhatCannotBePassedIsSent(t *testing.T) {
	for seed := range uint64(3) {
		place := places(busy(t, seed))
		withFaults := busy(t, seed, "reorder 30%", "late-retry 30%", "drop 50%", "delay 50% by 1m..2m")
		if len(withFaults) != len(place) {
			t.Fatalf("%d notifications, want %d", len(withFaults), len(place))
		}
		for i, n := range withFaults {
			if n.Fault == fault.Reorder && sentBefore(withFaults, i, place) == 0 {
				t.Fatalf("seed %d: %d is called reordered and is not", seed, i)
			}
		}
	}
}

func TestALateRetryComesFiveSecondsLaterBehindAnother(t *testing.T) {
	for seed := range uint64(3) {
		plain := busy(t, seed)
		place, withFaults := places(plain), busy(t, seed, "late-retry 30%")
		for i, n := range withFaults {
			if n.Fault != fault.LateRetry {
				continue
			}
			if got := sentBefore(withFaults, i, place); got == 0 {
				t.Fatalf("seed %d: %s is behind none", seed, n.Type())
			}
			if by := n.Due - plain[place[n.ID()]].Due; by < 5*time.Second {
				t.Fatalf("seed %d: %s is sent %s later, want 5s at least", seed, n.Type(), by)
			}
		}
	}
}

func TestTimesOfDelaysAndDuplicates(t *testing.T) {
	plain := busy(t, 4)
	place := places(plain)
	for _, c := range []struct {
		rule      string
		kind      fault.Kind
		low, high time.Duration
	}{
		{"delay 30% by 10s..20s", fault.Delay, 10 * time.Second, 20 * time.Second},
		{"delay 100% by 3s", fault.Delay, 3 * time.Second, 3 * time.Second},
		{"duplicate 30%", fault.Duplicate, 0, 2 * time.Second},
	} {
		var least, most time.Duration = time.Hour, 0
		for _, n := range of(busy(t, 4, c.rule), c.kind) {
			by := n.Due - plain[place[n.ID()]].Due
			least, most = min(least, by), max(most, by)
		}
		if least < c.low || most > c.high || most < least || c.low != c.high && most-least < (c.high-c.low)/2 {
			t.Errorf("%s: sent %s to %s later, want %s to %s", c.rule, least, most, c.low, c.high)
		}
	}
}

func TestKeysRotateInTheOrderOfSending(t *testing.T) {
	withFaults := busy(t, 6, "rotate-key every 100 count 3", "delay 20% by 1s..90s")
	keys := uint32(0)
	for _, n := range withFaults {
		if n.Fault == fault.RotateKey {
			keys++
		}
		if n.Keys != keys {
			t.Fatalf("notification %d is signed after %d rotations, want %d", n.Seq, n.Keys, keys)
		}
	}
	if keys != 3 {
		t.Errorf("%d rotations, want 3", keys)
	}
}

// bodies pairs the body of each fault with that of the notification that it is made from.
func bodies(t *testing.T, k fault.Kind) (pairs [][2][]byte, notes []plan.Notification) {
	t.Helper()
	o := plan.Options{Seed: 8, Count: 20, Calls: rate(t, "1/s"), Versions: plan.Both}
	plain := pick(t, load(t, "everything"), o)
	o.Faults = ruled(t, k.String()+" 100%")
	at := 0
	for _, n := range pick(t, load(t, "everything"), o) {
		if n.Fault == k {
			pairs = append(pairs, [2][]byte{plain[at].AppendBody(nil), n.AppendBody(nil)})
			notes = append(notes, n)
		}
		if k.Row().Extra != (n.Fault == k) {
			at++
		}
	}
	if len(pairs) != len(plain) {
		t.Fatalf("%d faults of %d notifications", len(pairs), len(plain))
	}
	return pairs, notes
}

func TestBodiesAreWrongInTheWayTheFaultSays(t *testing.T) {
	sampling.Long(t)
	for k, wrong := range map[fault.Kind]func(was, is []byte, n *plan.Notification) error{
		fault.TamperedBody: func(was, is []byte, n *plan.Notification) error {
			if bytes.Equal(was, is) || !bytes.Equal(n.Signed, was) || len(was) != len(is) || json.Valid(was) != json.Valid(is) {
				return fmt.Errorf("want another body of the same length, and the token of the first")
			}
			return nil
		},
		fault.MalformedJSON: func(was, is []byte, _ *plan.Notification) error {
			if json.Valid(is) || !bytes.HasPrefix(was, is) || len(is) == 0 {
				return fmt.Errorf("want the beginning of the body, which is no JSON")
			}
			return nil
		},
		fault.UnknownType: func(_, is []byte, n *plan.Notification) error {
			_, err := event.Parse(is)
			if faults, ok := err.(event.Problems); !ok || !faults.OnlyUnknownType() || n.Type() != "channel.sampled.v0" {
				return fmt.Errorf("want nothing wrong but the type: %v", err)
			}
			return nil
		},
		fault.MissingMember: func(_, is []byte, _ *plan.Notification) error {
			if _, err := event.Parse(is); err == nil || !strings.Contains(err.Error(), "data") || !json.Valid(is) {
				return fmt.Errorf("want JSON without data: %v", err)
			}
			return nil
		},
		fault.UnknownMember: func(was, is []byte, _ *plan.Notification) error {
			if _, err := event.Read(is); err != nil || bytes.Equal(was, is) {
				return fmt.Errorf("want more members, which nobody minds: %v", err)
			}
			return nil
		},
	} {
		t.Run(k.String(), func(t *testing.T) {
			pairs, notes := bodies(t, k)
			ids := map[string]bool{}
			for i, p := range pairs {
				if notes[i].Event == (event.Event{}) { // a send step may write anything
					continue
				}
				if err := wrong(p[0], p[1], &notes[i]); err != nil {
					t.Fatalf("%v\nwas %s\nis  %s", err, p[0], p[1])
				}
				fresh := k == fault.UnknownType || k == fault.MissingMember
				if strings.Contains(string(p[0]), notes[i].ID()) == fresh {
					t.Fatalf("its ID is %s, fresh: want %v\nwas %s", notes[i].ID(), fresh, p[0])
				}
				if fresh && ids[notes[i].ID()] {
					t.Fatalf("the ID %s is there twice", notes[i].ID())
				}
				ids[notes[i].ID()] = true
			}
		})
	}
}

func TestAFaultBesideAStepIsThatOfItsNotifications(t *testing.T) {
	steps := `
  - {call: customer, fault: duplicate}
  - ring: {agent: alice, for: 3s}
  - {hold: 30s, fault: wrong-key}
  - {hangup: customer, fault: reorder}
  - {wrap: 20s, fault: drop}
`
	got := map[string]string{}
	for _, n := range pick(t, story(t, steps), plan.Options{Seed: 1}) {
		if n.Fault != fault.None {
			got[n.Fault.String()] += strings.TrimPrefix(n.Type(), "channel.") + " "
		}
	}
	want := map[string]string{
		"duplicate": "connected.v0 alerted.v0 ", // the copy of the first comes up to two seconds later
		"wrong-key": "held.v0 retrieved.v0 ",
		"reorder":   got["reorder"],
		"drop":      "ended.v0 ",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || !strings.Contains(got["reorder"], "disconnected.v0") {
		t.Errorf("got %v\nwant %v", got, want)
	}
}
