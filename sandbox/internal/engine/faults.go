package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario/fault"
)

// InjectedFault is a fault that the next deliveries get, in their first attempt alone. If the
// consumer refuses that attempt, the next one is sent without the fault.
type InjectedFault struct {
	Kind         string `json:"kind"`                      // a kind of package fault, but for rotate-key
	Count        int    `json:"count"`                     // deliveries left, 1 to 10,000
	Subscription string `json:"subscription_id,omitempty"` // empty: any
	Type         string `json:"type,omitempty"`            // pattern of types; empty: any
}

// delayOnPurpose is how much later a delivery goes out that a fault delays or reorders, at
// speed 1 of the retry schedule.
const delayOnPurpose = 3 * time.Second

// mostInjected is how many deliveries one injected fault is for, and mostFaults how many may be injected at the same time: each is
// looked at for each delivery.
const (
	mostInjected = 10_000
	mostFaults   = 100
	mostPattern  = 128 // characters of a pattern of types
)

// injections are the injected faults, the oldest first. The zero value is ready.
type injections struct {
	mu   sync.Mutex
	list []InjectedFault
}

// Check checks kind and count. The error joins an *Invalid for each that is wrong.
func (a InjectedFault) Check() (err error) {
	kind, unknown := fault.Parse(a.Kind)
	switch {
	case unknown != nil:
		names := slices.DeleteFunc(fault.Names(), func(name string) bool { return name == fault.RotateKey.String() })
		err = invalid("kind", "%v; want one of %s", unknown, strings.Join(names, ", "))
	case kind == fault.RotateKey:
		err = invalid("kind", "%s cannot be injected: rotate the secret of the subscription instead", kind)
	}
	if a.Count < 1 || a.Count > mostInjected {
		err = errors.Join(err, invalid("count", "want 1 to %d deliveries, got %d", mostInjected, a.Count))
	}
	if len(a.Type) > mostPattern {
		err = errors.Join(err, invalid("type", "want at most %d characters, got %d", mostPattern, len(a.Type)))
	}
	return err
}

// InjectFault adds a fault for the next deliveries. The error is that of Check, or an *Invalid if there are too many.
func (e *Engine) InjectFault(a InjectedFault) error {
	if err := a.Check(); err != nil {
		return err
	}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	if len(e.faults.list) >= mostFaults {
		return invalid("kind", "%d faults wait for their deliveries already, the maximum; clear them, or let them happen", mostFaults)
	}
	e.faults.list = append(e.faults.list, a)
	return nil
}

// InjectedFaults lists the faults that still have deliveries left.
func (e *Engine) InjectedFaults() []InjectedFault {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	return append([]InjectedFault{}, e.faults.list...)
}

// ClearFaults removes all injected faults.
func (e *Engine) ClearFaults() {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.list = nil
}

// take returns the fault of a first attempt, if there is one, and counts it.
func (s *injections) take(subscription, name string) fault.Kind {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.list {
		a := &s.list[i]
		if a.Subscription != "" && a.Subscription != subscription || a.Type != "" && !event.Match(a.Type, name) {
			continue
		}
		kind, _ := fault.Parse(a.Kind)
		if a.Count--; a.Count == 0 {
			s.list = slices.Delete(s.list, i, i+1)
		}
		return kind
	}
	return fault.None
}

// Invalid is a request with an invalid value.
type Invalid struct {
	What string // the part of the request
	Why  string
}

// Error names the part of the request, and what is invalid about it.
func (e *Invalid) Error() string { return e.What + ": " + e.Why }

func invalid(what, format string, args ...any) error {
	return &Invalid{what, fmt.Sprintf(format, args...)}
}
