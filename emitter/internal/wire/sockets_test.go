package wire

import (
	"runtime"
	"sync"
	"testing"
)

// Somebody may ask how the connections stand while the first of them is opened. The race detector looks at it.
func TestTheStateOfConnectionsIsThereAtOnce(t *testing.T) {
	for range 100 {
		s := &Sockets{}
		var asking sync.WaitGroup
		asking.Go(func() { s.State() })
		runtime.Gosched() // it comes first, mostly, and nothing else says so
		slot := NewSlot(s, func() {})
		if ok, _ := slot.Take(t.Context()); !ok {
			t.Fatal("there is no place")
		}
		asking.Wait()
		if open, _, _, _ := s.State(); open != 1 {
			t.Errorf("%d are open, want 1", open)
		}
		slot.Leave()
	}
}
