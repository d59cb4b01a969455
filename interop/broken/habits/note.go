package habits

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// note is what a body says.
type note struct {
	raw                                      []byte
	source, id, kind, version                string
	conversation, interaction, channel, role string // "" if it is about no channel
	agent                                    any
	at, kept                                 time.Time
	rank                                     int // within an instant; 0 of unknown types and presences
	phase                                    string
}

// kinds are the types in the order in which they happen within an instant, and what each begins.
var kinds = [...][2]string{
	{"alerted", "alerting"}, {"connected", "connected"}, {"connectionfailed", "unexpected"}, {"held", "held"}, {"retrieved", "connected"},
	{"parked", "parked"}, {"unparked", "connected"}, {"interrupted", "interrupted"}, {"resumed", "connected"}, {"disconnected", ""},
	{"wrapstarted", "wrap"}, {"ended", "ended"},
}

// readNote reads a body; nil if it cannot be used. Of types that are not known it reads whose channel
// they name, if they do.
func readNote(body []byte) *note {
	var all map[string]any // and no struct: Go would take "ID" for "id"
	if json.Unmarshal(body, &all) != nil {
		return nil
	}
	n := &note{raw: body, source: textAt(all, "source"), id: textAt(all, "id")}
	name, version, _ := cutLast(textAt(all, "type"), ".")
	if n.id == "" || name == "" {
		return nil
	}
	n.kind, n.version = strings.TrimPrefix(name, "channel."), version
	if conversation, id := textAt(all, "data", "channel", "conversationId"), textAt(all, "data", "channel", "channelId"); conversation != "" && id != "" {
		n.conversation, n.channel, n.interaction = conversation, id, textAt(all, "data", "channel", "interactionId")
		n.role = textAt(all, "data", "channel", "party", "role")
		if id := textAt(all, "data", "channel", "party", "agentId"); id != "" {
			n.agent = id
		}
	}
	at := slices.IndexFunc(kinds[:], func(k [2]string) bool { return "channel."+k[0] == name })
	if at < 0 || version != "v0" && version != "v1" {
		return n
	}
	var err error
	if n.at, err = time.Parse(time.RFC3339Nano, textAt(all, "data", "timestamp")); err != nil || n.conversation == "" {
		return nil
	}
	n.rank, n.phase = at+1, kinds[at][1]
	return n
}

// textAt is the text at a path, or "".
func textAt(v any, path ...string) string {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	s, _ := v.(string)
	return s
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func (n *note) key() string { return n.source + "\x00" + n.id }

// byRank sorts by instant, and within one by type.
func byRank(facts []*note) []*note {
	facts = slices.Clone(facts)
	slices.SortStableFunc(facts, func(a, b *note) int { return cmp.Or(a.at.Compare(b.at), a.rank-b.rank) })
	return facts
}

// follows are the types that may come in each phase.
var follows = map[string][]string{
	"":            {"alerted"},
	"alerting":    {"connected", "connectionfailed", "ended"},
	"connected":   {"held", "parked", "interrupted", "disconnected", "wrapstarted", "ended"},
	"held":        {"retrieved", "disconnected", "wrapstarted", "ended"},
	"parked":      {"unparked", "disconnected", "wrapstarted", "ended"},
	"interrupted": {"resumed", "disconnected", "wrapstarted", "ended"},
	"unexpected":  {"ended"},
	"wrap":        {"disconnected", "ended"}, // disconnected comes in the same instant, and so before or behind
	"ended":       {"disconnected"},
}

// sort sorts by instant, and within one so that each type may follow the one before. Where that is
// impossible, since something has not come yet, it sorts by type.
func (o order) sort(facts []*note) []*note {
	sorted, phase := byRank(facts), ""
	for i := 0; i < len(sorted); {
		j := i
		var names []string
		for ; j < len(sorted) && sorted[j].at.Equal(sorted[i].at); j++ {
			if !slices.Contains(names, sorted[j].kind) { // v0 and v1 of one event stay together
				names = append(names, sorted[j].kind)
			}
		}
		if lawful := o.arrange(names, phase); lawful != nil {
			slices.SortStableFunc(sorted[i:j], func(a, b *note) int { return slices.Index(lawful, a.kind) - slices.Index(lawful, b.kind) })
		}
		for ; i < j; i++ {
			phase = cmp.Or(sorted[i].phase, phase)
		}
	}
	return sorted
}

// order is how ties are resolved where more than one way is lawful.
type order struct{ last bool }

// arrange puts types into a lawful order; nil if there is none.
func (o order) arrange(names []string, phase string) []string {
	if len(names) == 0 {
		return []string{}
	}
	for i := range names {
		if o.last {
			i = len(names) - 1 - i
		}
		if !slices.Contains(follows[phase], names[i]) {
			continue
		}
		next := phase
		for _, k := range kinds {
			if k[0] == names[i] && k[1] != "" {
				next = k[1]
			}
		}
		if tail := o.arrange(slices.Delete(slices.Clone(names), i, i+1), next); tail != nil {
			return append([]string{names[i]}, tail...)
		}
	}
	return nil
}
