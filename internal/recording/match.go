package recording

import (
	"cmp"
	"slices"
)

// pair is an expected notification and the one that was found for it.
type pair struct{ want, got *entry }

// matching holds the pairs of two sides, and what is left over.
type matching struct {
	pairs   []pair // in the order of got
	surplus []pair // found more often than expected; with the first one of want, or else of got
	missing []*entry
	extra   []*entry
}

// key identifies the notification of an entry. A body without source and id is its own key.
func (e *entry) key() string {
	if e.head.Source == "" && e.head.ID == "" {
		return "body " + string(e.body)
	}
	return e.head.Source + " " + e.head.ID
}

// matchByID pairs the copies of each notification: the first with the first, and so on.
func matchByID(want, got []*entry) (m matching) {
	open := map[string][]*entry{}
	first := map[string]*entry{}
	for _, e := range want {
		k := e.key()
		open[k] = append(open[k], e)
		if first[k] == nil {
			first[k] = e
		}
	}
	for _, e := range got {
		k := e.key()
		switch {
		case len(open[k]) > 0:
			m.pairs = append(m.pairs, pair{open[k][0], e})
			open[k] = open[k][1:]
		case first[k] != nil:
			m.surplus = append(m.surplus, pair{first[k], e})
		default:
			m.extra = append(m.extra, e)
		}
	}
	for _, e := range want {
		if rest := open[e.key()]; slices.Contains(rest, e) {
			m.missing = append(m.missing, e)
		}
	}
	return m
}

// matchByPlace pairs notifications without their identifiers. Copies go first, since they
// are recognised by identifiers on their own side. Then conversations with the same events of
// the same parties after the same times belong together, in the order in which they began;
// of the rest those with the same events; the rest in that order alone; in them channels
// of one role and agent; in those events of one type.
func matchByPlace(want, got []*entry) (m matching) {
	want, copiesWanted := distinct(want)
	got, copies := distinct(got)
	w, g := conversations(want), conversations(got)
	for _, fits := range []func(*conversation) string{(*conversation).timed, (*conversation).shape, (*conversation).kind} {
		w, g = pairUp(w, g, fits, func(a, b *conversation) { m.conversations(a, b) })
	}
	for _, c := range w {
		m.missing = append(m.missing, c.all()...)
	}
	for _, c := range g {
		m.extra = append(m.extra, c.all()...)
	}
	m.copies(copiesWanted, copies)
	byRank := func(a, b *entry) int { return cmp.Compare(a.rank, b.rank) }
	slices.SortFunc(m.pairs, func(a, b pair) int { return byRank(a.got, b.got) })
	slices.SortFunc(m.missing, byRank)
	slices.SortFunc(m.extra, byRank)
	return m
}

// distinct takes the second and later copies of notifications out.
func distinct(all []*entry) (once []*entry, copies []pair) {
	first := map[string]*entry{}
	for _, e := range all {
		if was := first[e.key()]; was != nil {
			copies = append(copies, pair{was, e})
			continue
		}
		first[e.key()] = e
		once = append(once, e)
	}
	return once, copies
}

// copies pairs copies of notifications that belong together.
func (m *matching) copies(want, got []pair) {
	partner := map[*entry]*entry{} // of want, by that of got
	for _, p := range m.pairs {
		partner[p.got] = p.want
	}
	wanted := map[*entry][]*entry{}
	for _, p := range want {
		wanted[p.want] = append(wanted[p.want], p.got)
	}
	for _, p := range got {
		original := partner[p.want]
		switch rest := wanted[original]; {
		case original == nil:
			m.extra = append(m.extra, p.got)
		case len(rest) > 0:
			m.pairs = append(m.pairs, pair{rest[0], p.got})
			wanted[original] = rest[1:]
		default:
			m.surplus = append(m.surplus, pair{original, p.got})
		}
	}
	for _, p := range want {
		if slices.Contains(wanted[p.want], p.got) {
			m.missing = append(m.missing, p.got)
		}
	}
}

// conversations pairs what two conversations consist of.
func (m *matching) conversations(want, got *conversation) {
	w, g := pairUp(want.lanes, got.lanes, (*lane).name, func(a, b *lane) {
		w, g := pairUp(a.entries, b.entries, func(e *entry) string { return e.head.Type },
			func(a, b *entry) { m.pairs = append(m.pairs, pair{a, b}) })
		m.missing = append(m.missing, w...)
		m.extra = append(m.extra, g...)
	})
	for _, l := range w {
		m.missing = append(m.missing, l.entries...)
	}
	for _, l := range g {
		m.extra = append(m.extra, l.entries...)
	}
}

// pairUp pairs the first of want with the first of got that has the same name, the second
// with the second, and so on, and returns what is left over on each side.
func pairUp[T any](want, got []*T, name func(*T) string, join func(want, got *T)) (restWant, restGot []*T) {
	open := map[string][]*T{}
	for _, g := range got {
		open[name(g)] = append(open[name(g)], g)
	}
	joined := map[*T]bool{}
	for _, w := range want {
		same := open[name(w)]
		if len(same) == 0 {
			restWant = append(restWant, w)
			continue
		}
		open[name(w)] = same[1:]
		joined[same[0]] = true
		join(w, same[0])
	}
	for _, g := range got {
		if !joined[g] {
			restGot = append(restGot, g)
		}
	}
	return restWant, restGot
}
