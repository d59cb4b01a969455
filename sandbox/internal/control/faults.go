package control

import (
	"errors"
	"net/http"
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/store"
)

func (d *desk) faults(r *http.Request) (answer, error) {
	if _, err := queried(r); err != nil {
		return answer{}, err
	}
	return ok(struct {
		Faults []engine.InjectedFault `json:"faults"`
	}{list(d.Room.InjectedFaults())})
}

// arm lets the next deliveries go wrong on purpose. Which kinds can be armed is the room's to say.
func (d *desk) arm(r *http.Request) (answer, error) {
	in := engine.InjectedFault{Count: 1}
	if err := decode(r, &in); err != nil {
		return answer{}, err
	}
	types := event.Types()
	if in.Type != "" && !slices.ContainsFunc(types, func(t event.Type) bool { return event.Match(in.Type, t.String()) }) {
		return answer{}, invalid("type: %q selects no event type; * stands for any run of characters", in.Type)
	}
	if in.Subscription != "" {
		_, err := d.Store.Subscription(r.Context(), in.Subscription)
		if errors.Is(err, store.ErrNotFound) {
			return answer{}, invalid("subscription_id: there is no subscription %q", in.Subscription)
		}
		if err != nil {
			return answer{}, err
		}
	}
	if err := d.Room.InjectFault(in); err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, in}, nil
}

func (d *desk) disarm(*http.Request) (answer, error) {
	d.Room.ClearFaults()
	return done()
}
