package engine

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// Listeners get each change of a subscription once, whoever made it, and never the secret.
func TestChangesOfSubscriptionsAreAnnounced(t *testing.T) {
	h := open(t, Options{})
	messages := h.engine.Listen(t.Context())
	const id = "2oTzcHsQQWRVfSvQ00000000001"
	h.subscribe(id, "http://127.0.0.1:9/", secret("s"), "*")
	h.change(id, func(s *store.Subscription) { s.Enabled = false })
	h.engine.SubscriptionsChanged() // nothing has
	if err := h.store.DeleteSubscription(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	h.engine.SubscriptionsChanged()
	h.engine.Broadcast("end", nil)
	var got []string
	for {
		select {
		case m := <-messages:
			if m.Kind == "end" {
				want := []string{`"enabled":true`, `"enabled":false`, `"deleted":true`}
				if len(got) != len(want) {
					t.Fatalf("got %q, want three messages", got)
				}
				for i := range want {
					if !strings.Contains(got[i], want[i]) || !strings.Contains(got[i], id) || strings.Contains(got[i], secret("s").Base64()) {
						t.Errorf("message %d is %s, want %s of %s and no secret", i, got[i], want[i], id)
					}
				}
				return
			}
			text, err := json.Marshal(m.Data)
			if err != nil || m.Kind != "subscription" {
				t.Fatalf("kind %s, error %v", m.Kind, err)
			}
			got = append(got, string(text))
		case <-time.After(patience):
			t.Fatalf("in vain; got %q", got)
		}
	}
}

// An engine without a consumer is enough here: the clock alone decides what takes effect.
func TestAChangeTakesEffectAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open("", store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		e, err := Open(t.Context(), s, Options{Propagation: 30 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		create := func(id string) {
			err := s.CreateSubscription(t.Context(), store.Subscription{ID: id, Name: "the " + id, URL: "http://127.0.0.1:9/", Events: []string{"*"}, Enabled: true, Secret: secret("a")})
			if err != nil {
				t.Fatal(err)
			}
			e.SubscriptionsChanged()
		}
		want := func(ids ...string) {
			t.Helper()
			if got := e.registry.wanting("channel.held.v0"); !slices.Equal(got, ids) {
				t.Errorf("at %s %q count, want %q", time.Now().Format("05"), got, ids)
			}
		}
		create("one")
		want()
		time.Sleep(20 * time.Second)
		create("two")
		want()
		time.Sleep(10*time.Second + time.Millisecond)
		synctest.Wait()
		want("one")
		if err := s.DeleteSubscription(t.Context(), "two"); err != nil {
			t.Fatal(err)
		}
		e.SubscriptionsChanged()
		time.Sleep(time.Minute)
		synctest.Wait()
		want("one")
		if err := s.DeleteSubscription(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		e.SubscriptionsChanged()
		want()
	})
}

// Changes that follow one another closely take effect in their order.
func TestTheLastOfManyChangesStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open("", store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.CreateSubscription(t.Context(), store.Subscription{ID: "s", Name: "the s", URL: "http://127.0.0.1:9/", Events: []string{"*"}, Secret: secret("a")}); err != nil {
			t.Fatal(err)
		}
		e, err := Open(t.Context(), s, Options{Propagation: 30 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		for round := range 20 {
			for range 10 {
				if _, err := s.ChangeSubscription(t.Context(), "s", func(s *store.Subscription) error { s.Enabled = !s.Enabled; return nil }); err != nil {
					t.Fatal(err)
				}
				e.SubscriptionsChanged()
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			want, err := s.Subscription(t.Context(), "s")
			if got := e.registry.effective()[0]; err != nil || got.Version != want.Version {
				t.Fatalf("round %d: version %d is in effect, want %d (%v)", round, got.Version, want.Version, err)
			}
		}
	})
}

func TestAnotherURLCountsForQueuedRetries(t *testing.T) {
	h := open(t, Options{Speed: 1000})
	gone, c := consume(t), consume(t, secret("a"))
	gone.server.Close()
	h.subscribe("s", gone.url, secret("a"), "*")
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("each was tried", func() bool {
		list := h.deliveries(store.Filter{Subscription: "s"})
		return len(list) == number && !slices.ContainsFunc(list, func(d store.DeliveryDetail) bool { return d.Attempts == 0 })
	})
	h.change("s", func(s *store.Subscription) { s.URL = c.url })
	h.until("all is delivered", func() bool { return h.settled("s", number) })
	c.judge(t, number)
}

func TestPublicAddressesAreNotDialled(t *testing.T) {
	h := open(t, Options{})
	h.subscribe("s", "http://192.0.2.1/", secret("a"), "channel.held.*")
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	h.until("it was tried", func() bool {
		list := h.deliveries(store.Filter{Subscription: "s"})
		return len(list) == 1 && list[0].Attempts == 1
	})
	if d := h.deliveries(store.Filter{})[0]; d.State != store.Waiting || d.Failure[:8] != "address:" {
		t.Errorf("the delivery is %+v", d)
	}
	if _, failure, err := h.engine.Try(t.Context(), "s"); err != nil || failure == "" {
		t.Errorf("trying it gives %q, %v", failure, err)
	}
	c := consume(t)
	h.subscribe("near", c.url, secret("a"), "*")
	if status, failure, err := h.engine.Try(t.Context(), "near"); err != nil || failure != "" || status != 405 {
		t.Errorf("trying a near one gives %d, %q, %v", status, failure, err)
	}
}
