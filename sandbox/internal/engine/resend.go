package engine

import (
	"context"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// The kinds of deliveries that somebody asked for.
const (
	KindResend    = "resend"    // as it is
	KindDuplicate = "duplicate" // the same, to see that it is not counted twice
	KindExpired   = "expired"   // with a token that has run out
)

// Resend delivers a notification once more: kind is resend, duplicate or expired. An unknown
// notification or subscription is store.ErrNotFound, another kind an *Invalid.
func (r *Room) Resend(ctx context.Context, notification int64, subscription, kind string) (store.Delivery, error) {
	switch kind {
	case KindResend, KindDuplicate, KindExpired:
	default:
		return store.Delivery{}, invalid("kind", "want %s, %s or %s, got %q", KindResend, KindDuplicate, KindExpired, kind)
	}
	if r.life.Err() != nil {
		return store.Delivery{}, errClosed
	}
	r.mu.Lock()
	o := r.offices[subscription]
	r.mu.Unlock()
	if o == nil {
		if _, err := r.store.Subscription(ctx, subscription); err != nil {
			return store.Delivery{}, err
		}
		return store.Delivery{}, invalid("subscription", "it has not taken effect yet")
	}
	d, n, err := r.store.Redeliver(ctx, notification, subscription, kind, stamp(time.Now()))
	if err != nil {
		return d, err
	}
	told := Told{Delivery: d, Detail: n}
	told.Detail.Body, told.Detail.Signed = nil, nil
	r.bell.ring("delivery", told)
	o.post([]*letter{{d: d, n: &n}})
	return d, nil
}

// resendLater sends again what an armed fault asks for, from where nothing may wait.
func (r *Room) resendLater(notification int64, subscription, kind string) {
	if r.life.Err() != nil {
		return
	}
	r.tidy.Add(1)
	go func() {
		defer r.tidy.Done()
		if _, err := r.Resend(r.life, notification, subscription, kind); err != nil && r.life.Err() == nil {
			r.trouble("a copy cannot be sent", err)
		}
	}()
}

// Try posts nothing but asks whether a URL is there, as Target.Reach does.
func (r *Room) Try(ctx context.Context, subscription string) (status int, failure string, err error) {
	sub, err := r.store.Subscription(ctx, subscription)
	if err != nil {
		return 0, "", err
	}
	t := r.options.target(sub)
	status, f, err := t.Reach(ctx, r.options.Timeout)
	if err != nil {
		return 0, err.Error(), nil // the URL can never be sent to
	}
	return status, f.String(), nil
}
