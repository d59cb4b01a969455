package control

import (
	"net/http"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// told is a subscription with its secret, which is shown once only.
type told struct {
	store.Subscription
	Secret string `json:"secret"`
}

func (d *desk) subscriptions(r *http.Request) (answer, error) {
	if _, err := queried(r); err != nil {
		return answer{}, err
	}
	all, err := d.Store.Subscriptions(r.Context())
	if err != nil {
		return answer{}, err
	}
	return ok(struct {
		Subscriptions []store.Subscription `json:"subscriptions"`
	}{list(all)})
}

// subscribe creates a subscription. It has no idempotency key: the answer with the secret would
// have to be kept, and names are unique anyway.
func (d *desk) subscribe(r *http.Request) (answer, error) {
	body, err := readJSON(r)
	if err != nil {
		return answer{}, err
	}
	sub, err := d.Subscriptions.Create(r.Context(), body)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, told{sub, sub.Secret.Base64()}}, nil
}

func (d *desk) changeSubscription(r *http.Request) (answer, error) {
	body, err := readJSON(r)
	if err != nil {
		return answer{}, err
	}
	sub, err := d.Subscriptions.Change(r.Context(), r.PathValue("id"), body)
	if err != nil {
		return answer{}, err
	}
	return ok(sub)
}

// rotate gives a subscription a new secret, and shows it.
func (d *desk) rotate(r *http.Request) (answer, error) {
	if err := nothing(r); err != nil {
		return answer{}, err
	}
	sub, err := d.Subscriptions.Rotate(r.Context(), r.PathValue("id"))
	if err != nil {
		return answer{}, err
	}
	return ok(told{sub, sub.Secret.Base64()})
}

func (d *desk) unsubscribe(r *http.Request) (answer, error) {
	if err := d.Subscriptions.Delete(r.Context(), r.PathValue("id")); err != nil {
		return answer{}, err
	}
	return done()
}

// try asks whether the URL of a subscription is there.
func (d *desk) try(r *http.Request) (answer, error) {
	if err := nothing(r); err != nil {
		return answer{}, err
	}
	status, failure, err := d.Room.Try(r.Context(), r.PathValue("id"))
	if err != nil {
		return answer{}, err
	}
	return ok(struct {
		Status  int    `json:"status"` // 0 if there was no answer
		Failure string `json:"failure"`
	}{status, failure})
}
