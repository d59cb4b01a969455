package engine

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario/fault"
)

// Armed is a fault that the next deliveries get. It spoils their first attempt alone: what
// the consumer refuses then is tried again, sound.
type InjectedFault struct {
	Kind         string `json:"kind"`                      // a kind of package fault, but for rotate-key
	Count        int    `json:"count"`                     // deliveries left, 1 to 10,000
	Subscription string `json:"subscription_id,omitempty"` // empty: any
	Type         string `json:"type,omitempty"`            // pattern of types; empty: any
}

// postponement is how much later than it should a delivery goes out that is delayed, or
// passed by the next one, on purpose; divided by the speed of the ladder.
const delayOnPurpose = 3 * time.Second

const mostInjected = 10_000

// arms is the armed faults, the oldest first. Its zero value is ready.
type injections struct {
	mu   sync.Mutex
	list []injection
}

type injection struct {
	InjectedFault
	kind fault.Kind
}

// Arm lets the next deliveries go wrong on purpose; an error is an *Invalid.
func (e *Engine) InjectFault(a InjectedFault) error {
	kind, err := fault.Parse(a.Kind)
	switch {
	case err != nil:
		return invalid("kind", "%v", err)
	case kind == fault.RotateKey:
		return invalid("kind", "%s cannot be armed: rotate the key of the subscription instead", kind)
	case a.Count < 1 || a.Count > mostInjected:
		return invalid("count", "want 1 to %d deliveries, got %d", mostInjected, a.Count)
	}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.list = append(e.faults.list, injection{a, kind})
	return nil
}

// ArmedFaults lists what is left.
func (e *Engine) InjectedFaults() []InjectedFault {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	list := make([]InjectedFault, len(e.faults.list))
	for i, a := range e.faults.list {
		list[i] = a.InjectedFault
	}
	return list
}

// Disarm takes all armed faults away.
func (e *Engine) ClearFaults() {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.list = nil
}

// take finds the fault for a first attempt, and counts it.
func (s *injections) take(subscription, name string) fault.Kind {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.list {
		a := &s.list[i]
		if a.Subscription != "" && a.Subscription != subscription || a.Type != "" && !event.Match(a.Type, name) {
			continue
		}
		kind := a.kind
		if a.Count--; a.Count == 0 {
			s.list = slices.Delete(s.list, i, i+1)
		}
		return kind
	}
	return fault.None
}

// Invalid is a request that cannot be met as it is.
type Invalid struct {
	What string // the part of the request
	Why  string
}

// Error says what is asked for that cannot be.
func (e *Invalid) Error() string { return e.What + ": " + e.Why }

func invalid(what, format string, args ...any) error {
	return &Invalid{what, fmt.Sprintf(format, args...)}
}
