package ask

import (
	"maps"
	"slices"
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/show"
)

// vocabulary is the words that some place of a state may have.
type vocabulary struct {
	known []string
	other map[string]string // words that people use in their place, as plain makes them
}

// phases are the members of seconds, and the values of phase. In seconds the last one is allowed, and means nothing: nothing follows it.
var phases = func() (all []string) {
	for p := lifecycle.Alerting; p <= lifecycle.Ended; p++ {
		all = append(all, p.String())
	}
	return all
}()

// timed are the phases that last.
var timed = phases[:len(phases)-1]

var phaseWords = vocabulary{phases, map[string]string{
	"ringing": "alerting", "ring": "alerting", "offered": "alerting",
	"talking": "connected", "talk": "connected", "active": "connected", "incall": "connected", "answered": "connected", "retrieved": "connected", "unparked": "connected", "resumed": "connected",
	"hold": "held", "onhold": "held", "holding": "held", "park": "parked", "interruption": "interrupted",
	"failed": "unexpected", "connectionfailed": "unexpected",
	"wrapup": "wrap", "wrapstarted": "wrap", "acw": "wrap", "aftercallwork": "wrap", "afterwork": "wrap",
	"closed": "ended", "finished": "ended", "completed": "ended", "done": "ended", "disconnected": "ended"}}

var roleWords = vocabulary{nearest.Names(event.Roles(), event.Role.String), map[string]string{
	"customer": "external", "caller": "external", "client": "external", "party": "external",
	"supervisor": "monitor", "listener": "monitor", "coach": "monitor", "mailbox": "voicemail", "vm": "voicemail"}}

var stateWords = vocabulary{stateMembers, map[string]string{
	"talktime": "talk", "talkseconds": "talk", "secondstalk": "talk", "holdtime": "hold", "holdseconds": "hold", "secondshold": "hold",
	"wraptime": "wrap", "wrapseconds": "wrap", "secondswrap": "wrap", "timetoanswer": "seconds_to_answer", "transfercount": "transfers", "agentcount": "agents"}}

var channelWords = vocabulary{channelMembers, map[string]string{
	"state": "phase", "status": "phase", "duration": "seconds", "durations": "seconds", "times": "seconds", "agent": "agentId", "interaction": "interactionId",
	"count": "notifications", "events": "notifications"}}

// meant is the known word that was probably meant; "" if there is none.
func (v *vocabulary) meant(word string) string {
	if w := v.other[plain(word)]; w != "" {
		return w
	}
	return nearest.Word(word, v.known)
}

// didYouMean is a phrase to append to an unknown word.
func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return ` (did you mean "` + word + `"?)`
}

// maxUnknown is how many unknown members are named.
const maxUnknown = 20

// unknown notes a member that is none of a state's, once, with what was probably meant. It returns how it is named.
func (r *reading) unknown(name, meant string) string {
	text := name + didYouMean(meant)
	if !slices.Contains(r.Unknown, text) && len(r.Unknown) < maxUnknown {
		r.Unknown = append(r.Unknown, text)
	}
	return text
}

// miss notes that an aspect is not told, or in part only, since there is something else in its place.
func (r *reading) miss(a trial.Aspect, text string) {
	if r.Missed == nil {
		r.Missed = map[trial.Aspect]string{}
	}
	if r.Missed[a] == "" {
		r.Missed[a] = text
	}
}

// others notes the members that are none of those that are known: what one of them was probably meant to be, and is not there, is not told.
func (r *reading) others(before string, members map[string]any, v *vocabulary) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if slices.Contains(v.known, name) || name == conversationMember {
			continue
		}
		meant := v.meant(name)
		text := r.unknown(before+show.Line(name, maxText), meant)
		if a := aspectOf(meant); a != 0 && members[meant] == nil {
			r.miss(a, text)
		}
	}
}

// aspectOf is what a member tells; 0 of those that are always there.
func aspectOf(member string) trial.Aspect {
	if slices.Contains(figures, trial.Figure(member)) {
		return trial.Figures
	}
	return map[string]trial.Aspect{"interactionId": trial.InteractionID, "agentId": trial.AgentID, "role": trial.Role, "phase": trial.Phase,
		"seconds": trial.Seconds, "notifications": trial.Notifications}[member]
}

// word reads a value that must be one of some words. Another one is noted, and not told: it would be taken for a mistake of what
// is stored. The empty one is that of a channel of which nothing is known.
func (r *reading) word(a trial.Aspect, v *vocabulary, word string) *string {
	if word == "" || slices.Contains(v.known, word) {
		return &word
	}
	text := a.String() + ` "` + shown(word) + `"` + didYouMean(v.meant(word))
	r.miss(a, text)
	if r.Strange == nil {
		r.Strange = map[trial.Aspect][]string{}
	}
	if all := r.Strange[a]; !slices.Contains(all, text) && len(all) < maxUnknown {
		r.Strange[a] = append(all, text)
	}
	return nil
}

// lacks reports whether a phase that lasts is not among some.
func lacks(among map[string]any) bool {
	return slices.ContainsFunc(timed, func(phase string) bool { _, is := among[phase]; return !is })
}

// withoutSeconds makes the seconds of all channels not told if one of their names is none and another is missing: it would be taken for 0.
func (r *reading) withoutSeconds() {
	if r.misnamed == "" {
		return
	}
	r.miss(trial.Seconds, r.misnamed)
	for _, c := range r.Channels {
		c.Seconds = nil
	}
}

// phaseColumn reports whether a column that is not known is probably about the seconds of a phase, and which one: "" if that is not known.
func phaseColumn(name string) (phase string, is bool) {
	short := plain(name)
	if slices.Contains(timed, short) {
		return short, true
	}
	cut := false
	for _, unit := range []string{"seconds", "secs", "sec", "duration", "ms", "millis"} {
		rest, before := strings.CutPrefix(short, unit)
		rest, behind := strings.CutSuffix(rest, unit)
		if (before || behind) && !cut {
			short, cut = rest, true
		}
	}
	if !cut {
		return "", false
	}
	phase = phaseWords.meant(short)
	return phase, phase != "" && phase != lifecycle.Ended.String() || strings.HasPrefix(plain(name), "seconds")
}
