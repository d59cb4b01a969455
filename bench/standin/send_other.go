//go:build !linux

package main

import (
	"errors"
	"net/netip"
)

// send is for Linux alone.
func send(settings, netip.AddrPort, []byte) (sent, answered int, err error) {
	return 0, 0, errors.New("it is built on epoll: run it on Linux")
}
