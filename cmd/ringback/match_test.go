package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// matches compares a file, or stdout or stderr, with a file of expected lines. In an
// expected line, … stands for any text; a line of … alone stands for any lines.
func matches(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: matches got want")
	}
	if diff := mismatch(ts.ReadFile(args[0]), ts.ReadFile(args[1])); diff != "" {
		ts.Fatalf("%s", diff)
	}
}

// mismatch is where got departs from want, or empty.
func mismatch(got, want string) string {
	have, expect := splitLines(got), splitLines(want)
	if matchLines(have, expect) {
		return ""
	}
	return fmt.Sprintf("got:\n%s\nwant (… is anything):\n%s", got, want)
}

func splitLines(text string) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \r")
	}
	return lines
}

func matchLines(have, expect []string) bool {
	switch {
	case len(expect) == 0:
		return len(have) == 0
	case strings.TrimSpace(expect[0]) == "…":
		for skip := 0; skip <= len(have); skip++ {
			if matchLines(have[skip:], expect[1:]) {
				return true
			}
		}
		return false
	}
	return len(have) > 0 && matchLine(have[0], expect[0]) && matchLines(have[1:], expect[1:])
}

func matchLine(have, expect string) bool {
	parts := strings.Split(expect, "…")
	if len(parts) == 1 {
		return have == expect
	}
	if !strings.HasPrefix(have, parts[0]) {
		return false
	}
	have = have[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(have, part)
		if i < 0 {
			return false
		}
		have = have[i+len(part):]
	}
	return strings.HasSuffix(have, parts[len(parts)-1])
}

// port finds a free loopback port and puts an address and a URL with it into the
// environment.
func port(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: port")
	}
	var l net.Listener
	var err error
	for range 100 { // below the ports that systems give to outgoing connections: nobody takes it meanwhile
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))); err == nil {
			break
		}
	}
	ts.Check(err)
	ts.Check(l.Close())
	ts.Setenv("ADDR", l.Addr().String())
	ts.Setenv("URL", "http://"+l.Addr().String()+"/events")
}

// listening waits until something accepts connections at $ADDR; with a path, until that is
// answered with 200, for a program that listens before it is ready.
func listening(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: listening [PATH]")
	}
	ready := func() error {
		if len(args) == 0 {
			c, err := net.DialTimeout("tcp", ts.Getenv("ADDR"), time.Minute)
			if err != nil {
				return err
			}
			return c.Close()
		}
		client := http.Client{Timeout: time.Minute}
		resp, err := client.Get("http://" + ts.Getenv("ADDR") + args[0])
		if err == nil && resp.StatusCode != http.StatusOK {
			err = errors.New(resp.Status)
		}
		if resp != nil {
			resp.Body.Close()
		}
		return err
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-tick.C {
		err := ready()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("nobody answers at %s: %v", ts.Getenv("ADDR"), err)
		}
	}
}
