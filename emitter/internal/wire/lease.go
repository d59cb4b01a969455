package wire

import (
	"bytes"
	"strconv"
	"time"
)

// lease is how often, and after which pause, a connection of HTTP/1.1 may carry another request, as the
// target says in its Keep-Alive headers. The zero value is that of a connection without an answer.
type lease struct {
	answered int           // requests
	idle     time.Duration // the longest pause; 0: the target has said nothing
	most     int           // the last max plus 1; 0: the target has said nothing
	over     bool          // no other request may follow
}

const (
	idleLimit  = 90 * time.Second // a connection idle for longer is not used again
	idleMargin = time.Second      // a request has to be there before the target's time is over; of 1 s, half is left
)

// allows reports whether another request may go out after a pause.
func (l *lease) allows(idle time.Duration) bool {
	return !l.over && idle <= idleLimit && (l.idle == 0 || idle <= l.idle)
}

// note counts an answer.
func (l *lease) note() { l.answered++ }

// read takes in the value of a Keep-Alive header of the last answer, such as "timeout=5, max=99". What cannot be
// read says nothing.
func (l *lease) read(value []byte) {
	for len(value) > 0 {
		var part []byte
		part, value, _ = bytes.Cut(value, []byte(","))
		name, digits, _ := bytes.Cut(part, []byte("="))
		name, digits = bytes.TrimSpace(name), bytes.Trim(digits, " \t\"")
		if len(digits) == 0 || len(digits) > 6 { // 11 days
			continue
		}
		n, err := strconv.ParseUint(string(digits), 10, 32)
		switch {
		case err != nil:
		case is(name, "timeout"):
			l.pause(time.Duration(n) * time.Second)
		case is(name, "max"):
			l.count(int(n))
		}
	}
}

func (l *lease) pause(timeout time.Duration) {
	l.idle = timeout - min(idleMargin, timeout/2)
	l.over = l.over || timeout == 0
}

// count takes in max. Some servers say how many requests are left, others how many there may be in all: the
// number falls only where it is what is left.
func (l *lease) count(most int) {
	falls := most+1 < l.most
	l.most = most + 1
	l.over = l.over || most == 0 || l.answered >= most && !falls
}
