package examine

import (
	"math"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// guess finds the rule that trials break which no known mistake explains: that of the feature that all of them have and no
// right one has, or of the members that are wrong.
func (r *run) guess(c *mistake.Cause, all []*answered) {
	var wrong, right []*answered
	for _, a := range all {
		switch p := a.played; {
		case a.Want() != trial.Accept || p.Asked.IsZero() || !a.answer.Accepted():
		case p.Ask != nil && !slices.Contains(p.Ask, a.Conversation): // no state shows it
		case slices.Contains(c.Trials, a.trial):
			wrong = append(wrong, a)
		case !r.wrong[p]:
			right = append(right, a)
		}
	}
	if renamed(c) {
		c.Rule, c.Mistakes, c.Guessed = rulebook.ChannelsApart, nil, false
		return
	}
	if r.wrongAnyway() { // it is no feature's fault
		r.byMember(c)
		return
	}
	if rule := r.member(c); rule != "" && rule != rulebook.FiguresAgree && len(c.Mistakes) == 0 {
		c.Rule, c.Guessed = rule, false // whoever tells everything else has not failed on anything
		return
	}
	if best, is := r.feature(c, wrong, right); is {
		c.Rule, c.Mistakes, c.Guessed = best, nil, false
		return
	}
	if rule := r.concurrent(c); rule != "" {
		if c.Rule, c.Mistakes, c.Guessed = rule, nil, false; rule == rulebook.ConcurrentDuplicates && !counted(c) {
			c.Mistakes = []*mistake.Mistake{mistake.LostBesideDuplicates}
		}
		return
	}
	if missing := func(d mistake.Difference) bool { return d.Member == "channel" && d.Told == "not known" }; len(c.Differences) > 0 &&
		!slices.ContainsFunc(c.Differences, func(d mistake.Difference) bool { return !missing(d) }) && wholeChannels(c) {
		c.Rule, c.Mistakes, c.Guessed = rulebook.ChannelsApart, nil, false // of a conversation that it knows
		return
	}
	if len(c.Mistakes) > 0 {
		return
	}
	if rule := r.member(c); rule != "" {
		c.Rule, c.Guessed = rule, false
	}
	if c.Rule == rulebook.KeyIsSourceAndID && !lacking(c) { // nothing is lost: what an agent does beside moves the channel
		c.Rule, c.Guessed = rulebook.PresenceApart, false
	}
}

// feature is the rule of the feature that the wrong deliveries of most trials have, and no right one has, if there is one.
func (r *run) feature(c *mistake.Cause, wrong, right []*answered) (best rulebook.ID, is bool) {
	of := wrongMembers(c)
	right = slices.DeleteFunc(right, func(a *answered) bool { return !tellsAny(a.played, of) })
	if len(right) == 0 && len(of) > 0 {
		return "", false // it is wrong wherever there is something to tell, and what all have says nothing
	}
	in, most := explained(wrong, right, c.Lost), 0
	consider := func(id rulebook.ID) {
		if n := len(in[id]); n > most && (len(right) >= contrast || r.aboutAny(c, id)) {
			most, best = n, id
		}
	}
	consider(rulebook.ReadLargeBodies)
	for i := range features {
		consider(features[i].rule)
	}
	return best, most > 0 && 4*most >= 3*len(c.Trials) && (best != rulebook.ZeroLengthPhases || r.ofNoLength(c))
}

// byMember gives a cause that nothing explains the rule about the only member that is wrong. If there are more, its rule is guessed.
func (r *run) byMember(c *mistake.Cause) {
	if len(c.Mistakes) > 0 {
		return
	}
	c.Guessed = true
	if rule := r.member(c); rule != "" {
		c.Rule, c.Guessed = rule, false
	}
}

// wrongAnyway reports whether the states of the plainest calls are all wrong, which were sent before the examination.
func (r *run) wrongAnyway() bool {
	asked := 0
	for i, right := 0, mistake.NewSeen(r.controls).Right; i < len(r.controls); i++ {
		p := r.controls[i]
		if len(p.Conversations()) == 0 {
			continue
		}
		if asked++; !slices.ContainsFunc(p.Conversations(), func(id string) bool { return !right([]int{i})(id, p.Told[id]) }) {
			return false
		}
	}
	return asked > 0
}

// wrongMembers are the members that are wrong in the smallest trial of a cause, if nothing but times and figures is: the others are told of
// every channel.
func wrongMembers(c *mistake.Cause) map[string]bool {
	of := map[string]bool{}
	for _, d := range c.Differences {
		phase, isTime := strings.CutPrefix(d.Member, "seconds.")
		if _, figure := d.Want.(float64); !isTime && !figure {
			return nil
		}
		of[phase] = true
	}
	return of
}

// tellsAny reports whether something is told of a trial in some members, other than 0; true without any.
func tellsAny(p *trial.Played, of map[string]bool) bool {
	if len(of) == 0 {
		return true
	}
	for _, s := range p.Told {
		if s == nil {
			continue
		}
		for figure, n := range s.Figures {
			if of[string(figure)] && n != 0 {
				return true
			}
		}
		for _, c := range s.Channels {
			for phase, n := range c.Seconds {
				if of[phase] && n != 0 && !math.IsNaN(n) {
					return true
				}
			}
		}
	}
	return false
}

// contrast is how many notifications must have gone well for a feature that none of them has to be a reason where the trials are about
// something else: of a few trials that are played alone, nearly everything is true that is true of no others.
const contrast = 60

// aboutAny reports whether some of a cause's trials are about a rule.
func (r *run) aboutAny(c *mistake.Cause, id rulebook.ID) bool {
	return slices.ContainsFunc(c.Trials, func(i int) bool { return slices.Contains(r.all[i].Rules, id) })
}

// wholeChannels reports whether whole channels are missing rather than some of what was sent of them: who loses some notifications knows
// nothing of a channel only where few were sent.
func wholeChannels(c *mistake.Cause) bool {
	whole, parts := 0, 0
	for _, l := range c.Lost {
		if l.Parts > 0 {
			parts++
		} else if l.Channels > 0 {
			whole++
		}
	}
	return whole > parts
}

// renamed reports whether channels are told under other identifiers than their own.
func renamed(c *mistake.Cause) bool {
	more, fewer := false, false
	for _, d := range c.Differences {
		if d.Member != "channel" {
			return false
		}
		more, fewer = more || d.Told != "not known", fewer || d.Told == "not known"
	}
	return more && fewer
}

// concurrent is the rule that trials break whose deliveries are released together, if nearly all of them are so, and the others have a crash in
// a burst: that about conversations if these break, or that about duplicates if nothing else does.
func (r *run) concurrent(c *mistake.Cause) (rule rulebook.ID) {
	if !slices.ContainsFunc(c.Differences, func(d mistake.Difference) bool { return r.inBurst(c, d) }) {
		return "" // what is wrong came alone, beside bursts of something else
	}
	rule = rulebook.ConcurrentDuplicates
	killed := 0
	for _, i := range c.Trials {
		p := r.all[i]
		if !inBursts(p.Trial) {
			return ""
		}
		if crashes(p.Trial) {
			if killed++; 4*killed > len(c.Trials) {
				return ""
			}
			continue
		}
		switch of := ruleOf(p.Trial); {
		case of == rulebook.ConcurrentConversations:
			rule = of
		case of == rulebook.ConcurrentNotifications && rule == rulebook.ConcurrentDuplicates:
			rule = of
		case of != rulebook.ConcurrentNotifications && of != rulebook.ConcurrentDuplicates:
			return "" // bursts are by the way there
		}
	}
	return rule
}

// inBurst reports whether some of what a difference is about was released together with others.
func (r *run) inBurst(c *mistake.Cause, d mistake.Difference) bool {
	return slices.ContainsFunc(c.Trials, func(i int) bool {
		return slices.ContainsFunc(r.all[i].Deliveries, func(n trial.Delivery) bool {
			return n.Burst != 0 && n.Conversation == d.Conversation && (d.Channel == "" || strings.EqualFold(n.Channel, d.Channel))
		})
	})
}

// counted reports whether something is counted too often.
func counted(c *mistake.Cause) bool {
	return slices.ContainsFunc(c.Differences, func(d mistake.Difference) bool {
		told, number := d.Told.(int)
		want, _ := d.Want.(int)
		return number && told > want
	})
}

// inBursts reports whether deliveries of a trial are released together.
func inBursts(t *trial.Trial) bool {
	return slices.ContainsFunc(t.Deliveries, func(d trial.Delivery) bool { return d.Burst != 0 })
}

// lacking reports whether notifications are missing, or counted twice.
func lacking(c *mistake.Cause) bool {
	return slices.ContainsFunc(c.Differences, func(d mistake.Difference) bool {
		return slices.Contains([]string{"notifications", "channel", "channels", "conversation"}, d.Member)
	})
}

// member is the rule about the only member that is wrong; "" if there are more.
func (r *run) member(c *mistake.Cause) (rule rulebook.ID) {
	rules := map[string]rulebook.ID{"agentId": rulebook.AgentIDIsText, "interactionId": rulebook.InteractionFromData, "role": rulebook.RolesApart}
	for _, f := range []trial.Figure{trial.Answered, trial.Abandoned, trial.SecondsToAnswer, trial.Talk, trial.Hold, trial.Wrap, trial.Agents, trial.Transfers} {
		rules[string(f)] = rulebook.FiguresAgree
	}
	for _, d := range c.Differences {
		one := rules[d.Member]
		if one == "" || rule != "" && rule != one {
			return ""
		}
		rule = one
	}
	return rule
}

// explained lists the trials that the features of each rule explain: wrong deliveries have a value that no right one has. Where something
// is missing, it must be what has the value: who loses one of seven does not lose it for what all of them have.
func explained(wrong, right []*answered, lost map[int]mistake.Loss) map[rulebook.ID]map[int]bool {
	in := map[rulebook.ID]map[int]bool{} // trials that a rule's features explain
	for i := range features {
		f := &features[i]
		if f.chance || f.rule == rulebook.AcceptValid || f.rule == rulebook.AcceptPresence { // no state tells whether presence was stored
			continue
		}
		by := map[string][]*answered{}
		for _, a := range wrong {
			if v := f.value(a); v != "" {
				by[v] = append(by[v], a)
			}
		}
		for _, a := range right {
			if len(by) == 0 {
				break // thousands need not be looked at
			}
			if !aboutChannel(a) {
				continue // it is lost unseen
			}
			delete(by, f.value(a))
		}
		for _, those := range by {
			have := map[int]int{}
			for _, a := range those {
				have[a.trial]++
			}
			for _, a := range those {
				if n := lost[a.trial].Notifications; n > 0 && 2*n < have[a.trial] {
					continue
				}
				if in[f.rule] == nil {
					in[f.rule] = map[int]bool{}
				}
				in[f.rule][a.trial] = true
			}
		}
	}
	largest := 0
	for _, a := range right {
		if a.Channel != "" { // else no state shows it
			largest = max(largest, len(a.Body))
		}
	}
	for _, a := range wrong {
		if len(a.Body) > max(largest, 2<<10) {
			if in[rulebook.ReadLargeBodies] == nil {
				in[rulebook.ReadLargeBodies] = map[int]bool{}
			}
			in[rulebook.ReadLargeBodies][a.trial] = true
		}
	}
	return in
}
