package vccapi

import (
	"encoding/json"
	"net/http"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// subscription is one as the API shows it, its members in the documented order.
type subscription struct {
	ID      string   `json:"subscriptionId"`
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	Events  []string `json:"events"`
	Enabled bool     `json:"enabled"`
	Secret  string   `json:"secret,omitempty"` // in the answer to POST only
}

func shown(s store.Subscription) subscription {
	return subscription{ID: s.ID, Name: s.Name, URL: s.URL, Events: s.Events, Enabled: s.Enabled}
}

// list answers GET /subscriptions.
func (a *api) list(w http.ResponseWriter, r *http.Request) {
	all, err := a.Subscriptions.Store.Subscriptions(r.Context())
	if err != nil {
		a.fail(w, r, err)
		return
	}
	list := make([]subscription, len(all)) // never null
	for i, s := range all {
		list[i] = shown(s)
	}
	cached(w, struct {
		Subscriptions []subscription `json:"subscriptions"`
	}{list})
}

// get answers GET /subscriptions/{id}.
func (a *api) get(w http.ResponseWriter, r *http.Request) {
	s, err := a.Subscriptions.Store.Subscription(r.Context(), r.PathValue("id"))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	cached(w, shown(s))
}

// create answers POST /subscriptions: the one answer with the secret.
func (a *api) create(w http.ResponseWriter, r *http.Request) {
	text, ok := body(w, r)
	if !ok {
		return
	}
	s, err := a.Subscriptions.Create(r.Context(), text)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	made := shown(s)
	made.Secret = s.Secret.Base64()
	answer(w, http.StatusOK, made)
}

// patch answers PATCH /subscriptions/{id}.
func (a *api) patch(w http.ResponseWriter, r *http.Request) {
	text, ok := body(w, r)
	if !ok {
		return
	}
	s, err := a.Subscriptions.Change(r.Context(), r.PathValue("id"), text)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	cached(w, shown(s))
}

// remove answers DELETE /subscriptions/{id}.
func (a *api) remove(w http.ResponseWriter, r *http.Request) {
	if err := a.Subscriptions.Delete(r.Context(), r.PathValue("id")); err != nil {
		a.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// listTypes answers GET /event-types.
func (a *api) listTypes(w http.ResponseWriter, _ *http.Request) {
	cached(w, json.RawMessage(a.eventTypesJSON))
}

// eventTypes is the body of GET /event-types.
func eventTypes() []byte {
	type eventType struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		JSONSchema  json.RawMessage `json:"jsonSchema"`
	}
	var all struct {
		EventTypes []eventType `json:"eventTypes"`
	}
	for _, t := range event.Types() {
		all.EventTypes = append(all.EventTypes, eventType{t.String(), t.Description(), event.DataSchema(t)})
	}
	body, err := json.Marshal(all)
	if err != nil { // the schemas are our own
		panic(err)
	}
	return body
}
