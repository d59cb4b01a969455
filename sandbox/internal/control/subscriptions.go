package control

import (
	"net/http"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// withSecret is a subscription with its secret, which is shown only once.
type withSecret struct {
	store.Subscription
	Secret string `json:"secret"`
}

func (h *handler) subscriptions(r *http.Request) (any, error) {
	all, err := h.Store.Subscriptions(r.Context())
	return map[string]any{"subscriptions": list(all)}, err
}

// subscribe creates a subscription. It has no idempotency key: the response with the secret would
// have to be kept, and names are unique anyway.
func (h *handler) subscribe(r *http.Request) (any, error) {
	body, err := readJSON(r)
	if err != nil {
		return nil, err
	}
	sub, err := h.Subscriptions.Create(r.Context(), body)
	return withSecret{sub, sub.SecretText()}, err
}

func (h *handler) changeSubscription(r *http.Request) (any, error) {
	body, err := readJSON(r)
	if err != nil {
		return nil, err
	}
	return h.Subscriptions.Change(r.Context(), r.PathValue("id"), body)
}

// rotate gives a subscription a new secret and shows it.
func (h *handler) rotate(r *http.Request) (any, error) {
	sub, err := h.Subscriptions.Rotate(r.Context(), r.PathValue("id"))
	return withSecret{sub, sub.SecretText()}, err
}

func (h *handler) unsubscribe(r *http.Request) (any, error) {
	return nil, h.Subscriptions.Delete(r.Context(), r.PathValue("id"))
}

// try tests whether the URL of a subscription is reachable.
func (h *handler) try(r *http.Request) (any, error) {
	status, failure, err := h.Engine.Try(r.Context(), r.PathValue("id"))
	return struct {
		Status  int    `json:"status"` // 0 without a response
		Failure string `json:"failure"`
	}{status, failure}, err
}
