package vccapi

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// checkURL says what is wrong with the URL of a subscription, or "". It asks no name server:
// whether a name stands for an allowed address is decided when it is dialled, with the
// address that is really taken.
func (r Rules) checkURL(text string) string {
	if len(text) > maxURL {
		return fmt.Sprintf("is longer than %d bytes", maxURL)
	}
	if strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		return "must be written in ASCII without spaces: percent-encode the path, and write an international name as xn--…"
	}
	u, err := url.Parse(text) // its error repeats the text
	if err != nil || u.Opaque != "" || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "must be a fully qualified https URL, such as https://consumer.example/events"
	}
	if u.User != nil {
		return "must not hold a user name or password, because whoever lists the subscriptions sees it"
	}
	if strings.Contains(text, "#") {
		return "must not have a fragment (#…)"
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return "must have a port from 1 to 65535, or none"
		}
	}
	return r.checkHost(u.Scheme, plainHost(u.Hostname()))
}

// checkHost applies the rule of addresses as far as it can be known without a look-up.
func (r Rules) checkHost(scheme, host string) string {
	if slices.ContainsFunc(r.Allow, func(a string) bool { return plainHost(a) == host }) {
		return ""
	}
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil && near(addr):
		return ""
	case err == nil:
		return fmt.Sprintf("must not lead to %s, which is neither loopback, private nor link-local; --allow-target %[1]s allows it", addr)
	case oddAddress(host):
		return "must have a host name, or an address in its usual form, such as 127.0.0.1 or [::1]"
	case scheme == "http" && !nearName(host):
		return fmt.Sprintf("must begin with https: http is for loopback and private addresses, and for hosts that --allow-target names; --allow-target %s allows it", host)
	}
	return ""
}

// near tells whether an address belongs to this machine or its own network.
func near(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// nearName tells whether a name can only be known to this machine or its network: it has no
// dot, as the services of a compose file, or ends as the reserved ones do.
func nearName(host string) bool {
	if !strings.Contains(host, ".") {
		return true
	}
	return slices.ContainsFunc([]string{".localhost", ".local", ".internal", ".test", ".home.arpa"},
		func(end string) bool { return strings.HasSuffix(host, end) })
}

// oddAddress tells whether a resolver might take a host for a number, as in 0x7f.1 or
// 2130706433: its last part is digits, or begins with 0x.
func oddAddress(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" || strings.Contains(host, "..") || strings.ContainsAny(host, ":%") {
		return true
	}
	return strings.HasPrefix(last, "0x") || strings.Trim(last, "0123456789") == ""
}

// plainHost is a host as it is compared: without brackets, final dot and upper case.
func plainHost(host string) string {
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
