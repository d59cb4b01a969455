package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/netguard"
)

// No packet leaves: the address is refused before the connection is attempted.
func TestTheRuleHoldsForWhatANameStandsFor(t *testing.T) {
	tests := []struct {
		name, host string
		addr       [4]byte
		allow      []string
		want       string // part of the failure; empty if the connection is made
	}{
		{"a name of this machine", "consumer.test", [4]byte{127, 0, 0, 1}, nil, ""},
		{"a name of a public address", "consumer.test", [4]byte{8, 8, 8, 8}, nil,
			"address: consumer.test (8.8.8.8) is neither loopback, private nor link-local, and is not an allowed host"},
		{"another name that is allowed", "consumer.test", [4]byte{8, 8, 8, 8}, []string{"other.test", "8.8.8.8"}, "address: consumer.test (8.8.8.8)"},
		{"an allowed name that leads to a cloud's credentials", "consumer.test", [4]byte{169, 254, 169, 254}, []string{"consumer.test"},
			"address: consumer.test (169.254.169.254) is where a cloud gives out credentials"},
		{"a network with a cloud's credentials in it", "consumer.test", [4]byte{169, 254, 169, 254}, []string{"169.254.0.0/16"}, "address: consumer.test (169.254.169.254)"},
		{"an allowed name, in other letters", "consumer.test", [4]byte{}, []string{"Consumer.TEST."}, ""},
		{"an address itself", "0.0.0.0", [4]byte{}, nil, "address: 0.0.0.0 is neither"},
		{"an address that is allowed", "0.0.0.0", [4]byte{}, []string{"0.0.0.0"}, ""},
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDialer(&Options{Allow: test.allow, Timeout: time.Second})
			defer d.Close()
			d.names = nameServer(test.addr)
			_, err := d.DialContext(t.Context(), "tcp4", net.JoinHostPort(test.host, port))
			got := ""
			if err != nil {
				got = classify(err, discreet{}).String()
			}
			if (test.want == "") != (got == "") || !strings.HasPrefix(got, test.want) {
				t.Errorf("failure is %q, want it to begin with %q", got, test.want)
			}
		})
	}
}

// A name that stands for another address from one moment to the next is judged by the one that is dialled.
func TestANameThatChangesItsAddressIsJudgedEachTime(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, allow := range [][]string{nil, {"consumer.test"}} {
		d := newDialer(&Options{Allow: allow, Timeout: time.Second})
		d.names = nameServer([4]byte{127, 0, 0, 1}, [4]byte{169, 254, 169, 254})
		if c, err := d.DialContext(t.Context(), "tcp4", net.JoinHostPort("consumer.test", port)); err != nil {
			t.Errorf("the first time: %v", err)
		} else {
			c.Close()
		}
		if _, err := d.DialContext(t.Context(), "tcp4", net.JoinHostPort("consumer.test", port)); !has[*netguard.AddressError](err) {
			t.Errorf("the second time: %v, want that the address is refused", err)
		}
		d.Close()
	}
}

// nameServer is a resolver for which every name stands for one address, or for the next one at each question.
func nameServer(addrs ...[4]byte) *net.Resolver {
	var asked atomic.Int32
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			var size [2]byte // messages on a stream begin with their length: RFC 1035, section 4.2.2
			for {
				if _, err := io.ReadFull(there, size[:]); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(there, query); err != nil {
					return
				}
				question := query[12 : 12+bytes.IndexByte(query[12:], 0)+5]
				answer := append(query[:2:2], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0) // one question, one answer
				answer = append(answer, question...)
				answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4) // the name of the question, type A
				addr := addrs[min(int(asked.Add(1)), len(addrs))-1]
				answer = append(answer, addr[:]...)
				there.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
			}
		}()
		return here, nil
	}}
}

func TestARedirectDoesNotGetRoundTheRule(t *testing.T) {
	server := httptest.NewServer(http.RedirectHandler("http://0.0.0.0:1/", http.StatusTemporaryRedirect))
	defer server.Close()
	s, err := New(Options{URL: server.URL, Timeout: time.Second, FollowRedirects: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.(*httpSender).Close()
	got := s.Send(t.Context(), &Request{Timeout: time.Second})
	if got.Failure.Class != ClassAddress || got.Status != 0 {
		t.Errorf("answer is %+v, want class address", got)
	}
}

func TestAProxyIsForAllowedHostsOnly(t *testing.T) {
	d := newDialer(&Options{Allow: []string{"Consumer.Example."}, Timeout: time.Second})
	tests := map[string]bool{"http://consumer.example/x": true, "http://10.0.0.1/": false, "http://other.example/": false}
	for text, want := range tests {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.allow.Names(u.Hostname()); got != want {
			t.Errorf("allowed(%s) = %v, want %v", text, got, want)
		}
		if proxy, err := proxyFor(u, d)(&http.Request{URL: u}); !want && (proxy != nil || err != nil) {
			t.Errorf("proxy for %s is %v, %v; want none", text, proxy, err)
		}
	}
}

// A client may still dial when the run is over.
func TestCloseEndsDialsInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		d := newDialer(&Options{Timeout: time.Minute, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		go d.DialContext(t.Context(), "tcp", "consumer:80")
		synctest.Wait()
		d.Close()
		if took := time.Since(start); took != 0 {
			t.Errorf("closing took %v, want no time", took)
		}
		if _, err := d.DialContext(t.Context(), "tcp", "consumer:80"); !errors.Is(err, net.ErrClosed) {
			t.Errorf("dialling afterwards: %v, want %v", err, net.ErrClosed)
		}
	})
}
