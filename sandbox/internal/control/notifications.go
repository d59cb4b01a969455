package control

import (
	"net/http"

	"github.com/ringback/ringback/sandbox/internal/store"
)

func (d *desk) notifications(r *http.Request) (answer, error) {
	q, err := queried(r, "type", "conversation", "run", "before", "limit")
	if err != nil {
		return answer{}, err
	}
	f, err := q.filter()
	if err != nil {
		return answer{}, err
	}
	all, next, err := d.Store.Notifications(r.Context(), f)
	if err != nil {
		return answer{}, err
	}
	return ok(struct {
		Notifications []store.Notification `json:"notifications"`
		Next          int64                `json:"next"`
	}{list(all), next})
}

// notification is one with its body and what became of it.
func (d *desk) notification(r *http.Request) (answer, error) {
	number, err := numbered(r, "number")
	if err != nil {
		return answer{}, err
	}
	n, err := d.Store.Notification(r.Context(), number)
	if err != nil {
		return answer{}, err
	}
	deliveries, _, _, err := d.Store.Deliveries(r.Context(), store.Filter{Notification: number, Limit: longest})
	if err != nil {
		return answer{}, err
	}
	return ok(struct {
		store.Notification
		Body       string           `json:"body"`
		Deliveries []store.Delivery `json:"deliveries"`
	}{n, string(n.Body), list(deliveries)})
}
