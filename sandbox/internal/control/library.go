package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

// Where a scenario comes from.
const (
	readyMade = "ready-made"
	stored    = "stored"
)

// entry is a scenario or workload of the library.
type entry struct {
	Name   string `json:"name"`
	Story  string `json:"story"`
	Kind   string `json:"kind"` // scenario or workload
	Origin string `json:"origin"`
}

// text is an entry with its source.
type text struct {
	entry
	YAML string `json:"yaml"`
}

// library remembers what stored texts say of themselves, since a list would parse them all
// again otherwise.
type library struct {
	sync.Mutex
	known map[string]text
}

// entries describes stored texts, sorted by name.
func (l *library) entries(sources map[string]string) (all []entry) {
	l.Lock()
	defer l.Unlock()
	now := make(map[string]text, len(sources))
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		t, same := l.known[name]
		if !same || t.YAML != sources[name] {
			t = text{entry{Name: name, Kind: kindScenario, Origin: stored}, sources[name]}
			// What no longer parses, after a change of the language, is listed without a story.
			if doc, err := scenario.ParseDocument(name+".yaml", []byte(t.YAML)); err == nil {
				_, t.Story, t.Kind = titled(doc)
			}
		}
		now[name] = t
		all = append(all, t.entry)
	}
	l.known = now
	return all
}

// made lists the ready-made entries.
func made() (all []entry) {
	for _, e := range scenarios.List() {
		kind := kindScenario
		if e.Workload {
			kind = kindWorkload
		}
		all = append(all, entry{e.Name, e.Story, kind, readyMade})
	}
	return all
}

func isReadyMade(name string) bool {
	return slices.ContainsFunc(scenarios.List(), func(e scenarios.Entry) bool { return e.Name == name })
}

// find is an entry of the library with its text. A stored one goes before one that came with a
// later release under the same name, as it does in the room.
func (d *desk) find(ctx context.Context, name string) (text, error) {
	sources, err := d.Store.Scenarios(ctx)
	if err != nil {
		return text{}, err
	}
	for _, e := range d.library.entries(sources) {
		if e.Name == name {
			return text{e, sources[name]}, nil
		}
	}
	source, err := scenarios.Source(name) // which suggests the nearest name
	if err != nil {
		return text{}, refuse(http.StatusNotFound, "%v", err)
	}
	i := slices.IndexFunc(made(), func(e entry) bool { return e.Name == name })
	return text{made()[i], string(source)}, nil
}

func (d *desk) scenarios(r *http.Request) (answer, error) {
	sources, err := d.Store.Scenarios(r.Context())
	if err != nil {
		return answer{}, err
	}
	ready := slices.DeleteFunc(made(), func(e entry) bool { _, own := sources[e.Name]; return own })
	all := slices.Concat(ready, d.library.entries(sources))
	slices.SortFunc(all, byName)
	return ok(struct {
		Scenarios []entry `json:"scenarios"`
	}{all})
}

func byName(a, b entry) int {
	switch {
	case a.Name < b.Name:
		return -1
	case a.Name > b.Name:
		return 1
	}
	return 0
}

func (d *desk) scenario(r *http.Request) (answer, error) {
	t, err := d.find(r.Context(), r.PathValue("name"))
	if err != nil {
		return answer{}, err
	}
	return ok(t)
}

// maxStored bounds what a stranger can make us keep.
const maxStored = 1000

func (d *desk) saveScenario(r *http.Request) (answer, error) {
	name := r.PathValue("name")
	source, err := yamlOf(r)
	if err != nil {
		return answer{}, err
	}
	if isReadyMade(name) {
		return answer{}, refuse(http.StatusConflict, "%s is ready-made and cannot be changed: save it under another name", name)
	}
	doc, err := d.parse(r.Context(), source)
	if err != nil {
		return answer{}, err
	}
	its, story, kind := titled(doc)
	if its != name {
		return answer{}, scenario.Faults{misnamed(source, its, name)}
	}
	sources, err := d.Store.Scenarios(r.Context())
	if err != nil {
		return answer{}, err
	}
	if _, known := sources[name]; !known && len(sources) >= maxStored {
		return answer{}, refuse(http.StatusConflict, "there are %d stored scenarios, which is the most: delete one first", maxStored)
	}
	if err := d.Store.SaveScenario(r.Context(), name, source); err != nil {
		return answer{}, err
	}
	return ok(text{entry{name, story, kind, stored}, source})
}

func (d *desk) deleteScenario(r *http.Request) (answer, error) {
	name := r.PathValue("name")
	if isReadyMade(name) {
		return answer{}, refuse(http.StatusConflict, "%s is ready-made and cannot be deleted", name)
	}
	err := d.Store.DeleteScenario(r.Context(), name)
	if errors.Is(err, store.ErrNotFound) {
		return answer{}, fmt.Errorf("scenario: %w", err)
	}
	if err != nil {
		return answer{}, err
	}
	return done()
}

// schema is that of scenario files, for editors.
func (d *desk) schema(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/schema+json")
	_, _ = w.Write(scenario.Schema())
	return nil
}
