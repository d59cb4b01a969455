package rows

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// told is a conversation as it is told.
type told struct {
	Channels        []channelTold `json:"channels"`
	Answered        bool          `json:"answered"`
	Abandoned       bool          `json:"abandoned"`
	SecondsToAnswer *float64      `json:"seconds_to_answer,omitempty"`
	Talk            float64       `json:"talk"`
	Hold            float64       `json:"hold"`
	Wrap            float64       `json:"wrap"`
	Agents          int           `json:"agents"`
}

type channelTold struct {
	ChannelID     string             `json:"channelId"`
	InteractionID string             `json:"interactionId"`
	AgentID       any                `json:"agentId,omitempty"`
	Role          string             `json:"role"`
	Phase         string             `json:"phase,omitempty"`
	Seconds       map[string]float64 `json:"seconds"`
	Notifications int                `json:"notifications"`
}

// tell answers what is known of a conversation.
func (p *process) tell(w http.ResponseWriter, r *http.Request) {
	t, err := p.told(r.Context(), r.PathValue("conversation"))
	switch {
	case err != nil:
		w.WriteHeader(http.StatusServiceUnavailable)
	case len(t.Channels) == 0:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(t) // if the asker has gone, nobody minds
	}
}

func (p *process) told(ctx context.Context, conversation string) (t told, err error) {
	args := []any{named("conversation", conversation), named("now", time.Now().UnixNano()/100)}
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return t, err
	}
	defer func() { _ = tx.Rollback() }() // nothing is written
	rows, err := tx.QueryContext(ctx, p.stays+p.channels, args...)
	if err != nil {
		return t, err
	}
	at := map[string]int{}
	for rows.Next() {
		c := channelTold{Seconds: map[string]float64{}}
		var phase *string
		if err := rows.Scan(&c.ChannelID, &c.InteractionID, &c.AgentID, &c.Role, &c.Notifications, &phase); err != nil {
			return t, err
		}
		if phase != nil {
			c.Phase = *phase
		}
		at[c.ChannelID] = len(t.Channels)
		t.Channels = append(t.Channels, c)
	}
	if err := rows.Err(); err != nil || len(t.Channels) == 0 {
		return t, err
	}
	if rows, err = tx.QueryContext(ctx, p.stays+p.seconds, args...); err != nil {
		return t, err
	}
	for rows.Next() {
		var channel, phase string
		var length float64
		if err := rows.Scan(&channel, &phase, &length); err != nil {
			return t, err
		}
		if i, known := at[channel]; known {
			t.Channels[i].Seconds[phase] += length
		}
	}
	if err := rows.Err(); err != nil {
		return t, err
	}
	var answered, abandoned *bool
	err = tx.QueryRowContext(ctx, p.stays+p.figures, args...).
		Scan(&answered, &abandoned, &t.SecondsToAnswer, &t.Talk, &t.Hold, &t.Wrap, &t.Agents)
	t.Answered, t.Abandoned = answered != nil && *answered, abandoned != nil && *abandoned
	return t, err
}
