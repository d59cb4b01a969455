package snapshots

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/interop/broken/internal/stories"
)

// robustProvocations are about concurrency, crashes and endurance.
var robustProvocations = map[string]func(*kit){
	"one-current-event": func(k *kit) {
		k.atOnce(elsewhere(0), elsewhere(1), elsewhere(2))
		for i := range 3 {
			k.expect("known", k.told(conv(i), "") != nil, true)
		}
	},
	"read-modify-write": burst,
	"document-of-the-call": func(k *kit) {
		all := inCall(ev{})
		k.post(ev{kind: "alerted", ch: "b"}.body(), all[0])
		k.atOnce(all[1], ev{kind: "connected", ch: "b"}.body())
		k.want("connected", 2)
		k.expect("other", k.told("", "b")["notifications"], 2)
	},
	"optimistic-without-retry": burst,
	"first-insert-wins":        burst,
	"check-then-insert": func(k *kit) {
		b := ev{kind: "alerted"}.body()
		k.atOnce(b, b, b)
		k.want("alerting", 1)
	},
	"marked-though-it-failed":   func(k *kit) { k.post(append(inCall(ev{ch: "b"}), inCall(ev{})...)...); k.wantCall(7) },
	"counts-each-attempt":       func(k *kit) { k.post(append(inCall(ev{ch: "b"}), inCall(ev{})...)...); k.wantCall(7) },
	"marked-though-it-was-busy": burst,
	"slower-and-slower": func(k *kit) {
		many(k, 4000)
		begun := time.Now()
		k.post(ev{kind: "alerted"}.body())
		k.expect("took a while", time.Since(begun) > 50*time.Millisecond, false)
	},
	"too-many-open-files": func(k *kit) { many(k, 2500); k.post(ev{kind: "alerted"}.body()) },

	"memory-only":         crashed(0),
	"write-behind":        crashed(50 * time.Millisecond),
	"async-without-await": crashed(0),
	"batches-of-20":       crashed(time.Second),
	"written-when-ended":  func(k *kit) { k.post(inCall(ev{})[:3]...); k.c.Crash(k.t); k.want("held", 3) },
	"counter-in-memory":   crashed(time.Second),
	"marks-then-stores":   crashedWithin,
	"stores-then-marks":   crashedWithin,
	"seen-in-memory":      func(k *kit) { all := inCall(ev{}); k.post(all...); k.c.Crash(k.t); k.post(all...); k.wantCall(7) },
	"warms-up-with-100": func(k *kit) {
		all := inCall(ev{})
		k.post(all...)
		time.Sleep(time.Second)
		many(k, 100)
		k.c.Crash(k.t)
		k.post(all...)
		k.wantCall(7)
	},
}

func conv(i int) string { return fmt.Sprintf("c0000000-0000-4000-8000-0000000000a%d", i) }

// elsewhere is a notification of a conversation of its own.
func elsewhere(i int) []byte { return ev{kind: "alerted", conv: conv(i)}.body() }

// burst sends a call at once.
func burst(k *kit) {
	k.atOnce(inCall(ev{})...)
	k.wantCall(7)
}

func many(k *kit, n int) {
	for i := range n {
		k.post(ev{kind: "alerted", conv: fmt.Sprintf("c0000000-0000-4000-8001-%012d", i)}.body())
	}
}

// crashed crashes the consumer so long after the last answer.
func crashed(after time.Duration) func(*kit) {
	return func(k *kit) {
		k.post(inCall(ev{})...)
		time.Sleep(after)
		k.c.Crash(k.t)
		k.wantCall(7)
	}
}

// crashedWithin crashes the consumer 5 ms into the first notification, which is tried again.
func crashedWithin(k *kit) {
	all := inCall(ev{})
	time.AfterFunc(5*time.Millisecond, func() { k.c.Crash(k.t) })
	k.post(all...)
	k.wantCall(7)
}

// Over a socket the names of headers keep their case.
func TestHeadersInOneSpelling(t *testing.T) {
	for _, test := range []struct {
		name, header string
		want         string
	}{
		{"correct", "Vonage-Signature", "204"}, {"correct", "vonage-signature", "204"},
		{"headers-in-one-spelling", "Vonage-Signature", "204"}, {"headers-in-one-spelling", "vonage-signature", "401"},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		for _, r := range Rows() {
			if r.Name == test.name {
				go func() { _ = Serve(t.Context(), l, r.Handler(stories.Secret())) }() // it ends with the test
			}
		}
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for range 3 { // on one connection
			body := ev{kind: "alerted"}.body()
			fmt.Fprintf(conn, "POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s: %s\r\n\r\n%s", len(body), test.header, signed(body), body)
			answer := make([]byte, 1024)
			n, err := conn.Read(answer)
			if err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 "+test.want) {
				t.Errorf("%s: %s: %q, %v", test.name, test.header, answer[:n], err)
			}
		}
	}
}

func signed(body []byte) string { return jwt("HS256", stories.Secret(), claims(body, time.Now())) }
