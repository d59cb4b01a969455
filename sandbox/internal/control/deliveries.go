package control

import (
	"context"
	"errors"
	"net/http"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// pages answers with a page of what the store lists. The parameters named filter it.
func pages[T any](what string, rows func(*store.Store, context.Context, store.Filter) ([]T, int64, error), names ...string) func(*handler, *http.Request) (any, error) {
	return func(h *handler, r *http.Request) (any, error) {
		f, err := page(r, names...)
		if err != nil {
			return nil, err
		}
		all, next, err := rows(h.Store, r.Context(), f)
		return map[string]any{what: list(all), "next": next}, err
	}
}

// deliveryFilters are the parameters that filter deliveries.
func deliveryFilters(further ...string) []string {
	return append([]string{"subscription", "state", "type", "notification", "conversation", "run", "search", "from", "until"}, further...)
}

// deliveries answers with a page of deliveries, which begins at a moment if one is given.
func (h *handler) deliveries(r *http.Request) (any, error) {
	q := queried(r, deliveryFilters("at", "before", "limit")...)
	f, at := q.filter(), q.moment("at")
	if f.Before != 0 && !at.IsZero() {
		q.add(malformed("at: give it for the first page, and before alone for those that follow"))
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	if !at.IsZero() {
		var err error
		if f.Before, err = h.Store.Moment(r.Context(), f, at); err != nil || f.Before == 0 {
			return map[string]any{"deliveries": list([]store.DeliveryDetail(nil)), "next": 0}, err
		}
	}
	all, next, err := h.Store.Deliveries(r.Context(), f)
	return map[string]any{"deliveries": list(all), "next": next}, err
}

// countDeliveries answers with how many deliveries a filter selects.
func (h *handler) countDeliveries(r *http.Request) (any, error) {
	q := queried(r, deliveryFilters()...)
	f := q.filter()
	if err := q.err(); err != nil {
		return nil, err
	}
	total, complete, err := h.Store.Count(r.Context(), f)
	return map[string]any{"total": total, "complete": complete}, err
}

// detail is a delivery with all that belongs to it.
type detail struct {
	Delivery     store.Delivery     `json:"delivery"`
	Notification store.Notification `json:"notification"`
	Body         string             `json:"body"`
	Attempts     []store.Attempt    `json:"attempts"`
	Dropped      int                `json:"attempts_dropped"` // that were made, but are not kept
	Token        *token             `json:"token"`            // of the last attempt
	Curl         string             `json:"curl"`             // repeats the last attempt; empty without one
}

func (h *handler) delivery(r *http.Request) (any, error) {
	ctx := r.Context()
	number, err := numbered(r, "number")
	if err != nil {
		return nil, err
	}
	var it detail
	if it.Delivery, err = h.Store.Delivery(ctx, number); err != nil {
		return nil, err
	}
	if it.Notification, err = h.Store.Notification(ctx, it.Delivery.Notification); err != nil {
		return nil, err
	}
	if it.Attempts, err = h.Store.Attempts(ctx, number); err != nil {
		return nil, err
	}
	it.Body, it.Attempts = string(it.Notification.Body), list(it.Attempts)
	for i := range it.Attempts {
		it.Attempts[i].Header = list(it.Attempts[i].Header)
	}
	if len(it.Attempts) == 0 {
		return it, nil
	}
	last := it.Attempts[len(it.Attempts)-1]
	it.Dropped = max(0, it.Delivery.Attempts+1-it.Attempts[0].Try-len(it.Attempts))
	it.Token = decoded(last.Header)
	sub, err := h.Store.Subscription(ctx, it.Delivery.Subscription)
	switch {
	case err == nil:
		it.Curl = curl(sub.URL, last.Header, it.Notification.Body)
	case !errors.Is(err, store.ErrNotFound): // the URL is deleted with the subscription
		return nil, err
	}
	return it, nil
}

// maxResent is how many deliveries one request may repeat.
const maxResent = 500

// resend delivers notifications again.
func (h *handler) resend(r *http.Request) (any, error) {
	var in struct {
		Deliveries   []int64 `json:"deliveries"`
		Notification int64   `json:"notification"`
		Subscription string  `json:"subscription_id"`
		Kind         string  `json:"kind"`
	}
	p := decode(r, &in)
	one := in.Notification != 0 || in.Subscription != ""
	if one == (len(in.Deliveries) > 0) || one && (in.Notification == 0 || in.Subscription == "") {
		p.add(malformed("give deliveries, a list of numbers, or notification and subscription_id"), "deliveries", "notification", "subscription_id")
	}
	p.add(oneOf(http.StatusUnprocessableEntity, "kind", in.Kind, []string{engine.KindResend, engine.KindDuplicate, engine.KindExpired}))
	if len(in.Deliveries) > maxResent {
		p.stop(invalid("deliveries: at most %d at once, got %d", maxResent, len(in.Deliveries)))
		return nil, p.err()
	}
	wanted := []store.Again{{Notification: in.Notification, Subscription: in.Subscription}}
	if !one {
		wanted = h.wanted(r, in.Deliveries, p)
	}
	for _, w := range wanted { // before anything is sent
		h.checkAgain(r, w, p)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	again, err := h.Engine.Resend(r.Context(), wanted, in.Kind)
	return map[string]any{"deliveries": list(again)}, err
}

// wanted are those of the deliveries with these numbers, as far as there are any.
func (h *handler) wanted(r *http.Request, numbers []int64, p *problems) (all []store.Again) {
	for i, n := range numbers {
		delivery, err := h.Store.Delivery(r.Context(), n)
		p.add(missing(err, "deliveries[%d]: no delivery %d", i, n))
		if err == nil {
			all = append(all, store.Again{Notification: delivery.Notification, Subscription: delivery.Subscription})
		}
	}
	return all
}

// checkAgain refuses what cannot be sent.
func (h *handler) checkAgain(r *http.Request, w store.Again, p *problems) {
	_, err := h.Store.Subscription(r.Context(), w.Subscription)
	p.add(missing(err, "subscription_id: no subscription %q; it may be deleted", show.Clip(w.Subscription, maxShown)))
	_, err = h.Store.Notification(r.Context(), w.Notification)
	p.add(missing(err, "notification: no notification %d; it may be past retention", w.Notification))
}

// missing is err, or that a body is invalid if err means that what it names is not there.
func missing(err error, format string, args ...any) error {
	if errors.Is(err, store.ErrNotFound) {
		return invalid(format, args...)
	}
	return err
}

// notification is a notification with its body and its deliveries.
func (h *handler) notification(r *http.Request) (any, error) {
	number, err := numbered(r, "number")
	if err != nil {
		return nil, err
	}
	n, err := h.Store.Notification(r.Context(), number)
	if err != nil {
		return nil, err
	}
	rows, _, err := h.Store.Deliveries(r.Context(), store.Filter{Notification: number, Limit: maxPage})
	deliveries := make([]store.Delivery, len(rows))
	for i := range rows {
		deliveries[i] = rows[i].Delivery
	}
	return struct {
		store.Notification
		Body       string           `json:"body"`
		Deliveries []store.Delivery `json:"deliveries"`
	}{n, string(n.Body), deliveries}, err
}
