package control

import (
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/engine"
)

// usualFloor is how many conversations a list holds unless it is told, mostFloor at most.
const (
	usualFloor = 200
	mostFloor  = 1000
)

const maxParty = 64 // characters of a name

func (d *desk) conversations(r *http.Request) (answer, error) {
	q, err := queried(r, "limit")
	if err != nil {
		return answer{}, err
	}
	limit, err := q.number("limit", usualFloor, 1, mostFloor)
	if err != nil {
		return answer{}, err
	}
	all := []engine.Live{}
	for _, l := range d.Room.Conversations(int(limit)) {
		all = append(all, whole(l))
	}
	return ok(struct {
		Conversations []engine.Live `json:"conversations"`
	}{all})
}

// conversation finds one that goes on, or has just ended.
func (d *desk) conversation(r *http.Request) (answer, error) {
	id := r.PathValue("id")
	all := d.Room.Conversations(1 << 20)
	i := slices.IndexFunc(all, func(l engine.Live) bool { return l.ID == id })
	if i < 0 {
		return answer{}, refuse(http.StatusNotFound, "there is no live conversation %q; it may have ended", id)
	}
	return ok(whole(all[i]))
}

// whole is l with empty lists instead of null.
func whole(l engine.Live) engine.Live {
	l.Channels, l.Allowed = slices.Clone(list(l.Channels)), list(l.Allowed)
	for i := range l.Channels {
		l.Channels[i].Stays, l.Channels[i].Events = list(l.Channels[i].Stays), list(l.Channels[i].Events)
	}
	return l
}

func (d *desk) begin(r *http.Request) (answer, error) {
	in := struct {
		Medium string `json:"medium"`
		From   string `json:"from"`
	}{"call", "customer"}
	if err := decode(r, &in); err != nil {
		return answer{}, err
	}
	if !slices.Contains(plan.Media(), in.Medium) {
		return answer{}, invalid("medium: want %s, got %q", strings.Join(plan.Media(), ", "), in.Medium)
	}
	if err := checkParty("from", in.From); err != nil {
		return answer{}, err
	}
	l, err := d.Room.Begin(r.Context(), in.Medium, in.From)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, whole(l)}, nil
}

// step takes one step in a conversation that is driven by hand.
func (d *desk) step(r *http.Request) (answer, error) {
	word := r.PathValue("step")
	if !slices.Contains(plan.LiveSteps(), word) {
		return answer{}, refuse(http.StatusNotFound, "there is no step %q; there are %s", word, strings.Join(plan.LiveSteps(), ", "))
	}
	var in struct {
		Agent string `json:"agent"`
		Party string `json:"party"`
	}
	if err := decodeIfAny(r, &in); err != nil {
		return answer{}, err
	}
	if in.Agent != "" && !d.isAgent(in.Agent) {
		return answer{}, invalid("agent: there is no %q; GET %s/agents lists them", in.Agent, Prefix)
	}
	l, err := d.Room.Do(r.Context(), r.PathValue("id"), engine.Step{Step: word, Agent: in.Agent, Party: in.Party})
	if err != nil {
		return answer{}, err
	}
	return ok(whole(l))
}

// checkParty judges the name of a party.
func checkParty(member, name string) error {
	n := utf8.RuneCountInString(name)
	if n == 0 || n > maxParty || strings.TrimSpace(name) != name || strings.ContainsFunc(name, unicode.IsControl) {
		return invalid("%s: want a name of 1 to %d characters, without control characters and blanks around it", member, maxParty)
	}
	return nil
}
