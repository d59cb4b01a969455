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

// Resend delivers notifications once more, all or none: kind is resend, duplicate or expired. An unknown
// notification or subscription is store.ErrNotFound, another kind an *Invalid.
func (e *Engine) Resend(ctx context.Context, all []store.Again, kind string) ([]store.Delivery, error) {
	if err := nearest.OneOf(show.Clip(kind, 60), []string{KindResend, KindDuplicate, KindExpired}); err != nil {
		return nil, invalid("kind", "%v", err)
	}
	if e.life.Err() != nil {
		return nil, errClosed
	}
	outboxes := make([]*outbox, len(all))
	e.mu.Lock()
	for i, a := range all {
		outboxes[i] = e.outboxes[a.Subscription]
	}
	e.mu.Unlock()
	for i, o := range outboxes {
		if o != nil {
			continue
		}
		if _, err := e.store.Subscription(ctx, all[i].Subscription); err != nil {
			return nil, err
		}
		return nil, invalid("subscription", "it has not taken effect yet")
	}
	made, err := e.store.Redeliver(ctx, all, kind, stamp(time.Now()))
	if err != nil {
		return nil, err
	}
	deliveries := make([]store.Delivery, len(made))
	for i := range made {
		again := &delivery{Delivery: made[i].Delivery, note: &made[i].Detail}
		deliveries[i] = again.Delivery
		e.Broadcast("delivery", again.detail())
		outboxes[i].add([]*delivery{again})
	}
	return deliveries, nil
}

// resendLater sends a notification again for an injected fault. It does not wait.
func (e *Engine) resendLater(notification int64, subscription, kind string) {
	if e.life.Err() != nil {
		return
	}
	e.background.Go(func() {
		all := []store.Again{{Notification: notification, Subscription: subscription}}
		_, err := e.Resend(e.life, all, kind)
		for inTrouble(err) && e.life.Err() == nil {
			e.pause(tryEvery)
			_, err = e.Resend(e.life, all, kind)
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
