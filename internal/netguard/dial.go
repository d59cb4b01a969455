// Package netguard holds the two rules on addresses: who may be dialled, and who may come
// in. It takes hosts as users, browsers and name servers write them, and gives nil or an
// error. It promises that all parts of the product judge one spelling alike. It never
// dials, never looks a name up, and names no flag of the command.
package netguard

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode"
)

// Allow is the rule on who may be dialled. It holds the hosts, addresses and networks that may
// be although they are public; loopback, private and link-local addresses always may, but for
// those at which a cloud gives out credentials: they must be named themselves. The zero value
// allows nothing else.
type Allow []string

// The widest networks that can be allowed. Wider ones are meant by nobody, but as a way to
// switch the rule off.
const widest4, widest6 = 8, 16

// Validate says what is wrong with the first entry that could never match, and what was meant.
func (a Allow) Validate() error {
	for _, entry := range a {
		if meant := misread(entry); meant != "" {
			return fmt.Errorf("%.100q is no host: %s", withoutSecrets(entry), meant)
		}
	}
	return nil
}

// withoutSecrets is a text that may be a URL, without what may be secret in one.
func withoutSecrets(entry string) string {
	if at := strings.LastIndexByte(entry, '@'); at >= 0 {
		entry = "…" + entry[at:]
	}
	if host, query, _ := strings.Cut(entry, "?"); query != "" {
		entry = host + "?…"
	}
	return entry
}

// misread says why an entry matches no host; "": it may.
func misread(entry string) string {
	host, _, portless := strings.Cut(entry, ":")
	network, err := netip.ParsePrefix(entry)
	switch {
	case entry == "":
		return "want one, such as consumer.example"
	case err == nil && network.Addr().Is4In6():
		return "write the network in its usual form, such as 203.0.113.0/24"
	case err == nil && network.Bits() < widest4, err == nil && network.Addr().Is6() && network.Bits() < widest6:
		return fmt.Sprintf("the network is too wide; want /%d at least, or /%d of IPv6", widest4, widest6)
	case err == nil:
		return ""
	case strings.Contains(entry, "*"):
		return "patterns are not known; name each host, or a network such as 203.0.113.0/24"
	case strings.Contains(entry, "://"):
		if u, err := url.Parse(entry); err == nil && u.Hostname() != "" {
			return fmt.Sprintf("it is a URL; name the host alone, as in %q", u.Hostname())
		}
		return "it is a URL; name the host alone"
	case strings.ContainsAny(entry, "/?#@ \t\r\n,"):
		return "name the host alone, or a network such as 203.0.113.0/24"
	}
	if _, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		return ""
	}
	if h, _, err := net.SplitHostPort(entry); err == nil {
		return fmt.Sprintf("leave out the port, as in %q: all ports of a host are allowed", h)
	}
	if portless || IsOddAddress(Plain(host)) {
		return "write an address in its usual form, such as 203.0.113.7 or [2001:db8::7]"
	}
	return misnamed(Plain(entry))
}

// misnamed says why nothing has a name in Plain form; "": something may.
func misnamed(name string) string {
	const mostName, mostLabel = 253, 63 // of RFC 1035
	if strings.HasPrefix(name, ".") {
		return "a dot in front stands for no names below it; name each host, as in " + strconv.Quote("www"+name)
	}
	if len(name) > mostName {
		return "a name has at most 253 characters"
	}
	for label := range strings.SplitSeq(name, ".") {
		switch {
		case len(label) > mostLabel:
			return "a part of a name has at most 63 characters"
		case strings.ContainsFunc(label, func(r rune) bool { return r > unicode.MaxASCII }):
			return "write what is not ASCII in a name as xn--…, in the URL, too"
		case label == "", strings.HasPrefix(label, "-"), strings.HasSuffix(label, "-"), strings.ContainsFunc(label, func(r rune) bool { return !strings.ContainsRune(nameLetters, r) }):
			return "a name has letters, digits, hyphens within and dots between, such as consumer.example"
		}
	}
	return ""
}

// nameLetters are in the names of hosts, in Plain form. The underscore is in those of containers.
const nameLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_"

// IsName reports whether a host is an address in its usual form, or may be the name of one.
func IsName(host string) bool {
	_, err := netip.ParseAddr(Plain(host))
	return err == nil || misnamed(Plain(host)) == ""
}

// Names reports whether a host is one of those allowed. Upper case, brackets and a final
// dot make no difference, nor does the spelling of an address.
func (a Allow) Names(host string) bool {
	addr, is := literal(host)
	return slices.ContainsFunc(a, func(allowed string) bool {
		if Plain(allowed) == Plain(host) {
			return true
		}
		other, same := literal(allowed)
		return is && same && other == addr
	})
}

// Check applies the rule to the address that a host stands for. The error is an
// *AddressError. An address at which a cloud gives out credentials is allowed where it is written
// itself, by a network of such addresses alone, or by a name that is known for that: other names
// stand for it only where somebody means to deceive.
func (a Allow) Check(host string, addr netip.Addr) error {
	dear, isDear := credentialsNear(addr)
	if !isDear && IsNear(addr) || (!isDear || isLiteral(host) || givesCredentialsByName(host)) && a.Names(host) {
		return nil
	}
	inNetwork := slices.ContainsFunc(a, func(allowed string) bool {
		network, err := netip.ParsePrefix(allowed)
		return err == nil && network.Contains(addr.Unmap().WithZone("")) && (!isDear || network.Bits() >= dear.Bits())
	})
	if inNetwork {
		return nil
	}
	return &AddressError{host, addr}
}

func isLiteral(host string) bool {
	_, is := literal(host)
	return is
}

// CheckLiteral applies the rule to a host that is itself an address, in any spelling that a
// resolver might take for one, or by which a cloud gives out credentials. Any other is nil: its
// addresses are known when it is dialled.
func (a Allow) CheckLiteral(host string) error {
	if addr, err := netip.ParseAddr(Plain(host)); err == nil {
		return a.Check(host, addr)
	}
	if addr, is := literal(host); is {
		return a.Check(host, addr)
	}
	if givesCredentialsByName(host) && !a.Names(host) {
		return &AddressError{Host: host}
	}
	return nil
}

// CheckAll refuses a host if it has addresses and may be dialled at none of them.
func (a Allow) CheckAll(host string, addrs []netip.Addr) error {
	for _, addr := range addrs {
		if a.Check(host, addr) == nil {
			return nil
		}
	}
	if len(addrs) == 0 {
		return nil
	}
	return a.Check(host, addrs[0].Unmap())
}

// Control is the ControlContext of a net.Dialer that dials a host: it applies the rule to
// the very address that is taken, before a packet leaves.
func (a Allow) Control(host string) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, _, actual string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(actual)
		if err != nil {
			return &AddressError{Host: host}
		}
		return a.Check(host, at.Addr())
	}
}

// AddressError refuses to dial a host. What allows it is for the caller to say.
type AddressError struct {
	Host string
	Addr netip.Addr // what the host stands for
}

// Entry is what would have to be allowed.
func (e *AddressError) Entry() string {
	if _, dear := credentialsNear(e.Addr); dear && !isLiteral(e.Host) {
		addr := e.Addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()).String()
	}
	return e.Host
}

// Error names the host, its address if that is another text, and the rule.
func (e *AddressError) Error() string {
	what := e.Host
	if e.Addr.IsValid() && e.Addr.String() != e.Host {
		what = fmt.Sprintf("%s (%s)", e.Host, e.Addr)
	}
	if _, dear := credentialsNear(e.Addr); dear || givesCredentialsByName(e.Host) {
		return what + " is where a cloud gives out credentials, and is not allowed itself"
	}
	return what + " is neither loopback, private nor link-local, and is not an allowed host"
}
