package plan

import (
	"cmp"
	"slices"
	"time"
)

// past is what a walk that cannot be known beforehand decided: when each conversation began,
// and what came of its asking for agents. That takes 8 bytes a conversation and 24 bytes for
// each time that an agent was wanted.
type past struct {
	births []int64
	fates  []fate // in the order of the conversations, then of the time
	length time.Duration
}

// coupled tells whether conversations decide on one another, so that nothing can be said of one
// of them without walking them all.
func (p *Plan) coupled() bool {
	return p.opts.Pool != nil || p.opts.Population > 0 || !p.opts.Events.IsZero()
}

// remembered walks a coupled plan once, and keeps what it decided. Two who ask at the same time
// may both walk, to the same end.
func (p *Plan) remembered() *past {
	if known := p.past.Load(); known != nil {
		return known
	}
	keep := &past{}
	src := p.source(&Floor{}, Shard{}, keep)
	for n, ok := src.next(); ok; n, ok = src.next() {
		keep.length = max(keep.length, n.Due)
	}
	slices.SortStableFunc(keep.fates, func(a, b fate) int { return cmp.Compare(a.story, b.story) })
	p.past.Store(keep)
	return keep
}

// of is when a conversation began, and what came of its asking; nothing, if it never did.
func (k *past) of(story uint64) (born int64, fates []fate) {
	if story >= uint64(len(k.births)) {
		return 0, nil
	}
	first, _ := slices.BinarySearchFunc(k.fates, story, func(f fate, s uint64) int {
		if f.story < s {
			return -1
		}
		return 1
	})
	last := first
	for last < len(k.fates) && k.fates[last].story == story {
		last++
	}
	return k.births[story], k.fates[first:last]
}

// again begins a conversation as it began in a walk.
func (pl *play) again(p *Plan, story uint64) {
	if !p.coupled() {
		pl.begin(p, story, p.beginning(story))
		return
	}
	born, fates := p.remembered().of(story)
	pl.begin(p, story, born)
	pl.fates = fates
}
