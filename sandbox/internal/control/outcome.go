package control

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// Bounds of an outcome.
const (
	usualWait, maxWait = 30 * time.Second, 10 * time.Minute
	maxAwaited         = 64   // requests that wait at once
	maxOutcome         = 1000 // deliveries, and channels
)

// untilDelivered is the only thing that a request for a run waits for.
const untilDelivered = "delivered"

// wait is how long a request wants to wait for the outcome of its run, 0 if it does not.
func wait(r *http.Request) (time.Duration, error) {
	q := queried(r, "until", "within")
	until, asked := q.values["until"]
	within, limited := q.values["within"]
	if !asked {
		if limited {
			q.add(malformed("within: how long to wait, without until=%s, which says for what", untilDelivered))
		}
		return 0, q.err()
	}
	q.add(oneOf(http.StatusBadRequest, "until", until, []string{untilDelivered}))
	long := usualWait
	if limited {
		var err error
		if long, err = time.ParseDuration(within); err != nil || long < time.Millisecond || long > maxWait {
			q.add(malformed("within: want a time from 1ms to %s, such as 30s, got %q", show.Brief(maxWait), show.Clip(within, maxShown)))
		}
	}
	return long, q.err()
}

// outcome is what became of a run.
type outcome struct {
	Run        store.Run                     `json:"run"`
	Complete   bool                          `json:"complete"` // the run has ended, and nothing of it waits; else the time was over
	States     map[store.DeliveryState]int64 `json:"states"`   // of its deliveries
	Deliveries []delivered                   `json:"deliveries"`
	Channels   []channelTruth                `json:"channels"`

	Forgotten      uint64 `json:"notifications_forgotten"` // that are past retention, with their deliveries
	DeliveriesLeft int64  `json:"deliveries_left_out"`
	Conversations  uint64 `json:"conversations_left_out"` // of which no channel is listed
}

// delivered is a delivery with its attempts.
type delivered struct {
	Delivery     store.Delivery     `json:"delivery"`
	Notification store.Notification `json:"notification"`
	Attempts     []store.Attempt    `json:"attempts"`
}

// channelTruth is what a consumer that missed nothing knows of a channel.
type channelTruth struct {
	Conversation  string      `json:"conversation_id"`
	Interaction   string      `json:"interaction_id"`
	Channel       string      `json:"channel_id"`
	Party         string      `json:"party"`
	Role          string      `json:"role"`
	Agent         string      `json:"agent_id,omitempty"`
	Phase         string      `json:"phase"` // the last one
	Stays         []phaseTime `json:"stays"`
	Notifications int         `json:"notifications"` // different ones
}

// phaseTime is the time between two changes of a phase, by the moments in the bodies.
type phaseTime struct {
	Phase string    `json:"phase"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to,omitzero"`
}

// awaited answers with what became of the run that a request has started, or asks for, if it wants to wait for that.
func (h *handler) awaited(r *http.Request, body any) (any, error) {
	long, err := wait(r)
	if long == 0 || err != nil {
		return body, err
	}
	var run struct {
		ID string `json:"id"`
	}
	text, err := json.Marshal(body) // it may be that of an earlier request
	if err == nil {
		err = json.Unmarshal(text, &run)
	}
	if err != nil {
		return nil, err
	}
	if h.waits.Add(1) > maxAwaited {
		h.waits.Add(-1)
		return nil, refuse(http.StatusServiceUnavailable, "%d requests wait for their runs already, the maximum; this one goes on, and GET %s/runs/%s?until=%s asks again", maxAwaited, Prefix, run.ID, untilDelivered)
	}
	defer h.waits.Add(-1)
	ctx, cancel := context.WithTimeout(r.Context(), long)
	defer cancel()
	var o outcome
	o.Run, err = h.Engine.Settled(ctx, run.ID)
	switch {
	case errors.Is(err, context.DeadlineExceeded) && r.Context().Err() == nil: // it is told how far it came
	case err != nil:
		return nil, err
	default:
		o.Complete = true
	}
	return h.tell(r, &o, run.ID)
}

// tell fills in what became of a run.
func (h *handler) tell(r *http.Request, o *outcome, id string) (any, error) {
	ctx := r.Context()
	var err error
	if o.Run, err = h.Store.Run(ctx, id); err != nil {
		return nil, err
	}
	if o.Forgotten, err = h.Store.ForgottenOfRun(ctx, id); err != nil {
		return nil, err
	}
	o.States = map[store.DeliveryState]int64{}
	for _, state := range store.States() {
		o.States[state] = 0
	}
	f := store.Filter{Run: id, Limit: maxPage}
	for more := true; more; more = f.Before != 0 { // the newest first
		var rows []store.DeliveryDetail
		if rows, f.Before, err = h.Store.Deliveries(ctx, f); err != nil {
			return nil, err
		}
		for _, row := range rows {
			o.States[row.State]++
			o.Deliveries = append(o.Deliveries, delivered{Delivery: row.Delivery, Notification: row.Detail})
		}
		if most := 2 * maxOutcome; len(o.Deliveries) > most { // those that are listed are the oldest
			o.DeliveriesLeft += int64(len(o.Deliveries) - maxOutcome)
			o.Deliveries = slices.Delete(o.Deliveries, 0, len(o.Deliveries)-maxOutcome)
		}
	}
	if more := len(o.Deliveries) - maxOutcome; more > 0 {
		o.DeliveriesLeft += int64(more)
		o.Deliveries = slices.Delete(o.Deliveries, 0, more)
	}
	slices.Reverse(o.Deliveries)
	o.Deliveries = list(o.Deliveries)
	for i := range o.Deliveries {
		d := &o.Deliveries[i]
		if d.Attempts, err = h.Store.Attempts(ctx, d.Delivery.Number); err != nil {
			return nil, err
		}
		d.Attempts = list(d.Attempts)
		for k := range d.Attempts {
			d.Attempts[k].Header = list(d.Attempts[k].Header)
		}
	}
	return o, h.channels(r, o)
}

// channels fills in the truth of the channels. Of a run that did not reach its end, it is not known how far each came.
func (h *handler) channels(r *http.Request, o *outcome) error {
	o.Channels = []channelTruth{}
	if o.Run.State != store.RunEnded {
		return nil
	}
	done, err := h.alone(r)
	if err != nil {
		return err
	}
	defer done()
	all, left, err := h.Engine.Truth(r.Context(), o.Run, maxOutcome)
	o.Conversations = left
	for i := range all {
		o.Channels = append(o.Channels, truthOf(&all[i]))
	}
	return err
}

func truthOf(c *plan.ChannelTruth) channelTruth {
	t := channelTruth{Conversation: c.ConversationID, Interaction: c.InteractionID, Channel: c.ChannelID, Party: c.Name, Role: c.Role.String(), Agent: c.AgentID,
		Phase: c.Phase.String(), Stays: []phaseTime{}, Notifications: c.Notifications}
	for _, s := range c.Stays {
		if s.Phase != lifecycle.Ended {
			t.Stays = append(t.Stays, phaseTime{s.Phase.String(), s.From, s.To})
		}
	}
	return t
}
