package control

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/scenario"
)

func (d *desk) agents(r *http.Request) (answer, error) {
	if _, err := queried(r); err != nil {
		return answer{}, err
	}
	return ok(struct {
		Agents []engine.Agent `json:"agents"`
	}{list(d.Room.Agents())})
}

// presences lists the words that an agent's presence can have.
func (d *desk) presences(*http.Request) (answer, error) {
	return ok(struct {
		Presences []string `json:"presences"`
	}{words()})
}

func words() (all []string) {
	for _, p := range scenario.Presences() {
		all = append(all, p.Word)
	}
	return all
}

func (d *desk) isAgent(name string) bool {
	return slices.ContainsFunc(d.Room.Agents(), func(a engine.Agent) bool { return a.Name == name })
}

func (d *desk) setPresence(r *http.Request) (answer, error) {
	name := r.PathValue("name")
	var in struct {
		Presence string `json:"presence"`
	}
	if err := decode(r, &in); err != nil {
		return answer{}, err
	}
	if !d.isAgent(name) {
		return answer{}, refuse(http.StatusNotFound, "there is no agent %q", name)
	}
	if !slices.Contains(words(), in.Presence) {
		return answer{}, invalid("presence: want %s, got %q", strings.Join(words(), ", "), in.Presence)
	}
	a, err := d.Room.SetPresence(r.Context(), name, in.Presence)
	if err != nil {
		return answer{}, err
	}
	return ok(a)
}
