package control

import (
	"net/http"
	"time"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
	"github.com/ringback/ringback/scenario/assume"
)

func (h *handler) faults(r *http.Request) (any, error) {
	return map[string]any{"faults": list(h.Engine.InjectedFaults())}, nil
}

// injectFault plans a fault for the next deliveries.
func (h *handler) injectFault(r *http.Request) (any, error) {
	in := engine.InjectedFault{Count: 1}
	p := decode(r, &in)
	p.add(in.Check())
	if err := nearest.EventType(in.Type); in.Type != "" && err != nil {
		p.add(invalid("type: %v; GET %s/event-types lists them, * stands for any run of characters", err, vccapi.BasePath))
	}
	if in.Subscription != "" {
		_, err := h.Store.Subscription(r.Context(), in.Subscription)
		p.add(missing(err, "subscription_id: no subscription %q", show.Clip(in.Subscription, maxShown)))
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return in, h.Engine.InjectFault(in)
}

func (h *handler) clearFaults(*http.Request) (any, error) {
	h.Engine.ClearFaults()
	return nil, nil
}

// state describes the sandbox. It holds no secret.
func (h *handler) state(r *http.Request) (any, error) {
	subscriptions, err := h.Store.Subscriptions(r.Context())
	warnings := []string{}
	for i := range subscriptions {
		if text := vccapi.Warning(&subscriptions[i]); text != "" {
			warnings = append(warnings, text)
		}
	}
	storage, connections := h.Engine.Storage(), h.Engine.Connections()
	if storage.Reason != "" {
		warnings = append(warnings, storage.Reason)
	}
	if connections.Waiting > 0 {
		warnings = append(warnings, connections.String())
	}
	notifications, deliveries := h.Store.Counts()
	return struct {
		Version       string                        `json:"version"`
		Now           time.Time                     `json:"now"`
		Speed         float64                       `json:"speed"`       // of the retry schedule
		Propagation   string                        `json:"propagation"` // such as 30s
		Order         string                        `json:"order"`       // of first attempts: in a conversation, or none
		Assume        map[string]string             `json:"assume"`      // assumptions that were chosen, by name
		Notifications int64                         `json:"notifications"`
		Deliveries    map[store.DeliveryState]int64 `json:"deliveries"`
		Failing       engine.Failing                `json:"failing"`
		InFlight      engine.Together               `json:"in_flight"` // to one subscription, since the sandbox was started or reset
		Connections   engine.Connections            `json:"connections"`
		Storage       engine.Storage                `json:"storage"`
		ClientID      string                        `json:"client_id"`
		TokenURL      string                        `json:"token_url"`
		APIBase       string                        `json:"api_base"`
		Warnings      []string                      `json:"warnings"` // about secrets of subscriptions, the storage, and deliveries that wait for a connection
	}{h.Version, time.Now().UTC(), h.Speed, h.Propagation.String(), settings.OrderName(h.Unordered), chosen(h.Assume), notifications, deliveries, h.Engine.Failing(), h.Engine.Together(), connections, storage, h.ClientID, h.TokenURL, h.APIBase, warnings}, err
}

// chosen lists the assumptions that somebody chose, the defaults by name among them.
func chosen(set assume.Set) map[string]string {
	all := map[string]string{}
	for i := range assume.Rows() {
		if value, is := set.Chosen(assume.Name(i)); is {
			all[assume.Name(i).String()] = value
		}
	}
	return all
}

// reset deletes everything but settings, subscriptions and stored scenarios.
func (h *handler) reset(r *http.Request) (any, error) {
	return nil, h.Engine.Reset(r.Context())
}
