package examine

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// answered is a delivery that has had its answer.
type answered struct {
	trial  int // position among all
	nth    int // in the trial
	played *trial.Played
	*trial.Delivery
	answer *trial.Answer
}

// features are what a delivery may be refused for. A value is refused if some deliveries have it and
// all of these are.
var features = []struct {
	rule  rulebook.ID
	value func(*answered) string // "": the delivery does not have it
	text  string                 // what is refused, with the value as %s
}{
	{rulebook.TolerateEarlyIat, func(a *answered) string { return is(a.Token == trial.Future, "90 s") }, "refuses tokens whose iat lies %s ahead"},
	{rulebook.AcceptNextSecret, func(a *answered) string { return is(a.Token == trial.Next, "next secret") }, "refuses tokens made with the %s"},
	{rulebook.HashRawBody, reencoded, "hashes the body as %s would write it, and refuses any other way of writing it"},
	{rulebook.IgnoreMediaParameters, func(a *answered) string { return a.Media }, "refuses Content-Type: %s"},
	{rulebook.HeaderNamesInAnyCase, func(a *answered) string { return is(a.Wire.Way == trial.LowerCase, "lower case") }, "refuses headers whose names are in %s"},
	{rulebook.ReadWholeBody, inPieces, "refuses bodies that come %s"},
	{rulebook.GUIDsOfAnyForm, func(a *answered) string {
		return is(a.Channel != "" && !version4(a.Channel+a.Interaction+a.Conversation), "not of version 4")
	}, "refuses GUIDs that are %s"},
	{rulebook.TimestampsOfAnyLength, digits, "refuses timestamps with %s"},
	{rulebook.AcceptPresence, func(a *answered) string { return is(strings.HasPrefix(a.Type, "agent."), a.Type) }, "refuses %s"},
	{rulebook.AcceptVersions, func(a *answered) string { return version(a.Type) }, "refuses notifications of version %s"},
	{rulebook.AcceptNullIDs, func(a *answered) string { return is(bytes.Contains(a.Body, []byte(`"agentId":null`)), "null") }, "refuses parties whose agentId is %s"},
	{rulebook.AcceptExternal, func(a *answered) string { return is(a.Role == "external", a.Role) }, "refuses parties of role %s, which have no agentId"},
	{rulebook.RolesApart, func(a *answered) string { return is(a.Role != "external", a.Role) }, "refuses parties of role %s"},
	{rulebook.StoreBeforeAlerted, beforeAlerted, "refuses what comes %s"},
	{rulebook.NeverReopen, afterEnded, "refuses what comes %s"},
	{rulebook.CountOnce, repeated, "refuses %s: they come again for 24 hours"},
	{rulebook.AcceptValid, func(a *answered) string { return a.Type }, "refuses %s"},
}

func is(yes bool, value string) string {
	if yes {
		return value
	}
	return ""
}

// reencoded names the way of writing JSON that changes the body, the most usual one first.
func reencoded(a *answered) string {
	if !bytes.Equal(trial.Compact(a.Body), a.Body) {
		return "JSON.stringify"
	}
	return ""
}

func inPieces(a *answered) string {
	switch a.Wire.Way {
	case trial.Chunked:
		return "in chunks"
	case trial.Slow:
		return "slowly"
	case trial.Split:
		return "in two pieces"
	}
	return ""
}

// version4 reports whether all GUIDs in a row are of version 4 and of the usual variant.
func version4(guids string) bool {
	for at := 0; at+36 <= len(guids); at += 36 {
		if guids[at+14] != '4' || !strings.ContainsRune("89abAB", rune(guids[at+19])) {
			return false
		}
	}
	return true
}

func digits(a *answered) string {
	_, fraction, _ := strings.Cut(strings.TrimSuffix(a.Timestamp, "Z"), ".")
	if n := len(fraction); n != 3 {
		return fmt.Sprintf("%d fractional digits", n)
	}
	return ""
}

func version(name string) string {
	for _, v := range []string{"v0", "v1"} {
		if strings.HasSuffix(name, "."+v) {
			return v
		}
	}
	return ""
}

// earlier reports whether a trial has sent something before a delivery.
func (a *answered) earlier(such func(*trial.Delivery) bool) bool {
	for i := range a.nth {
		if d := a.played.Delivery(i); d.Channel == a.Channel && such(d) {
			return true
		}
	}
	return false
}

func ofKind(kind string) func(*trial.Delivery) bool {
	return func(d *trial.Delivery) bool { return strings.HasPrefix(d.Type, kind) }
}

func beforeAlerted(a *answered) string {
	first := ofKind("channel.alerted")
	return is(a.Channel != "" && !first(a.Delivery) && !a.earlier(first), "before the channel's alerted")
}

func afterEnded(a *answered) string {
	return is(a.Channel != "" && a.earlier(ofKind("channel.ended")), "after the channel's ended")
}

func repeated(a *answered) string {
	return is(a.earlier(func(d *trial.Delivery) bool { return d.ID == a.ID && d.Source == a.Source }), "duplicates")
}

// refusal is why valid notifications are refused.
type refusal struct {
	rule    rulebook.ID
	text    string // what the consumer does; "" if nothing explains it
	refused []*answered
}

// refusals explains which valid notifications are refused: by the feature that most of them have and
// no accepted one has, then by the next one. What is left is named by the rule of its trial.
func refusals(all []*answered) (found []refusal) {
	var left, taken []*answered
	for _, a := range all {
		switch {
		case a.Want() != trial.Accept:
		case a.answer.Accepted():
			taken = append(taken, a)
		default:
			left = append(left, a)
		}
	}
	for len(left) > 0 {
		r := larger(left, taken)
		if best := common(left, taken); len(best.refused) > len(r.refused) || len(best.refused) > 0 && len(best.refused) == len(r.refused) && best.rule != rulebook.AcceptValid {
			r = best
		}
		if len(r.refused) == 0 {
			return append(found, byTrial(left)...)
		}
		found = append(found, r)
		left = slices.DeleteFunc(left, func(a *answered) bool { return slices.Contains(r.refused, a) })
	}
	return found
}

// common finds the value of a feature that most refused deliveries have, and no accepted one.
func common(left, taken []*answered) (best refusal) {
	for _, f := range features {
		by := map[string][]*answered{}
		for _, a := range left {
			if v := f.value(a); v != "" {
				by[v] = append(by[v], a)
			}
		}
		for _, a := range taken {
			delete(by, f.value(a))
		}
		for _, value := range slices.Sorted(maps.Keys(by)) {
			if refused := by[value]; len(refused) > len(best.refused) {
				text := f.text
				if strings.Contains(text, "%s") {
					text = fmt.Sprintf(text, value)
				}
				best = refusal{f.rule, text, refused}
			}
		}
	}
	return best
}

// larger finds out whether all bodies beyond some size are refused.
func larger(left, taken []*answered) refusal {
	most := 0
	for _, a := range taken {
		most = max(most, len(a.Body))
	}
	r := refusal{rule: rulebook.ReadLargeBodies}
	for _, a := range left {
		if len(a.Body) > most {
			r.refused = append(r.refused, a)
		}
	}
	if len(r.refused) > 0 {
		least := len(slices.MinFunc(r.refused, func(a, b *answered) int { return len(a.Body) - len(b.Body) }).Body)
		r.text = fmt.Sprintf("refuses bodies of %d bytes and more; the largest that it accepted has %d", least, most)
	}
	return r
}

// byTrial names what nothing explains by the rules of the trials.
func byTrial(left []*answered) (found []refusal) {
	for _, a := range left {
		rule := rulebook.AcceptValid
		if len(a.played.Rules) > 0 {
			rule = a.played.Rules[0]
		}
		i := slices.IndexFunc(found, func(r refusal) bool { return r.rule == rule })
		if i < 0 {
			i = len(found)
			found = append(found, refusal{rule: rule})
		}
		found[i].refused = append(found[i].refused, a)
	}
	return found
}
