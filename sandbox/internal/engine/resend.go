package engine

import (
	"context"
	"errors"
	"time"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// The kinds of deliveries that a user asked for.
const (
	KindResend    = "resend"    // as it is
	KindDuplicate = "duplicate" // the same, to test that the consumer does not count it twice
	KindExpired   = "expired"   // with an expired token
)

// Resend delivers a notification once more: kind is resend, duplicate or expired. An unknown
// notification or subscription is store.ErrNotFound, another kind an *Invalid.
func (e *Engine) Resend(ctx context.Context, notification int64, subscription, kind string) (store.Delivery, error) {
	if err := nearest.OneOf(show.Clip(kind, 60), []string{KindResend, KindDuplicate, KindExpired}); err != nil {
		return store.Delivery{}, invalid("kind", "%v", err)
	}
	if e.life.Err() != nil {
		return store.Delivery{}, errClosed
	}
	e.mu.Lock()
	o := e.outboxes[subscription]
	e.mu.Unlock()
	if o == nil {
		if _, err := e.store.Subscription(ctx, subscription); err != nil {
			return store.Delivery{}, err
		}
		return store.Delivery{}, invalid("subscription", "it has not taken effect yet")
	}
	d, err := e.store.Redeliver(ctx, notification, subscription, kind, stamp(time.Now()))
	if err != nil {
		return store.Delivery{}, err
	}
	again := &delivery{Delivery: d.Delivery, note: &d.Detail}
	e.Broadcast("delivery", again.detail())
	o.add([]*delivery{again})
	return d.Delivery, nil
}

// resendLater sends a notification again for an injected fault. It does not wait.
func (e *Engine) resendLater(notification int64, subscription, kind string) {
	if e.life.Err() != nil {
		return
	}
	e.background.Go(func() {
		_, err := e.Resend(e.life, notification, subscription, kind)
		for inTrouble(err) && e.life.Err() == nil {
			e.pause(tryEvery)
			_, err = e.Resend(e.life, notification, subscription, kind)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) && e.life.Err() == nil { // either may be deleted by now
			e.logError("a copy cannot be sent", err)
		}
	})
}

// Try asks whether the subscription's URL responds, as Target.Reach does. It delivers nothing.
func (e *Engine) Try(ctx context.Context, subscription string) (status int, failure string, err error) {
	sub, err := e.store.Subscription(ctx, subscription)
	if err != nil {
		return 0, "", err
	}
	t := e.options.target(sub)
	status, f, err := t.Reach(ctx, e.options.Timeout)
	if err != nil {
		return 0, err.Error(), nil // no attempt could be made either
	}
	return status, f.String(), nil
}
