package vccapi

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/ringback/ringback/internal/netguard"
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
	return r.checkHost(u.Scheme, netguard.Plain(u.Hostname()))
}

// checkHost applies the rule of addresses as far as it can be known without a look-up.
func (r Rules) checkHost(scheme, host string) string {
	allow := netguard.Allow(r.Allow)
	if allow.Names(host) {
		return ""
	}
	if err := allow.CheckLiteral(host); err != nil {
		return "must not lead to a public address: " + err.Error()
	}
	_, err := netip.ParseAddr(host)
	switch {
	case err == nil:
		return ""
	case netguard.IsOddAddress(host):
		return "must have a host name, or an address in its usual form, such as 127.0.0.1 or [::1]"
	case scheme == "http" && !netguard.IsNearName(host):
		return fmt.Sprintf("must begin with https: http is for loopback and private addresses, and for allowed hosts; %s is not an allowed host", host)
	}
	return ""
}
