package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ringback/ringback/signature"
)

// served starts a sink and returns its address.
func served(t *testing.T, s settings, serve func(settings, *tally, <-chan os.Signal, func(string)) error) string {
	t.Helper()
	s.listen, s.secret = "127.0.0.1:0", key()
	stop, ready, done := make(chan os.Signal, 1), make(chan string, 1), make(chan error, 1)
	go func() { done <- serve(s, newFigures(s.secret, 1), stop, func(addr string) { ready <- addr }) }()
	t.Cleanup(func() {
		stop <- syscall.SIGTERM
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	select {
	case addr := <-ready:
		return addr
	case err := <-done:
		done <- nil
		t.Fatal(err)
		return ""
	}
}

func reported(t *testing.T, c *http.Client, url string) (n counts) {
	t.Helper()
	r, err := c.Get(url + "/report")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// dial connects, and ends the test's wait if no answer comes.
func dial(t *testing.T, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(10 * time.Second))
	t.Cleanup(func() { c.Close() })
	return c, bufio.NewReader(c)
}

func answered(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("status %d, error %v", answer.StatusCode, err)
	}
	return string(body)
}

// all that must be counted, in one connection: sent in pieces, pipelined, twice, signed
// rightly and wrongly, without an id.
func all() string {
	good, now := `{"id":"1"}`, time.Now()
	token := signature.Sign(key(), []byte(good), now)
	return post(good, "Vonage-Signature: "+token) + post(good) + post(`{"id":"2"}`, "Vonage-Signature: "+token) + post(`{}`)
}

func checkAll(t *testing.T, n counts) {
	t.Helper()
	n.Now, n.First, n.Last, n.Connections = 0, 0, 0, 0
	if want := (counts{Requests: 4, Unique: 2, Duplicates: 1, WithoutID: 1, Signed: 2, Checked: 2, Wrong: 1, BodyBytes: 32}); n != want {
		t.Errorf("counted %+v, want %+v", n, want)
	}
}

func TestTheLoopCountsWhatItRead(t *testing.T) {
	addr := served(t, settings{}, serveLoop)
	c, r := dial(t, addr)
	text := all()
	for _, at := range [][2]int{{0, 10}, {10, 40}, {40, 300}, {300, len(text)}} {
		if _, err := io.WriteString(c, text[at[0]:at[1]]); err != nil {
			t.Fatal(err)
		}
		reported(t, http.DefaultClient, "http://"+addr) // the sink has read the piece before
	}
	for range 4 {
		answered(t, r)
	}
	checkAll(t, reported(t, http.DefaultClient, "http://"+addr))
}

func TestTheLoopTellsTornAndMalformedRequests(t *testing.T) {
	addr := served(t, settings{}, serveLoop)
	torn, _ := dial(t, addr)
	io.WriteString(torn, post(`{"id":"1"}`)[:50])
	torn.(*net.TCPConn).CloseWrite()
	wrong, r := dial(t, addr)
	io.WriteString(wrong, "hello\r\n\r\n")
	if _, err := r.ReadByte(); err == nil {
		t.Error("what is no request got an answer")
	}
	io.ReadAll(torn) // until the sink has closed it
	if n := reported(t, http.DefaultClient, "http://"+addr); n.Torn != 1 || n.Malformed != 1 || n.Requests != 0 {
		t.Errorf("counted %+v, want one torn and one malformed", n)
	}
}

func TestTheLoopResetsAndKeepsArrivals(t *testing.T) {
	addr := served(t, settings{}, serveLoop)
	c, r := dial(t, addr)
	send := func(text string) string {
		io.WriteString(c, text)
		return answered(t, r)
	}
	send(post(`{"id":"1"}`))
	send("GET /reset?arrivals=1 HTTP/1.1\r\n\r\n")
	send(post(`{"id":"1"}`))
	send(post(`{"id":"2"}`))
	lines := strings.Split(strings.TrimSpace(send("GET /arrivals HTTP/1.1\r\n\r\n")), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[0], " 1") || !strings.HasSuffix(lines[1], " 2") || lines[0] > lines[1] {
		t.Errorf("arrivals %q", lines)
	}
	if n := reported(t, http.DefaultClient, "http://"+addr); n.Requests != 2 || n.Duplicates != 0 {
		t.Errorf("counted %+v after a reset, want two requests and no duplicate", n)
	}
}

func TestTheLoopHangsAndDelays(t *testing.T) {
	c, r := dial(t, served(t, settings{hang: true}, serveLoop))
	io.WriteString(c, post(`{"id":"1"}`)+"GET /report HTTP/1.1\r\n\r\n")
	if first := answered(t, r); !strings.Contains(first, `"requests":1,`) {
		t.Errorf("the first answer of a sink that hangs is %q, want the report", first)
	}
	c, r = dial(t, served(t, settings{delay: 20 * time.Millisecond}, serveLoop))
	io.WriteString(c, post(`{"id":"1"}`)+"GET /report HTTP/1.1\r\n\r\n")
	if first := answered(t, r); !strings.Contains(first, `"requests":1,`) {
		t.Errorf("the answer to the post came before its delay: %q", first)
	}
	if late := answered(t, r); late != "" {
		t.Errorf("the late answer is %q", late)
	}
}

func TestTheTLSServerCountsTheSame(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	addr := served(t, settings{tls: true, ca: file}, serveTLS)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	trust := &tls.Config{RootCAs: roots}
	c, err := tls.Dial("tcp", addr, trust)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, all())
	r := bufio.NewReader(c)
	for range 4 {
		answered(t, r)
	}
	transport := &http.Transport{TLSClientConfig: trust}
	defer transport.CloseIdleConnections()
	checkAll(t, reported(t, &http.Client{Transport: transport}, "https://"+addr))
}
