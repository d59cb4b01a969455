package examine

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/shrink"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// How often a trial in which chance decides is played again to find out how often it shows what is wrong.
const (
	mostTries  = 12
	enoughHits = 4
)

// Missed is how seldom a finding may fail to show when it is repeated as often as it says.
const Missed = 0.001

// MostRepeats is how often the trial of a finding is repeated at the most.
const MostRepeats = 200

// seldomer is how much more seldom a trial may show a finding in another run than it did in this one: on an idle machine, or at a consumer that has
// just been started, the same happens in a shorter time.
const seldomer = 4

// repeats is how often a trial must be played to miss what it shows that seldom, where it showed it in so many of some tries.
func repeats(hits, tries int) int {
	rate := lowest(max(hits, 1), tries) / seldomer
	return min(MostRepeats, int(math.Ceil(math.Log(Missed)/math.Log(1-rate))))
}

// lowest is the share that hits have of all tries at the least, as 19 of 20 such samples would say: the lower bound of Wilson's interval.
func lowest(hits, tries int) float64 {
	const z = 1.645
	n := float64(max(tries, hits))
	share := float64(hits) / n
	return (share + z*z/(2*n) - z*math.Sqrt(share*(1-share)/n+z*z/(4*n*n))) / (1 + z*z/n)
}

// alike reports whether two findings have one name: the same rule, and of states the same mistake, of answers a text that begins alike. Its end
// may say more where more is known.
func (f *Finding) alike(o *Finding) bool {
	return f.Rule.ID == o.Rule.ID && len(f.mistakes) > 0 == (len(o.mistakes) > 0) && (len(f.mistakes) == 0 || f.mistakes[0] == o.mistakes[0]) &&
		(len(f.Seen) > 0 || len(o.Seen) > 0 || beginning(f.Text) == beginning(o.Text))
}

// beginning are the first words of a text.
func beginning(text string) string {
	const most = 3
	words := strings.Fields(text)
	return strings.Join(words[:min(len(words), most)], " ")
}

// judged is what would be found that has the name of a finding if nothing but some trials were known, by their answers alone unless their
// states matter. Nothing is sent.
func (r *run) judged(ctx context.Context, like *Finding, state bool, some ...*trial.Played) (Finding, bool) {
	alone := *r
	alone.all, alone.stopped, alone.words, alone.theory = some, -1, words{}, true
	if !state {
		alone.asker = nil
	}
	for _, f := range alone.report(ctx).Findings {
		if f.alike(like) {
			return f, true
		}
	}
	return Finding{}, false
}

// mostAlone is how many trials are tried as the one that shows a finding, and mostBeside how many are played beside it.
const (
	mostAlone   = 12
	mostBeside  = 6
	mostUnnamed = 4  // where nothing gives the same name
	mostPooled  = 20 // of which states are compared, which takes its time
)

// looking is how long these are looked for: 5 s of the default budget, and on a slow machine, or of many trials, as long as a larger one allows.
func (r *run) looking() time.Duration { return max(5*time.Second, r.budget()/12) }

// spread are some of many trials, sorted by size: the smallest, of which most mistakes tell the same, and some of every size.
func spread(by []*trial.Played) (some []*trial.Played) {
	const smallest = mostAlone / 3
	if len(by) <= mostAlone {
		return by
	}
	some = slices.Clone(by[:smallest])
	for i := range mostAlone - smallest {
		some = append(some, by[smallest+i*(len(by)-1-smallest)/(mostAlone-smallest-1)])
	}
	return some
}

// alone finds the smallest of some trials that show a finding which is named alike if nothing else is known, and tells of that one.
func (r *run) alone(ctx context.Context, out *Finding, by []*trial.Played, state bool, over func() bool) *trial.Played {
	half := time.Now().Add(r.looking() / 2)
	for i, p := range slices.Concat(spread(by), by) { // those of every size first
		if i > 0 && (over() || time.Now().After(half)) {
			break
		}
		if f, named := r.judged(ctx, out, state, p); named {
			if i > 0 {
				out.Trial, out.Story, out.Details, out.Seen = f.Trial, f.Story, f.Details, f.Seen
			}
			return p
		}
	}
	return nil
}

// beside finds the fewest other trials that must be known for a trial to be named as in a finding: that a large body is refused for its
// size shows only beside a small one. It reports whether there are such.
func (r *run) beside(ctx context.Context, out *Finding, by []*trial.Played, state bool, over func() bool) (others []*trial.Played, named bool) {
	is := func(some ...*trial.Played) bool {
		_, named := r.judged(ctx, out, state, slices.Concat(by[:1], some)...)
		return named
	}
	var pool []*trial.Played
	kinds := map[rulebook.ID]bool{ruleOf(by[0].Trial): true}
	for _, p := range by[1:] { // of what shows the finding in another way, the smallest
		if k := ruleOf(p.Trial); !kinds[k] && len(p.Later) == 0 && len(p.Answers) < dear {
			kinds[k] = true
			pool = append(pool, p)
		}
	}
	pool = pool[:min(len(pool), mostBeside)]
	small, mixed := r.samples(by[0])
	if state {
		pool = append(pool, mixed[:min(len(mixed), mostBeside)]...)
	}
	for _, p := range small {
		if !slices.Contains(pool, p) && (!state || len(pool) < mostPooled) {
			pool = append(pool, p)
		}
	}
	for _, one := range pool {
		if over() {
			return nil, false
		}
		if is(one) {
			return []*trial.Played{one}, true
		}
	}
	if !is(pool...) {
		return nil, false
	}
	pick := func(sequence []int) (some []*trial.Played) {
		for _, i := range sequence {
			some = append(some, pool[i])
		}
		return some
	}
	all := make([]int, len(pool))
	for i := range all {
		all[i] = i
	}
	others = pick(shrink.Sequence(all, func(s []int) (bool, bool) { return !over() && is(pick(s)...), !over() }))
	if len(others) > mostBeside {
		return nil, false
	}
	return others, true
}

// samples are the smallest trials about each rule, one that went well and one that did not, and those that went well although they are most out of order, without those
// that chance has a hand in.
func (r *run) samples(but *trial.Played) (all, mixed []*trial.Played) {
	type kind struct {
		rule  rulebook.ID
		wrong bool
	}
	least, most, out := map[kind]*trial.Played{}, map[rulebook.ID]*trial.Played{}, map[rulebook.ID]int{}
	for _, p := range r.all {
		k := kind{ruleOf(p.Trial), r.fails(p)}
		if p == but || r.cut[p] || len(p.Later) > 0 || p.Loose() || crashes(p.Trial) || len(p.Answers) > 40 {
			continue
		}
		if least[k] == nil || len(p.Answers) < len(least[k].Answers) {
			least[k] = p
		}
		if k.wrong {
			continue
		}
		_, sequence := happened(p.Trial)
		if moved := shrink.Moved(sequence); most[k.rule] == nil || moved > out[k.rule] {
			most[k.rule], out[k.rule] = p, moved
		}
	}
	for _, p := range r.all { // in the order in which they were played
		if least[kind{ruleOf(p.Trial), r.fails(p)}] == p {
			all = append(all, p)
		}
		if most[ruleOf(p.Trial)] == p {
			mixed = append(mixed, p)
		}
	}
	slices.SortStableFunc(all, func(a, b *trial.Played) int { return cmp.Compare(len(a.Answers), len(b.Answers)) })
	slices.SortStableFunc(mixed, func(a, b *trial.Played) int { return out[ruleOf(b.Trial)] - out[ruleOf(a.Trial)] })
	return all, mixed
}

// repeated finds out what a command has to play to show a finding again, and how often, and reduces its trial to the least that
// does so. The trials that show it come in, the smallest first; state is whether their states do. The one that is told is returned.
func (r *run) repeated(ctx context.Context, out *Finding, by []*trial.Played, state bool) (p *trial.Played, steady bool) {
	slices.SortStableFunc(by, simpler)
	if by[0].ID != out.Trial && len(by[0].Later) == 0 { // what comes late shows it only behind all others
		if f, named := r.judged(ctx, out, state, by[0]); named {
			out.Trial, out.Story, out.Details, out.Seen = f.Trial, f.Story, f.Details, f.Seen
		}
	}
	if len(r.Only) > 0 && r.Repeat > 0 { // it is being repeated
		out.Replay, out.Repeat = r.Only, r.Repeat
		return by[0], true
	}
	until, latest := time.Now().Add(r.looking()), r.end.Add(r.looking())
	over := func() bool { return time.Now().After(until) || time.Now().After(latest) || ctx.Err() != nil }
	var others []*trial.Played
	named := true
	if p = r.alone(ctx, out, by, state, over); p == nil {
		p = by[0]
		if others, named = r.beside(ctx, out, by, state, over); !named { // several are more likely to have the same cause than one
			for _, o := range spread(by) {
				if o != p && len(others) < mostUnnamed && len(o.Later) == 0 && len(o.Answers) < dear {
					others = append(others, o)
				}
			}
		}
	}
	out.Otherwise = !named
	out.Replay = []string{p.ID}
	for _, o := range others {
		out.Replay = append(out.Replay, o.ID)
	}
	if len(p.Later) > 0 {
		out.Replay, out.Late = []string{string(out.Rule.ID)}, r.lateness
	}
	if len(p.Later) > 0 || len(p.Deliveries) > dear || r.stopped >= 0 {
		return p, true
	}
	least := least{run: r, of: out, others: others, named: named, state: state, details: out.Details, seen: out.Seen}
	shows := func(t *trial.Trial) (bool, bool) { return least.shows(ctx, t) }
	out.Hits, out.Tries = r.tried(p.Trial, state, shows)
	if out.Tries > 0 && out.Hits == 0 && named {
		p = r.another(ctx, out, p, by, state, shows, over)
	}
	if out.Hits < out.Tries || chancy(p.Trial) {
		if named && inBursts(p.Trial) && !crashes(p.Trial) {
			if id, is := r.fewer(out, p.Trial, state, shows); is {
				least.is(id)
			}
		}
		out.Repeat = repeats(out.Hits, out.Tries)
		out.Unsteady = out.Hits < out.Tries
		return p, !out.Unsteady
	}
	if named { // else the least of it may be named otherwise
		if id, less := r.reduced(p.Trial, shows); less {
			least.is(id)
		}
	}
	return p, true
}

// mostOthers is how many trials are tried instead of one that did not show a finding again.
const mostOthers = 3

// another is one of some trials that shows a finding when it is played again, under its name; or the first one if none does: it may be named
// otherwise then.
func (r *run) another(ctx context.Context, out *Finding, first *trial.Played, by []*trial.Played, state bool, shows func(*trial.Trial) (bool, bool), over func() bool) *trial.Played {
	n := 0
	for _, p := range spread(by) {
		if p == first || len(p.Later) > 0 || len(p.Deliveries) > dear {
			continue
		}
		if n++; n > mostOthers || over() {
			break
		}
		if hits, tries := r.tried(p.Trial, state, shows); hits > 0 {
			out.Hits, out.Tries = hits, tries
			out.Trial, out.Story, out.Replay[0] = p.ID, p.Story, p.ID
			if f, is := r.judged(ctx, out, state, p); is {
				out.Details, out.Seen = f.Details, f.Seen
			}
			return p
		}
	}
	out.Otherwise = true
	return first
}

// chancy reports whether chance may have a hand in what a trial shows: it has one in what the consumer sees, or several conversations
// come at the same time.
func chancy(t *trial.Trial) bool { return t.Loose() || inBursts(t) }

// simpler compares trials: one without chance, and then one with fewer notifications, shows better what is wrong; and what comes late shows it
// last.
func simpler(a, b *trial.Played) int {
	chance := func(p *trial.Played) int {
		if p.Loose() {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(len(a.Later), len(b.Later)), chance(a)-chance(b), cmp.Compare(len(a.Answers), len(b.Answers)))
}

// tried plays a trial until it is known whether it shows a finding each time, or how often.
func (r *run) tried(t *trial.Trial, state bool, shows func(*trial.Trial) (bool, bool)) (hits, tries int) {
	sure := 1
	switch {
	case chancy(t):
		sure = enoughHits
	case state:
		sure = 2
	}
	for tries < mostTries && hits < enoughHits && (hits < tries || tries < sure) {
		shown, ok := shows(t)
		if !ok {
			break
		}
		if tries++; shown {
			hits++
		}
	}
	return hits, tries
}

// again plays a trial under new identifiers, and asks for its states if that is wanted; ok is false if there is no time left.
func (r *run) again(ctx context.Context, t *trial.Trial, state bool) (p *trial.Played, ok bool) {
	if r.rounds >= aside-20 || r.silenced || time.Until(r.until) < r.takes(t, nil) || ctx.Err() != nil {
		return nil, false
	}
	r.rounds++
	failed := r.failed
	r.failed = map[string]int{} // nothing is left out
	p, err := r.play(ctx, t.Renamed(r.rounds))
	r.failed = failed
	if err != nil || r.cut[p] {
		return nil, false
	}
	if state {
		if r.askAll(ctx, []*trial.Played{p}) != nil || p.Asked.IsZero() {
			return nil, false
		}
	}
	return p, true
}
