package control

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
)

func (d *desk) deliveries(r *http.Request) (answer, error) {
	q, err := queried(r, "subscription", "state", "type", "notification", "conversation", "run", "before", "limit")
	if err != nil {
		return answer{}, err
	}
	f, err := q.filter()
	if err != nil {
		return answer{}, err
	}
	all, of, next, err := d.Store.Deliveries(r.Context(), f)
	if err != nil {
		return answer{}, err
	}
	if len(of) != len(all) {
		return answer{}, fmt.Errorf("%d deliveries with %d notifications", len(all), len(of))
	}
	rows := make([]engine.DeliveryDetail, len(all))
	for i := range all {
		rows[i] = engine.DeliveryDetail{Delivery: all[i], Detail: of[i]}
	}
	return ok(struct {
		Deliveries []engine.DeliveryDetail `json:"deliveries"`
		Next       int64                   `json:"next"`
	}{rows, next})
}

// detail is everything about one delivery.
type detail struct {
	Delivery     store.Delivery     `json:"delivery"`
	Notification store.Notification `json:"notification"`
	Body         string             `json:"body"`
	Attempts     []store.Attempt    `json:"attempts"`
	Token        *token             `json:"token"` // of the last attempt
	Curl         string             `json:"curl"`  // repeats the last attempt; "" without one
}

func (d *desk) delivery(r *http.Request) (answer, error) {
	ctx := r.Context()
	number, err := numbered(r, "number")
	if err != nil {
		return answer{}, err
	}
	var it detail
	if it.Delivery, err = d.Store.Delivery(ctx, number); err != nil {
		return answer{}, err
	}
	if it.Notification, err = d.Store.Notification(ctx, it.Delivery.Notification); err != nil {
		return answer{}, err
	}
	if it.Attempts, err = d.Store.Attempts(ctx, number); err != nil {
		return answer{}, err
	}
	it.Body, it.Attempts = string(it.Notification.Body), list(it.Attempts)
	for i := range it.Attempts {
		it.Attempts[i].Header = list(it.Attempts[i].Header)
	}
	if len(it.Attempts) == 0 {
		return ok(it)
	}
	last := it.Attempts[len(it.Attempts)-1]
	it.Token = decoded(last.Header)
	sub, err := d.Store.Subscription(ctx, it.Delivery.Subscription)
	switch {
	case err == nil:
		it.Curl = curl(sub.URL, last.Header, it.Notification.Body)
	case !errors.Is(err, store.ErrNotFound): // a deleted one's URL is gone with it
		return answer{}, err
	}
	return ok(it)
}

// maxResent bounds how many deliveries a request repeats.
const maxResent = 500

// resend delivers notifications once more.
func (d *desk) resend(r *http.Request) (answer, error) {
	var in struct {
		Deliveries   []int64 `json:"deliveries"`
		Notification int64   `json:"notification"`
		Subscription string  `json:"subscription_id"`
		Kind         string  `json:"kind"`
	}
	if err := decode(r, &in); err != nil {
		return answer{}, err
	}
	if in.Kind != "resend" && in.Kind != "duplicate" && in.Kind != "expired" {
		return answer{}, invalid("kind: want resend, duplicate or expired, got %q", in.Kind)
	}
	one := in.Notification != 0 || in.Subscription != ""
	if one == (len(in.Deliveries) > 0) || one && (in.Notification == 0 || in.Subscription == "") {
		return answer{}, malformed("give deliveries, a list of numbers, or notification and subscription_id")
	}
	if len(in.Deliveries) > maxResent {
		return answer{}, invalid("deliveries: at most %d at once, got %d", maxResent, len(in.Deliveries))
	}
	wanted, err := d.pairs(r, in.Deliveries)
	if err != nil {
		return answer{}, err
	}
	if one {
		wanted = []pair{{in.Notification, in.Subscription}}
	}
	if err := d.checkPairs(r, wanted); err != nil {
		return answer{}, err
	}
	again := []store.Delivery{}
	for _, p := range wanted {
		delivery, err := d.Room.Resend(r.Context(), p.notification, p.subscription, in.Kind)
		if err != nil {
			return answer{}, err
		}
		again = append(again, delivery)
	}
	return answer{http.StatusCreated, struct {
		Deliveries []store.Delivery `json:"deliveries"`
	}{again}}, nil
}

// pair is what a delivery delivers, and to whom.
type pair struct {
	notification int64
	subscription string
}

func (d *desk) pairs(r *http.Request, numbers []int64) (all []pair, err error) {
	for i, n := range numbers {
		delivery, err := d.Store.Delivery(r.Context(), n)
		if errors.Is(err, store.ErrNotFound) {
			return nil, invalid("deliveries[%d]: there is no delivery %d", i, n)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, pair{delivery.Notification, delivery.Subscription})
	}
	return all, nil
}

// checkPairs finds what cannot be sent before anything is.
func (d *desk) checkPairs(r *http.Request, all []pair) error {
	known := map[string]bool{}
	subs, err := d.Store.Subscriptions(r.Context())
	if err != nil {
		return err
	}
	for _, s := range subs {
		known[s.ID] = true
	}
	for _, p := range all {
		if !known[p.subscription] {
			return invalid("there is no subscription %q any more, so nothing can be sent to it", p.subscription)
		}
		_, err := d.Store.Notification(r.Context(), p.notification)
		if errors.Is(err, store.ErrNotFound) {
			return invalid("there is no notification %d, or it was forgotten", p.notification)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
