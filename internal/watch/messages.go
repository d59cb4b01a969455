package watch

import (
	"fmt"
	"io"
	"sync"
)

// Messages writes lines for the user, one at a time. While a screen is drawn at the same
// place, the screen shows them, and they are written once it is gone.
type Messages struct {
	To io.Writer

	mu   sync.Mutex
	show func(line string) // nil while no screen is drawn
	kept []string          // what was only shown
}

// Print writes a line, which may come from anywhere.
func (m *Messages) Print(line string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.show != nil {
		m.show(line)
		m.kept = append(m.kept, line)
		return
	}
	fmt.Fprintln(m.To, line)
}

// redirect lets a screen show the lines, until it is called with nil.
func (m *Messages) redirect(show func(line string)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.show = show; show != nil {
		return
	}
	for _, line := range m.kept {
		fmt.Fprintln(m.To, line)
	}
	m.kept = nil
}
