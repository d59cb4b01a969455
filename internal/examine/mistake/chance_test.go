package mistake

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

// Half a notification that a kill leaves spoils the next one, which looks in some trials like a count of its own. Where that explains at least half of
// what the tear explains, it may be either.
func TestTearsAndCountsOfTheirOwnAreToldTogether(t *testing.T) {
	sampling.Long(t)
	crashes := slices.Concat(examined(t, 1, dimension.Crash), examined(t, 2, dimension.Crash))
	all := answered(append(crashes, examined(t, 1, dimension.Stories)[0]))
	failed := len(crashes) // a trial that shows nothing but that what fails is not known as a duplicate
	all[failed].Answers[0].First, all[failed].Answers[0].Attempts = http.StatusInternalServerError, 2
	s := NewSeen(all)
	torn, apart := s.simulate(habits[0], byName("torn").changes[1]), s.simulate(habits[0], byName("counted-apart").changes[0])
	right := s.simulate()
	var either, tears []int // trials that both explain, and that the tear alone does
	all[failed].Told = right.tell(failed)
	for i, p := range all[:failed] {
		by := apart
		if i >= failed/2 {
			by = torn
		}
		p.Told = by.replay(i, by.happened(i, 1+i, rand.New(rand.NewPCG(uint64(i), 7))), true)
		switch {
		case right.fit(i) || right.possible(i) || !torn.possible(i):
		case apart.possible(i):
			either = append(either, i)
		default:
			tears = append(tears, i)
		}
	}
	if len(either) < 3 || len(tears) < 4 {
		t.Fatalf("%v and %v are too few to tell", either, tears)
	}
	for _, c := range []struct {
		either, tears int
		want          []string
	}{
		{3, 3, []string{"torn", "counted-apart"}},
		{3, 2, []string{"torn", "counted-apart"}},
		{3, 4, []string{"torn"}},
		{0, 4, []string{"torn"}},
		{3, 0, []string{"counted-apart", "torn"}},
	} {
		trials := slices.Concat(either[:c.either], tears[:c.tears])
		cause := s.forgetful([]change{habits[0]}, []int{failed}, trials)
		var names []string
		for _, m := range cause.Mistakes {
			names = append(names, m.ID)
		}
		if cause.Rule != rulebook.WholeOrNothing || !slices.Equal(names, c.want) || len(cause.Trials) != len(trials) {
			t.Errorf("of %d that both explain and %d tears: %s %v, %d trials; want %v", c.either, c.tears, cause.Rule, names, len(cause.Trials), c.want)
		}
	}
}

// Who marks a notification before it is stored, and who goes on behind a torn line, lose the same in many trials. The first one loses it in the last
// crash of a trial as well.
func TestMarksAndTearsAreToldApart(t *testing.T) {
	all := answered(slices.Concat(examined(t, 1, dimension.Crash), examined(t, 2, dimension.Crash)))
	s := NewSeen(all)
	torn, marks, right := s.simulate(habits[0], byName("torn").changes[0]), s.simulate(habits[0], byName("seen-before-stored").changes[0]), s.simulate()
	var both []int
	for i, p := range all {
		p.Told = torn.replay(i, torn.happened(i, 1+i, rand.New(rand.NewPCG(uint64(i), 7))), true)
		if !right.fit(i) && !right.possible(i) && torn.possible(i) && marks.possible(i) {
			both = append(both, i)
		}
	}
	if len(both) < 3 {
		t.Fatalf("%v are too few to tell", both)
	}
	if cause := s.forgetful([]change{habits[0]}, nil, both); cause.Rule != rulebook.WholeOrNothing || cause.Mistakes[0].ID != "torn" {
		t.Errorf("it is %s", cause.Rule)
	}
	for _, p := range all {
		for j := range p.Answers {
			p.Answers[j].Attempts = 1 // no crash cut anything off
		}
	}
	if s.spares(right, both) {
		t.Error("what was never cut off is spared")
	}
}
