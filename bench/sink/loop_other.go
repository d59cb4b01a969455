//go:build !linux

package main

import (
	"errors"
	"os"
)

// serveLoop is for Linux alone.
func serveLoop(settings, *tally, <-chan os.Signal, func(string)) error {
	return errors.New("the loop is built on epoll: run it on Linux, or with --tls")
}
