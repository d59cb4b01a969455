package examine

import (
	"maps"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// words are the names and values in states that are none of a state's.
type words struct {
	unknown []string                     // members
	missed  map[trial.Aspect]string      // what stands in the place of an aspect, which is not told therefore, or in part only
	strange map[trial.Aspect]strangeness // values
}

// strangeness is values that are none, and the trials that show some.
type strangeness struct {
	values []string
	trials map[*trial.Played]bool
}

// mostWords is how many unknown members, and how many strange values, are named.
const mostWords = 20

// read notes the words of the states that were told of a trial.
func (w *words) read(p *trial.Played) {
	if w.missed == nil {
		w.missed, w.strange = map[trial.Aspect]string{}, map[trial.Aspect]strangeness{}
	}
	for _, id := range slices.Sorted(maps.Keys(p.Told)) {
		s := p.Told[id]
		if s == nil {
			continue
		}
		w.unknown = withMore(w.unknown, s.Unknown)
		for a, text := range s.Missed {
			if w.missed[a] == "" {
				w.missed[a] = text
			}
		}
		for a, values := range s.Strange {
			all := w.strange[a]
			if all.trials == nil {
				all.trials = map[*trial.Played]bool{}
			}
			all.trials[p], all.values = true, withMore(all.values, values)
			w.strange[a] = all
		}
	}
}

// plain reports whether a state has no values that are none: one that settles may have some for a while.
func plain(s *trial.State) bool { return s == nil || len(s.Strange) == 0 }

// withMore adds texts that are new, as long as there is room.
func withMore(all, more []string) []string {
	for _, text := range more {
		if len(all) < mostWords && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// instead says what the state has in the place of aspects that it does not tell, as the end of a text.
func (w *words) instead(a trial.Aspect) string {
	var all []string
	for i := trial.Phase; i <= trial.Figures; i <<= 1 {
		if text := w.missed[i]; a&i != 0 && text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return ": it has " + strings.Join(all, ", ")
}

// vague are the aspects of which too little is told for a rule to be kept.
func (w *words) vague() (all trial.Aspect) {
	for a := range w.missed {
		all |= a
	}
	return all
}

// strangers are findings about values of phase and role that are none. They are not compared: a wrong word would be taken for a mistake.
func (r *run) strangers() (all []Finding) {
	if r.theory {
		return nil
	}
	for _, about := range []struct {
		aspect trial.Aspect
		rule   rulebook.ID
		want   string
	}{{trial.Phase, rulebook.PhasesApart, "alerting, connected, held, parked, interrupted, unexpected, wrap or ended"},
		{trial.Role, rulebook.RolesApart, "external, agent, monitor or voicemail"}} {
		strange, is := r.words.strange[about.aspect]
		if !is {
			continue
		}
		var first *trial.Played // the smallest one
		f := Finding{Rule: rulebook.Of(about.rule), Text: "tells " + strange.values[0] + ", which is no " + about.aspect.String(), Trials: len(strange.trials)}
		f.Rule.Mend = "Tell one of " + about.want + ": other words are not compared, and rules that need them are not tested."
		for i, text := range strange.values {
			if i == maxDetails {
				break
			}
			f.Details = append(f.Details, text+" is none of "+about.want)
		}
		for _, p := range r.all {
			if strange.trials[p] && (first == nil || simpler(p, first) < 0) {
				first = p
			}
		}
		if first != nil {
			f.Trial, f.Story = first.ID, first.Story
		}
		all = append(all, f)
	}
	return all
}
