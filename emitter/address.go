package emitter

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// Look looks up the target's host and applies the rule of Allow to its addresses, so that
// a mistyped public name is found out before anything is sent. It takes at most 3 s. A
// name that cannot be looked up is no error here: every attempt will say so. The rule is
// applied again to each address that is dialled.
func (t *Target) Look(ctx context.Context) error {
	u, err := t.parseURL()
	if err != nil || t.Dial != nil || t.Sender != nil {
		return err
	}
	d := newDialer(t, time.Second)
	defer d.Close()
	host := u.Hostname()
	if d.allowed(host) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	return t.named(allFar(host, addrs))
}

// allFar refuses a host if not one of its addresses is near.
func allFar(host string, addrs []netip.Addr) error {
	for _, a := range addrs {
		if near(a) {
			return nil
		}
	}
	if len(addrs) == 0 {
		return nil
	}
	return &addressError{host, addrs[0].Unmap()}
}
