package engine

import (
	"context"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
)

// recall brings conversations and presences back.
func (r *Room) recall(ctx context.Context) error {
	talks, err := r.store.Conversations(ctx, true)
	if err != nil {
		return err
	}
	for _, c := range talks {
		h, err := r.again(c)
		if err != nil {
			r.trouble("a conversation cannot go on", err)
			continue
		}
		r.hand.talks[h.ID] = h
	}
	for _, name := range names() {
		if r.hand.presences[name], err = r.store.Setting(ctx, settingPresence+name); err != nil {
			return err
		}
	}
	return r.recallChanges(ctx)
}

// recallChanges reads the latest presences from what was announced: the program may have been
// killed between a notification and the setting behind it.
func (r *Room) recallChanges(ctx context.Context) error {
	latest, _, err := r.store.Notifications(ctx, store.Filter{Type: "agent.presencechanged.*", Limit: 1000})
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, n := range latest { // the newest first
		if n.Run != "" || seen[n.Party] {
			continue
		}
		seen[n.Party] = true
		whole, err := r.store.Notification(ctx, n.Number)
		if err != nil {
			return err
		}
		e, err := event.Read(whole.Body)
		if err != nil {
			continue
		}
		for _, p := range scenario.Presences() {
			if p.Description == e.Presence.Description {
				r.hand.presences[n.Party] = p.Word
			}
		}
	}
	return nil
}
