package emitter

import (
	"context"
	"net"
	"time"

	"github.com/ringback/ringback/internal/netguard"
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
	allow, host := netguard.Allow(t.Allow), u.Hostname()
	if allow.Names(host) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	return t.named(allow.CheckAll(host, addrs))
}
