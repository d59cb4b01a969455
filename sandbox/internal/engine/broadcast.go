package engine

import (
	"context"
	"sync"
)

// mostUnread is how many messages wait for a slow listener, who misses further ones.
const mostUnread = 1024

// Message announces a change. Data has the form in which the control API returns it.
type Message struct {
	Number int64  `json:"number"` // grows by one
	Kind   string `json:"kind"`   // notification, delivery, conversation, agent, run, subscription, reset
	Data   any    `json:"data"`
}

// broadcaster sends messages to all listeners. Its zero value is ready.
type broadcaster struct {
	mu        sync.Mutex
	number    int64
	listeners map[chan Message]struct{}
}

// Listen returns the messages from now on, until ctx ends. A listener that is too slow misses
// some, and sees a gap in the numbers.
func (e *Engine) Listen(ctx context.Context) <-chan Message {
	ch := make(chan Message, mostUnread)
	b := &e.broadcaster
	b.mu.Lock()
	if b.listeners == nil {
		b.listeners = make(map[chan Message]struct{})
	}
	b.listeners[ch] = struct{}{}
	b.mu.Unlock()
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.listeners, ch)
		close(ch)
	})
	return ch
}

// Broadcast sends a message about a change that the engine does not see by itself.
func (e *Engine) Broadcast(kind string, data any) { e.broadcaster.send(kind, data) }

func (b *broadcaster) send(kind string, data any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.number++
	for ch := range b.listeners {
		select {
		case ch <- Message{b.number, kind, data}:
		default: // the listener sees a gap in the numbers
		}
	}
}
