package trial

import (
	"bytes"
	"slices"
	"strings"
)

// Reduced is the trial with only some of its deliveries, in another order: keep holds their indices. Later
// ones are left out, unless keep is nil, which keeps all as they are.
func (t *Trial) Reduced(keep []int) *Trial {
	if keep == nil {
		return t
	}
	r := *t
	r.Deliveries, r.Later = make([]Delivery, 0, len(keep)), nil
	for _, i := range keep {
		r.Deliveries = append(r.Deliveries, t.Deliveries[i])
	}
	return &r
}

// Renamed is the trial with other identifiers, so that it can be played again: a consumer ignores
// what it has seen. Bodies keep their length, and identifiers that are equal, or differ in case
// only, go on to be so. Round 0 changes nothing; two rounds below 1,000 give different identifiers.
func (t *Trial) Renamed(round int) *Trial {
	if round == 0 {
		return t
	}
	names := map[string]string{} // those changed, by those in use
	for _, deliveries := range [][]Delivery{t.Deliveries, t.Later} {
		for i := range deliveries {
			n := &deliveries[i].Note
			for _, guid := range []string{n.Conversation, n.Interaction, n.Channel} {
				names[guid] = turned(guid, round, "0123456789abcdef", "0123456789ABCDEF")
			}
			names[n.ID] = turned(n.ID, round, "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
		}
	}
	pairs := make([]string, 0, 2*len(names))
	for from, to := range names {
		if len(from) > 1 {
			pairs = append(pairs, from[1:], to[1:]) // the first letter may be written as an escape
		}
	}
	replace := strings.NewReplacer(pairs...)
	r := *t
	r.Deliveries, r.Later, r.Ask = renamed(t.Deliveries, replace), renamed(t.Later, replace), slices.Clone(t.Ask)
	for i := range r.Ask {
		r.Ask[i] = replace.Replace(r.Ask[i])
	}
	return &r
}

// turned moves the last three letters or digits of an identifier on in their alphabets, each by
// one digit of the round.
func turned(id string, round int, alphabets ...string) string {
	out := []byte(id)
	for i := len(out) - 1; i >= 0 && round > 0; i, round = i-1, round/10 {
		for _, a := range alphabets {
			if at := strings.IndexByte(a, out[i]); at >= 0 {
				out[i] = a[(at+round%10)%len(a)]
				break
			}
		}
	}
	return string(out)
}

func renamed(all []Delivery, replace *strings.Replacer) []Delivery {
	out := slices.Clone(all)
	for i := range out {
		d := &out[i]
		if changed := []byte(replace.Replace(string(d.Body))); !bytes.Equal(changed, d.Body) {
			d.Body = changed
			d.Note = ReadNote(changed)
		}
	}
	return out
}
