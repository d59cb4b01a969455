package netguard

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Guard is the rule on who may come in: it lets through what was really meant for this
// server. Host names are checked so that no web page gets in by a name of its own that leads
// to 127.0.0.1 (DNS rebinding); origins are, so that no page of another server, be it one on
// this machine, reads or writes here. The zero value is for a server on any port of a
// loopback address, without TLS.
type Guard struct {
	Port   string   // of the listener; empty: any
	Public string   // HOST or HOST:PORT of a proxy; empty: none
	Secure bool     // this server speaks TLS
	Plain  bool     // the public host is reached by http, not https
	Pages  []string // paths that a link on another server's page may open
}

// standardPorts are those of http and, with TLS, of https.
var standardPorts = map[bool]string{false: "80", true: "443"}

// Check says why a request is refused, or nil.
func (g *Guard) Check(req *http.Request) error {
	public := g.IsPublic(req.Host)
	if !public && !g.isHere(req) {
		return g.notHere(req.Host)
	}
	if origins := req.Header.Values("Origin"); len(origins) > 1 {
		return errors.New("there is more than one origin")
	} else if len(origins) == 1 && !g.isOrigin(origins[0], req.Host, public) {
		return fmt.Errorf("the origin %.100q is not this server's", origins[0])
	}
	switch site := req.Header.Get("Sec-Fetch-Site"); {
	case site == "", site == "same-origin", site == "none", g.opensPage(req):
		return nil
	default:
		return fmt.Errorf("the request comes from a page of another server (%.100s)", site)
	}
}

// notHere says why a host is refused. Whoever comes from this machine by another port comes through a
// container or a tunnel, and cannot know what is wrong.
func (g *Guard) notHere(text string) error {
	if host, port, ok := SplitHost(text, standardPorts[g.Secure]); ok && IsLoopback(host) && port != g.Port {
		return fmt.Errorf("the host %.100q is not this server's, which has port %s: open the same port through a container or a tunnel, or make this the public host", text, g.Port)
	}
	return fmt.Errorf("the host %.100q is not this server's", text)
}

// isHere reports whether the host is an address of this machine with the listener's port. An
// address in numbers that the connection itself came in on cannot be another's name.
func (g *Guard) isHere(req *http.Request) bool {
	host, port, ok := SplitHost(req.Host, standardPorts[g.Secure])
	if !ok || g.Port != "" && port != g.Port {
		return false
	}
	if IsLoopback(host) {
		return true
	}
	addr, err := netip.ParseAddr(host)
	local, known := req.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return err == nil && known && addr.Unmap() == local.AddrPort().Addr().Unmap()
}

// IsPublic reports whether the host is the one by which a proxy lets others in.
func (g *Guard) IsPublic(text string) bool {
	if g.Public == "" {
		return false
	}
	host, port, ok := SplitHost(text, standardPorts[!g.Plain])
	wantHost, wantPort, _ := SplitHost(g.Public, standardPorts[!g.Plain])
	return ok && strings.EqualFold(host, wantHost) && port == wantPort
}

// isOrigin reports whether a page of this very host and port asks.
func (g *Guard) isOrigin(origin, host string, public bool) bool {
	scheme := "http"
	if g.Secure || public && !g.Plain {
		scheme = "https"
	}
	return strings.EqualFold(origin, scheme+"://"+host)
}

// opensPage reports whether somebody follows a link to a page in a tab of its own. That
// does nothing, and shows nothing to the page with the link.
func (g *Guard) opensPage(req *http.Request) bool {
	return (req.Method == http.MethodGet || req.Method == http.MethodHead) && slices.Contains(g.Pages, req.URL.Path) &&
		req.Header.Get("Sec-Fetch-Mode") == "navigate" && req.Header.Get("Sec-Fetch-Dest") == "document"
}

// IsLoopback reports whether a host as a user or a browser writes it is this machine. No
// name but localhost is, in upper or lower case.
func IsLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}

// CheckAddress refuses what is no address to listen on, HOST:PORT.
func CheckAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err == nil {
		return nil
	}
	hint := ""
	if n, err := strconv.ParseUint(address, 10, 16); err == nil {
		hint = fmt.Sprintf(" (write 127.0.0.1:%d)", n)
	}
	return fmt.Errorf("want HOST:PORT such as 127.0.0.1:8080, with a port up to 65535, got %q%s", address, hint)
}

// Listen listens at HOST:PORT, or says in one sentence why that cannot be.
func Listen(address string) (net.Listener, error) {
	if err := CheckAddress(address); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	} else if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	return l, nil
}

// ListensHere reports whether only this machine reaches an address to listen on, HOST:PORT.
func ListensHere(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && IsLoopback(host)
}

// SplitHost splits a Host header. Without a port, its port is the one given.
func SplitHost(text, port string) (host, itsPort string, ok bool) {
	if h, p, err := net.SplitHostPort(text); err == nil {
		return h, p, h != "" && p != ""
	}
	if inner, is := strings.CutPrefix(text, "["); is {
		inner, is = strings.CutSuffix(inner, "]")
		return inner, port, is && inner != ""
	}
	return text, port, text != "" && !strings.ContainsAny(text, ":[]")
}

// SameSecret reports whether two texts are equal, in a time that says nothing about either,
// their lengths included.
func SameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
