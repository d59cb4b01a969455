package netguard

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// credentials are the addresses at which clouds give out a machine's credentials to whoever asks: no consumer listens there.
var credentials = []netip.Prefix{
	netip.MustParsePrefix("169.254.169.0/24"),   // nearly all clouds, at .254
	netip.MustParsePrefix("169.254.170.0/24"),   // tasks and pods of AWS
	netip.MustParsePrefix("169.254.128.0/22"),   // Azure App Service
	netip.MustParsePrefix("169.254.0.23/32"),    // Tencent Cloud
	netip.MustParsePrefix("169.254.42.42/32"),   // Scaleway
	netip.MustParsePrefix("100.100.100.200/32"), // Alibaba Cloud
	netip.MustParsePrefix("168.63.129.16/32"),   // Azure
	netip.MustParsePrefix("192.0.0.192/32"),     // Oracle Cloud, formerly
	netip.MustParsePrefix("fd00:ec2::/32"),      // AWS
	netip.MustParsePrefix("fd20:ce::254/128"),   // Google Cloud
	netip.MustParsePrefix("fd00:42::42/128"),    // Scaleway
	netip.MustParsePrefix("fd00:c1::/32"),       // Oracle Cloud
}

// credentialsNear returns those of a cloud that an address belongs to, also where it only holds such an address of IPv4: by
// NAT64, 6to4 or ISATAP it leads there, and some clouds write their own so.
func credentialsNear(addr netip.Addr) (netip.Prefix, bool) {
	if !addr.IsValid() {
		return netip.Prefix{}, false
	}
	addr = addr.Unmap().WithZone("")
	for _, p := range credentials {
		if p.Contains(addr) {
			return p, true
		}
	}
	if addr.Is6() && slices.ContainsFunc(embedded(addr.As16()), func(inner netip.Addr) bool { _, dear := credentialsNear(inner); return dear }) {
		return netip.PrefixFrom(addr, 128), true
	}
	return netip.Prefix{}, false
}

// embedded lists the addresses of IPv4 that one of IPv6 may hold: at its end, behind the prefix of 6to4, and, where byte 8 is 0,
// behind the prefixes of 32 to 64 bits of RFC 6052, which leave that byte out.
func embedded(b [16]byte) []netip.Addr {
	at := func(i, j, k, l int) netip.Addr { return netip.AddrFrom4([4]byte{b[i], b[j], b[k], b[l]}) }
	all := []netip.Addr{at(12, 13, 14, 15), at(2, 3, 4, 5)}
	if b[8] == 0 {
		all = append(all, at(4, 5, 6, 7), at(5, 6, 7, 9), at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12))
	}
	return all
}

// givesCredentialsByName reports whether a name stands for such an address in the networks of a cloud.
func givesCredentialsByName(host string) bool {
	return slices.Contains([]string{"metadata.google.internal", "metadata.goog", "instance-data.ec2.internal", "metadata.tencentyun.com",
		"metadata.azure.internal", "api.metadata.cloud.ibm.com"}, Plain(host))
}

// literal is the address that a host is, in the usual form or as inet_aton reads it: in up to four parts, each in decimal,
// octal or hexadecimal, of which the last fills the rest.
func literal(host string) (netip.Addr, bool) {
	host = Plain(host)
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap(), true
	}
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var all uint64
	for i, part := range parts {
		base, digits := 10, part
		if rest, is := strings.CutPrefix(part, "0x"); is {
			base, digits = 16, rest
		} else if len(part) > 1 && part[0] == '0' {
			base = 8
		}
		size := 8
		if i == len(parts)-1 {
			size = 8 * (5 - len(parts))
		}
		n, err := strconv.ParseUint(digits, base, size)
		if err != nil {
			return netip.Addr{}, false
		}
		all = all<<size | n
	}
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(all)))), true
}

// IsNear reports whether an address belongs to this machine or its own network. Those at which
// a cloud gives out credentials do not.
func IsNear(a netip.Addr) bool {
	a = a.Unmap()
	_, dear := credentialsNear(a)
	return a.IsLoopback() || (a.IsPrivate() || a.IsLinkLocalUnicast()) && !dear
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
