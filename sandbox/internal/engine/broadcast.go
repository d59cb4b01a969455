package engine

import (
	"context"
	"sync"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// mostUnread is how many messages wait for a listener; further ones are missed.
const mostUnread = 1024

// Message tells that something happened. Data is what the control API would answer.
type Message struct {
	Number int64  `json:"number"` // grows by one
	Kind   string `json:"kind"`   // notification, delivery, conversation, agent, run, subscription, reset
	Data   any    `json:"data"`
}

// Told is a delivery as messages and lists tell it, with its notification.
type DeliveryDetail struct {
	store.Delivery
	Detail store.Notification `json:"notification_detail"`
}

// bell gives messages to whoever listens. Its zero value is ready.
type broadcaster struct {
	mu        sync.Mutex
	number    int64
	listeners map[chan Message]struct{}
}

// Listen gets messages from now on until ctx ends. One who is too slow misses some, and sees
// that in the numbers.
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

// Tell lets all listeners know something that the room does not see by itself.
func (e *Engine) Broadcast(kind string, data any) { e.broadcaster.send(kind, data) }

func (b *broadcaster) send(kind string, data any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.number++
	for ch := range b.listeners {
		select {
		case ch <- Message{b.number, kind, data}:
		default: // it will see that the number is missing
		}
	}
}
