package examine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/shrink"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// breaksNow plays a trial, and reports whether a state is wrong afterwards; ok is false if there is no time left.
func (r *run) breaksNow(ctx context.Context, t *trial.Trial) (breaks, ok bool) {
	if r.silenced || time.Until(r.until) < r.takes(t, nil) || ctx.Err() != nil {
		return false, false
	}
	p, err := r.play(ctx, t)
	if err != nil {
		return false, false
	}
	all := []*trial.Played{p}
	if r.cut[p] || r.askAll(ctx, all) != nil || p.Asked.IsZero() {
		return false, false
	}
	right := mistake.NewSeen(all).Right([]int{0})
	for _, id := range p.Conversations() {
		if !right(id, p.Told[id]) {
			return true, true
		}
	}
	return false, true
}

// separator stands between the ID of a trial and the notifications of it that are sent, counted from 0 in the order in
// which they happened.
const separator = "~"

// reduced finds the least of a trial that still shows what is wrong, and returns its ID. Nothing is missing that must have
// happened before: what a correct consumer makes of the rest is its own affair.
func (r *run) reduced(t *trial.Trial, shows func(*trial.Trial) (bool, bool)) (id string, less bool) {
	natural, sequence := happened(t)
	whole := len(mistake.Impossible(t)) == 0
	possible := func(s []int) []int {
		if !whole { // some types are not claimed
			return s
		}
		s = slices.Clone(s)
		cannot := mistake.Impossible(natural.Reduced(s))
		slices.Sort(cannot)
		for _, at := range slices.Backward(cannot) {
			s = slices.Delete(s, at, at+1)
		}
		return s
	}
	least := possible(shrink.Sequence(sequence, func(s []int) (bool, bool) {
		s = possible(s)
		if len(s) == 0 {
			return false, true
		}
		return shows(natural.Reduced(s))
	}))
	if slices.Equal(least, sequence) {
		return t.ID, false
	}
	return reducedID(t, least), true
}

// reducedID names a part of a trial.
func reducedID(t *trial.Trial, sequence []int) string {
	return t.ID + separator + strings.Trim(strings.ReplaceAll(fmt.Sprint(sequence), " ", "-"), "[]")
}

// atFirst are how many notifications of a burst are tried, and mostFew is the most of a trial for which that is worth its time.
var atFirst = []int{2, 3, 4, 8}

const mostFew = 120

// fewer finds the first few notifications of a trial with bursts that show a finding often enough by themselves, and returns their ID.
func (r *run) fewer(out *Finding, t *trial.Trial, state bool, shows func(*trial.Trial) (bool, bool)) (id string, is bool) {
	natural, _ := happened(t)
	for _, n := range atFirst {
		if n >= len(t.Deliveries) || len(t.Deliveries) > mostFew {
			return "", false
		}
		first := make([]int, n)
		for i := range first {
			first[i] = i
		}
		some := natural.Reduced(first)
		if !inBursts(some) || len(mistake.Impossible(t)) == 0 && len(mistake.Impossible(some)) > 0 {
			continue
		}
		if hits, tries := r.tried(some, state, shows); hits >= enoughHits && tries <= 2*enoughHits {
			out.Hits, out.Tries = hits, tries
			return reducedID(t, first), true
		}
	}
	return "", false
}

// least is the search for the least of a trial that shows a finding.
type least struct {
	*run
	of     *Finding
	others []*trial.Played // that must be known for the finding to have its name
	named  bool            // it has it then
	state  bool            // it shows in states

	details []string // what was seen where it showed the last time, which is the least so far
	seen    []mistake.Difference
}

// shows plays a part of the trial, and reports whether that shows the finding; ok is false if it cannot be played any more. What presence does
// shows with one only: that of an earlier trial may last.
func (l *least) shows(ctx context.Context, t *trial.Trial) (shows, ok bool) {
	if l.of.Rule.ID == rulebook.PresenceApart && !slices.ContainsFunc(t.Deliveries, presence) {
		return false, true
	}
	p, ok := l.again(ctx, t, l.state)
	if !ok || !l.named {
		return ok && l.fails(p), ok
	}
	f, is := l.judged(ctx, l.of, l.state, slices.Concat([]*trial.Played{p}, l.others)...)
	switch {
	case is && l.state && len(l.of.Seen) > 0:
		alone := mistake.NewSeen([]*trial.Played{p})
		alone.Habit = l.habit
		seen := alone.Differences(0)
		if len(seen) == 0 {
			return false, true // the others show it by themselves
		}
		l.seen = under(seen, p.Trial, t)
	case is && f.Trial == p.ID:
		l.details = f.Details
	}
	return is, true
}

// presence reports whether a delivery tells an agent's presence.
func presence(d trial.Delivery) bool { return strings.HasPrefix(d.Type, "agent.") }

// is has the finding tell of the least.
func (l *least) is(id string) {
	l.of.Trial, l.of.Replay[0], l.of.Reduced, l.of.Details, l.of.Seen = id, id, true, l.details, l.seen
}

// under are differences of a trial with the identifiers of another one, which is the same under others.
func under(all []mistake.Difference, t, other *trial.Trial) []mistake.Difference {
	names := map[string]string{}
	for i := range min(len(t.Deliveries), len(other.Deliveries)) {
		a, b := &t.Deliveries[i].Note, &other.Deliveries[i].Note
		for from, to := range map[string]string{a.Conversation: b.Conversation, a.Channel: b.Channel, a.Interaction: b.Interaction} {
			names[strings.ToLower(from)] = strings.ToLower(to)
		}
	}
	value := func(v any) any {
		if text, is := v.(string); is {
			return cmp.Or(names[strings.ToLower(text)], text)
		}
		return v
	}
	all = slices.Clone(all)
	for i := range all {
		d := &all[i]
		d.Conversation, d.Channel = cmp.Or(names[d.Conversation], d.Conversation), cmp.Or(names[d.Channel], d.Channel)
		d.Told, d.Want = value(d.Told), value(d.Want)
	}
	return all
}

// happened is a trial in the order in which things happened, and the order in which it is sent.
func happened(t *trial.Trial) (natural *trial.Trial, sequence []int) {
	from := make([]int, len(t.Deliveries))
	for i := range from {
		from[i] = i
	}
	slices.SortStableFunc(from, func(a, b int) int { return mistake.Before(&t.Deliveries[a].Note, &t.Deliveries[b].Note) })
	natural = t.Reduced(from)
	sequence = make([]int, len(from))
	for at, i := range from {
		sequence[i] = at
	}
	return natural, sequence
}

// makeTrial makes a trial from its ID, which may name some of its notifications only.
func makeTrial(p *dimension.Planner, id string) (*trial.Trial, error) {
	whole, part, reduced := strings.Cut(id, separator)
	t, err := p.Make(whole)
	if err != nil || !reduced {
		return t, err
	}
	natural, _ := happened(t)
	var keep []int
	for text := range strings.SplitSeq(part, "-") {
		var n int
		if _, err := fmt.Sscan(text, &n); err != nil || n < 0 || n >= len(natural.Deliveries) {
			return nil, fmt.Errorf("trial %q: want numbers of notifications behind the %s, from 0 to %d, such as 2-0-1", id, separator, len(natural.Deliveries)-1)
		}
		keep = append(keep, n)
	}
	t = natural.Reduced(keep)
	t.ID = id
	return t, nil
}
