package sandbox

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// guard lets through what was really meant for this server. Host names are checked so that
// no web page gets in by a name of its own that leads to 127.0.0.1 (DNS rebinding); origins
// are, so that no page of another server, be it one on this machine, reads or writes here.
type guard struct {
	port   string // of the listener
	public string // HOST or HOST:PORT of a proxy; empty: none
	secure bool   // this server speaks TLS
	plain  bool   // the public host is reached by http, not https
}

func (g *guard) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := g.check(req); err != nil {
			refuse(w, http.StatusForbidden, err.Error())
			return
		}
		next.ServeHTTP(w, req)
	})
}

func (g *guard) check(req *http.Request) error {
	public := g.isPublic(req.Host)
	if !public && !g.isHere(req) {
		return fmt.Errorf("the host %q is not this server's", clip(req.Host))
	}
	if origins := req.Header.Values("Origin"); len(origins) > 1 {
		return errors.New("there is more than one origin")
	} else if len(origins) == 1 && !g.isOrigin(origins[0], req.Host, public) {
		return fmt.Errorf("the origin %q is not this server's", clip(origins[0]))
	}
	switch site := req.Header.Get("Sec-Fetch-Site"); {
	case site == "", site == "same-origin", site == "none", opensPage(req):
		return nil
	default:
		return fmt.Errorf("the request comes from a page of another server (%s)", clip(site))
	}
}

// isHere tells whether the host is an address of this machine with the listener's port. An
// address in numbers that the connection itself came in on cannot be a name that was bent.
func (g *guard) isHere(req *http.Request) bool {
	standard := "80"
	if g.secure {
		standard = "443"
	}
	host, port, ok := splitHost(req.Host, standard)
	if !ok || port != g.port {
		return false
	}
	if isLoopback(host) {
		return true
	}
	addr, err := netip.ParseAddr(host)
	local, known := req.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return err == nil && known && addr.Unmap() == local.AddrPort().Addr().Unmap()
}

// isPublic tells whether the host is the one by which a proxy lets others in.
func (g *guard) isPublic(text string) bool {
	if g.public == "" {
		return false
	}
	standard := "443"
	if g.plain {
		standard = "80"
	}
	host, port, ok := splitHost(text, standard)
	wantHost, wantPort, _ := splitHost(g.public, standard)
	return ok && strings.EqualFold(host, wantHost) && port == wantPort
}

// isOrigin tells whether a page of this very host and port asks.
func (g *guard) isOrigin(origin, host string, public bool) bool {
	scheme := "http"
	if g.secure || public && !g.plain {
		scheme = "https"
	}
	return strings.EqualFold(origin, scheme+"://"+host)
}

// opensPage tells whether somebody follows a link to the console in a tab of its own. That
// does nothing, and shows nothing to the page with the link.
func opensPage(req *http.Request) bool {
	return (req.Method == http.MethodGet || req.Method == http.MethodHead) && (req.URL.Path == "/" || req.URL.Path == "/login") &&
		req.Header.Get("Sec-Fetch-Mode") == "navigate" && req.Header.Get("Sec-Fetch-Dest") == "document"
}

// clip bounds what a stranger gets repeated.
func clip(text string) string {
	if len(text) > 100 {
		return text[:100] + "…"
	}
	return text
}
