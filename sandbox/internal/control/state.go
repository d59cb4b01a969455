package control

import (
	"net/http"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/assume"
)

// state says how the sandbox stands. It holds no secret.
func (d *desk) state(r *http.Request) (answer, error) {
	if _, err := queried(r); err != nil {
		return answer{}, err
	}
	notifications, counts, err := d.Store.Counts(r.Context())
	if err != nil {
		return answer{}, err
	}
	deliveries := map[store.DeliveryState]int64{store.Waiting: 0, store.Delivered: 0, store.GivenUp: 0, store.Cancelled: 0}
	for state, n := range counts {
		deliveries[state] = n
	}
	return ok(struct {
		Version       string                        `json:"version"`
		Now           time.Time                     `json:"now"`
		Speed         float64                       `json:"speed"`       // of the retry ladder
		Propagation   string                        `json:"propagation"` // such as 30s
		Assume        map[string]string             `json:"assume"`      // assumptions that were chosen, by name
		Notifications int64                         `json:"notifications"`
		Deliveries    map[store.DeliveryState]int64 `json:"deliveries"`
		ClientID      string                        `json:"client_id"`
		TokenURL      string                        `json:"token_url"`
		APIBase       string                        `json:"api_base"`
	}{d.Version, time.Now().UTC(), d.Speed, d.Propagation.String(), chosen(d.Assume), notifications, deliveries, d.ClientID, d.TokenURL, d.APIBase})
}

// chosen lists the assumptions that somebody chose, the defaults by name among them.
func chosen(set assume.Set) map[string]string {
	all := map[string]string{}
	for i := range assume.Rows() {
		if value, is := set.Chosen(assume.Name(i)); is {
			all[assume.Name(i).String()] = value
		}
	}
	return all
}

// reset forgets everything but settings, subscriptions and stored scenarios.
func (d *desk) reset(r *http.Request) (answer, error) {
	if err := nothing(r); err != nil {
		return answer{}, err
	}
	if err := d.Room.Reset(r.Context()); err != nil {
		return answer{}, err
	}
	return done()
}
