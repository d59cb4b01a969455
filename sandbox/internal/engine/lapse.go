package engine

import "time"

// awaitLapses continues where the last Close left the conversations by hand.
func (e *Engine) awaitLapses() {
	e.manual.mu.Lock()
	defer e.manual.mu.Unlock()
	for _, h := range e.manual.conversations {
		e.awaitLapse(h, 0)
	}
}

// awaitLapse ends the channel that did not connect when its time is over, and least has passed.
func (e *Engine) awaitLapse(h *manualConversation, least time.Duration) {
	if h.lapse != nil {
		h.lapse.Stop()
	}
	at, party, waits := h.live.Lapse()
	if !waits {
		return
	}
	h.lapse = time.AfterFunc(max(time.Until(at), least), func() {
		b := &e.manual
		b.mu.Lock()
		defer b.mu.Unlock()
		if next, _, waits := h.live.Lapse(); b.conversations[h.ID] != h || !waits || !next.Equal(at) || e.life.Err() != nil {
			return // it has ended meanwhile, or is forgotten
		}
		if _, err := e.do(e.life, h, Step{Step: "finish", Party: party}); err != nil && e.life.Err() == nil {
			e.logError("a channel that did not connect does not end", err)
		}
	})
}
