// Package netguard holds the two rules on addresses: who may be dialled, and who may come
// in. It takes hosts as users, browsers and name servers write them, and gives nil or an
// error. It promises that all parts of the product judge one spelling alike. It never
// dials, never looks a name up, and names no flag of the command.
package netguard

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// Allow is the rule on who may be dialled. It holds the hosts that may be although they are
// public; loopback, private and link-local addresses always may. The zero value allows no
// public host.
type Allow []string

// Names reports whether a host is one of those allowed. Upper case, brackets and a final
// dot make no difference.
func (a Allow) Names(host string) bool {
	return len(a) > 0 && slices.ContainsFunc(a, func(allowed string) bool { return Plain(allowed) == Plain(host) })
}

// Check applies the rule to the address that a host stands for. The error is an
// *AddressError.
func (a Allow) Check(host string, addr netip.Addr) error {
	if IsNear(addr) || a.Names(host) {
		return nil
	}
	return &AddressError{host, addr}
}

// CheckLiteral applies the rule to a host that is itself an address. Any other is nil: its
// addresses are known when it is dialled.
func (a Allow) CheckLiteral(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return a.Check(host, addr)
	}
	return nil
}

// CheckAll refuses a host if it has addresses and may be dialled at none of them.
func (a Allow) CheckAll(host string, addrs []netip.Addr) error {
	if len(addrs) == 0 || a.Names(host) || slices.ContainsFunc(addrs, IsNear) {
		return nil
	}
	return &AddressError{host, addrs[0].Unmap()}
}

// Control is the ControlContext of a net.Dialer that dials a host: it applies the rule to
// the very address that is taken, before a packet leaves. It is nil for an allowed host.
func (a Allow) Control(host string) func(context.Context, string, string, syscall.RawConn) error {
	if a.Names(host) {
		return nil
	}
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

// Error names the host, its address if that is another text, and the rule.
func (e *AddressError) Error() string {
	what := e.Host
	if e.Addr.String() != e.Host {
		what = fmt.Sprintf("%s (%s)", e.Host, e.Addr)
	}
	return what + " is neither loopback, private nor link-local, and is not an allowed host"
}

// IsNear reports whether an address belongs to this machine or its own network.
func IsNear(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// IsNearName reports whether a name can only be known to this machine or its network: it
// has no dot, as the services of a compose file, or ends as the reserved ones do.
func IsNearName(host string) bool {
	host = Plain(host)
	return !strings.Contains(host, ".") ||
		slices.ContainsFunc([]string{".localhost", ".local", ".internal", ".test", ".home.arpa"},
			func(end string) bool { return strings.HasSuffix(host, end) })
}

// IsOddAddress reports whether a resolver might take a host for a number, as in 0x7f.1 or
// 2130706433: its last part is digits, or begins with 0x.
func IsOddAddress(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" || strings.Contains(host, "..") || strings.ContainsAny(host, ":%") {
		return true
	}
	return strings.HasPrefix(last, "0x") || strings.Trim(last, "0123456789") == ""
}

// Plain is a host as it is compared: without brackets, final dot and upper case.
func Plain(host string) string {
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
