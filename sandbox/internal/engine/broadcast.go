package engine

import (
	"context"
	"slices"
	"sync"
)

// mostUnread is how many messages wait for a slow listener, who misses further ones.
const mostUnread = 1024

// Message announces a change. Data has the form in which the control API returns it.
type Message struct {
	Number int64  `json:"number"` // grows by one
	Kind   string `json:"kind"`   // notification, delivery, conversation, activity, failing, agent, run, subscription, storage, reset
	Data   any    `json:"data"`
}

// broadcaster sends messages to all listeners. Its zero value is ready.
type broadcaster struct {
	mu        sync.Mutex
	number    int64
	listeners []chan Message
}

// Listen returns the messages from now on, until ctx ends. A listener that is too slow misses
// some, and sees a gap in the numbers.
func (b *broadcaster) Listen(ctx context.Context) <-chan Message {
	ch := make(chan Message, mostUnread)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listeners = append(b.listeners, ch)
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.listeners = slices.DeleteFunc(b.listeners, func(l chan Message) bool { return l == ch })
		close(ch)
	})
	return ch
}

// Broadcast sends a message to all listeners: about a change that the engine made, or one that
// it does not see by itself.
func (b *broadcaster) Broadcast(kind string, data any) {
	b.broadcast(kind, func() any { return data })
}

// broadcast is Broadcast of what is made only if somebody listens.
func (b *broadcaster) broadcast(kind string, data func() any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.number++
	if len(b.listeners) == 0 {
		return
	}
	made := data()
	for _, ch := range b.listeners {
		select {
		case ch <- Message{b.number, kind, made}:
		default: // the listener sees a gap in the numbers
		}
	}
}
