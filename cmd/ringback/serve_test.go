package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/sandbox"
)

// serving is a serve command under way in this process.
type serving struct {
	signals chan os.Signal
	status  chan int
	addr    string
	lines   chan string // behind the first ones
	errs    bytes.Buffer
}

func startServing(t *testing.T, args ...string) *serving {
	t.Helper()
	s := &serving{signals: make(chan os.Signal, 2), status: make(chan int, 1), lines: make(chan string, 100)}
	r, w := io.Pipe()
	go func() {
		args := append([]string{"serve", "--data", "memory", "--listen", "127.0.0.1:0"}, args...)
		s.status <- run(t.Context(), args, stdio{strings.NewReader(""), w, &s.errs}, s.signals)
		w.Close()
	}()
	lines := bufio.NewScanner(r)
	for lines.Scan() && !strings.Contains(lines.Text(), "my-consumer") { // the end of what serve prints first
		if s.addr == "" {
			if _, err := fmt.Sscanf(lines.Text(), "console http://%s", &s.addr); err != nil {
				t.Fatalf("first line %q: %v", lines.Text(), err)
			}
		}
	}
	s.addr = strings.TrimSuffix(s.addr, "/")
	go func() {
		defer close(s.lines)
		for lines.Scan() {
			s.lines <- lines.Text()
		}
	}()
	return s
}

// post asks the control API for something, and returns the answer.
func (s *serving) post(t *testing.T, path, body string, want int) (answer map[string]any) {
	t.Helper()
	resp, err := http.Post("http://"+s.addr+"/sandbox/v1"+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != want {
		t.Fatalf("POST %s: %d %v, %v; want %d", path, resp.StatusCode, answer, err, want)
	}
	return answer
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

// A second interrupt is not kept waiting by a state that cannot be closed, and a first one for no longer than drainTime.
func TestAStateThatCannotBeClosed(t *testing.T) {
	for _, test := range []struct{ second, takes, closes time.Duration }{
		{0, 3 * time.Second, 3 * time.Second},
		{0, drainTime, time.Hour}, // and what shutdown does beyond that is its own
		{time.Second, 2 * time.Second, time.Hour},
		{time.Second, 1500 * time.Millisecond, 1500 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			if test.second > 0 {
				time.AfterFunc(test.second, interrupt)
			}
			defer interrupt()
			began, end := time.Now(), make(chan struct{})
			defer close(end)
			_ = closeWithin(ctx, func(bound context.Context) error {
				select {
				case <-bound.Done():
					if test.second == 0 {
						return bound.Err()
					}
				case <-time.After(test.closes):
					return nil
				}
				select {
				case <-time.After(test.closes - time.Since(began)):
				case <-end:
				}
				return nil
			})
			if took := time.Since(began); took != test.takes {
				t.Errorf("%+v: it took %s", test, took)
			}
		})
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
	for text, want := range map[string]int64{"1GiB": 1 << 30, "500MB": 500e6, "1.5 GiB": 3 << 29, "1048576": 1 << 20, "2MiB": 2 << 20, "4000kB": 4e6, "1TB": 1e12, "2TiB": 2 << 40, "1PiB": 1 << 50, "1PB": 1e15} {
		if got, err := parseSize(text); got != want || err != nil {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "1", "-1GiB", "2PiB", "NaN", "Inf", "GiB", "9e99"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
}

// A consumer is subscribed, and a call made by hand: each attempt is a line behind the addresses.
func TestServePrintsEachAttempt(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		t.Run(fmt.Sprintf("quiet %v", quiet), func(t *testing.T) {
			delivered := make(chan struct{}, 8)
			consumer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { delivered <- struct{}{} }))
			defer consumer.Close()
			args := []string{"--quiet"}
			if !quiet {
				args = nil
			}
			s := startServing(t, args...)
			s.post(t, "/subscriptions", `{"name": "my\u202econsumer", "url": "`+consumer.URL+`/?key=hush", "events": ["channel.*.v0"]}`, http.StatusCreated)
			id := s.post(t, "/conversations", `{"medium": "call"}`, http.StatusCreated)["id"].(string)
			line := regexp.MustCompile(`^\d\d:\d\d:\d\d  my consumer   channel\.(alerted|connected)\.v0 +` + id[:8] + `  200 delivered in \S+ .?s$`)
			for range 2 {
				<-delivered
				if !quiet {
					if got := <-s.lines; !line.MatchString(got) {
						t.Errorf("got %q", got)
					}
				}
			}
			s.signals <- os.Interrupt
			if status := <-s.status; status != exitOK {
				t.Errorf("status %d, want 0\n%s", status, s.errs.Bytes())
			}
			for got := range s.lines {
				if quiet {
					t.Errorf("printed %q", got)
				}
			}
		})
	}
}

// A script may read the first lines, and nothing more.
func TestNobodyNeedsToReadTheLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		l := newLinePrinter(w)
		l.begin()
		for n := range 10 * linesKept {
			l.add(fmt.Sprint(n))
		}
		synctest.Wait()
		l.end() // comes back though nothing was read
		text := make(chan string)
		go func() {
			all, _ := io.ReadAll(r)
			text <- string(all)
		}()
		synctest.Wait()
		w.Close()
		got := <-text
		if !strings.HasPrefix(got, "0\n") || !strings.Contains(got, "lines are missing here: nobody read them\n") || strings.Count(got, "\n") > linesKept+3 {
			t.Errorf("read %q", got)
		}
	})
}
