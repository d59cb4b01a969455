package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/ringback/ringback/sandbox"
)

// serving is a serve command under way in this process.
type serving struct {
	signals chan os.Signal
	status  chan int
	addr    string
	errs    bytes.Buffer
}

func startServing(t *testing.T) *serving {
	t.Helper()
	s := &serving{signals: make(chan os.Signal, 2), status: make(chan int, 1)}
	r, w := io.Pipe()
	go func() {
		s.status <- run(t.Context(), []string{"serve", "--data", "memory", "--listen", "127.0.0.1:0"}, stdio{strings.NewReader(""), w, &s.errs}, s.signals)
		w.Close()
	}()
	lines := bufio.NewReader(r)
	line, err := lines.ReadString('\n')
	if _, err2 := fmt.Sscanf(line, "console http://%s", &s.addr); err != nil || err2 != nil {
		t.Fatalf("first line %q: %v %v", line, err, err2)
	}
	s.addr = strings.TrimSuffix(s.addr, "/")
	go io.Copy(io.Discard, lines)
	return s
}

// stall begins a request that does not end, and returns when the server works on it.
func (s *serving) stall(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	// 100 Continue tells that a handler reads the body.
	fmt.Fprintf(conn, "POST /sandbox/v1/scenarios/check HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 20\r\nExpect: 100-continue\r\n\r\n", s.addr)
	line, err := bufio.NewReader(conn).ReadString('\n')
	if !strings.Contains(line, "100 Continue") {
		t.Fatalf("%q, %v", line, err)
	}
	return conn
}

func TestAFirstInterruptEndsServeWell(t *testing.T) {
	s := startServing(t)
	conn := s.stall(t)
	s.signals <- os.Interrupt
	// The request under way is still answered.
	fmt.Fprintf(conn, `{"yaml": "name: x" }`)
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(answer), "200 OK") {
		t.Errorf("answered %q, %v", answer, err)
	}
	if status := <-s.status; status != exitOK {
		t.Errorf("status %d, want 0\n%s", status, s.errs.Bytes())
	}
}

func TestASecondInterruptEndsServeAtOnce(t *testing.T) {
	s := startServing(t)
	s.stall(t)
	s.signals <- os.Interrupt
	s.signals <- syscall.SIGTERM
	if status := <-s.status; status != exitInterrupted {
		t.Errorf("status %d, want 130\n%s", status, s.errs.Bytes())
	}
}

func TestTheFirstLineCanBePasted(t *testing.T) {
	line := subscribeLine("http://127.0.0.1:8484", sandbox.Credentials{ID: "it's me", Secret: "$HOME `id`"}, true)
	if want := `-u 'it'\''s me:$HOME ` + "`id`'"; !strings.Contains(line, want) {
		t.Errorf("no %s in\n%s", want, line)
	}
	if line := subscribeLine("http://127.0.0.1:8484", sandbox.Credentials{ID: "me", Secret: "hush"}, false); strings.Contains(line, "hush") {
		t.Errorf("the secret is in\n%s", line)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{"1GiB": 1 << 30, "500MB": 500e6, "1.5 GiB": 3 << 29, "1048576": 1 << 20, "2MiB": 2 << 20, "4000kB": 4e6} {
		if got, err := parseSize(text); got != want || err != nil {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "1", "-1GiB", "1TiB", "NaN", "Inf", "GiB", "9e99"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
}
