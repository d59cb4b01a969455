package netguard_test

import (
	"errors"
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
		"169.254.128.1": false, "169.254.131.5": false, "169.254.132.1": true, "fd00:a9fe:a9fe::1": false, "fd00:64::a9fe:a9fe": false, "fe80::5efe:a9fe:a9fe": false,
		"fd00:64:ff9b::a9fe:a9fe": false, "fd12:3456:a9fe:a9fe::": false, "fd12:3456:78a9:fea9:00fe::": false, "192.0.0.192": false, "fd12::10.1.2.3": true,
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
		"169.254.169.254":           "169.254.169.254 is where a cloud gives out credentials, and is not allowed itself",
		"metadata.google.internal.": "metadata.google.internal. is where a cloud gives out credentials, and is not allowed itself",
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
		"":                               "want one",
		"0.0.0.0/0":                      "too wide",
		"128.0.0.0/1":                    "too wide",
		"::/0":                           "too wide",
		"2000::/3":                       "too wide",
		"::ffff:10.0.0.0/104":            "write the network in its usual form",
		"*":                              "patterns are not known",
		"*.consumer.example":             "patterns are not known",
		"https://a.example/x":            `as in "a.example"`,
		"http://[2001:db8::1]/":          `as in "2001:db8::1"`,
		"http://":                        "it is a URL",
		"https://jo:pw@a.example/?key=x": `"…@a.example/?…" is no host`,
		"consumer.example:443":           `leave out the port, as in "consumer.example"`,
		"192.0.2.7:80":                   `as in "192.0.2.7"`,
		"[2001:db8::1]:443":              `as in "2001:db8::1"`,
		"a.example/events":               "name the host alone",
		"10.0.0.0/33":                    "name the host alone",
		"a.example b.example":            "name the host alone",
		"me@a.example":                   "name the host alone",
		"2130706433":                     "usual form",
		"0x7f.1":                         "usual form",
		"203.0.113":                      "usual form",
		"2001:db8:::1":                   "usual form",
		"my_consumer":                    "", "a-b.example": "", "xn--p1ai": "", "3com.example": "", strings.Repeat("a", 63) + ".example": "",
		".example.com":                        `a dot in front stands for no names below it; name each host, as in "www.example.com"`,
		"~":                                   `"~" is no host: a name has letters`,
		"-x":                                  `"-x" is no host: a name has letters`,
		"x-":                                  "a name has letters",
		"a.-b.example":                        "a name has letters",
		"a!b":                                 "a name has letters",
		"a;b":                                 "a name has letters",
		"a=b":                                 "a name has letters",
		"$HOST":                               "a name has letters",
		"?":                                   `"?" is no host`,
		"a?key=x":                             `"a?…" is no host`,
		".":                                   "no host",
		"..":                                  "no host",
		"a..b":                                "no host",
		"bücher.example":                      "write what is not ASCII in a name as xn--…",
		strings.Repeat("a", 64) + ".example":  "at most 63 characters",
		strings.Repeat("a.", 130) + "example": "at most 253 characters",
	} {
		err := netguard.Allow{"good.example", entry}.Validate()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", entry, err, want)
		}
	}
}

// What is allowed opens no way to a cloud's credentials, unless it is that address itself: a name may stand for another address from
// one moment to the next, and a network is allowed for what else is in it.
func TestCredentialsMustBeAllowedThemselves(t *testing.T) {
	for _, test := range []struct {
		allow      netguard.Allow
		host, addr string
		ok         bool
	}{
		{netguard.Allow{"consumer.example"}, "consumer.example", "203.0.113.7", true},
		{netguard.Allow{"consumer.example"}, "consumer.example", "169.254.169.254", false},
		{netguard.Allow{"consumer.example"}, "consumer.example", "::ffff:169.254.169.254", false},
		{netguard.Allow{"consumer.example"}, "consumer.example", "64:ff9b::a9fe:a9fe", false},
		{netguard.Allow{"consumer.example"}, "consumer.example", "100.100.100.200", false},
		{netguard.Allow{"consumer.example"}, "consumer.example", "168.63.129.16", false},
		{netguard.Allow{"169.254.169.254"}, "169.254.169.254", "169.254.169.254", true},
		{netguard.Allow{"169.254.169.254"}, "0xa9fea9fe", "169.254.169.254", true},
		{netguard.Allow{"::ffff:169.254.169.254"}, "169.254.169.254", "169.254.169.254", true},
		{netguard.Allow{"169.254.169.254"}, "consumer.example", "169.254.169.254", false},
		{netguard.Allow{"169.254.169.254/32"}, "consumer.example", "169.254.169.254", true},
		{netguard.Allow{"169.254.169.0/24"}, "169.254.169.254", "169.254.169.254", true},
		{netguard.Allow{"169.254.0.0/16"}, "169.254.169.254", "169.254.169.254", false},
		{netguard.Allow{"169.254.0.0/16"}, "169.254.1.1", "169.254.1.1", true},
		{netguard.Allow{"100.64.0.0/10"}, "100.100.100.200", "100.100.100.200", false},
		{netguard.Allow{"100.64.0.0/10"}, "100.100.100.201", "100.100.100.201", true},
		{netguard.Allow{"64:ff9b::/96"}, "64:ff9b::a9fe:a9fe", "64:ff9b::a9fe:a9fe", false},
		{netguard.Allow{"64:ff9b::/96"}, "64:ff9b::cb00:7107", "64:ff9b::cb00:7107", true},
		{netguard.Allow{"fd00::/16"}, "fd00:ec2::254", "fd00:ec2::254", false},
		{netguard.Allow{"metadata.google.internal"}, "Metadata.Google.Internal.", "169.254.169.254", true},
		{netguard.Allow{"[2001:db8::1]"}, "2001:DB8:0::1", "2001:db8::1", true},
		{nil, "127.1", "127.0.0.1", true},
	} {
		err := test.allow.Check(test.host, netip.MustParseAddr(test.addr))
		if (err == nil) != test.ok {
			t.Errorf("%v allows %s (%s): %v, want ok %v", test.allow, test.host, test.addr, err, test.ok)
		}
		if again := test.allow.CheckAll(test.host, []netip.Addr{netip.MustParseAddr(test.addr)}); (again == nil) != test.ok {
			t.Errorf("%v allows all of %s: %v, want ok %v", test.allow, test.host, again, test.ok)
		}
		address, refused := errors.AsType[*netguard.AddressError](err)
		if refused && append(test.allow, address.Entry()).Check(test.host, netip.MustParseAddr(test.addr)) != nil {
			t.Errorf("%s would not allow %s (%s)", address.Entry(), test.host, test.addr)
		}
	}
}

func TestEverySpellingOfAnAddressIsJudgedAtOnce(t *testing.T) {
	for host, ok := range map[string]bool{
		"169.254.169.254.": false, "[169.254.169.254]": false, "2852039166": false, "0xa9fea9fe": false, "0XA9.0xFE.0xA9.0xFE": false, "0251.0376.0251.0376": false,
		"169.254.43518": false, "169.16689662": false, "025177524776": false, "169.254.169.0xfe": false, "134744072": false, "8.8.8.8.": false, "0": false,
		"2130706433": true, "0x7f.1": true, "127.0.0.1.": true, "10.1": true, "1.2.3.4.5": true, "256.1.1.1": true, "1.2.3.300": true, "a.b": true, "08.8.8.8": true, "": true,
	} {
		if err := netguard.Allow(nil).CheckLiteral(host); (err == nil) != ok {
			t.Errorf("%s: %v, want ok %v", host, err, ok)
		}
	}
}
