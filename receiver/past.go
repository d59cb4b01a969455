package receiver

import "time"

// rememberFor is how long IDs are remembered: a sender tries a notification again for 24 hours, and the last attempt
// may have waited in a queue. What comes later is no duplicate that a sender makes.
const rememberFor = 25 * time.Hour

// past is what is left of what was forgotten: that it was there. It is known by a hash of 64 bits with a seed that nobody
// knows, so that one of a million notifications takes another one for its own once in ten million such millions.
type past struct {
	most       int // marks that are kept, about
	young, old map[uint64]struct{}
	turned     time.Time // when the young ones began to come, and no more old ones
	lost       int       // marks that were given up too early, for want of room
}

func newPast(most int) past { return past{most: most, young: map[uint64]struct{}{}} }

// has reports whether there was something with a mark.
func (p *past) has(mark uint64) bool {
	_, young := p.young[mark]
	if young {
		return true
	}
	_, old := p.old[mark]
	return old
}

// add keeps a mark for rememberFor, or until half as many came as are kept.
func (p *past) add(mark uint64, now time.Time) {
	if p.turned.IsZero() {
		p.turned = now
	}
	age := now.Sub(p.turned)
	if len(p.young) >= (p.most+1)/2 || age >= rememberFor {
		if age < rememberFor {
			p.lost += len(p.old)
		}
		p.old, p.young, p.turned = p.young, map[uint64]struct{}{}, now
	}
	p.young[mark] = struct{}{}
}
