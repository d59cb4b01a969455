package netguard_test

import (
	"net/netip"
	"testing"

	"github.com/ringback/ringback/internal/netguard"
)

func TestAddressesNearby(t *testing.T) {
	tests := map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"10.1.2.3": true, "172.16.0.1": true, "192.168.0.1": true, "fd00::1": true,
		"169.254.1.1": true, "fe80::1%eth0": true,
		"8.8.8.8": false, "172.32.0.1": false, "100.64.0.1": false, "::ffff:8.8.8.8": false,
		"2001:db8::1": false, "0.0.0.0": false, "::": false, "224.0.0.1": false, "64:ff9b::7f00:1": false,
	}
	for text, want := range tests {
		if got := netguard.IsNear(netip.MustParseAddr(text)); got != want {
			t.Errorf("IsNear(%s) = %v, want %v", text, got, want)
		}
	}
}

func TestAHostIsRefusedWhenAllItsAddressesArePublic(t *testing.T) {
	addrs := func(texts ...string) (all []netip.Addr) {
		for _, text := range texts {
			all = append(all, netip.MustParseAddr(text))
		}
		return all
	}
	tests := []struct {
		name    string
		addrs   []netip.Addr
		refused bool
	}{
		{"one public address", addrs("192.0.2.1"), true},
		{"public addresses of both families", addrs("192.0.2.1", "2001:db8::1"), true},
		{"a loopback address beside a public one", addrs("192.0.2.1", "127.0.0.1"), false},
		{"a private address", addrs("10.1.2.3"), false},
		{"no address", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := netguard.Allow(nil).CheckAll("consumer.example", tt.addrs); (err != nil) != tt.refused {
				t.Errorf("CheckAll = %v, want refused %t", err, tt.refused)
			}
		})
	}
}

func TestOneSpellingOfAHostIsAsGoodAsAnother(t *testing.T) {
	allow := netguard.Allow{"Consumer.TEST.", "[2001:db8::1]", "192.0.2.1"}
	tests := map[string]bool{
		"consumer.test": true, "CONSUMER.test.": true, "2001:DB8::1": true, "[2001:db8::1]": true, "192.0.2.1": true,
		"www.consumer.test": false, "consumer.test.example": false, "192.0.2.10": false, "": false,
	}
	for host, want := range tests {
		if got := allow.Names(host); got != want {
			t.Errorf("Names(%q) = %v, want %v", host, got, want)
		}
		if netguard.Allow(nil).Names(host) {
			t.Errorf("Names(%q) = true of no hosts", host)
		}
	}
}

func TestAHostThatIsAnAddressIsJudgedAtOnce(t *testing.T) {
	tests := map[string]string{ // the error; "" for none
		"127.0.0.1": "", "::1": "", "10.1.2.3": "", "consumer.example": "", "192.0.2.1": "",
		"8.8.8.8":         "8.8.8.8 is neither loopback, private nor link-local, and is not an allowed host",
		"0.0.0.0":         "0.0.0.0 is neither loopback, private nor link-local, and is not an allowed host",
		"2001:DB8:0::2":   "2001:DB8:0::2 (2001:db8::2) is neither loopback, private nor link-local, and is not an allowed host",
		"::ffff:8.8.8.8":  "::ffff:8.8.8.8 is neither loopback, private nor link-local, and is not an allowed host",
		"::ffff:10.0.0.1": "",
	}
	for host, want := range tests {
		got := ""
		if err := (netguard.Allow{"192.0.2.1"}).CheckLiteral(host); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("CheckLiteral(%s) = %q, want %q", host, got, want)
		}
	}
}

func TestNamesThatOnlyThisNetworkKnows(t *testing.T) {
	tests := map[string][2]bool{ // near, odd
		"consumer": {true, false}, "LOCALHOST": {true, false}, "app.localhost": {true, false}, "host.docker.internal": {true, false},
		"db.test.": {true, true}, "consumer.example": {false, false}, "localhost.example": {false, false}, "127.0.0.1.example": {false, false},
		"2130706433": {true, true}, "0x7f.1": {false, true}, "127.0.0.0x1": {false, true}, "a..b": {false, true}, ".": {true, true},
	}
	for host, want := range tests {
		if got := [2]bool{netguard.IsNearName(host), netguard.IsOddAddress(host)}; got != want {
			t.Errorf("%q is near and odd: %v, want %v", host, got, want)
		}
	}
}
