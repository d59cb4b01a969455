package wire

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

func TestKeepAliveSaysHowOftenAndHowLong(t *testing.T) {
	const s = time.Second
	for _, test := range []struct {
		answers []string      // their Keep-Alive headers
		idle    time.Duration // the longest pause afterwards; negative: no other request
	}{
		{[]string{""}, 90 * s},
		{[]string{"timeout=5"}, 4 * s},
		{[]string{"timeout=5", ""}, 4 * s}, // what was said holds
		{[]string{"timeout=5", "timeout=20"}, 19 * s},
		{[]string{"timeout=2"}, s},
		{[]string{"timeout=1"}, s / 2},
		{[]string{"timeout=0"}, -1},
		{[]string{" TimeOut = \"72\" , MAX=1000"}, 71 * s},
		{[]string{"timeout=3600"}, 90 * s},
		{[]string{"timeout=5.5"}, 90 * s}, {[]string{"timeout=-1"}, 90 * s}, {[]string{"timeout"}, 90 * s}, {[]string{"timeout="}, 90 * s},
		{[]string{"timeout=99999999999999999999, max=99999999999999999999"}, 90 * s}, {[]string{",,=,"}, 90 * s}, {[]string{"timeouts=5"}, 90 * s},
		{[]string{"timeout=5, max=0"}, -1},
		{[]string{"max=3"}, 90 * s}, {[]string{"max=3", "max=3"}, 90 * s}, {[]string{"max=3", "max=3", "max=3"}, -1}, // in all
		{[]string{"max=3", "max=2", "max=1"}, 90 * s}, {[]string{"max=3", "max=2", "max=1", "max=0"}, -1}, // that are left
		{[]string{"max=1"}, -1}, // in all, for all that is known
	} {
		var l lease
		for _, value := range test.answers {
			l.note()
			l.read([]byte(value))
		}
		if test.idle < 0 {
			if l.allows(0) {
				t.Errorf("%q allows another request", test.answers)
			}
		} else if !l.allows(test.idle) || l.allows(test.idle+time.Nanosecond) {
			t.Errorf("%q: %v allows a pause of %v: %v, of 1 ns more: %v", test.answers, l, test.idle, l.allows(test.idle), l.allows(test.idle+1))
		}
	}
}

// keeper is a target in memory that answers with some more headers, and would keep connections for ever.
func keeper(t *testing.T, headers func(answer int) string) Options {
	return pipes(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		for n := 1; readRequest(r); n++ {
			io.WriteString(c, ok200+headers(n)+length)
		}
	})
}

func TestBothEnginesKeepToKeepAlive(t *testing.T) {
	for _, test := range []struct {
		name    string
		headers func(answer int) string
		pause   time.Duration // between 10 requests
		dials   uint64
	}{
		{"nothing is said", func(int) string { return "" }, 20 * time.Second, 1},
		{"5 s, as Node.js says", func(int) string { return "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n" }, 4 * time.Second, 1},
		{"5 s, and used again just before", func(int) string { return "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n" }, 4100 * time.Millisecond, 10},
		{"1 s", func(int) string { return "keep-alive: timeout=1\r\n" }, 600 * time.Millisecond, 10},
		{"1 s in two headers", func(int) string { return "Keep-Alive: max=50\r\nKeep-Alive: timeout=1\r\n" }, 600 * time.Millisecond, 10},
		{"1 s, said in a refusal", func(int) string { return "Retry-After: 1\r\nKeep-Alive: timeout=1\r\n" }, 600 * time.Millisecond, 10},
		{"4 requests in all", func(int) string { return "Keep-Alive: max=4\r\n" }, 0, 3},
		{"4 requests, counted down", func(n int) string { return fmt.Sprintf("Keep-Alive: max=%d\r\n", 4-n) }, 0, 3},
	} {
		for _, engine := range []Engine{FastLane, NetHTTP} {
			t.Run(engineNames[engine]+"/"+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, dials, end := open(t, keeper(t, test.headers), engine)
					defer end()
					for range 10 {
						if got := post(t, s); got != "200 " {
							t.Errorf("got %s, want 200", got)
						}
						time.Sleep(test.pause)
						synctest.Wait() // net/http files the connection
					}
					if dials() != test.dials {
						t.Errorf("%d connections, want %d", dials(), test.dials)
					}
				})
			})
		}
	}
}
