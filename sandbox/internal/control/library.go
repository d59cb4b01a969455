package control

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/ringback/ringback/internal/show"
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

// library caches the descriptions of stored texts, so that a list need not load and parse all of
// them. Its lock is held while a text is changed.
type library struct {
	sync.Mutex
	known map[string]entry
}

// entries describes the stored texts, sorted by name.
func (h *handler) entries(ctx context.Context) (all []entry, err error) {
	l := &h.library
	l.Lock()
	defer l.Unlock()
	names, err := h.Store.Scenarios(ctx)
	if err != nil {
		return nil, err
	}
	if l.known == nil {
		l.known = map[string]entry{}
	}
	for _, name := range names {
		e, known := l.known[name]
		if !known {
			source, err := h.Store.Scenario(ctx, name)
			if err != nil {
				return nil, err
			}
			e = described(name, source)
			l.known[name] = e
		}
		all = append(all, e)
	}
	return all, nil
}

// described is the entry of a stored text. One that no longer parses, after a change of the
// language, has no story.
func described(name, source string) entry {
	e := entry{Name: name, Kind: kindScenario, Origin: stored}
	if doc, err := scenario.ParseDocument(name+".yaml", []byte(source)); err == nil {
		_, e.Story, e.Kind = titled(doc)
	}
	return e
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
	_, err := scenarios.Source(name)
	return err == nil
}

// find is an entry of the library with its text. A stored one takes precedence over a ready-made
// one of a later release with the same name, as in the engine.
func (h *handler) find(ctx context.Context, name string) (text, error) {
	own, err := h.Store.Scenario(ctx, name)
	if err == nil {
		return text{described(name, own), own}, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return text{}, err
	}
	source, err := scenarios.Source(name)
	if err != nil {
		err = &scenarios.UnknownError{Name: show.Clip(name, maxShown)} // which suggests the nearest name
		return text{}, refuse(http.StatusNotFound, "%v; GET %s/scenarios lists all", err, Prefix)
	}
	e := described(name, string(source))
	e.Origin = readyMade
	return text{e, string(source)}, nil
}

func (h *handler) scenarios(r *http.Request) (any, error) {
	all, err := h.entries(r.Context())
	if err != nil {
		return nil, err
	}
	for _, e := range made() {
		if !slices.ContainsFunc(all, func(own entry) bool { return own.Name == e.Name }) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	return map[string]any{"scenarios": all}, nil
}

func (h *handler) scenario(r *http.Request) (any, error) {
	return h.find(r.Context(), r.PathValue("name"))
}

// maxStored is how many scenarios may be stored.
const maxStored = 1000

func (h *handler) saveScenario(r *http.Request) (any, error) {
	name := r.PathValue("name")
	source, err := yamlOf(r)
	if err != nil {
		return nil, err
	}
	if isReadyMade(name) {
		return nil, refuse(http.StatusConflict, "%s is ready-made and cannot be changed: save it under another name", name)
	}
	doc, err := h.parse(r.Context(), source, scenario.Values{})
	if err != nil {
		return nil, err
	}
	its, story, kind := titled(doc)
	if its != name {
		return nil, scenario.Problems{misnamed(source, its, name)}
	}
	h.library.Lock()
	defer h.library.Unlock()
	names, err := h.Store.Scenarios(r.Context())
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, name) && len(names) >= maxStored {
		return nil, refuse(http.StatusConflict, "%d scenarios are stored, the maximum; delete one first", maxStored)
	}
	delete(h.library.known, name)
	if err := h.Store.SaveScenario(r.Context(), name, source); err != nil {
		return nil, err
	}
	return text{entry{name, story, kind, stored}, source}, nil
}

func (h *handler) deleteScenario(r *http.Request) (any, error) {
	name := r.PathValue("name")
	if isReadyMade(name) {
		return nil, refuse(http.StatusConflict, "%s is ready-made and cannot be deleted", name)
	}
	h.library.Lock()
	defer h.library.Unlock()
	delete(h.library.known, name)
	return nil, h.Store.DeleteScenario(r.Context(), name)
}
