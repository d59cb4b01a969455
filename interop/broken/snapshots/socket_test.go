package snapshots

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/interop/broken/internal/stories"
)

// What is about connections shows over a socket as well as without.
func TestTheWireOverASocket(t *testing.T) {
	for _, r := range Rows() {
		switch r.Name {
		case "express-100kb", "body-by-content-length", "hangs-on-chunked", "body-within-250ms", "other-media-is-no-body",
			"streams-and-marks", "locked-when-cut-off", "leaks-when-refused", "workers-die", "needs-data", "marks-then-stores", "stores-then-marks":
		default:
			continue
		}
		name := r.Name
		t.Run(name, func(t *testing.T) {
			overSocket := func(r Row) []string {
				k := &kit{t: t, c: listen(t, r), limit: time.Second}
				provocations[name](k)
				return k.wrong
			}
			if wrong := overSocket(Rows()[0]); wrong != nil {
				t.Errorf("%s: wrong is %q", Rows()[0].Name, wrong)
			}
			for tries := 1; overSocket(r) == nil; tries++ {
				if tries == 20 { // a crash within a few milliseconds comes too late where the machine is busy
					t.Errorf("%s: nothing is wrong in %d tries", r.Name, tries)
					break
				}
			}
		})
	}
}

// listen serves a consumer until the test ends.
func listen(t *testing.T, r Row) stories.Consumer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	go func() { _ = Serve(ctx, l, r.Handler(stories.Secret())) }() // it ends with ctx
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	return stories.Consumer{URL: "http://" + l.Addr().String(), Do: func(r *http.Request) (*http.Response, error) {
		if part, is := r.Body.(cut); is {
			return nil, sendPart(r, part)
		}
		return client.Do(r)
	}}
}

// sendPart sends a request whose body ends early, and waits until the consumer is through with it: it
// answers or hangs up. A client of the library would return before, and what is sent next would race
// with the rest.
func sendPart(r *http.Request, part cut) error {
	conn, err := net.Dial("tcp", r.URL.Host)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, is := r.Context().Deadline(); is {
		_ = conn.SetDeadline(deadline)
	}
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", r.Method, r.URL.Path, r.URL.Host, r.ContentLength)
	_ = r.Header.Write(conn)
	fmt.Fprintf(conn, "\r\n%s", part.sent)
	_ = conn.(*net.TCPConn).CloseWrite()
	_, _ = conn.Read(make([]byte, 1))
	return stories.ErrStopped
}

// The rest goes over a bare connection.
func TestOverABareConnection(t *testing.T) {
	for _, test := range []struct {
		name, header string
		pieces       int
		want         string
	}{
		{"correct", "Vonage-Signature", 1, "204"}, {"correct", "vonage-signature", 1, "204"}, {"correct", "Vonage-Signature", 3, "204"},
		{"headers-in-one-spelling", "Vonage-Signature", 1, "204"}, {"headers-in-one-spelling", "vonage-signature", 1, "401"},
		{"one-read", "Vonage-Signature", 1, "204"}, {"one-read", "Vonage-Signature", 3, "401"},
	} {
		var c stories.Consumer
		for _, r := range Rows() {
			if r.Name == test.name {
				c = listen(t, r)
			}
		}
		conn, err := net.Dial("tcp", strings.TrimPrefix(c.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		for range 3 { // on one connection
			body := ev{kind: "alerted"}.body()
			fmt.Fprintf(conn, "POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s: %s\r\n\r\n", len(body), test.header, signed(body))
			for i := range test.pieces {
				_, _ = conn.Write(body[len(body)*i/test.pieces : len(body)*(i+1)/test.pieces])
				if test.want != "204" && test.pieces > 1 {
					_ = conn.(*net.TCPConn).CloseWrite() // it answers to a part; the rest would race with that
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			answer := make([]byte, 1024)
			n, err := conn.Read(answer)
			if err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 "+test.want) {
				t.Errorf("%s: %s in %d pieces: %q, %v", test.name, test.header, test.pieces, answer[:n], err)
			}
			if test.want != "204" && test.pieces > 1 {
				break // the rest of the body spoils the connection
			}
		}
	}
}

func signed(body []byte) string { return jwt("HS256", stories.Secret(), claims(body, time.Now())) }
