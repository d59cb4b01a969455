package control

import (
	"net/http"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
	"github.com/ringback/ringback/signature"
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

// wanted reads what a request wants of a subscription, as the vendor's API does.
func wanted(r *http.Request) (vccapi.Change, error) {
	body, err := readJSON(r)
	if err != nil {
		return vccapi.Change{}, err
	}
	c, err := vccapi.ReadChange(body)
	if err != nil {
		return vccapi.Change{}, malformed("%v", err)
	}
	return c, nil
}

// subscribe creates a subscription. It has no idempotency key: the answer with the secret would
// have to be kept, and names are unique anyway.
func (d *desk) subscribe(r *http.Request) (answer, error) {
	c, err := wanted(r)
	if err != nil {
		return answer{}, err
	}
	sub, err := d.Rules.New(c, time.Now().UTC())
	if err != nil {
		return answer{}, err
	}
	if err := d.Store.CreateSubscription(r.Context(), sub); err != nil {
		return answer{}, err
	}
	d.Room.SubscriptionsChanged()
	return answer{http.StatusCreated, told{sub, sub.Secret.Base64()}}, nil
}

func (d *desk) changeSubscription(r *http.Request) (answer, error) {
	c, err := wanted(r)
	if err != nil {
		return answer{}, err
	}
	sub, err := d.Store.ChangeSubscription(r.Context(), r.PathValue("id"), func(s *store.Subscription) error {
		return d.Rules.Apply(c, s, time.Now().UTC())
	})
	if err != nil {
		return answer{}, err
	}
	d.Room.SubscriptionsChanged()
	return ok(sub)
}

// rotate gives a subscription a new secret, and shows it.
func (d *desk) rotate(r *http.Request) (answer, error) {
	if err := nothing(r); err != nil {
		return answer{}, err
	}
	c := vccapi.Change{Secret: signature.GenerateSecret()}
	sub, err := d.Store.ChangeSubscription(r.Context(), r.PathValue("id"), func(s *store.Subscription) error {
		return d.Rules.Apply(c, s, time.Now().UTC())
	})
	if err != nil {
		return answer{}, err
	}
	d.Room.SubscriptionsChanged()
	return ok(told{sub, c.Secret.Base64()})
}

func (d *desk) unsubscribe(r *http.Request) (answer, error) {
	id := r.PathValue("id")
	if err := d.Store.DeleteSubscription(r.Context(), id); err != nil {
		return answer{}, err
	}
	d.Room.SubscriptionsChanged()
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
