package mistake

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

// examined makes the trials of the dimensions that are about the state.
func examined(t testing.TB, seed uint64, dimensions ...dimension.Name) []*trial.Trial {
	t.Helper()
	made, _ := examinations.LoadOrStore(fmt.Sprint(seed, dimensions), sync.OnceValues(func() (all []*trial.Trial, err error) {
		p := dimension.New(dimension.Options{Seed: seed, Start: start, Profile: dimension.Profile{NextSecret: true, Restart: true}})
		for _, d := range dimensions {
			for made, err := range p.Trials(d) {
				if err != nil {
					return nil, err
				}
				all = append(all, made)
			}
		}
		return all, nil
	}))
	all, err := made.(func() ([]*trial.Trial, error))()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(all)
}

// examinations has the trials of examinations that a test made, which no test changes: several look at the same ones.
var examinations sync.Map

// stateful makes the trials that are about the state, as far as a slow consumer gets with them: those of least worth are cut.
func stateful(t testing.TB, seed uint64) []*trial.Trial {
	return slices.Concat(examined(t, seed, dimension.Bytes, dimension.Authenticity, dimension.Stories, dimension.Identity),
		examined(t, seed, dimension.Order)[:150], examined(t, seed, dimension.Crash))
}

// answered has a consumer answer all trials as a correct one does, one delivery after the other, those of
// Later in the end.
func answered(trials []*trial.Trial) (all []*trial.Played) {
	now, opened := start.Add(time.Hour), 1
	answer := func(p *trial.Played, d *trial.Delivery) {
		a := trial.Answer{Status: 204, Attempts: 1, Sent: now, Took: 5 * time.Millisecond, Connection: 1}
		if d.Wire.Way == trial.NewClose || d.Burst != 0 {
			opened++
			a.Connection = opened
		}
		switch d.Want() {
		case trial.Refuse:
			a.Status = 401
		case trial.Finish:
			a.Status = 400
		}
		if a.First = a.Status; d.Wire.Way == trial.CutOff || d.Crash.When == trial.Within {
			a.First, a.Attempts = 0, 2
		}
		p.Answers = append(p.Answers, a)
		now = now.Add(5 * time.Millisecond)
	}
	for _, made := range trials {
		p := &trial.Played{Trial: made}
		for i := range made.Deliveries {
			answer(p, &made.Deliveries[i])
		}
		if len(made.Later) == 0 {
			p.Asked = now
		}
		all = append(all, p)
	}
	now = now.Add(time.Minute)
	for _, p := range all {
		for i := range p.Later {
			answer(p, &p.Later[i])
		}
		if len(p.Later) > 0 {
			p.Asked = now
		}
	}
	return all
}

// told has a simulated consumer tell the states.
func told(all []*trial.Played, changes ...change) *Seen { return NewSeen(all).told(changes...) }

func (s *Seen) told(changes ...change) *Seen {
	m := s.simulate(changes...)
	for i, p := range s.all {
		p.Told = m.tell(i)
	}
	s.roles = s.identified()
	return s
}

func TestTheCorrectConsumerHasNoCause(t *testing.T) {
	sampling.Long(t)
	seeds := []uint64{1, 2}
	if testing.Short() {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		all := answered(examined(t, seed, dimension.Names()...))
		for i, h := range habits {
			if causes := told(all, h).Explain(); len(causes) > 0 {
				t.Errorf("seed %d, habit %d: %s", seed, i, text(all, causes))
			}
		}
	}
}

// text says what causes were found.
func text(all []*trial.Played, causes []Cause) string {
	var b strings.Builder
	for _, c := range causes {
		var names []string
		for _, m := range c.Mistakes {
			names = append(names, m.ID)
		}
		fmt.Fprintf(&b, "\n  %s %v: %d trials, such as %s: %v", c.Rule, names, len(c.Trials), all[c.Trials[0]].ID, c.Differences)
	}
	return b.String()
}

// alike are mistakes that no trial needs to tell apart, since they break one rule in nearly the same way, or since so much time passes between
// the trials that could: what came half a minute before a restart may be forgotten for either.
var alike = [][]string{{"short-memory", "short-time-memory"}, {"short-memory", "short-memory-of-channel"}, {"short-time-memory", "memory-cut"}, {"keys-until-ended", "short-memory"}, {"keys-until-ended", "short-time-memory"}, {"latest-kept", "conversations-dropped"}, {"ties-by-list", "ties-by-name"}, {"talk-has-wrap", "wrap-is-talk-too"}}

// shares is how many parts of the mistakes are tried at the same time.
const shares = 2

func TestEachMistakeIsNamedAlone(t *testing.T) {
	sampling.Long(t)
	every := sampling.Every(24, sampling.Mistakes) * shares
	for share := range shares {
		t.Run(fmt.Sprintf("%d of %d", share+1, shares), func(t *testing.T) {
			t.Parallel()
			namedAlone(t, share*every/shares, every)
		})
	}
}

// namedAlone has consumers make one mistake each: that of a number, and of every so many behind it.
func namedAlone(t *testing.T, first, every int) {
	usual, whole := NewSeen(answered(stateful(t, 1))), NewSeen(answered(slices.Concat(stateful(t, 1), examined(t, 1, dimension.Endurance))))
	for i := first; i < len(mistakes); i += every {
		m, s := &mistakes[i], usual
		if m.Rule == rulebook.RememberLong || m.ID == "conversations-dropped" {
			s = whole
		}
		if m.ID == "seen-before-stored" || m.ID == "stored-before-seen" || m.ID == "torn" || m.ID == "counted-apart" {
			continue // they show when attempts fail
		}
		t.Run(m.ID, func(t *testing.T) {
			for k, change := range m.changes {
				if m.Rule == rulebook.RememberLong && k%6 != 0 || k > 0 && (i+k)%6 != 0 {
					continue // memories of many sizes; and of several ways to make a mistake the first one, and a sixth of the others
				}
				if m.ID == "order-of-milliseconds" && k == 2 {
					continue // it tells nothing wrong but a figure, which depends on how it is computed then
				}
				causes := s.told(change).Explain()
				if len(causes) != 1 || causes[0].Rule != m.Rule || !slices.Contains(causes[0].Mistakes, m) {
					t.Errorf("change %d (%s): %d causes:%.1500s", k, m.Rule, len(causes), text(s.all, causes))
					continue
				}
				for _, other := range causes[0].Mistakes {
					same := slices.ContainsFunc(alike, func(ids []string) bool { return slices.Contains(ids, m.ID) && slices.Contains(ids, other.ID) })
					if other != m && !same {
						t.Errorf("change %d (%s) cannot be told from %s (%s)", k, m.Rule, other.ID, other.Rule)
					}
				}
			}
		})
	}
}

// retried has every third delivery answered with 500 first.
func retried(all []*trial.Played) []*trial.Played {
	n := 0
	for _, p := range all {
		for j := range p.Answers {
			if n++; n%3 == 0 {
				p.Answers[j].First, p.Answers[j].Attempts = 500, 2
			}
		}
	}
	return all
}

func TestWhatFailedAttemptsLeaveIsNamed(t *testing.T) {
	sampling.Long(t)
	all := retried(answered(examined(t, 1, dimension.Identity, dimension.Crash, dimension.Stories)))
	for _, id := range []string{"seen-before-stored", "stored-before-seen"} {
		m := byName(id)
		causes := told(all, m.changes[0]).Explain()
		if len(causes) != 1 || !slices.Equal(causes[0].Mistakes, []*Mistake{m}) {
			t.Errorf("%s: %s", id, text(all, causes))
		}
	}
	if causes := told(all).Explain(); causes != nil {
		t.Errorf("a correct consumer that fails now and then: %s", text(all, causes))
	}
}

func TestWhoLosesSomeIsNamed(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	all := answered(stateful(t, 1))
	for _, share := range sampling.Some([]int{50, 10, 200}, 3, sampling.Mistakes) {
		n := 0
		s := told(all, unless(func(*trial.Note) bool { n++; return n%share == share/2 }))
		causes := s.Explain()
		if len(causes) != 1 || causes[0].Rule != rulebook.StoreBeforeAnswer || causes[0].Mistakes[0].ID != "loses-some" {
			t.Errorf("one of %d: %.1500s", share, text(all, causes))
		}
	}
}

func byName(id string) *Mistake {
	return &mistakes[slices.IndexFunc(mistakes, func(m Mistake) bool { return m.ID == id })]
}

func TestChanceIsExplainedLast(t *testing.T) {
	sampling.Long(t)
	all := answered(slices.Concat(examined(t, 1, dimension.Order)[:80], examined(t, 1, dimension.Stories, dimension.Identity, dimension.Concurrency)))
	shuffled := func(changes ...change) *Seen { // bursts arrive in other orders than they were sent
		s := NewSeen(all)
		m := s.simulate(changes...)
		for i, p := range all {
			p.Told = m.replay(i, m.happened(i, 1+i*77%5040, rand.New(rand.NewPCG(uint64(i), 7))), true)
		}
		return s
	}
	if causes := shuffled().Explain(); causes != nil {
		t.Errorf("the correct consumer: %s", text(all, causes))
	}
	for _, id := range []string{"order-of-arrival", "waits-for-alerted", "closed-at-ended", "order-of-time", "no-duplicates-known", "park-is-hold"} {
		causes := shuffled(byName(id).changes[0]).Explain()
		if len(causes) != 1 || !slices.Equal(causes[0].Mistakes, []*Mistake{byName(id)}) {
			t.Errorf("%s: %.1500s", id, text(all, causes))
		}
	}
}

func TestLostUpdatesAreAFindingOfTheirOwn(t *testing.T) {
	sampling.Long(t)
	all := answered(examined(t, 1, dimension.Stories, dimension.Concurrency))
	for _, changes := range [][]change{nil, byName("park-is-hold").changes[:1]} {
		s := NewSeen(all)
		m := s.simulate(changes...)
		for i, p := range all {
			steps := m.happened(i, 0, nil)
			for k := len(steps) - 1; k > 0; k-- { // the second of each burst is lost
				if b := steps[k].delivery; b != nil && b.Burst > 0 && steps[k-1].delivery.Burst == b.Burst && (k < 2 || steps[k-2].delivery.Burst != b.Burst) && b.Conversation == steps[k-1].delivery.Conversation {
					steps = slices.Delete(steps, k, k+1)
				}
			}
			p.Told = m.replay(i, steps, true)
		}
		causes := s.Explain()
		if n := len(changes) + 1; len(causes) != n || causes[n-1].Rule != rulebook.ConcurrentNotifications || causes[n-1].Mistakes != nil {
			t.Errorf("%d mistakes beside: %.1500s", len(changes), text(all, causes))
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	all := answered(stateful(b, 1))
	for _, id := range []string{"order-of-arrival", "park-is-hold", "short-memory", "key-is-id"} {
		told(all, byName(id).changes[0])
		b.Run(id, func(b *testing.B) {
			for b.Loop() {
				NewSeen(all).Explain()
			}
		})
	}
}
