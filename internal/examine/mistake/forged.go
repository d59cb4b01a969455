package mistake

import "github.com/ringback/ringback/internal/examine/trial"

// Dropped lists the trials that show, by what was told, that nothing of a forgery was stored that was accepted; nil if some was, or
// nobody knows. What is wrong in both ways shows neither.
func Dropped(all []*trial.Played) (shown []int) {
	s := NewSeen(all)
	without, with := s.simulate(), s.simulate(storesForged)
	for i, p := range all {
		if p.Asked.IsZero() || p.Loose() || !acceptsForgery(p) || with.unlike(without, i) == 0 {
			continue
		}
		switch stored, not := with.fit(i), without.fit(i); {
		case stored:
			return nil
		case not:
			shown = append(shown, i)
		}
	}
	return shown
}

// acceptsForgery reports whether a forgery of a trial was accepted.
func acceptsForgery(p *trial.Played) bool {
	for i := range p.Answers {
		if p.Answers[i].Accepted() && p.Delivery(i).Want() == trial.Refuse {
			return true
		}
	}
	return false
}
