package netguard_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/netguard"
)

func TestAddressesNearby(t *testing.T) {
	tests := map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"10.1.2.3": true, "172.16.0.1": true, "192.168.0.1": true, "fd00::1": true,
		"169.254.1.1": true, "fe80::1%eth0": true,
		"8.8.8.8": false, "172.32.0.1": false, "100.64.0.1": false, "::ffff:8.8.8.8": false,
		"169.254.169.253": false, "169.254.169.254": false, "::ffff:169.254.169.254": false, "169.254.170.2": false, "169.254.170.23": false,
		"169.254.0.23": false, "169.254.42.42": false, "169.254.168.254": true, "169.254.171.1": true,
		"fd00:ec2::254": false, "fd00:ec2::23": false, "fd20:ce::254": false, "fe80::a9fe:a9fe%eth0": false, "fd00:ec3::254": true,
		"::169.254.169.254": false, "64:ff9b::a9fe:a9fe": false, "2002:a9fe:a9fe::1": false, "100.100.100.200": false, "168.63.129.16": false,
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
		"::ffff:10.0.0.1": "", "203.0.113.9": "", "::ffff:203.0.113.9": "", "2001:db8:1::9": "", "169.254.42.42": "",
		"169.254.169.254":           "169.254.169.254 is where a cloud gives out credentials, and is not an allowed host",
		"metadata.google.internal.": "metadata.google.internal. is where a cloud gives out credentials, and is not an allowed host",
		"metadata.goog":             "",
	}
	for host, want := range tests {
		got := ""
		if err := (netguard.Allow{"192.0.2.1", "203.0.113.0/24", "2001:db8:1::/48", "169.254.42.42", "Metadata.GOOG."}).CheckLiteral(host); err != nil {
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

// What could never match is refused, and what was meant is said.
func TestEntriesThatMatchNothingAreRefused(t *testing.T) {
	for entry, want := range map[string]string{ // what the error says; "" for none
		"consumer.example": "", "Consumer.Example.": "", "consumer": "", "203.0.113.7": "", "[2001:db8::1]": "", "2001:db8::1": "",
		"203.0.113.0/24": "", "203.0.113.9/24": "", "10.0.0.0/8": "", "2001:db8::/32": "", "xn--bcher-kva.example": "",
		"":                      "want one",
		"0.0.0.0/0":             "too wide",
		"128.0.0.0/1":           "too wide",
		"::/0":                  "too wide",
		"2000::/3":              "too wide",
		"*":                     "patterns are not known",
		"*.consumer.example":    "patterns are not known",
		"https://a.example/x":   `as in "a.example"`,
		"http://[2001:db8::1]/": `as in "2001:db8::1"`,
		"http://":               "it is a URL",
		"consumer.example:443":  `leave out the port, as in "consumer.example"`,
		"192.0.2.7:80":          `as in "192.0.2.7"`,
		"[2001:db8::1]:443":     `as in "2001:db8::1"`,
		"a.example/events":      "name the host alone",
		"10.0.0.0/33":           "name the host alone",
		"a.example b.example":   "name the host alone",
		"me@a.example":          "name the host alone",
		"2130706433":            "usual form",
		"0x7f.1":                "usual form",
		"203.0.113":             "usual form",
		"2001:db8:::1":          "usual form",
	} {
		err := netguard.Allow{"good.example", entry}.Validate()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", entry, err, want)
		}
	}
}
