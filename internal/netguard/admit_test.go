package netguard_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/netguard"
)

// ask is a request as a server with a socket on local sees it.
func ask(method, host, path, local string, header map[string]string) *http.Request {
	req := httptest.NewRequest(method, "http://placeholder"+path, nil)
	req.Host = host
	for name, value := range header {
		req.Header.Set(name, value)
	}
	at := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(local))
	return req.WithContext(context.WithValue(req.Context(), http.LocalAddrContextKey, at))
}

func TestOnlyWhatIsMeantForThisServerGetsThrough(t *testing.T) {
	const here = "127.0.0.1:8484"
	type h = map[string]string
	tests := []struct {
		name, method, host, path, local string
		header                          h
		ok                              bool
	}{
		{"a tool", "POST", here, "/sandbox/v1/runs", here, nil, true},
		{"localhost", "GET", "localhost:8484", "/", here, nil, true},
		{"LOCALHOST", "GET", "LocalHost:8484", "/", here, nil, true},
		{"IPv6", "GET", "[::1]:8484", "/", "[::1]:8484", nil, true},
		{"another loopback address", "GET", "127.9.9.9:8484", "/", here, nil, true},
		{"our own page", "POST", here, "/sandbox/v1/runs", here, h{"Origin": "http://127.0.0.1:8484", "Sec-Fetch-Site": "same-origin"}, true},
		{"our own page by IPv6", "POST", "[::1]:8484", "/sandbox/v1/runs", "[::1]:8484", h{"Origin": "http://[::1]:8484"}, true},
		{"a bookmark", "GET", here, "/", here, h{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, true},
		{"a link on another page", "GET", here, "/", here, h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, true},
		{"its address in numbers", "GET", "192.168.1.5:8484", "/", "192.168.1.5:8484", nil, true},

		{"a bent name", "GET", "evil.example:8484", "/", here, nil, false},
		{"a bent name that looks like us", "GET", "127.0.0.1.evil.example:8484", "/", here, nil, false},
		{"a bent name below localhost", "GET", "evil.localhost:8484", "/", here, nil, false},
		{"a dot behind the name", "GET", "localhost.:8484", "/", here, nil, false},
		{"a bent name with our origin", "POST", "evil.example:8484", "/sandbox/v1/reset", here, h{"Origin": "http://127.0.0.1:8484"}, false},
		{"a bent name as its own origin", "POST", "evil.example:8484", "/sandbox/v1/reset", here, h{"Origin": "http://evil.example:8484", "Sec-Fetch-Site": "same-origin"}, false},
		{"another port", "GET", "127.0.0.1:9999", "/", here, nil, false},
		{"no port", "GET", "127.0.0.1", "/", here, nil, false},
		{"no host", "GET", "", "/", here, nil, false},
		{"the unspecified address", "GET", "0.0.0.0:8484", "/", here, nil, false},
		{"a user in the host", "GET", "127.0.0.1@evil.example:8484", "/", here, nil, false},
		{"an address in another notation", "GET", "2130706433:8484", "/", here, nil, false},
		{"brackets that do not close", "GET", "[::1:8484", "/", here, nil, false},
		{"an address of somebody else", "GET", "192.168.1.6:8484", "/", "192.168.1.5:8484", nil, false},
		{"another server on this machine", "POST", here, "/sandbox/v1/runs", here, h{"Origin": "http://127.0.0.1:3000"}, false},
		{"its reads", "GET", here, "/sandbox/v1/subscriptions", here, h{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, false},
		{"another name of ours", "POST", here, "/sandbox/v1/runs", here, h{"Origin": "http://localhost:8484"}, false},
		{"null", "POST", here, "/sandbox/v1/reset", here, h{"Origin": "null"}, false},
		{"an empty origin", "POST", here, "/sandbox/v1/reset", here, h{"Origin": ""}, false},
		{"our origin by https", "POST", here, "/sandbox/v1/reset", here, h{"Origin": "https://127.0.0.1:8484"}, false},
		{"an origin with more behind it", "POST", here, "/sandbox/v1/reset", here, h{"Origin": "http://127.0.0.1:8484.evil.example"}, false},
		{"a form of another site", "POST", here, "/sandbox/v1/reset", here, h{"Origin": "https://evil.example", "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, false},
		{"the same without an origin", "POST", here, "/", here, h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, false},
		{"a preflight", "OPTIONS", here, "/sandbox/v1/runs", here, h{"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}, false},
		{"a frame", "GET", here, "/", here, h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, false},
		{"a link to data", "GET", here, "/sandbox/v1/notifications", here, h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, false},
		{"a script of another site", "GET", here, "/assets/app.js", here, h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, false},
	}
	g := &netguard.Guard{Port: "8484", Pages: []string{"/", "/login"}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req := ask(test.method, test.host, test.path, test.local, test.header)
			if err := g.Check(req); (err == nil) != test.ok {
				t.Errorf("check = %v, want ok = %v", err, test.ok)
			}
		})
	}
}

// Through a container or a tunnel, this machine comes by another port.
func TestWhoComesByAnotherPortIsToldThePort(t *testing.T) {
	for _, g := range []*netguard.Guard{{Port: "8080"}, {Port: "8080", Public: "sandbox.example.com"}} {
		for _, host := range []string{"localhost:9000", "127.0.0.1"} {
			if err := g.Check(ask("GET", host, "/", "172.17.0.2:8080", nil)); err == nil || !strings.Contains(err.Error(), "port 8080") {
				t.Errorf("%s: %v, want the port", host, err)
			}
		}
		if err := g.Check(ask("GET", "evil.example:9000", "/", "172.17.0.2:8080", nil)); err == nil || strings.Contains(err.Error(), "8080") {
			t.Errorf("%v, want no port for a stranger's page", err)
		}
	}
}

func TestTwoOriginsAreNone(t *testing.T) {
	req := ask("POST", "127.0.0.1:8484", "/", "127.0.0.1:8484", nil)
	req.Header["Origin"] = []string{"http://127.0.0.1:8484", "https://evil.example"}
	if (&netguard.Guard{Port: "8484"}).Check(req) == nil {
		t.Error("let through")
	}
}

func TestOriginsOfAServerWithTLSAndBehindAProxy(t *testing.T) {
	const local = "127.0.0.1:8484"
	for _, test := range []struct {
		name   string
		g      netguard.Guard
		host   string
		origin string
		ok     bool
	}{
		{"TLS", netguard.Guard{Port: "8484", Secure: true}, "127.0.0.1:8484", "https://127.0.0.1:8484", true},
		{"TLS, but the page came without", netguard.Guard{Port: "8484", Secure: true}, "127.0.0.1:8484", "http://127.0.0.1:8484", false},
		{"the standard port", netguard.Guard{Port: "443", Secure: true}, "localhost", "https://localhost", true},
		{"a proxy", netguard.Guard{Port: "8484", Public: "sandbox.example.com"}, "sandbox.example.com", "https://sandbox.example.com", true},
		{"a proxy, upper case", netguard.Guard{Port: "8484", Public: "sandbox.example.com"}, "Sandbox.Example.Com:443", "https://Sandbox.Example.Com:443", true},
		{"a proxy, by http", netguard.Guard{Port: "8484", Public: "sandbox.example.com"}, "sandbox.example.com", "http://sandbox.example.com", false},
		{"a proxy without TLS, allowed", netguard.Guard{Port: "8484", Public: "sandbox.example.com", Plain: true}, "sandbox.example.com", "http://sandbox.example.com", true},
		{"a proxy on a port", netguard.Guard{Port: "8484", Public: "sandbox.example.com:9443"}, "sandbox.example.com:9443", "https://sandbox.example.com:9443", true},
		{"a proxy on another port", netguard.Guard{Port: "8484", Public: "sandbox.example.com:9443"}, "sandbox.example.com", "", false},
		{"another name behind the proxy", netguard.Guard{Port: "8484", Public: "sandbox.example.com"}, "www.example.com", "", false},
		{"the page of another host", netguard.Guard{Port: "8484", Public: "sandbox.example.com"}, "127.0.0.1:8484", "https://sandbox.example.com", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			header := map[string]string{}
			if test.origin != "" {
				header["Origin"] = test.origin
			}
			if err := test.g.Check(ask("POST", test.host, "/", local, header)); (err == nil) != test.ok {
				t.Errorf("check = %v, want ok = %v", err, test.ok)
			}
		})
	}
}

// The control ports and the sandbox once judged some of these spellings each in its own way.
func TestSpellingsOfThisMachine(t *testing.T) {
	tests := []struct {
		header, host, port string // a Host header and its parts, the port 80 if it has none
		ok, here           bool
	}{
		{"localhost", "localhost", "80", true, true},
		{"LOCALHOST:7070", "LOCALHOST", "7070", true, true},
		{"LocalHost", "LocalHost", "80", true, true},
		{"127.0.0.1:7070", "127.0.0.1", "7070", true, true},
		{"127.9.9.9", "127.9.9.9", "80", true, true},
		{"[::1]", "::1", "80", true, true},
		{"[::1]:7070", "::1", "7070", true, true},
		{"[::ffff:127.0.0.1]:7070", "::ffff:127.0.0.1", "7070", true, true},
		{"[0:0:0:0:0:0:0:1]", "0:0:0:0:0:0:0:1", "80", true, true},
		{"localhost.:7070", "localhost.", "7070", true, false},
		{"a.localhost", "a.localhost", "80", true, false},
		{"127.1", "127.1", "80", true, false},
		{"2130706433:7070", "2130706433", "7070", true, false},
		{"127.0.0.1.attacker.example", "127.0.0.1.attacker.example", "80", true, false},
		{"192.0.2.1:7070", "192.0.2.1", "7070", true, false},
		{"0.0.0.0", "0.0.0.0", "80", true, false},
		{"[::]:7070", "::", "7070", true, false},
		{"", "", "80", false, false},
		{":7070", "", "7070", false, false},
		{"localhost:", "localhost", "", false, true},
		{"::1", "::1", "80", false, true},
		{"[::1", "::1", "80", false, true},
		{"[]", "", "80", false, false},
	}
	for _, tt := range tests {
		host, port, ok := netguard.SplitHost(tt.header, "80")
		if host != tt.host || port != tt.port || ok != tt.ok {
			t.Errorf("SplitHost(%q) = %q, %q, %v; want %q, %q, %v", tt.header, host, port, ok, tt.host, tt.port, tt.ok)
		}
		if here := netguard.IsLoopback(host); here != tt.here {
			t.Errorf("IsLoopback(%q) = %v, want %v", host, here, tt.here)
		}
		for _, g := range []netguard.Guard{{}, {Port: "7070"}} { // a control port; the sandbox
			want := tt.ok && tt.here && (g.Port == "" || g.Port == port)
			if err := g.Check(ask("GET", tt.header, "/", "127.0.0.1:7070", nil)); (err == nil) != want {
				t.Errorf("Check of %q by %+v = %v, want ok = %v", tt.header, g, err, want)
			}
		}
	}
	for address, want := range map[string]bool{"LOCALHOST:0": true, "[::1]:0": true, ":8484": false, "0.0.0.0:8484": false, "localhost": false} {
		if got := netguard.ListensHere(address); got != want {
			t.Errorf("ListensHere(%q) = %v, want %v", address, got, want)
		}
	}
}
