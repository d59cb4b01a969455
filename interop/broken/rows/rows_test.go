package rows

import (
	"flag"
	"maps"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

var matrix = flag.Bool("matrix", false, "also log what else each row breaks")

func allProbes() probes {
	all := probes{}
	for _, p := range []probes{receives(), secure(), identities(), orders(), durations(), robust()} {
		maps.Copy(all, p)
	}
	return all
}

func TestTheCorrectConsumerBreaksNoRule(t *testing.T) {
	for id, probe := range allProbes() {
		t.Run(string(id), func(t *testing.T) {
			t.Parallel()
			if said := probe(open(t, All()[0])); said != "" {
				t.Error(said)
			}
		})
	}
}

func TestEachRowBreaksItsRule(t *testing.T) {
	names, broken := map[string]bool{}, map[rulebook.ID]bool{}
	for _, r := range All()[1:] {
		if names[r.Name] || r.About == "" {
			t.Errorf("%s is there twice, or has no sentence", r.Name)
		}
		names[r.Name], broken[r.Breaks] = true, true
		if r.Name == "remembers-30s" {
			r.change = remembersFor(100 * time.Millisecond) // nobody wants to wait
		}
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			said := allProbes()[r.Breaks](open(t, r))
			// One of ten is lost by chance, or one of fifty, and a crash meets the moment between two transactions or it does not.
			byChance := r.Name == "drops-a-tenth" || r.Name == "fails-behind-mark" || r.Breaks == rulebook.WholeOrNothing
			for range 100 {
				if said == "" && byChance {
					said = allProbes()[r.Breaks](open(t, r))
				}
			}
			if said == "" {
				t.Errorf("no rule %s is broken by what %s", r.Breaks, r.About)
			}
			t.Logf("%s: %s", r.Breaks, said)
			if !*matrix {
				return
			}
			for id, probe := range allProbes() {
				if said := probe(open(t, r)); id != r.Breaks && said != "" {
					t.Logf("ALSO %s %s: %.200s", r.Name, id, said)
				}
			}
		})
	}
	for _, r := range rulebook.Rules() {
		if !broken[r.ID] {
			t.Errorf("no row breaks %s", r.ID)
		}
	}
}

func TestWhoHashesWhatIsWrittenAnewPassesEveryStory(t *testing.T) {
	for _, r := range hashing() {
		x := open(t, r)
		for _, name := range []string{"parked-call", "rejected-then-colleague", "presence-in-mid-call", "monitored-call", "missed-then-voicemail"} {
			if said := x.story(name, assuming(x, "absent-ids", "null"), nil); said != "" {
				t.Errorf("%s: %s", r.Name, said)
			}
		}
	}
}
