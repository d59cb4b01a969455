package emitter

// load is what waits, is in flight and is tried again.
func (o *outbox) load() (waiting, flying, retrying int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queued, o.flying, o.retrying
}

// addLive adds to counts what the recorder does not count.
func (o *outbox) addLive(t *Counts) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t.Matched, t.QueueFull = o.matched.Load(), o.queueFull
	t.Silent = !o.answered && t.Attempts > 0
	if d, ok := o.sender.(interface{ Dials() uint64 }); ok {
		t.NewConnections = d.Dials()
	}
}

// result is what came of the run at the target, once nothing sends any more. The Control may
// still read the figures, so what is added goes into a copy.
func (o *outbox) result() TargetResult {
	o.rows.mu.Lock()
	t := o.figures
	o.rows.mu.Unlock()
	o.addLive(&t.Counts)
	if e, ok := o.sender.(interface{ Engine() string }); ok {
		t.Engine = e.Engine()
	}
	return t
}
