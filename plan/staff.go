package plan

import (
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario"
)

// staff is the agents of a pool. Those whom nobody has identified are numbered, and made when they
// are wanted: a hundred thousand of them would cost the garbage collector time.
type staff struct {
	known []event.User // by number in the pool; those who are not identified are zero, or left out
	first uint64       // the display ID of the one with number 0, if that one were not identified
	form  idForm
}

// hire makes the agents of the pool, and gives the first number that is left for others. They
// belong to all scenarios, and have user IDs of the form that one of them wants.
func (o *Options) hire(scs []*scenario.Scenario, first uint64, taken map[string]bool) (s staff, next uint64) {
	for _, u := range o.Pool.Agents {
		first = max(first, behind(u.AgentID, !u.UserID.IsZero()))
		taken[u.AgentID] = true
	}
	s = staff{first: first, form: version4}
	for _, sc := range scs {
		s.form = max(s.form, formOf(sc.Assume.Over(o.Assume))&anyForm)
	}
	for _, given := range o.Pool.Agents[:min(len(o.Pool.Agents), o.Pool.Count)] {
		if given != (event.User{}) {
			given = s.form.declared(&scenario.Agent{AgentID: given.AgentID, UserID: given.UserID.String()}, taken)
		}
		s.known = append(s.known, given)
	}
	return s, first + uint64(o.Pool.Count)
}

// agent is the one with a number in the pool.
func (s *staff) agent(k int32, texts *texts) event.User {
	if int(k) < len(s.known) && s.known[k] != (event.User{}) {
		return s.known[k]
	}
	number := s.first + uint64(k)
	return event.User{AgentID: texts.of(number), UserID: s.form.seededID(number)}
}
