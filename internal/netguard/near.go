package netguard

import (
	"net/netip"
	"slices"
	"strings"
)

// credentials are the link-local and private addresses at which clouds give out a machine's
// credentials to whoever asks: no consumer listens there.
var credentials = []netip.Prefix{
	netip.MustParsePrefix("169.254.169.0/24"),    // nearly all clouds, at .254
	netip.MustParsePrefix("169.254.170.0/24"),    // tasks and pods of AWS
	netip.MustParsePrefix("169.254.0.23/32"),     // Tencent Cloud
	netip.MustParsePrefix("169.254.42.42/32"),    // Scaleway
	netip.MustParsePrefix("fd00:ec2::/32"),       // AWS
	netip.MustParsePrefix("fd20:ce::254/128"),    // Google Cloud
	netip.MustParsePrefix("fd00:42::42/128"),     // Scaleway
	netip.MustParsePrefix("fd00:c1::/32"),        // Oracle Cloud
	netip.MustParsePrefix("fe80::a9fe:a9fe/128"), // OpenStack
}

func givesCredentials(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	return slices.ContainsFunc(credentials, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// givesCredentialsByName reports whether a name stands for such an address in the networks of a cloud.
func givesCredentialsByName(host string) bool {
	return slices.Contains([]string{"metadata.google.internal", "metadata.goog", "instance-data.ec2.internal", "metadata.tencentyun.com"}, Plain(host))
}

// IsNear reports whether an address belongs to this machine or its own network. Those at which
// a cloud gives out credentials do not.
func IsNear(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || (a.IsPrivate() || a.IsLinkLocalUnicast()) && !givesCredentials(a)
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
