package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/signature"
)

func TestSubscriptionsAreKeptInTheirOrder(t *testing.T) {
	both(t, func(t *testing.T, s *store.Store, again func() *store.Store) {
		ctx := t.Context()
		subscribe(t, s, "z", "a", "m")
		clash := subscription("other")
		clash.Name = "name of a"
		fails(t, "creating one with a name that is taken", s.CreateSubscription(ctx, clash), store.ErrNameTaken)
		_, err := s.ChangeSubscription(ctx, "m", func(sub *store.Subscription) error { sub.Name = "name of a"; return nil })
		fails(t, "changing one to it", err, store.ErrNameTaken)
		refused := errors.New("refused")
		_, err = s.ChangeSubscription(ctx, "m", func(*store.Subscription) error { return refused })
		fails(t, "a change that is refused", err, refused)
		_, err = s.ChangeSubscription(ctx, "x", func(*store.Subscription) error { return nil })
		fails(t, "changing one that is not there", err, store.ErrNotFound)
		func() {
			defer func() { _ = recover() }()
			_, _ = s.ChangeSubscription(ctx, "m", func(*store.Subscription) error { panic("on purpose") })
		}()
		changed, err := s.ChangeSubscription(ctx, "a", func(sub *store.Subscription) error {
			sub.Events, sub.Enabled, sub.Secret, sub.Changed = []string{"channel.*", "*.v1"}, false, signature.Secret(strings.Repeat("n", 40)), noon().Add(time.Hour)
			sub.ID, sub.Version = "hijacked", 77
			return nil
		})
		must(t, err)
		want := subscription("a")
		want.Events, want.Enabled, want.Secret, want.Changed, want.Version = []string{"channel.*", "*.v1"}, false, signature.Secret(strings.Repeat("n", 40)), noon().Add(time.Hour), 2
		same(t, "what a change returns", changed, want)
		must(t, s.DeleteSubscription(ctx, "m"))
		fails(t, "deleting it again", s.DeleteSubscription(ctx, "m"), store.ErrNotFound)
		s = again()
		all, err := s.Subscriptions(ctx)
		must(t, err)
		same(t, "subscriptions", all, []store.Subscription{subscription("z"), want})
		_, err = s.Subscription(ctx, "m")
		fails(t, "one that was deleted", err, store.ErrNotFound)
		subscribe(t, s, "m") // its name is free again
		whole(t, s)
	})
}

func TestNoSecretIsPrinted(t *testing.T) {
	s := open(t, "", store.Options{})
	const secret = "ssssssss"
	subscribe(t, s, "one")
	all, err := s.Subscriptions(t.Context())
	must(t, err)
	clash := subscription("two")
	clash.Name = "name of one"
	texts := []string{fmt.Sprintf("%v %+v %#v", all, all, all), s.CreateSubscription(t.Context(), clash).Error(), s.CreateSubscription(t.Context(), all[0]).Error()}
	must(t, s.Close())
	texts = append(texts, s.CreateSubscription(t.Context(), clash).Error(), s.Set(t.Context(), "client secret", secret).Error())
	for _, text := range texts {
		if strings.Contains(text, secret) || strings.Contains(text, "0x73, 0x73") || slices.Contains(strings.Fields(text), "115") {
			t.Errorf("a secret shows in %q", text)
		}
	}
}
